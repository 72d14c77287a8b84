export { fourierBound, type WaveSum } from './fourierBound.js';
export { type GreedyApproximation, type GreedyOptions, greedyApproximation } from './greedyApproximation.js';
export { neuronHarmonicNorms } from './neuronHarmonics.js';
export { type VariationFit, type VariationFitOptions, variationFit } from './variationFit.js';
export { type VariationInterval, type VariationIntervalOptions, variationInterval } from './variationInterval.js';
