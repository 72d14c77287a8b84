/** Radial targets: floors for any weights under a band-limited law, norm floors under the Gaussian, constructions. */

export { bandLimitedRadialData } from './bandLimitedRadial.js';
export {
  attainedNormBudget,
  type RadialEnergies,
  radialNormBudget,
  radialNormFloor,
  type ShellFunction,
  shellEnergies,
} from './gaussianRadial.js';
export { type RadialConstructionOptions, radialConstruction } from './radialConstruction.js';
export { radialTarget, radialWave, type ShellOptions, shellFloor, shellTarget, shellUnits } from './shellFloor.js';
