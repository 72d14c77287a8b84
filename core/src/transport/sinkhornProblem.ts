import { fail, show } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import type { Measure } from '../measure/measure.js';
import type { TransportPlan } from './certifiedDistance.js';
import { checkExponent, spread } from './exactResult.js';
import { costPoints, distanceCost, formulaCost, type GroundCost } from './groundCost.js';
import type { TransportSide } from './sides.js';
import { planRowInto } from './sinkhornBounds.js';
import { createScaling, type Scaling } from './sinkhornKernel.js';
import { type Solved, solveScaling, solveSymmetric } from './sinkhornSolve.js';

/** Options common to the entropic problems. */
export interface EntropicOptions {
  /** Weight of the entropy, in the units of the cost, > 0. */
  readonly epsilon: number;
  /** Exponent of the distance, default 2. */
  readonly p?: number;
  /** Cost of moving a unit of mass from `x` to `y`, in place of `dist(x, y)^p`. */
  readonly cost?: string | Expression;
  /** Sum of the marginal errors at which to stop, relative to the mass of the plan; default 1e-9. */
  readonly tolerance?: number;
  /** Default 10000. */
  readonly maxIterations?: number;
  /** Whether to return the plan (every entry above 0, n m at most); default false. */
  readonly plan?: boolean;
}

/** Two packed ends with the masses of the measures behind them. */
export type Ends = readonly [TransportSide, TransportSide];

/** The cost the options ask for. */
export function entropicCost(
  where: string,
  [mu]: readonly [Measure, Measure],
  ends: Ends,
  options: EntropicOptions,
): GroundCost {
  const { p = 2, cost } = options;
  checkExponent(where, p);
  const points = costPoints(mu.space, ends);
  return cost === undefined ? distanceCost(points, p) : formulaCost(where, points, cost);
}

/**
 * Solves the problem and ends on a sweep that has made f the (damped) soft c-transform of g, ready for bounds.
 *
 * @param options - `symmetric` where both ends and the cost are the same both ways.
 * @throws `invalid-argument` for an epsilon, tolerance or count that is not usable, or an epsilon that rounding of the
 * costs drowns; `not-finite` for a cost that is no finite number.
 */
export function solveEntropic(
  where: string,
  cost: GroundCost,
  [source, target]: Ends,
  options: EntropicOptions & { readonly rho?: number; readonly symmetric?: boolean },
): { readonly scaling: Scaling; readonly solved: Solved } {
  const { epsilon, tolerance = 1e-9, maxIterations = 10_000, rho = Number.POSITIVE_INFINITY } = options;
  checkPositive(where, 'epsilon', epsilon);
  checkPositive(where, 'tolerance', tolerance);
  checkPositive(where, 'maxIterations', maxIterations);
  const scaling = createScaling(cost, source.masses, target.masses);
  checkLargest(where, scaling.largest, epsilon);
  const solve = options.symmetric === true ? solveSymmetric : solveScaling;
  const solved = solve(scaling, { epsilon, rho, tolerance, maxIterations });
  return { scaling, solved };
}

/** Refuses what is no finite number above 0. */
export function checkPositive(where: string, name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `${name} is not usable`,
    got: show(value),
    expected: 'a finite number > 0',
    fix: `pass { ${name}: ... } in the units of the cost`,
  });
}

/** Above this ratio of cost to epsilon the rounding of the costs alone would move the plan. */
const largestRatio = 1e11;

function checkLargest(where: string, largest: number, epsilon: number): void {
  if (!Number.isFinite(largest)) {
    fail({
      code: 'not-finite',
      where,
      problem: 'the cost between two atoms is not a finite number',
      got: show(largest),
      expected: 'finite costs',
      fix: 'scale the positions down, or write a cost that is finite on all pairs',
    });
  }
  if (largest <= largestRatio * epsilon) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'epsilon is lost in the rounding of the costs',
    got: `epsilon ${show(epsilon)} beside costs up to ${show(largest)}`,
    expected: `epsilon of at least ${show(largest / largestRatio)}`,
    fix: 'raise epsilon, or use wassersteinDistance, which needs none',
  });
}

/** The entries above 0 of the plan of the last sweep, between the atoms of the measures. */
export function densePlan(scaling: Scaling, [source, target]: Ends): TransportPlan {
  const { rows, columns } = scaling;
  const entries = { rows: [] as number[], columns: [] as number[], masses: [] as number[] };
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    planRowInto(row, scaling, i);
    for (let j = 0; j < columns; j++) {
      if (!(row[j] > 0)) continue;
      entries.rows.push(source.atoms[i]);
      entries.columns.push(target.atoms[j]);
      entries.masses.push(row[j]);
    }
  }
  return {
    rows: Int32Array.from(entries.rows),
    columns: Int32Array.from(entries.columns),
    masses: Float64Array.from(entries.masses),
  };
}

/** The potentials of the measures, 0 for atoms without mass. */
export function entropicPotentials({ f, g }: Scaling, [source, target]: Ends, [mu, nu]: readonly [Measure, Measure]) {
  return { source: spread(f, source, mu.count), target: spread(g, target, nu.count) };
}
