/** Functions that shallow networks are asked to approximate. */

export { type OscillatoryOptions, type OscillatoryTarget, oscillatoryTarget, type Part } from './oscillatory.js';
export { phaseTarget } from './phaseTarget.js';
export type { Target } from './target.js';
