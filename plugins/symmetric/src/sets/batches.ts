import {
  deriveKey,
  euclidean,
  fail,
  type Measure,
  measure,
  nearest,
  permutation,
  type RandomKey,
  randomStream,
  show,
} from '@muflow/core';
import type { SetBatch } from './setBatch.js';

/**
 * The sets with these positions or ids, in the order asked for; one set may not be asked for twice. O(points).
 *
 * @throws `unknown-id` for an id that no set has, `invalid-argument` for a position out of range.
 */
export function selectSets(batch: SetBatch, sets: ArrayLike<number> | readonly string[]): SetBatch {
  const { dim, offsets, points, masses, totals, ids } = batch;
  const chosen = Array.from(sets as ArrayLike<number | string>, (set) => positionOf(batch, set));
  if (chosen.length === 0 || new Set(chosen).size < chosen.length) {
    refuse('selectSets', 'the choice of sets is not usable', {
      got: `${chosen.length} sets, ${new Set(chosen).size} of them different`,
      expected: 'one set or more, each once',
      fix: 'name every set that is wanted once',
    });
  }
  const size = chosen.reduce((sum, s) => sum + offsets[s + 1] - offsets[s], 0);
  const out = {
    dim,
    count: chosen.length,
    offsets: new Int32Array(chosen.length + 1),
    points: new Float64Array(size * dim),
    masses: new Float64Array(size),
    totals: Float64Array.from(chosen, (s) => totals[s]),
    ids: chosen.map((s) => ids[s]),
  };
  chosen.forEach((s, at) => {
    const [from, to, start] = [offsets[s], offsets[s + 1], out.offsets[at]];
    out.points.set(points.subarray(from * dim, to * dim), start * dim);
    out.masses.set(masses.subarray(from, to), start);
    out.offsets[at + 1] = start + to - from;
  });
  return out;
}

/**
 * All sets of several batches, in their order.
 *
 * @throws `shape-mismatch` for points of different dimension, `invalid-argument` for an id that two sets have.
 */
export function concatSets(batches: readonly SetBatch[]): SetBatch {
  const dim = batches[0]?.dim ?? 0;
  const ids = batches.flatMap((batch) => batch.ids);
  const twice = ids.length > new Set(ids).size ? ids.find((id, s) => ids.indexOf(id) < s) : undefined;
  const other = batches.find((batch) => batch.dim !== dim);
  if (batches.length === 0 || twice !== undefined) {
    refuse('concatSets', twice === undefined ? 'there are no batches' : `two sets have the id ${show(twice)}`, {
      got: `${batches.length} batches of ${ids.length} sets`,
      expected: 'batches whose sets have distinct ids',
      fix: 'give the sets ids of their own, such as drawSets(law, { idPrefix })',
    });
  }
  if (other !== undefined) {
    fail({
      code: 'shape-mismatch',
      where: 'concatSets',
      problem: 'the batches have points of different dimension',
      got: `dimension ${other.dim}`,
      expected: `${dim}, as in the first batch`,
      fix: 'put together sets of one space',
    });
  }
  const count = ids.length;
  const offsets = new Int32Array(count + 1);
  let at = 0;
  for (const batch of batches) {
    for (let s = 0; s < batch.count; s++, at++) offsets[at + 1] = offsets[at] + batch.offsets[s + 1] - batch.offsets[s];
  }
  const joined = (part: (batch: SetBatch) => Float64Array): Float64Array => {
    const out = new Float64Array(batches.reduce((sum, batch) => sum + part(batch).length, 0));
    let start = 0;
    for (const batch of batches) {
      out.set(part(batch), start);
      start += part(batch).length;
    }
    return out;
  };
  return {
    dim,
    count,
    offsets,
    points: joined(({ points }) => points),
    masses: joined(({ masses }) => masses),
    totals: joined(({ totals }) => totals),
    ids,
  };
}

/**
 * Positions of the sets in a random split, one sorted array for each share: the last part takes what is left.
 *
 * @param shares - for instance `[0.6, 0.2, 0.2]`; every part gets at least one set.
 * @throws `invalid-argument` for shares that are not positive or do not sum to 1, or fewer sets than parts.
 * @example
 * ```ts
 * import { randomKey } from '@muflow/core';
 * import { splitSets } from '@muflow/symmetric';
 * const [train, test] = splitSets(10, [0.8, 0.2], randomKey(1));
 * console.log(train.length, test.length); // => 8 2
 * ```
 */
export function splitSets(count: number, shares: readonly number[], key: RandomKey): Uint32Array[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (!(shares.every((share) => share > 0) && Math.abs(total - 1) < 1e-9 && count >= shares.length)) {
    refuse('splitSets', 'the sets cannot be split', {
      got: `${count} sets, shares ${shares.join(', ')}`,
      expected: 'positive shares of sum 1, and a set or more for each',
      fix: 'pass for instance [0.8, 0.2]',
    });
  }
  const order = permutation(count, randomStream(key));
  let [start, sum] = [0, 0];
  return shares.map((share, part) => {
    sum += share;
    const left = shares.length - part - 1;
    const end = left === 0 ? count : Math.min(count - left, Math.max(start + 1, Math.round(sum * count)));
    const chosen = order.slice(start, end).sort();
    start = end;
    return chosen;
  });
}

