/** Room to sort the projections of one side, made once for all directions. */
export interface LineSorter {
  /** Projections in ascending order. */
  readonly values: Float64Array;
  /** Atom of each sorted projection. */
  readonly order: Uint32Array;
  /** Sorts the projections (count numbers, left as they are). */
  sort(projections: Float64Array): void;
}

/** Below this count insertion is faster than counting. */
const fewAtoms = 48;
const digitBits = 11;
const digits = 1 << digitBits;

/**
 * Sorts by counting: projections become whole numbers of 32 bits between their least and greatest, three rounds of 11 bits
 * order these, and a pass of insertion settles what shares a number. Where that pass would be long (most atoms
 * within a 2^-32 part of the range) it gives way to a comparison sort. Cost O(count) for spread projections, else
 * O(count log count). Equal projections keep the order of their atoms.
 */
export function lineSorter(count: number): LineSorter {
  const values = new Float64Array(count);
  const order = new Uint32Array(count);
  const other = new Uint32Array(count);
  const keys = new Uint32Array(count);
  const counts = new Uint32Array(3 * digits);
  return {
    values,
    order,
    sort(projections) {
      for (let i = 0; i < count; i++) order[i] = i;
      if (count > fewAtoms) {
        keysInto(keys, counts, projections);
        countingRound(other, order, keys, { counts, start: 0, shift: 0 });
        countingRound(order, other, keys, { counts, start: digits, shift: digitBits });
        countingRound(other, order, keys, { counts, start: 2 * digits, shift: 2 * digitBits });
        order.set(other);
      }
      for (let k = 0; k < count; k++) values[k] = projections[order[k]];
      if (insert(values, order)) return;
      order.sort((a, b) => projections[a] - projections[b] || a - b);
      for (let k = 0; k < count; k++) values[k] = projections[order[k]];
    },
  };
}

/** Keys of all projections, with how often each digit occurs. */
function keysInto(keys: Uint32Array, counts: Uint32Array, projections: Float64Array): void {
  let low = projections[0];
  let high = low;
  for (let i = 1; i < keys.length; i++) {
    const value = projections[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 4294967295 / (high - low) : 0;
  counts.fill(0);
  for (let i = 0; i < keys.length; i++) {
    const key = ((projections[i] - low) * scale) >>> 0;
    keys[i] = key;
    counts[key & (digits - 1)]++;
    counts[digits + ((key >>> digitBits) & (digits - 1))]++;
    counts[2 * digits + (key >>> (2 * digitBits))]++;
  }
}

function countingRound(
  out: Uint32Array,
  order: Uint32Array,
  keys: Uint32Array,
  { counts, start, shift }: { readonly counts: Uint32Array; readonly start: number; readonly shift: number },
): void {
  let sum = 0;
  for (let k = start; k < start + digits; k++) {
    const here = counts[k];
    counts[k] = sum;
    sum += here;
  }
  for (let k = 0; k < order.length; k++) {
    const atom = order[k];
    out[counts[start + ((keys[atom] >>> shift) & (digits - 1))]++] = atom;
  }
}

/** Insertion sort; false where it gave up, at more than eight moves an atom. */
function insert(values: Float64Array, order: Uint32Array): boolean {
  let left = 8 * values.length + fewAtoms * fewAtoms;
  for (let k = 1; k < values.length; k++) {
    const value = values[k];
    if (value >= values[k - 1]) continue;
    const atom = order[k];
    let at = k;
    for (; at > 0 && values[at - 1] > value; at--) {
      values[at] = values[at - 1];
      order[at] = order[at - 1];
    }
    values[at] = value;
    order[at] = atom;
    left -= k - at;
    if (left < 0) return false;
  }
  return true;
}

/** `W_2^2` of sorted projections with the same mass each: `mass sum_k (x_k - y_k)^2`. */
export function equalMassSquared(x: Float64Array, y: Float64Array, mass: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) {
    const difference = x[k] - y[k];
    sum += difference * difference;
  }
  return sum * mass;
}

/** Masses of the two sides of a line problem. */
export interface LineMasses {
  readonly source: Float64Array;
  readonly target: Float64Array;
}

/** `W_2^2` of sorted projections with their masses, by the monotone coupling. */
export function monotoneSquared(x: LineSorter, y: LineSorter, { source, target }: LineMasses): number {
  const [n, m] = [x.values.length, y.values.length];
  let [i, j] = [0, 0];
  let left = source[x.order[0]];
  let wanted = target[y.order[0]];
  let sum = 0;
  for (;;) {
    const difference = x.values[i] - y.values[j];
    const moved = Math.min(left, wanted);
    sum += moved * difference * difference;
    left -= moved;
    wanted -= moved;
    if (left <= 0) {
      if (++i === n) return sum;
      left += source[x.order[i]];
    }
    if (wanted <= 0) {
      if (++j === m) return sum;
      wanted += target[y.order[j]];
    }
  }
}
