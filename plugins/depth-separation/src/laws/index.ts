/** Laws of the data, each with an exact sampler. */

export type { DataLaw } from './dataLaw.js';
export { gaussianData, sincFourthData } from './productLaws.js';
export { ballData, heavyTailedData, sphereData } from './radialLaws.js';
export { rotatedData } from './rotatedData.js';
