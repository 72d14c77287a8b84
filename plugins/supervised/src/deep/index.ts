/** Deep fully connected networks: values, derivatives, training. */

export { type Activation, type ActivationJet, compileActivation } from './activation.js';
export {
  type DeepLayer,
  type DeepNetwork,
  type DeepNetworkOptions,
  deepNetwork,
  drawParameters,
} from './deepNetwork.js';
export { empiricalNngp, empiricalNtk, type KernelRowsOptions } from './empiricalKernels.js';
export { type MeasuredSignals, measureSignals } from './measureSignals.js';
export { allocatePass, backward, type DeepPass, directionalInto, forward, parameterGradientInto } from './passes.js';
export {
  type DeepData,
  type DeepStepper,
  deepStepper,
  type TrainDeepOptions,
  type TrainedDeep,
  trainDeep,
} from './train.js';
