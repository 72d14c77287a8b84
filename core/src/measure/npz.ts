import { fail, nearest } from '../errors.js';
import { type NpyArray, readNpy, writeNpy } from './npy.js';
import { checkEntry, listZip, type PackedEntry, refuse, writeZip } from './zip.js';

/** Named arrays, in the order of the file. */
export type Npz = ReadonlyMap<string, NpyArray>;

/**
 * The bytes of a `.npz` file that `numpy.load` reads: one stored `.npy` per name. The same arrays give the same bytes.
 *
 * @example
 * ```ts
 * import { npyArray, readNpz, writeNpz } from '@muflow/core';
 * const bytes = writeNpz({ loss: npyArray(Float64Array.of(0.5, 0.25)) });
 * console.log((await readNpz(bytes)).get('loss')?.data[1]); // => 0.25
 * ```
 */
export function writeNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  return writeZip(Object.entries(arrays).map(([name, array]) => ({ name: `${name}.npy`, bytes: writeNpy(array) })));
}

/**
 * Reads a `.npz` file of `numpy.savez`, `numpy.savez_compressed` or {@link writeNpz}; every checksum is verified.
 * Inflating needs `DecompressionStream`, which browsers and Node have.
 *
 * @throws `parse` for a damaged file; `unsupported` for element types and packings that are not read.
 */
export async function readNpz(bytes: Uint8Array): Promise<Npz> {
  const arrays = new Map<string, NpyArray>();
  for (const entry of listZip(bytes)) {
    const content = entry.method === 8 ? await inflate(entry) : stored(entry);
    arrays.set(nameOf(entry), readNpy(checkEntry(entry, content), `readNpz ${entry.name}`));
  }
  return arrays;
}

/** {@link readNpz} for files without compression, at once. */
export function readStoredNpz(bytes: Uint8Array): Npz {
  return new Map(
    listZip(bytes).map((entry) => [nameOf(entry), readNpy(checkEntry(entry, stored(entry)), `readNpz ${entry.name}`)]),
  );
}

/** The array of this name, or an error that lists the names there are. */
export function arrayOf(npz: Npz, name: string): NpyArray {
  const array = npz.get(name);
  if (array !== undefined) return array;
  const names = [...npz.keys()];
  const close = nearest(name, names);
  return fail({
    code: 'unknown-id',
    where: 'readNpz',
    problem: `there is no array ${name}`,
    got: `arrays ${names.join(', ') || 'none'}`,
    expected: name,
    fix:
      close.length > 0
        ? `rename it, or did you mean ${close.join(' or ')}`
        : `add it with numpy.savez(..., ${name}=...)`,
  });
}

const nameOf = ({ name }: PackedEntry): string => name.replace(/\.npy$/, '');

function stored(entry: PackedEntry): Uint8Array {
  if (entry.method === 0) return entry.packed;
  return fail({
    code: 'unsupported',
    where: 'readNpz',
    problem: `entry ${entry.name} is packed`,
    got: entry.method === 8 ? 'deflate' : `method ${entry.method}`,
    expected: 'a stored entry',
    fix: entry.method === 8 ? 'use readNpz, which is asynchronous' : 'write it with numpy.savez',
  });
}

async function inflate(entry: PackedEntry): Promise<Uint8Array> {
  try {
    const stream = new Blob([entry.packed.slice()]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    return refuse(`entry ${entry.name} does not inflate`, String(cause), `${entry.size} bytes after inflating`);
  }
}
