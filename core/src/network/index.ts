/** What the layer `network` shows to users: named exports only. */

export { type Activation, type ActivationJet, compileActivation } from './activation.js';
export { activationFormula } from './activationFormula.js';
export {
  type DeepLayer,
  type DeepNetwork,
  type DeepNetworkOptions,
  deepNetwork,
  drawParameters,
} from './deepNetwork.js';
export {
  type ChooseRidgeOptions,
  type ChosenRidge,
  chooseRidge,
  type FeatureRidge,
  type FeatureRidgePath,
  type FeatureRows,
  featureRidgePath,
} from './featureRidge.js';
export { type AdamOptions, adam, type GradientDescentOptions, gradientDescent, type Optimizer } from './optimizer.js';
export { allocatePass, backward, type DeepPass, directionalInto, forward, parameterGradientInto } from './passes.js';
