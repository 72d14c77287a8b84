/** Functions that shallow networks are asked to approximate. */

export type { Target } from './target.js';
