/** What the folder `targets` shows to users: named exports only. */

export { type SetTargetId, type SetTargetOptions, setTarget, setTargetIds } from './catalog.js';
export { type NeuronOptions, type SmoothNeuronOptions, singleNeuron, smoothNeuron, type Teacher } from './neurons.js';
export { distinctPairPotential, pairPotential } from './pairs.js';
export { type Score, scores } from './score.js';
export type { SetFunction } from './setFunction.js';
export { gaussianEntropy, kernelEntropy, setVariance } from './spread.js';
export { scoreLogMeanExp, scoreMaximum, scoreMean, scoreMedian, secondLargest } from './statistics.js';