/** The sets with every point repeated `copies` times: the same measures from other sets. */
export function repeatPoints(batch: SetBatch, copies: number): SetBatch {
  if (!(Number.isInteger(copies) && copies >= 1)) {
    refuse('repeatPoints', 'the number of copies is not usable', {
      got: show(copies),
      expected: 'an integer from 1',
      fix: 'pass how often each point is to occur',
    });
  }
  const { dim, points, masses } = batch;
  const size = masses.length * copies;
  const out = { points: new Float64Array(size * dim), masses: new Float64Array(size) };
  for (let i = 0; i < size; i++) {
    const from = Math.floor(i / copies);
    out.masses[i] = masses[from] / copies;
    for (let k = 0; k < dim; k++) out.points[i * dim + k] = points[from * dim + k];
  }
  return {
    ...batch,
    ...out,
    offsets: batch.offsets.map((offset) => offset * copies),
    totals: batch.totals.map((total) => total * copies),
  };
}

/**
 * At most `size` points of every set, drawn without replacement; the masses of those left are scaled to sum to 1. A larger
 * size of the same key keeps the points of a smaller one.
 *
 * @throws `invalid-argument` for a size that is no integer from 1.
 */
export function thinSets(batch: SetBatch, size: number, key: RandomKey): SetBatch {
  if (!(Number.isInteger(size) && size >= 1)) {
    refuse('thinSets', 'the size is not usable', {
      got: show(size),
      expected: 'an integer from 1',
      fix: 'pass how many points are to be left at most',
    });
  }
  const { dim, count, offsets, points, masses, totals } = batch;
  const kept: number[] = [];
  const keptOffsets = new Int32Array(count + 1);
  const shares = new Float64Array(count);
  for (let s = 0; s < count; s++) {
    const order = permutation(offsets[s + 1] - offsets[s], randomStream(deriveKey(key, 'thin', s)));
    for (const i of order.subarray(0, size).sort()) {
      kept.push(offsets[s] + i);
      shares[s] += masses[offsets[s] + i];
    }
    keptOffsets[s + 1] = kept.length;
  }
  const out = { points: new Float64Array(kept.length * dim), masses: new Float64Array(kept.length) };
  for (let s = 0; s < count; s++) {
    for (let at = keptOffsets[s]; at < keptOffsets[s + 1]; at++) {
      out.masses[at] = masses[kept[at]] / shares[s];
      for (let k = 0; k < dim; k++) out.points[at * dim + k] = points[kept[at] * dim + k];
    }
  }
  return { ...batch, ...out, offsets: keptOffsets, totals: totals.map((total, s) => total * shares[s]) };
}

/**
 * Every set moved to mean 0 and scaled to mean square length 1, `x -> (x - m) / sqrt(int |x - m|^2 dmu)`: what is computed
 * from it depends neither on where a set lies nor on how large it is. Sets of one place only are moved. O(points).
 */
export function normalizeSets(batch: SetBatch): SetBatch {
  const { dim, count, offsets, masses } = batch;
  const points = batch.points.slice();
  const mean = new Float64Array(dim);
  for (let s = 0; s < count; s++) {
    mean.fill(0);
    for (let i = offsets[s]; i < offsets[s + 1]; i++) {
      for (let k = 0; k < dim; k++) mean[k] += masses[i] * points[i * dim + k];
    }
    let [square, largest] = [0, 0];
    for (let i = offsets[s]; i < offsets[s + 1]; i++) {
      for (let k = 0; k < dim; k++) {
        largest = Math.max(largest, Math.abs(points[i * dim + k]));
        points[i * dim + k] -= mean[k];
        square += masses[i] * points[i * dim + k] ** 2;
      }
    }
    // Differences of equal numbers are rounding, and are not to be blown up.
    const scale = Math.sqrt(square) > 1e-14 * largest ? 1 / Math.sqrt(square) : 1;
    for (let at = offsets[s] * dim; at < offsets[s + 1] * dim; at++) points[at] *= scale;
  }
  return { ...batch, points };
}

/** Set s as a probability measure on R^dim, for distances and statistics. @throws `invalid-argument` out of range. */
export function toMeasure(batch: SetBatch, s: number): Measure {
  const at = positionOf(batch, s, 'toMeasure');
  const { dim, offsets, points, masses } = batch;
  const [from, to] = [offsets[at], offsets[at + 1]];
  return measure({
    space: euclidean(dim),
    positions: points.subarray(from * dim, to * dim),
    masses: masses.subarray(from, to),
  });
}

function positionOf({ ids, count }: SetBatch, set: number | string, where = 'selectSets'): number {
  const at = typeof set === 'string' ? ids.indexOf(set) : set;
  if (Number.isInteger(at) && at >= 0 && at < count) return at;
  const near = typeof set === 'string' ? nearest(set, ids) : [];
  return fail({
    code: typeof set === 'string' ? 'unknown-id' : 'invalid-argument',
    where,
    problem: `there is no set ${show(set)}`,
    got: `${count} sets ${show(ids)}`,
    expected: typeof set === 'string' ? 'the id of a set' : `a position from 0 to ${count - 1}`,
    fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'ask for a set of the batch',
  });
}

function refuse(
  where: string,
  problem: string,
  parts: { readonly got: string; readonly expected: string; readonly fix: string },
): never {
  return fail({ code: 'invalid-argument', where, problem, ...parts });
}
