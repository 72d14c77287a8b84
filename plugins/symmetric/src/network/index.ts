/** What the folder `network` shows to users: named exports only. */

export { drawSetParameters } from './drawSetParameters.js';
export {
  type ParameterRange,
  type Pooling,
  type SetClass,
  type SetNetwork,
  type SetNetworkOptions,
  setClasses,
  setNetwork,
} from './setNetwork.js';
export {
  allocateSetPass,
  evaluateSets,
  forwardSets,
  type SetPass,
  type SetPassOptions,
  type SetWorkspace,
  setGradientInto,
} from './setPass.js';
