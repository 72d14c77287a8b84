/** What the layer `compute` shows to users: named exports only. */

export {
  type Backend,
  checkCall,
  checkReduction,
  type Kernel,
  type KernelCall,
  type MatmulShape,
  type MutualKernel,
  type MutualOutput,
  type ProductCall,
  type ProductMap,
  type Reducer,
  type Reduction,
  type ReductionOutput,
  reducers,
  reductionVariables,
  type SegmentCall,
  type SegmentKernel,
  type SegmentMode,
  type SegmentOutput,
} from './backend.js';
export { type FastKernel, type FastSumOptions, type FastSumReport, fastSum } from './chebyshev.js';
export type { ApproximateOptions } from './chebyshevBackend.js';
export { defaultBackend } from './defaultBackend.js';
export {
  compileFunction,
  evaluateFormula,
  type PointFunction,
  pointFunction,
  type ScalarFunction,
} from './evaluate.js';
export type { HingeAtom, HingeRows, HingeSums, HingeVariation } from './hinge.js';
export { referenceBackend } from './reference.js';
export { segmentKernel } from './segments.js';
export type { Precision } from './wasm/laneType.js';
export { hasRelaxedSimd, hasWasmSimd, type WasmBackendOptions, wasmBackend } from './wasm/wasmBackend.js';
