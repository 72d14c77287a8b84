/** What the folder `network` shows to users: named exports only. */

export {
  type ParameterRange,
  type Pooling,
  type SetClass,
  type SetNetwork,
  type SetNetworkOptions,
  setClasses,
  setNetwork,
} from './setNetwork.js';
