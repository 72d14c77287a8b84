/** What the layer `run` shows to users: named exports only. */

export { type Checkpoint, checkpointFromBytes, checkpointToBytes, type RunCounts } from './checkpoint.js';
export {
  type BatchConfig,
  configSchema,
  isBatchConfig,
  isProblemConfig,
  isStudyConfig,
  type ProblemConfig,
  parseRunConfig,
  type Reference,
  type RunConfig,
  type StudyConfig,
} from './config.js';
export type { ConfigProblem } from './configProblems.js';
export { type DistanceRecorderOptions, distanceRecorder, pathLengthRecorder } from './distanceRecorders.js';
export { type EventOptions, event } from './events.js';
export { type Integrator, open } from './integrator.js';
export type { OpenOptions } from './loop.js';
export type {
  BestState,
  Frame,
  NonFinite,
  Plan,
  Problem,
  Recorder,
  Recording,
  RecordPlan,
  RunOutcome,
  RunResult,
  RunStatus,
  RunView,
  StopReason,
  StopRule,
  Watch,
} from './problem.js';
export {
  birthsAndDeathsRecorder,
  customRecorder,
  dissipationRecorder,
  effectiveSampleSizeRecorder,
  energyRecorder,
  massDriftRecorder,
  massRecorder,
  type PlayersOptions,
  potentialGapRecorder,
  speedRecorder,
  supportSizeRecorder,
} from './recorders.js';
export { fractionDone, type RunAsyncOptions, runAsync } from './runAsync.js';
export { resume, simulate } from './simulate.js';
export { type StalledOptions, whenStalled } from './stalled.js';
export { afterSteps, afterTime, allOf, anyOf, whenBelow, whenMassLost, whenStationary } from './stop.js';
export { stream } from './stream.js';
export { checkpointTo, every, until, untilStationary, withRecorders } from './streamOperators.js';
