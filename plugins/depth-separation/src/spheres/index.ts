/** Targets on spheres: energies by degree of harmonics and the floors that follow from them. */

export {
  energyFrom,
  type FunctionEnergyOptions,
  functionEnergies,
  type HarmonicEnergies,
  type OscillationOptions,
  oscillationEnergies,
} from './harmonicEnergies.js';
export {
  foldNetwork,
  limitEnergies,
  type MeasuredEnergies,
  type MeasuredShare,
  measuredEnergies,
  polynomialUnits,
  randomNetworkEnergies,
} from './homogeneous.js';
export { kernelBudget, kernelFloor, neuronEnergies } from './kernelFloor.js';
export { type PairRule, pairBudget, pairFloor } from './pairFloor.js';
export { type KnotCounts, pairConstruction, pairData, pairTarget, squareInterpolant } from './pairProduct.js';
export { type RidgeCeiling, type RidgeNeuron, ridgeCeiling } from './ridgeCeiling.js';
