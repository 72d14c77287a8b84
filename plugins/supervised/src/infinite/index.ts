/** Networks of infinite width: their kernels and what they predict. */

export { activationKernel, leakyReluKernel } from './activationKernel.js';
export {
  type GaussianProcess,
  type GaussianProcessOptions,
  gaussianProcess,
  type Posterior,
  sampleGaussian,
} from './gaussianProcess.js';
export {
  type InfiniteNetwork,
  type InfiniteNetworkOptions,
  infiniteNetwork,
  type KernelBlocks,
} from './infiniteNetwork.js';
export {
  type FlowValues,
  type KernelFlow,
  type KernelFlowOptions,
  kernelFlow,
  type StartCovariance,
} from './kernelFlow.js';
export {
  criticalWeightVariance,
  type SignalOptions,
  type SignalPropagation,
  signalPropagation,
} from './signalPropagation.js';
