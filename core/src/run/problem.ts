import type { Flow } from '../flow/flow.js';
import type { Measure, Profile } from '../measure/measure.js';
import type { Stepper } from '../stepper/stepper.js';

/** What is to be integrated. */
export interface Problem {
  readonly flow: Flow;
  /** One measure for one player, or a profile. */
  readonly initial: Measure | Profile;
  /** Start time, default 0. */
  readonly time?: number;
}

/** What a recorder or a stopping rule sees after a step; valid during the call only. */
export interface RunView {
  readonly flow: Flow;
  readonly profile: Profile;
  readonly step: number;
  readonly time: number;
  readonly dt: number;
  /** Values of the recorders at the latest recorded step. */
  readonly values: Readonly<Record<string, number>>;
  readonly errorEstimate: number | undefined;
  readonly births: number;
  readonly deaths: number;
  /** Masses of the players at the start, for drift. */
  readonly initialMasses: readonly number[];
}

/** Measures named numbers along a run and never changes it. */
export interface Recorder {
  readonly name: string;
  /** Names of the columns it fills. */
  readonly columns: readonly string[];
  /** Called at recorded steps; returns one number per column. A fresh memory is made per run by `start`. */
  start(): (view: RunView) => readonly number[];
}

/** Says why a run should stop, or null to go on. */
export interface StopRule {
  readonly name: string;
  start(): (view: RunView) => StopReason | null;
}

export interface StopReason {
  readonly status: 'converged' | 'maxSteps' | 'maxTime' | 'diverged' | 'massLost';
  /** One sentence with the figures that decided. */
  readonly reason: string;
}

/** How it is to be integrated and what is kept. */
export interface Plan {
  readonly stepper: Stepper;
  /** Step size; the first and largest one for adaptive steppers. */
  readonly dt: number;
  /** At least one bound on the run is required: steps, time, or both. */
  readonly maxSteps?: number;
  /** Final time; the last step is shortened to land on it. */
  readonly maxTime?: number;
  readonly stop?: StopRule;
  readonly seed?: number | string;
  readonly record?: RecordPlan;
  readonly signal?: AbortSignal;
}

/** A frame is recorded at step 0, every `every` steps, and at the end. */
export interface RecordPlan {
  readonly every?: number;
  readonly recorders?: readonly Recorder[];
}

/** One recorded step. The profile is a copy that nobody writes to. */
export interface Frame {
  readonly step: number;
  readonly time: number;
  readonly dt: number;
  readonly profile: Profile;
  readonly values: Readonly<Record<string, number>>;
  readonly last: boolean;
}

export type RunStatus = 'converged' | 'maxSteps' | 'maxTime' | 'diverged' | 'massLost' | 'aborted';

/** The first quantity that stopped being finite. */
export interface NonFinite {
  readonly quantity: 'position' | 'logMass' | 'potential' | 'gradient' | 'energy' | 'totalMass';
  readonly player: number;
  readonly atom: number;
  readonly step: number;
}

/** The numerical outcome of a run, as data. */
export interface RunResult {
  readonly status: RunStatus;
  readonly reason: string;
  readonly step: number;
  readonly time: number;
  /** The last good profile. */
  readonly profile: Profile;
  readonly frames: readonly Frame[];
  readonly nonFinite?: NonFinite;
  readonly evaluations: number;
  readonly rejected: number;
  /** Wall-clock, for information; never enters numerics. */
  readonly seconds: number;
}
