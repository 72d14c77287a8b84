import { fail, show } from '../errors.js';
import type { Space } from '../space/space.js';
import { branchAndBound } from './branchAndBound.js';
import type { CellBound } from './cellBound.js';
import { type Chart, chartOf } from './charts.js';
import { above, below } from './derivativeSlots.js';
import type { CertifiedMinimum, CertifyOptions } from './minimumProblem.js';

/** A function in plain TypeScript with a constant that its author stands for. */
export interface DeclaredProblem {
  readonly space: Space;
  /** V at one point of the space. */
  value(point: Float64Array): number;
  /** `|V(x) - V(x')| <= lipschitz dist(x, x')`, dist being that of the space; absent where a curvature is declared. */
  readonly lipschitz?: number;
  /** Bound of the rounding error of a value, default 0. */
  readonly error?: number;
  /** Bound of second derivatives, with the slopes it goes with. */
  readonly bend?: DeclaredBend;
}

/** A bound of the curvature of a function. */
export interface DeclaredBend {
  /** `|d^2/dt^2 V(c(t))| <= curvature` along every geodesic c of the space with unit speed. */
  readonly curvature: number;
  /** Length of the tangent gradient of V at a point of the space. */
  slope(point: Float64Array): number;
  /** Bound of the rounding error of a slope, default 0. */
  readonly error?: number;
}

/**
 * The minimum of a function with declared bounds, by branch and bound: a cell of radius rho about c holds no value below
 * `V(c) - L rho`, nor below `V(c) - |grad V(c)| rho - C rho^2 / 2` for a curvature C. What is `certified` is so under the
 * declaration. Cells are many where V is flat: about `(L / tolerance)^d` of them in the worst case, and
 * `(C / tolerance)^(d/2)` with a curvature.
 * @throws `unsupported` for a space without charts, `invalid-argument` for a constant that is not usable,
 * `not-finite` for a value that is not.
 * @example
 * declaredMinimum({ space: box([[-1, 1]]), value: ([x]) => Math.abs(x - 0.3), lipschitz: 1 }, { tolerance: 1e-3 });
 */
export function declaredMinimum(problem: DeclaredProblem, options: CertifyOptions = {}): CertifiedMinimum {
  const { space, lipschitz, bend } = problem;
  const { tolerance = 1e-9, maxCells = 100_000 } = options;
  const chart = chartOf(space);
  if (chart === null) {
    return refuse(
      'unsupported',
      'there is no chart for this kind of space',
      show(space.kind),
      'a box, torus or sphere',
    );
  }
  const constants = [lipschitz, bend?.curvature].filter((constant) => constant !== undefined);
  if (constants.length === 0 || !constants.every((constant) => constant >= 0 && constant < Infinity))
    refuse('invalid-argument', 'the constant is not usable', show(constants), 'finite numbers >= 0');
  const cell = declaredBound(problem, chart);
  const found = branchAndBound(cell, { boxes: chart.boxes, tolerance, maxCells, starts: new Float64Array(0) });
  const at = new Float64Array(space.dim);
  chart.pointInto(at, 0, found.at, 0);
  space.projectInto(at, at, 1);
  const status = found.upper - found.lower <= tolerance ? 'certified' : 'budget';
  return { lower: found.lower, upper: found.upper, at, status, cells: found.cells, method: 'declared' };
}

function declaredBound({ space, value, lipschitz, error = 0, bend }: DeclaredProblem, chart: Chart): CellBound {
  const { dim } = chart;
  const [center, point] = [new Float64Array(dim), new Float64Array(space.dim)];
  const state = { split: 0, upper: 0 };
  const read = (u: Float64Array): number => {
    chart.pointInto(point, 0, u, 0);
    space.projectInto(point, point, 1);
    const found = value(point);
    if (!Number.isFinite(found)) refuse('not-finite', 'a value is not a number', show(found), 'finite values');
    return found;
  };
  return {
    center,
    candidate: center,
    centerUpper: () => state.upper,
    candidateValue: () => state.upper,
    split: () => state.split,
    valueAt(u) {
      const found = read(u);
      return { upper: above(found + error), width: 2 * error };
    },
    bound(lower, upper, start) {
      let squared = 0;
      let widest = -1;
      for (let k = 0; k < dim; k++) {
        const [p, q] = [lower[start + k], upper[start + k]];
        center[k] = p === q ? p : p / 2 + q / 2;
        const reach = p === q ? 0 : above(above(Math.max(center[k] - p, q - center[k])) * chart.speeds[k]);
        squared = above(squared + above(reach * reach));
        if (reach <= widest) continue;
        widest = reach;
        state.split = k;
      }
      const outside = chart.sums.some((group) => group.reduce((sum, k) => sum + lower[start + k], 0) > 1 + 1e-12);
      if (outside) return Infinity;
      // A middle beyond a slanted wall is read at its projection, which is no farther from any point of the space.
      const found = read(center);
      state.upper = above(found + error);
      const reach = above(Math.sqrt(squared));
      const first = lipschitz === undefined ? Infinity : above(lipschitz * reach);
      if (bend === undefined || reach === 0) return below(below(found - error) - (reach === 0 ? 0 : first));
      // The space is walked along geodesics from the point that was read.
      const slope = above(bend.slope(point) + (bend.error ?? 0));
      const second = above(above(slope * reach) + above(above(bend.curvature * squared) / 2));
      return below(below(found - error) - Math.min(first, second));
    },
  };
}

function refuse(
  code: 'unsupported' | 'invalid-argument' | 'not-finite',
  problem: string,
  got: string,
  expected: string,
): never {
  return fail({ code, where: 'declaredMinimum', problem, got, expected, fix: 'correct it, or estimate the minimum' });
}
