import type { Expression } from '../formula/expression.js';
import type { RandomKey } from '../math/random.js';
import type { Measure, Profile } from '../measure/measure.js';
import type { Space } from '../space/space.js';

/** Out-buffers for a first variation at the atoms of a measure: values (n) and ambient gradients (n*d). */
export interface FirstVariation {
  readonly potential: Float64Array;
  readonly gradient: Float64Array;
}

/** When and with which random numbers a field is evaluated; all stages of one step share `step` and `key`. */
export interface EvaluationContext {
  readonly time: number;
  readonly step: number;
  readonly key: RandomKey;
}

/**
 * A functional F of one measure with its first variation `V(x) = dF/dmu (x)`
 * (on probability measures defined up to an additive constant).
 */
export interface Energy {
  readonly name: string;
  /** Coordinates per atom it is stated for. */
  readonly dim: number;
  /** The space it is stated on; absent means any space of `dim` coordinates. */
  readonly space?: Space;
  /** False where V has no gradient: metrics that transport refuse it. */
  readonly smooth: boolean;
  value(mu: Measure): number;
  /** Fills V and its ambient gradient at the atoms. No allocation after the first call of a size. */
  firstVariationInto(out: FirstVariation, mu: Measure): void;
  /** V at `count` points off the support (n*d row-major). */
  potentialAt(out: Float64Array, points: Float64Array, count: number, mu: Measure): void;
  /** The formula it was built from; unlocks certificates and fused kernels. */
  readonly formula?: Expression;
  /** Inverse temperature `1/beta` of a term `(1/beta) int log mu dmu` that only noise can follow. */
  readonly temperature?: number;
  /**
   * The numbers `lambda_k >= 0` (dim) of a term `int sum_k lambda_k |x_k| dmu` that the energy contains, with
   * `lambda_k sign(x_k)` in its gradient: forward-backward steps take this term by soft thresholding instead.
   */
  readonly shrinkage?: Float64Array;
  /** Closed-form proximal step of size tau, where known. */
  proximal?(mu: Measure, tau: number): Measure;
}

/** For every player k, the potential `V_k` and its gradient at the atoms of measure k. */
export interface Field {
  readonly name: string;
  /** Coordinates per atom, one entry per player. */
  readonly dims: readonly number[];
  readonly smooth: boolean;
  evaluateInto(out: readonly FirstVariation[], profile: Profile, context: EvaluationContext): void;
  /** V_k at points off the support. */
  potentialAt(player: number, out: Float64Array, points: Float64Array, count: number, profile: Profile): void;
}

/**
 * A game in mixed strategies: player k pays `cost_k = int V_k dmu_k`, and descends its own potential.
 * Two-player zero-sum with payoff l: `V_x = int l dmu_y`, `V_y = -int l dmu_x` (x minimizes, y maximizes).
 */
export interface Game extends Field {
  readonly spaces: readonly Space[];
  readonly zeroSum: boolean;
  /** Expected cost of each player. */
  costsInto(out: Float64Array, profile: Profile): void;
  /** Payoff formula in the variables of the players, if there is one. */
  readonly formula?: Expression;
  /** Declared by the author, per player: `|l(x, y) - l(x', y)| <= L dist(x, x')` in that player's point, for every y. */
  readonly lipschitz?: readonly number[];
  /**
   * Declared by the author, per player: `|d^2/dt^2 l(c(t), y)| <= C` along every geodesic c of that player's space with
   * unit speed, for every y.
   */
  readonly curvature?: readonly number[];
}
