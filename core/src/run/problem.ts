import type { Flow } from '../flow/flow.js';
import type { RandomKey } from '../math/random.js';
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
  /** Atoms born and gone since the start of the run. */
  readonly births: number;
  readonly deaths: number;
  /** Key of the step that comes next: an evaluation under it sees the batch that step will see. */
  readonly key: RandomKey;
  /** Masses of the players at the start, for drift. */
  readonly initialMasses: readonly number[];
}

/** Measures named numbers along a run and never changes it. */
export interface Recorder {
  readonly name: string;
  /** Names of the columns it fills. */
  readonly columns: readonly string[];
  /** Called at recorded steps; returns one number per column. A fresh memory is made per run by `start`. */
  start(memory?: readonly number[]): Recording;
}

/** One run of a recorder. `memory` gives the numbers a resumed run passes to `start`, where there are any. */
export interface Recording {
  (view: RunView): readonly number[];
  readonly memory?: () => readonly number[];
}

/** Says why a run should stop, or null to go on. Asked at the start and after every accepted step. */
export interface StopRule {
  readonly name: string;
  /** Names of the columns it adds to the frames, for rules that also record. */
  readonly columns?: readonly string[];
  start(memory?: readonly number[]): Watch;
}

/** One run of a stopping rule. */
export interface Watch {
  (view: RunView): StopReason | null;
  /** One number per column of the rule. */
  readonly values?: () => readonly number[];
  readonly memory?: () => readonly number[];
  /** The state to use where that is not the last one; undefined before there is any. */
  readonly best?: (view: RunView) => BestState | undefined;
}

/** The profile at which a recorded column was least. */
export interface BestState {
  readonly profile: Profile;
  readonly step: number;
  readonly time: number;
  readonly column: string;
  readonly value: number;
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
  /** How the run ended; on the last frame only. */
  readonly outcome?: RunOutcome;
}

/** Why a run ended. */
export interface RunOutcome {
  readonly status: RunStatus;
  readonly reason: string;
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
  /** The state to use in place of the last, where the stopping rule keeps one. */
  readonly best?: BestState;
  readonly nonFinite?: NonFinite;
  readonly evaluations: number;
  readonly rejected: number;
  /** Wall-clock, for information; never enters numerics. */
  readonly seconds: number;
}
