import { fail } from '../errors.js';

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** An entry as it stands in the archive; `method` 0 is stored, 8 is deflated. */
export interface PackedEntry {
  readonly name: string;
  readonly method: number;
  readonly packed: Uint8Array;
  readonly size: number;
  readonly crc: number;
}

const signatures = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50 } as const;
/** 1980-01-01 00:00, the first date ZIP can hold: the same content gives the same bytes. */
const epoch = 0x00210000;
const utf8Names = 0x0800;
const limit = 0xffffffff;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32 (IEEE 802.3, reflected), as ZIP uses it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** An archive of stored (uncompressed) entries below 4 GiB, in the order given, with no date of its own. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  const named = entries.map(({ name, bytes }) => ({ name: new TextEncoder().encode(name), bytes, crc: crc32(bytes) }));
  const total = named.reduce((sum, { name, bytes }) => sum + 76 + 2 * name.length + bytes.length, 22);
  if (total > limit || entries.length > 0xffff) refuse('the archive is too large', `${total} bytes`, 'below 4 GiB');
  const out = new Uint8Array(total);
  const view = new DataView(out.buffer);
  const offsets: number[] = [];
  let at = 0;
  for (const entry of named) {
    offsets.push(at);
    view.setUint32(at, signatures.local, true);
    at = writeCommon(view, at + 4, entry);
    out.set(entry.name, at);
    out.set(entry.bytes, at + entry.name.length);
    at += entry.name.length + entry.bytes.length;
  }
  const directory = at;
  named.forEach((entry, k) => {
    view.setUint32(at, signatures.central, true);
    view.setUint16(at + 4, 20, true);
    const next = writeCommon(view, at + 6, entry);
    view.setUint32(at + 42, offsets[k], true);
    out.set(entry.name, next + 14);
    at = next + 14 + entry.name.length;
  });
  view.setUint32(at, signatures.end, true);
  view.setUint16(at + 8, named.length, true);
  view.setUint16(at + 10, named.length, true);
  view.setUint32(at + 12, at - directory, true);
  view.setUint32(at + 16, directory, true);
  return out;
}

/** The fields that local and central headers share, from `version needed` to `extra length`: 26 bytes. */
function writeCommon(view: DataView, at: number, entry: { name: Uint8Array; bytes: Uint8Array; crc: number }): number {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, utf8Names, true);
  view.setUint32(at + 6, epoch, true);
  view.setUint32(at + 10, entry.crc, true);
  view.setUint32(at + 14, entry.bytes.length, true);
  view.setUint32(at + 18, entry.bytes.length, true);
  view.setUint16(at + 22, entry.name.length, true);
  return at + 26;
}

/**
 * The entries of an archive, from its central directory (local headers may leave sizes open).
 *
 * @throws `parse` where the archive is cut short or damaged; `unsupported` beyond 4 GiB and for encryption.
 */
export function listZip(bytes: Uint8Array): readonly PackedEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  let at = directory;
  const entries: PackedEntry[] = [];
  for (let k = 0; k < count; k++) {
    if (at + 46 > end || view.getUint32(at, true) !== signatures.central) {
      refuse('the directory is damaged', `no entry ${k} at byte ${at}`, `${count} entries`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const after = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (after > end) refuse('the directory is damaged', `entry ${k} ends at byte ${after}`, `at most ${end}`);
    entries.push(readEntry(bytes, view, at));
    at = after;
  }
  if (at - directory !== view.getUint32(end + 12, true) || count !== view.getUint16(end + 8, true)) {
    refuse('the directory is damaged', `${count} entries in ${at - directory} bytes`, 'the count and size it records');
  }
  return entries;
}

/** Checks the content of an entry against its recorded size and CRC. */
export function checkEntry(entry: PackedEntry, content: Uint8Array): Uint8Array {
  if (content.length === entry.size && crc32(content) === entry.crc) return content;
  return refuse(
    `entry ${entry.name} is damaged`,
    `${content.length} bytes`,
    `${entry.size} bytes with the CRC it records`,
  );
}

/** Refuses an archive. */
export function refuse(problem: string, got: string, expected: string): never {
  fail({ code: 'parse', where: 'readNpz', problem, got, expected, fix: 'write the file again with numpy.savez' });
}

function readEntry(bytes: Uint8Array, view: DataView, at: number): PackedEntry {
  const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + view.getUint16(at + 28, true)));
  const packedSize = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if (packedSize === limit || size === limit || local === limit || view.getUint16(at + 8, true) & 1) {
    fail({
      code: 'unsupported',
      where: 'readNpz',
      problem: `entry ${name} cannot be read`,
      got: 'ZIP64 or encryption',
      expected: 'a plain archive below 4 GiB',
      fix: 'split the arrays over several files',
    });
  }
  if (local + 30 > bytes.length || view.getUint32(local, true) !== signatures.local) {
    refuse(`entry ${name} is not where the directory says`, `byte ${local}`, 'a local header there');
  }
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedSize > bytes.length)
    refuse(`entry ${name} is cut short`, `${bytes.length} bytes`, `${start + packedSize}`);
  const packed = bytes.subarray(start, start + packedSize);
  return { name, method: view.getUint16(at + 10, true), packed, size, crc: view.getUint32(at + 16, true) };
}

/** The end record: the last one whose comment fills the rest of the file. */
function findEnd(view: DataView): number {
  const last = view.byteLength - 22;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) === signatures.end && at + 22 + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  }
  return refuse(
    'this is no .npz file, or it is cut short',
    `${view.byteLength} bytes`,
    'a ZIP archive with its directory',
  );
}
