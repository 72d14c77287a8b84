import { fail, show } from '@muflow/core';

/** Finite sets of points as probability measures `mu_s = sum_i m_i delta_{x_i}`, ragged in flat arrays, not padded. */
export interface SetBatch {
  /** Coordinates of a point. */
  readonly dim: number;
  /** Number of sets S. */
  readonly count: number;
  /** S + 1; the points of set s are `offsets[s] <= i < offsets[s + 1]`. */
  readonly offsets: Int32Array;
  /** offsets[S] * dim, row-major, sorted lexicographically within each set. */
  readonly points: Float64Array;
  /** offsets[S]; positive, those of one set sum to 1. */
  readonly masses: Float64Array;
  /** S; total mass before normalization (N for N plain points), for sum pooling. */
  readonly totals: Float64Array;
  /** S distinct names. */
  readonly ids: readonly string[];
}

/** One set as a caller has it. */
export interface PointSet {
  /** One array of coordinates a point, all of one length. */
  readonly points: readonly ArrayLike<number>[];
  /** One nonnegative mass a point; default 1 each. Points of mass 0 are left out. */
  readonly masses?: ArrayLike<number>;
  /** Default: the position in the list. */
  readonly id?: string;
}

/** Sets that lie in flat arrays already. */
export interface SetArrays {
  readonly dim: number;
  /** S + 1, from 0 and not decreasing; set s has the points `offsets[s] <= i < offsets[s + 1]`. */
  readonly offsets: ArrayLike<number>;
  /** offsets[S] * dim, row-major. */
  readonly points: Float64Array;
  /** offsets[S], nonnegative; default 1 each. */
  readonly masses?: Float64Array;
  /** S; default `0`, `1`, ... */
  readonly ids?: readonly string[];
}

/**
 * Reads sets as measures: `mu_s = sum_i m_i / M_s delta_{x_i}` with total mass `M_s = sum_i m_i`.
 *
 * The points of each set are sorted by their coordinates, then by mass, so that whatever is computed from the batch does
 * not depend on the order in which the points came, to the last bit. Cost O(N d log N) for sets of N points.
 *
 * @throws `invalid-argument` for no sets, an empty set, a set without mass, negative masses and ids that occur twice;
 * `shape-mismatch` for points of different dimension; `not-finite` for coordinates and masses that are no numbers.
 * @example
 * ```ts
 * import { setBatch } from '@muflow/symmetric';
 * const batch = setBatch([{ points: [[3], [1]] }, { points: [[5]], id: 'one point' }]);
 * console.log(batch.points, batch.masses[0], batch.ids[1]); // => Float64Array(3) [ 1, 3, 5 ] 0.5 one point
 * ```
 */
export function setBatch(sets: readonly PointSet[], where = 'setBatch'): SetBatch {
  const names = sets.map(({ id }, s) => id ?? String(s));
  const dim = sets.find(({ points }) => points.length > 0)?.points[0].length ?? 0;
  const offsets = new Int32Array(sets.length + 1);
  sets.forEach(({ points, masses }, s) => {
    offsets[s + 1] = offsets[s] + points.length;
    if (masses !== undefined && masses.length !== points.length) {
      refuse(where, 'shape-mismatch', `set ${show(names[s])} has another number of masses than of points`, {
        got: `${masses.length} masses for ${points.length} points`,
        expected: 'one mass a point',
        fix: 'pass as many masses as points, or none',
      });
    }
  });
  const flat = new Float64Array(offsets[sets.length] * dim);
  const weights = new Float64Array(offsets[sets.length]).fill(1);
  sets.forEach(({ points, masses }, s) => {
    points.forEach((point, i) => {
      if (point.length !== dim) {
        refuse(
          where,
          'shape-mismatch',
          `set ${show(names[s])}, point ${i} has another dimension than the first point`,
          {
            got: `${point.length} coordinates`,
            expected: String(dim),
            fix: 'give every point of every set as many coordinates',
          },
        );
      }
      for (let k = 0; k < dim; k++) flat[(offsets[s] + i) * dim + k] = point[k];
    });
    if (masses !== undefined) for (let i = 0; i < masses.length; i++) weights[offsets[s] + i] = masses[i];
  });
  return setBatchFromArrays({ dim, offsets, points: flat, masses: weights, ids: names }, where);
}

/**
 * {@link setBatch} of flat arrays, which are copied.
 *
 * @throws as {@link setBatch}, and `shape-mismatch` where the arrays do not fit each other.
 */
