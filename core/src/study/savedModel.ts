import type { ZodType } from 'zod';
import { fail, show } from '../errors.js';
import { parseParameters } from './parameters.js';

/** A kind of saved model: `model.json` for people beside `model.npz` for its numbers. */
export interface SavedModelKind<Document> {
  /** What the document calls itself in its `format`, by which kinds are told apart. */
  readonly format: string;
  /** The `version` of the format that is written and read. */
  readonly version: number;
  readonly schema: ZodType<Document>;
  /** Who reads, for errors. */
  readonly where: string;
  /** What the kind is called, `model of sets`. */
  readonly noun: string;
  /** How one is made, for errors. */
  readonly fix: string;
}

/**
 * Reads the `model.json` of a kind.
 *
 * @throws `parse` for text that is no model of the kind, `version-mismatch` for another version of its format,
 * `invalid-config` with the path of what is wrong in it.
 */
export function readModelDocument<Document>(json: string, kind: SavedModelKind<Document>): Document {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    return refuse(kind, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const { format, version } = (value ?? {}) as { readonly format?: unknown; readonly version?: unknown };
  if (format !== kind.format) return refuse(kind, `format ${show(format)}`);
  if (version !== kind.version) {
    return fail({
      code: 'version-mismatch',
      where: kind.where,
      problem: 'the model has a format that this version does not know',
      path: 'version',
      got: show(version),
      expected: `${kind.version}`,
      fix: 'use the muflow that wrote it, or train again',
    });
  }
  return parseParameters(kind.where, kind.schema, value);
}

/** Whether a text is, or means to be, the `model.json` of a format. */
export function isModelDocument(json: string, format: string): boolean {
  try {
    return (JSON.parse(json) as { readonly format?: unknown } | null)?.format === format;
  } catch {
    return false;
  }
}

/** FNV-1a of bytes, 32 bits in hexadecimal, by which two files are known to belong together. */
export function modelChecksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (let k = 0; k < bytes.length; k++) hash = Math.imul(hash ^ bytes[k], 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/**
 * The bytes of a `model.npz`, copied, since a Buffer shares its memory with others.
 *
 * @param problem - what is said where they are not those of the document.
 * @throws `invalid-argument` where they have another checksum than the document says.
 */
export function modelBytes(npz: Uint8Array, checksum: string, { where, problem }: { where: string; problem: string }) {
  const bytes = new Uint8Array(npz);
  const own = modelChecksum(bytes);
  if (own === checksum) return bytes;
  return fail({
    code: 'invalid-argument',
    where,
    problem,
    got: `model.npz of ${bytes.length} bytes with checksum ${own}`,
    expected: `checksum ${checksum}`,
    fix: 'take model.json and model.npz from one run',
  });
}

function refuse({ where, noun, fix }: SavedModelKind<unknown>, got: string, cause?: unknown): never {
  return fail({
    code: 'parse',
    where,
    problem: `this is no ${noun}`,
    got,
    expected: 'the model.json that a run has written',
    fix,
    ...(cause !== undefined && { cause }),
  });
}
