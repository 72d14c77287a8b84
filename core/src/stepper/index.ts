/** What the layer `stepper` shows to users: named exports only. */

export { type AdaptiveOptions, type AdaptiveState, adaptive } from './adaptive.js';
export { type AlternatingState, alternating } from './alternating.js';
export { type DoublingState, doubling } from './doubling.js';
export { type EulerMaruyamaState, eulerMaruyama } from './eulerMaruyama.js';
export { type ExtragradientOptions, type ExtragradientState, extragradient } from './extragradient.js';
export { type ForwardBackwardState, forwardBackward } from './forwardBackward.js';
export { type JkoOptions, type JkoState, jko } from './jko.js';
export { type MirrorDivergence, type MirrorOptions, type MirrorState, mirror } from './mirror.js';
export { type OptimisticState, optimistic } from './optimistic.js';
export { type ExactProblem, type MeasuredOrder, measureOrder } from './order.js';
export { dopri5, euler, explicitRungeKutta, heun, type RungeKuttaState, rk4 } from './rungeKutta.js';
export { lieSplitting, type SplittingOptions, type SplittingState, strangSplitting } from './splitting.js';
export type {
  EstimatingStepper,
  Stepper,
  StepperAccepts,
  StepResult,
  Tolerance,
} from './stepper.js';
export { dopri5Tableau, eulerTableau, heunTableau, rk4Tableau, type Tableau } from './tableaus.js';