export function setBatchFromArrays(arrays: SetArrays, where = 'setBatchFromArrays'): SetBatch {
  checkArrays(arrays, where);
  const { dim, offsets, points } = arrays;
  const count = offsets.length - 1;
  const ids = arrays.ids ?? Array.from({ length: count }, (_, s) => String(s));
  checkIds(ids, where);
  const size = offsets[count];
  const given = arrays.masses ?? new Float64Array(size).fill(1);
  const keptOffsets = new Int32Array(count + 1);
  const order = new Uint32Array(size);
  const totals = new Float64Array(count);
  let kept = 0;
  for (let s = 0; s < count; s++) {
    const first = kept;
    if (offsets[s + 1] === offsets[s]) emptySet(where, ids[s]);
    for (let i = offsets[s]; i < offsets[s + 1]; i++) {
      checkPoint(arrays, given, i, () => `set ${show(ids[s])}, point ${i - offsets[s]}`, where);
      if (given[i] > 0) order[kept++] = i;
    }
    order.subarray(first, kept).sort((a, b) => comparePoints(points, given, dim, a, b));
    for (let i = first; i < kept; i++) totals[s] += given[order[i]];
    if (!(totals[s] > 0 && totals[s] < Infinity)) massless(where, ids[s], totals[s]);
    keptOffsets[s + 1] = kept;
  }
  const [sorted, masses] = [new Float64Array(kept * dim), new Float64Array(kept)];
  for (let s = 0; s < count; s++) {
    for (let i = keptOffsets[s]; i < keptOffsets[s + 1]; i++) {
      masses[i] = given[order[i]] / totals[s];
      // Adding 0 turns -0 into 0, so that equal points have equal bits.
      for (let k = 0; k < dim; k++) sorted[i * dim + k] = points[order[i] * dim + k] + 0;
    }
  }
  return { dim, count, offsets: keptOffsets, points: sorted, masses, totals, ids };
}

/** Order of two points: coordinates from the first, then the mass. */
function comparePoints(points: Float64Array, masses: Float64Array, dim: number, a: number, b: number): number {
  for (let k = 0; k < dim; k++) {
    const [x, y] = [points[a * dim + k], points[b * dim + k]];
    if (x !== y) return x < y ? -1 : 1;
  }
  return masses[a] - masses[b];
}

function checkArrays({ dim, offsets, points, masses, ids }: SetArrays, where: string): void {
  const count = offsets.length - 1;
  if (count < 1) {
    refuse(where, 'invalid-argument', 'there are no sets', {
      got: '0 sets',
      expected: 'at least one set of points',
      fix: 'pass one set or more',
    });
  }
  const wrong = Array.from({ length: count }, (_, s) => s).find((s) => !(offsets[s + 1] >= offsets[s]));
  if (offsets[0] !== 0 || wrong !== undefined) {
    refuse(where, 'invalid-argument', 'the offsets do not start at 0 or decrease', {
      got: wrong === undefined ? `first offset ${offsets[0]}` : `${offsets[wrong]} before ${offsets[wrong + 1]}`,
      expected: 'offsets 0 = o_0 <= o_1 <= ... <= o_S',
      fix: 'number the first point of every set, and end with the number of points',
    });
  }
  if (offsets[count] === 0) emptySet(where, ids?.[0] ?? '0');
  const size = offsets[count];
  const mismatch = (what: string, got: number, expected: number): void => {
    if (got === expected) return;
    refuse(where, 'shape-mismatch', `the ${what} have the wrong length`, {
      got: String(got),
      expected: `${expected} (${size} points of dimension ${dim} in ${count} sets)`,
      fix: 'pass arrays that belong to the same sets',
    });
  };
  if (!Number.isInteger(dim) || dim < 1) {
    refuse(where, 'invalid-argument', 'the dimension of the points is not usable', {
      got: show(dim),
      expected: 'an integer from 1',
      fix: 'give every point at least one coordinate',
    });
  }
  mismatch('points', points.length, size * dim);
  if (masses !== undefined) mismatch('masses', masses.length, size);
  if (ids !== undefined) mismatch('ids', ids.length, count);
}

function checkIds(ids: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) {
      refuse(where, 'invalid-argument', `the set id ${show(id)} occurs twice`, {
        got: `${ids.length} ids`,
        expected: 'distinct ids',
        fix: 'give every set an id of its own',
      });
    }
    seen.add(id);
  }
}

function checkPoint(
  { dim, points }: SetArrays,
  masses: Float64Array,
  i: number,
  place: () => string,
  where: string,
): void {
  for (let k = 0; k < dim; k++) {
    if (!Number.isFinite(points[i * dim + k])) {
      refuse(where, 'not-finite', `${place()}, coordinate ${k} is no finite number`, {
        got: show(points[i * dim + k]),
        expected: 'a finite number',
        fix: 'remove the point or fill in its coordinate',
      });
    }
  }
  if (masses[i] >= 0 && masses[i] < Infinity) return;
  const negative = masses[i] < 0;
  refuse(
    where,
    negative ? 'invalid-argument' : 'not-finite',
    `${place()} has ${negative ? 'a negative' : 'no finite'} mass`,
    {
      got: show(masses[i]),
      expected: 'a finite mass >= 0',
      fix: 'correct the mass, or write 0 to leave the point out',
    },
  );
}

const emptySet = (where: string, id: string): never =>
  refuse(where, 'invalid-argument', `set ${show(id)} is empty`, {
    got: '0 points',
    expected: 'at least one point (no measure of mass 1 lives on no points)',
    fix: 'leave the set out, or give it a point',
  });

const massless = (where: string, id: string, total: number): never =>
  refuse(where, 'invalid-argument', `set ${show(id)} has no usable total mass`, {
    got: `total mass ${show(total)}`,
    expected: 'a finite total > 0',
    fix: 'give at least one of its points a positive mass',
  });

interface Parts {
  readonly got: string;
  readonly expected: string;
  readonly fix: string;
}

function refuse(
  where: string,
  code: 'invalid-argument' | 'shape-mismatch' | 'not-finite',
  problem: string,
  parts: Parts,
): never {
  return fail({ code, where, problem, ...parts });
}
