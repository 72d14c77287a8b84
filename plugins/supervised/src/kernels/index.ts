export type { FeatureKernel, KernelInto, Rows, UnitLaw } from './featureKernel.js';
export {
  type KernelRidgeFit,
  type KernelRidgeOptions,
  kernelRidge,
} from './kernelRidge.js';
export type { IterativeOptions, PenaltyRule, PenaltyScore } from './penaltyFit.js';
export {
  type PeriodicKernelOptions,
  periodicKernel,
  type RadialBasisOptions,
  radialBasisKernel,
} from './shiftKernels.js';
export {
  type ArcCosineOptions,
  arcCosineKernel,
  cosineKernel,
  errorFunctionKernel,
  type UnitKernelOptions,
} from './unitKernels.js';
