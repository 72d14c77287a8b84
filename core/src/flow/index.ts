/** What the layer `flow` shows to users: named exports only. */

export { type BirthDeathOptions, birthDeath, type ReinjectionOptions, reinjection } from './birthDeath.js';
export { addFlows, scaleFlow } from './combineFlows.js';
export { withJumps, withNoise } from './decorate.js';
export { type FieldFlowOptions, type FlowOptions, fieldFlow, gameFlow } from './fieldFlow.js';
export type { Flow, Jump, JumpOutcome, Noise, StepContext } from './flow.js';
export { freezeMasses, freezePositions } from './freeze.js';
export { type GradientFlowOptions, gradientFlow } from './gradientFlow.js';
export { type MinibatchOptions, minibatch, type RowEnergy } from './minibatch.js';
export { during, type JumpOptions, type PotentialOptions, type WindowOptions } from './population.js';
export type { RebirthLaw, RebirthSource } from './rebirth.js';
export {
  type ResampleOnLowEssOptions,
  resampleOnLowEss,
  type SystematicResamplingOptions,
  systematicResampling,
} from './resampling.js';
export { allocateTangents } from './tangents.js';
export { type MergeOptions, merge, type PruneOptions, prune } from './thinning.js';
