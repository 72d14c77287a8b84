import { fail } from '../errors.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { barycenterWeights } from './barycenterWeights.js';
import { type TransportSide, transportSides } from './sides.js';

/**
 * The W_2 barycenter on the line in closed form: its quantile function is the mean `sum_k w_k Q_k` of those of the
 * measures. Exact; has at most `sum_k n_k - K + 1` atoms for K measures of n_k atoms, and is unique.
 *
 * @param measures - one or more on the line (or an interval), of one total within 1e-9.
 * @param weights - w_k >= 0, divided by their sum; default equal.
 * @returns the barycenter with atoms in increasing order, of the kind of the measures (positive if mixed).
 * O(K N log N) for N atoms in all. @throws `unsupported` on other spaces, `invalid-argument` where totals differ or
 * weights are unusable. Source: [AguehCarlier2011], section 6.1.
 *
 * @example
 * ```ts
 * import { barycenterOnLine, diracs } from '@muflow/core';
 * console.log(barycenterOnLine([diracs([0, 1]), diracs([4, 9])]).positions.join(' ')); // => 2 5
 * ```
 */
export function barycenterOnLine(measures: readonly Measure[], weights?: ArrayLike<number>): Measure {
  const shares = barycenterWeights('barycenterOnLine', measures, weights);
  const [first] = measures;
  const { space } = first;
  if (space.dim !== 1 || !['euclidean', 'box'].includes(space.kind)) {
    fail({
      code: 'unsupported',
      where: 'barycenterOnLine',
      problem: 'quantiles are ordered on the line only',
      got: space.name,
      expected: 'euclidean(1) or an interval',
      fix: 'use wassersteinBarycenter',
    });
  }
  const sides = measures.map((mu) => sorted(transportSides('barycenterOnLine', [first, mu], { balanced: true })[1]));
  const { places, masses } = meanQuantile(sides, shares);
  const kind = measures.every((mu) => mu.kind === 'probability') ? 'probability' : 'positive';
  return measureFromParts({
    space,
    kind,
    positions: Float64Array.from(places),
    logMasses: Float64Array.from(masses, Math.log),
    ids: Uint32Array.from(places, (_, i) => i),
    nextId: places.length,
  });
}

interface SortedSide {
  readonly places: Float64Array;
  readonly masses: Float64Array;
}

function sorted({ positions, masses }: TransportSide): SortedSide {
  const order = Uint32Array.from(positions, (_, i) => i).sort((a, b) => positions[a] - positions[b] || a - b);
  return {
    places: Float64Array.from(order, (i) => positions[i]),
    masses: Float64Array.from(order, (i) => masses[i]),
  };
}

/** Walks all quantile functions at once: a new atom wherever one of them jumps. */
function meanQuantile(sides: readonly SortedSide[], weights: Float64Array) {
  const at = new Int32Array(sides.length);
  const left = Float64Array.from(sides, ({ masses }) => masses[0]);
  const places: number[] = [];
  const masses: number[] = [];
  for (;;) {
    let step = Number.POSITIVE_INFINITY;
    let place = 0;
    for (let k = 0; k < sides.length; k++) {
      step = Math.min(step, left[k]);
      place += weights[k] * sides[k].places[at[k]];
    }
    const known = places.length > 0 && places[places.length - 1] === place;
    if (known) masses[masses.length - 1] += step;
    else if (step > 0) {
      places.push(place);
      masses.push(step);
    }
    for (let k = 0; k < sides.length; k++) {
      left[k] -= step;
      if (left[k] > 0) continue;
      // The first to run out of atoms ends the walk: what others have left is rounding.
      if (++at[k] === sides[k].places.length) return { places, masses };
      left[k] = sides[k].masses[at[k]];
    }
  }
}
