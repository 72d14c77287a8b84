/** What the layer `study` shows to users: named exports only. */

export { claimAtLeast, claimAtMost, claimWithin, claimWithinFactor, tallyClaims } from './claims.js';
export { type ParameterProblem, parseParameters, tryParameters } from './parameters.js';
export { progressOf, type RunStudyOptions, runStudy } from './runStudy.js';
export { isModelDocument, modelBytes, modelChecksum, readModelDocument, type SavedModelKind } from './savedModel.js';
export type {
  Axis,
  Cell,
  Claim,
  Figure,
  Mark,
  Study,
  StudyContext,
  StudyProgress,
  StudyResult,
  Table,
} from './study.js';
