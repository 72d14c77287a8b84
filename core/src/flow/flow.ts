import type { Energy, EvaluationContext, Field, Game } from '../energy/energy.js';
import type { Measure, MeasureKind, Profile, Tangent } from '../measure/measure.js';
import type { Metric } from '../metric/metric.js';

/** The interval a step covers: from `time` to `time + dt`. */
export interface StepContext extends EvaluationContext {
  readonly dt: number;
}

/** Diffusion of one player's atoms: adds `sqrt(2 temperature) dB`; `temperature = 1/beta`. */
export interface Noise {
  readonly player: number;
  readonly temperature: number;
}

/** What a jump did to the profile; `profile` is the input itself where nothing changed. */
export interface JumpOutcome {
  readonly profile: Profile;
  readonly births: number;
  readonly deaths: number;
}

/** A change of support between steps: resampling, birth-death, re-injection, merge, prune. */
export interface Jump {
  readonly name: string;
  readonly player: number;
  /** True where it reads the potential of the flow's field: refused at the door by flows without one. */
  readonly needsField?: boolean;
  /** Refuses, before the first step, a profile that it could not act on. */
  check?(profile: Profile): void;
  /** Called after every accepted step with the interval that step covered. */
  apply(profile: Profile, flow: Flow, context: StepContext): JumpOutcome;
}

/** A law of motion on profiles: a deterministic tangent, noise, and jumps. */
export interface Flow {
  readonly name: string;
  /** Coordinates per atom, one entry per player. */
  readonly dims: readonly number[];
  /** Per player: does the tangent move atoms, does it change masses. */
  readonly transports: readonly boolean[];
  readonly reacts: readonly boolean[];
  conservesMass(player: number, kind: MeasureKind): boolean;
  /**
   * Overwrites the tangent of every player; entries of `out` are allocated by `allocateTangents(flow, profile)`,
   * so a part is null exactly where the flow never moves it.
   */
  tangentInto(out: readonly Tangent[], profile: Profile, context: EvaluationContext): void;
  /**
   * Per player, `rate_k lambda_k` (dim) where the velocity contains `-rate_k lambda_k sign(x_k)`, the descent of
   * absolute values that forward-backward steps take by soft thresholding; null where it contains none.
   */
  readonly shrinkage?: readonly (Float64Array | null)[];
  /**
   * The potential of a player as `tangentInto` last evaluated it, in a buffer of the flow; null before, and where atoms of
   * `mu` were born or have died since, which its count and its next id tell.
   */
  recentPotential?(player: number, mu: Measure): Float64Array | null;
  /** Rate `-dF/dt` predicted by the metrics at this profile, where the flow is a gradient flow. */
  dissipation?(profile: Profile, context: EvaluationContext): number;
  readonly noise: readonly Noise[];
  readonly jumps: readonly Jump[];
  /** What drives it, where there is one such thing: used by jumps, recorders and monitors. */
  readonly field?: Field;
  readonly metrics?: readonly Metric[];
  readonly energy?: Energy;
  readonly game?: Game;
}
