/** Deep fully connected networks: their kernels, signals and training. */

export { empiricalNngp, empiricalNtk, type KernelRowsOptions } from './empiricalKernels.js';
export { type MeasuredSignals, measureSignals } from './measureSignals.js';
export {
  type DeepData,
  type DeepStepper,
  deepStepper,
  type TrainDeepOptions,
  type TrainedDeep,
  trainDeep,
} from './train.js';
