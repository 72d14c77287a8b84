import { sortedOrder } from './oneDimensionalSort.js';
import type { TransportSide } from './sides.js';

/** Atoms in the order of the line. */
export interface LineEnd {
  readonly count: number;
  readonly positions: Float64Array;
  readonly masses: Float64Array;
}

/** Atoms in the order of the line, which knows where they come from. */
export interface SortedEnd extends LineEnd {
  /** Packed atom behind each place. */
  readonly order: Int32Array;
}

/** The atoms of one end, sorted. */
export function sortedEnd({ count, positions, masses }: TransportSide): SortedEnd {
  const order = sortedOrder(positions);
  const [x, m] = [new Float64Array(count), new Float64Array(count)];
  for (let k = 0; k < count; k++) {
    const i = order[k];
    x[k] = positions[i];
    m[k] = masses[i];
  }
  return { count, order, positions: x, masses: m };
}

/** Fewer atoms are sorted by {@link sortedEnd}. */
const fewAtoms = 64;

/**
 * The atoms of one end, sorted without their order, which takes a third of the time: atoms are thrown into half as many
 * equal intervals as there are, and put right by insertion. Where they crowd in few intervals {@link sortedEnd} takes over.
 * `uniform` tells whether all masses are the same number.
 */
export function lineEnd(side: TransportSide): LineEnd & { readonly uniform: boolean } {
  const { count, masses } = side;
  const uniform = haveEqualMasses(masses);
  if (count >= fewAtoms) {
    const carried = uniform ? null : new Float64Array(count);
    const positions = thrown(side, carried);
    if (insertionSorted(positions, carried)) return { count, positions, masses: carried ?? masses, uniform };
  }
  return { ...sortedEnd(side), uniform };
}

function haveEqualMasses(masses: Float64Array): boolean {
  const first = masses[0];
  for (let k = 1; k < masses.length; k++) if (masses[k] !== first) return false;
  return true;
}

/** Positions by intervals, by one counting pass; masses come along where they are carried. */
function thrown({ positions, masses }: TransportSide, carried: Float64Array | null): Float64Array {
  const [low, high] = rangeOf(positions);
  const intervals = positions.length >> 1;
  // A scale that is not finite (all equal, or far apart) makes one interval of all.
  const scale = (intervals - 1) / (high - low);
  const place = new Int32Array(intervals + 1);
  const out = new Float64Array(positions.length);
  countInto(place, positions, low, scale);
  if (carried === null) throwInto(out, positions, { place, low, scale });
  else throwBothInto([out, carried], [positions, masses], { place, low, scale });
  return out;
}

function rangeOf(positions: Float64Array): readonly [number, number] {
  let low = positions[0];
  let high = low;
  for (let i = 1; i < positions.length; i++) {
    if (positions[i] < low) low = positions[i];
    if (positions[i] > high) high = positions[i];
  }
  return [low, high];
}

/** Where each interval starts. */
function countInto(place: Int32Array, positions: Float64Array, low: number, scale: number): void {
  for (let i = 0; i < positions.length; i++) place[(((positions[i] - low) * scale) | 0) + 1]++;
  for (let b = 1; b < place.length; b++) place[b] += place[b - 1];
}

interface Intervals {
  readonly place: Int32Array;
  readonly low: number;
  readonly scale: number;
}

function throwInto(out: Float64Array, positions: Float64Array, { place, low, scale }: Intervals): void {
  for (let i = 0; i < positions.length; i++) {
    const x = positions[i];
    out[place[((x - low) * scale) | 0]++] = x;
  }
}

function throwBothInto(
  [out, carried]: readonly [Float64Array, Float64Array],
  [positions, masses]: readonly [Float64Array, Float64Array],
  { place, low, scale }: Intervals,
): void {
  for (let i = 0; i < positions.length; i++) {
    const x = positions[i];
    const at = place[((x - low) * scale) | 0]++;
    out[at] = x;
    carried[at] = masses[i];
  }
}

/** Insertion in place; false where it gave up, at more than eight moves an atom. */
function insertionSorted(x: Float64Array, carried: Float64Array | null): boolean {
  let moves = 8 * x.length;
  for (let k = 1; k < x.length; k++) {
    const value = x[k];
    if (value >= x[k - 1]) continue;
    const mass = carried === null ? 0 : carried[k];
    let at = k;
    while (at > 0 && x[at - 1] > value) {
      x[at] = x[at - 1];
      if (carried !== null) carried[at] = carried[at - 1];
      at--;
    }
    x[at] = value;
    if (carried !== null) carried[at] = mass;
    moves -= k - at;
    if (moves < 0) return false;
  }
  return true;
}
