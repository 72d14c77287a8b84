/** Networks of infinite width: their kernels and what they predict. */

export { activationKernel, leakyReluKernel } from './activationKernel.js';
export {
  type InfiniteNetwork,
  type InfiniteNetworkOptions,
  infiniteNetwork,
  type KernelBlocks,
} from './infiniteNetwork.js';
