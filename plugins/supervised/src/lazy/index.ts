/** Lazy training: models that stay linear around their start. */

export { type IteratedNorm, jointSpectralNorm, largestByPowers, type NormOptions } from './curvature.js';
export { type DeepScalesOptions, deepScales } from './deepScales.js';
export { type ModelScales, type NeuronScalesOptions, neuronScales, scaleCriterion } from './scaleCriterion.js';
export { type TangentUnit, tangentUnit } from './tangentUnit.js';
