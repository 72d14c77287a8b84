import type { Expression } from '../formula/expression.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';

/** How far to go. Budgets are counts, so the same input gives the same bytes. */
export interface CertifyOptions {
  /** Absolute width of the enclosure aimed at, default 1e-9. */
  readonly tolerance?: number;
  /** Most cells to bound, default 100,000. */
  readonly maxCells?: number;
  readonly maxSeconds?: never;
  /** Points of the space (row-major) that are tried first, such as atoms. */
  readonly startingPoints?: Float64Array;
}

/** An enclosure of the infimum of a function V over a space. */
export interface CertifiedMinimum {
  /** Proven unless `estimated`: inf V lies in [lower, upper]; `upper` is V at `at`, rounded up. */
  readonly lower: number;
  readonly upper: number;
  /** A point of the space, to rounding. */
  readonly at: Float64Array;
  /**
   * `certified`: `upper - lower <= tolerance`, both proven. `budget`: both proven, wider than asked.
   * `estimated`: `lower` is a guess.
   */
  readonly status: 'certified' | 'budget' | 'estimated';
  /** Cells that were bounded, or points that were tried. */
  readonly cells: number;
  /** `interval`, `trigonometric` or `polynomial` branch and bound, `pieces` the same between jumps, `quadratic` duality on a sphere, `finite` enumeration, `declared` bounds, or `search`. */
  readonly method:
    | 'interval'
    | 'trigonometric'
    | 'polynomial'
    | 'pieces'
    | 'quadratic'
    | 'finite'
    | 'declared'
    | 'search';
}

/** Names of consecutive coordinates of a point in a formula. */
export interface CoordinateNames {
  readonly name: string;
  readonly size: number;
}

/** Points with weights that are summed over. */
export interface WeightedPoints {
  readonly count: number;
  /** Row-major. */
  readonly positions: Float64Array;
  /** Any finite numbers. */
  readonly weights: Float64Array;
}

/** The function to be minimized: `V(x) = sign sum_j w_j l(x, y_j)`, or `sign l(x)` without `against`. */
export interface MinimumProblem {
  readonly formula: Expression;
  readonly space: Space;
  /** What the coordinates of x are called, in order. */
  readonly variables: readonly CoordinateNames[];
  readonly against?: {
    readonly variables: readonly CoordinateNames[];
    /** A measure stands for its normalized masses `m_j / sum m`; weighted points for themselves. */
    readonly over: Measure | WeightedPoints;
  };
  readonly sign?: 1 | -1;
}
