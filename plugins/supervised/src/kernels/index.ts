export type { FeatureKernel, Rows, UnitLaw } from './featureKernel.js';
export {
  type IterativeOptions,
  type KernelRidgeFit,
  type KernelRidgeOptions,
  kernelRidge,
  type PenaltyRule,
  type PenaltyScore,
} from './kernelRidge.js';
export { type RidgePath, type RidgePoint, ridgePath } from './ridgePath.js';
export {
  type GaussianKernelOptions,
  gaussianKernel,
  type PeriodicKernelOptions,
  periodicKernel,
} from './shiftKernels.js';
export {
  type ArcCosineOptions,
  arcCosineKernel,
  cosineKernel,
  errorFunctionKernel,
  type UnitKernelOptions,
} from './unitKernels.js';
