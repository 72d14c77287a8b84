/** Networks written down, not fitted. */

export { type DepthThree, type DepthThreeNetwork, depthThreeInto, depthThreeNetwork } from './depthThree.js';
export { type Interpolant, interpolantAt, interpolate } from './interpolant.js';
