/** What the folder `norms` shows to users: named exports only. */

export { degreeOfUnit } from './degreeOfUnit.js';
export { lipschitzBound } from './lipschitzBound.js';
export { densityNorm, groupNorm, type ParameterNorm, pathNorm, setNorm } from './setNorm.js';
