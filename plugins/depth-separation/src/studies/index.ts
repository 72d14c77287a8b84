/** The studies of depth separation. */

export { pairProductStudy } from './pairProduct.js';
export { radialStudy } from './radial.js';
export { rateAgainstDimensionStudy } from './rateAgainstDimension.js';
export { sawtoothStudy } from './sawtooth.js';
export { sphereHomogeneousStudy } from './sphereHomogeneous.js';
export { tubeStudy } from './tube.js';
