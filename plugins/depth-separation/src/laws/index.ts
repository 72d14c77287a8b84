/** Laws of the data, each with an exact sampler. */

export type { DataLaw } from './dataLaw.js';
