import { solveMatrixGame } from '@muflow/zero-sum';
import { numbers } from './data.js';
import { checksum, type Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

/** Standard normal entries by the transform of Box and Muller: `sqrt(-2 log v) cos(pi u)`. */
function normals(count: number): Float64Array {
  const [radii, angles] = [numbers(count, 20), numbers(count, 21)];
  // 1 - u lies in (0, 2], so half of it is never the zero whose logarithm is infinite.
  return radii.map((u, k) => Math.sqrt(-2 * Math.log((1 - u) / 2)) * Math.cos(Math.PI * angles[k]));
}

/** Both strategies and the value of a matrix game; rows minimize. Compared are the value and the entries. */
export function matrixGameOf(params: Params): Prepared {
  const n = Number(params.n);
  const payoff = normals(n * n);
  let value = Number.NaN;
  return {
    run() {
      value = solveMatrixGame(payoff, n, n).value;
    },
    check: () => [...checksum(payoff), ...checksum([value])],
  };
}

/** A game of n by n independent normal entries; the entries set the scale of the comparison, as values are near zero. */
export function matrixGameRow(n: number): Workload {
  return {
    name: `matrix game, ${n} x ${n} normal entries`,
    kind: 'matrixGame',
    params: { n },
    tolerance: 1e-9,
    work: n ** 3,
  };
}
