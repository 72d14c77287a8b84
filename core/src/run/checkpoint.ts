import { fail, show } from '../errors.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure, MeasureKind, Profile } from '../measure/measure.js';
import { crc32 } from '../measure/zip.js';
import { parseSpace } from '../space/parse.js';
import type { Space } from '../space/space.js';
import type { ClockState } from './clock.js';

/** Everything a run needs to go on as if it had never paused: the path after it is the same bit for bit. */
export interface Checkpoint {
  readonly version: 1;
  readonly seed: number | string;
  /** Names of the flow and the stepper, to refuse a checkpoint of another run. */
  readonly flow: string;
  readonly stepper: string;
  readonly step: number;
  readonly time: number;
  /** Step size of the plan, and the one last taken (0 at the start). */
  readonly dt: number;
  readonly taken: number;
  readonly clock: ClockState;
  /** Bit exact. */
  readonly profile: Profile;
  readonly initialMasses: readonly number[];
  /** Numbers the stepper, the recorders and the stopping rule carry; null where there are none. */
  readonly stepperMemory: readonly number[] | null;
  readonly recorderMemories: Readonly<Record<string, readonly number[]>>;
  readonly stopMemory: readonly number[] | null;
  /** Values of the latest recorded step. */
  readonly values: Readonly<Record<string, number>>;
  readonly counts: RunCounts;
}

/** What a run has counted so far. */
export interface RunCounts {
  readonly evaluations: number;
  readonly rejected: number;
  readonly births: number;
  readonly deaths: number;
  /** Step of the latest frame, -1 before the first. */
  readonly recordedStep: number;
}

/** `MUFLOWCP` in ASCII. */
const magic = Uint8Array.from('MUFLOWCP', (letter) => letter.charCodeAt(0));
const headerStart = 24;

interface Header {
  readonly checkpoint: Omit<Checkpoint, 'profile'>;
  readonly measures: readonly { space: string; kind: MeasureKind; count: number; dim: number; nextId: number }[];
}

/**
 * Writes a checkpoint as bytes: magic word, version, length and CRC-32 of what follows, a JSON header, and the
 * arrays of the measures as little-endian float64 and uint32. Numbers survive exactly, infinities and NaN included.
 */
export function checkpointToBytes(checkpoint: Checkpoint): Uint8Array {
  const { profile, ...rest } = checkpoint;
  const measures = profile.map(({ space, kind, count, dim, nextId }) => ({
    space: space.name,
    kind,
    count,
    dim,
    nextId,
  }));
  const text = new TextEncoder().encode(JSON.stringify({ checkpoint: rest, measures } satisfies Header, encodeNumber));
  const size = profile.reduce((sum, mu) => sum + mu.count * (8 * mu.dim + 12), 0);
  const bytes = new Uint8Array(headerStart + text.length + size);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, checkpoint.version, true);
  view.setUint32(12, text.length, true);
  bytes.set(text, headerStart);
  let at = headerStart + text.length;
  for (const mu of profile) at = writeMeasure(view, at, mu);
  view.setUint32(16, bytes.length, true);
  view.setUint32(20, crc32(bytes.subarray(headerStart)), true);
  return bytes;
}

/**
 * Reads what {@link checkpointToBytes} wrote.
 *
 * @param spaces - the spaces of the players; needed where their names are not read by `parseSpace`.
 * @throws `parse` for bytes that are no checkpoint, cut off or damaged; `version-mismatch` for another format.
 */
export function checkpointFromBytes(bytes: Uint8Array, spaces?: readonly Space[]): Checkpoint {
  const view = checkEnvelope(bytes);
  const start = headerStart + view.getUint32(12, true);
  const { checkpoint, measures } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(headerStart, start)),
    decodeNumber,
  ) as Header;
  let at = start;
  const profile = measures.map((shape, player) => {
    const space = spaces?.[player] ?? parseSpace(shape.space);
    const { mu, end } = readMeasure(view, at, shape, space);
    at = end;
    return mu;
  });
  return { ...checkpoint, profile };
}

function checkEnvelope(bytes: Uint8Array): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerStart || magic.some((byte, k) => bytes[k] !== byte)) {
    unreadable('the bytes are no checkpoint', show(bytes), 'a file written by checkpointToBytes');
  }
  const version = view.getUint32(8, true);
  if (version !== 1) {
    fail({
      code: 'version-mismatch',
      where: 'checkpointFromBytes',
      problem: 'the checkpoint has another format',
      got: `version ${version}`,
      expected: 'version 1',
      fix: 'read it with the release that wrote it',
    });
  }
  if (bytes.length !== view.getUint32(16, true))
    unreadable('the checkpoint is cut off', `${bytes.length} bytes`, `${view.getUint32(16, true)} bytes`);
  if (crc32(bytes.subarray(headerStart)) !== view.getUint32(20, true)) {
    unreadable('the checkpoint is damaged', 'another check sum than was written', 'unchanged bytes');
  }
  return view;
}

function unreadable(problem: string, got: string, expected: string): never {
  return fail({
    code: 'parse',
    where: 'checkpointFromBytes',
    problem,
    got,
    expected,
    fix: 'take an earlier checkpoint, or start the run again',
  });
}

function writeMeasure(view: DataView, start: number, mu: Measure): number {
  let at = start;
  for (const array of [mu.positions, mu.logMasses]) {
    for (let k = 0; k < array.length; k++, at += 8) view.setFloat64(at, array[k], true);
  }
  for (let i = 0; i < mu.count; i++, at += 4) view.setUint32(at, mu.ids[i], true);
  return at;
}

function readMeasure(
  view: DataView,
  start: number,
  shape: Header['measures'][number],
  space: Space,
): { mu: Measure; end: number } {
  const { kind, count, dim, nextId } = shape;
  if (space.dim !== dim) {
    fail({
      code: 'shape-mismatch',
      where: 'checkpointFromBytes',
      problem: 'a measure of the checkpoint lives on another space',
      got: `${shape.space} with ${dim} coordinates`,
      expected: `${space.name} with ${space.dim}`,
      fix: 'resume the problem that the checkpoint was taken from',
    });
  }
  let at = start;
  const floats = (length: number): Float64Array => {
    const values = new Float64Array(length);
    for (let k = 0; k < length; k++, at += 8) values[k] = view.getFloat64(at, true);
    return values;
  };
  const positions = floats(count * dim);
  const logMasses = floats(count);
  const ids = Uint32Array.from({ length: count }, (_, i) => view.getUint32(at + 4 * i, true));
  return { mu: measureFromParts({ space, kind, positions, logMasses, ids, nextId }), end: at + 4 * count };
}

/** JSON has no NaN, infinities or -0: they are written as `{ "$number": "NaN" }`. */
function encodeNumber(_: string, value: unknown): unknown {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { $number: Object.is(value, -0) ? '-0' : String(value) };
}

function decodeNumber(_: string, value: unknown): unknown {
  const isNumber = typeof value === 'object' && value !== null && '$number' in value;
  return isNumber ? Number(value.$number) : value;
}
