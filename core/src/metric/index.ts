/** What the layer `metric` shows to users: named exports only. */

export type { CoordinateBlock } from './blocks.js';
export { type FisherRaoOptions, fisherRao } from './fisherRao.js';
export type { Metric } from './metric.js';
export { type WassersteinOptions, wasserstein } from './wasserstein.js';
export { type WassersteinFisherRaoOptions, wassersteinFisherRao } from './wassersteinFisherRao.js';
