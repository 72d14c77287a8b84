/** What the layer `energy` shows to users: named exports only. */

export {
  checkFirstVariation,
  type FirstVariationOptions,
  type FirstVariationReport,
} from './checkFirstVariation.js';
export { allocateFirstVariation } from './checks.js';
export {
  type DistanceEnergyOptions,
  type DistanceKind,
  distanceEnergy,
  distanceKinds,
} from './distanceEnergy.js';
export type { Energy, EvaluationContext, Field, FirstVariation, Game } from './energy.js';
export {
  type DiffusionOptions,
  diffusion,
  entropyEstimate,
  entropyOfMasses,
  klToReference,
  kullbackLeiblerEnergy,
  type MassEntropyOptions,
} from './entropy.js';
export { type FormulaLoss, type FormulaLossOptions, formulaLoss } from './formulaLoss.js';
export { gameField, gradientField, scaleField, sumFields } from './gradientField.js';
export {
  type InteractionEnergyOptions,
  type InteractionKernel,
  interactionEnergy,
  pointBlocks,
} from './interactionEnergy.js';
export { type AnyLoss, hingeLoss, type Loss, logisticLoss, losses, readLoss, squareLoss } from './loss.js';
export { type MmdEnergyOptions, mmdEnergy } from './mmdEnergy.js';
export { estimateOptimalityGap, type GapEstimate, type GapOptions, optimalityGap } from './optimalityGap.js';
export type { PairFunction } from './pairKernel.js';
export type { Penalty } from './penalty.js';
export { type PairCost, type PolymatrixGameOptions, polymatrixGame } from './polymatrixGame.js';
export { type PointPotential, type PotentialEnergyOptions, potentialEnergy } from './potentialEnergy.js';
export { type Risk, type RiskOptions, risk } from './risk.js';
export type { RiskData } from './riskData.js';
export {
  asSmooth,
  isSmooth,
  type JumpingGame,
  type Movable,
  type SmoothGame,
  type SmoothnessOf,
} from './smoothGame.js';
export { scaleEnergy, sumEnergy } from './sumEnergy.js';
export {
  type AtomLayout,
  type FormulaUnit,
  type FunctionUnit,
  layoutBlocks,
  layoutSize,
  networkUnit,
  type Scaling,
  scaledUnit,
  scalingFactor,
  type Unit,
  type UnitOptions,
} from './units.js';
export { crossEntropyLoss, type VectorLoss } from './vectorLoss.js';
export { matrixGame, type PayoffFunction, type ZeroSumGameOptions, zeroSumGame } from './zeroSumGame.js';
