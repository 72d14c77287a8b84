/** Networks fitted to targets: errors from above only. */

export { additiveCeiling } from './additiveCeiling.js';
export { type DeepFitOptions, deepFit } from './deepFit.js';
export { type FittedNetwork, networkCeiling, networkValuesInto, unitsOf } from './fittedNetwork.js';
export { type FlowFitOptions, flowFit } from './flow.js';
export { type GreedyOptions, greedyFit } from './greedy.js';
export { type NormBudget, normBudget } from './normBudget.js';
export { drawSamples, type FitProblem, type Samples } from './problem.js';
export { type RandomFeatureOptions, randomFeatureFit } from './randomFeatures.js';
export { fitWithRestarts, type RestartOptions, type Restarts } from './restarts.js';
export { boundedRamp, type ShallowClass, shallowNetwork } from './shallowNetwork.js';
export { type TrainingOptions, trainedFit, trainInto } from './training.js';
