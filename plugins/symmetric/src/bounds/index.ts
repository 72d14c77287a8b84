/** What the folder `bounds` shows to users: named exports only. */

export {
  type ClassSeparationFloor,
  classSeparationBudget,
  classSeparationFloor,
  classSeparationForm,
} from './classSeparation.js';
export { type NeuronEnergies, neuronEnergies } from './neuronEnergies.js';
export {
  type NeuronF2Budget,
  type NeuronF2Distance,
  type NeuronF2Options,
  neuronF2Budget,
  neuronF2Distance,
} from './neuronF2Distance.js';
export {
  type PairNetwork,
  type PairSpectrum,
  pairNetworkError,
  pairSpectrum,
  polynomialRank,
  singleParticleFloor,
  singleParticleRank,
} from './pairSeparation.js';
export { type SetComplexity, setComplexity } from './setComplexity.js';
