/** Floors, ceilings, and the paragraph that tells what lies between. */

export type { Ceiling, Floor, Hypothesis } from './bounds.js';
export { type MeasuredCeilingOptions, measuredCeiling } from './measuredCeiling.js';
export { contradiction, soundness } from './soundness.js';
