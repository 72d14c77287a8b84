/** What the folder `fit` shows to users: named exports only. */

export {
  type ChooseRidgeOptions,
  type ChosenRidge,
  chooseRidge,
  type FeatureRidge,
  type FeatureRidgePath,
  type FeatureRows,
  featureRidgePath,
} from './featureRidge.js';
export {
  type FittedOuterLayer,
  fitOuterLayer,
  neuronsOf,
  type OuterLayerData,
  withOuterLayer,
} from './fitOuterLayer.js';
export { type MiddleLayerRiskOptions, middleLayerRisk, scaledFeatures } from './middleLayerRisk.js';
export { middleMeasure, networkOfMeasure, type ParametrizedNetwork } from './middleMeasure.js';
export {
  type Rule,
  type SetCurvePoint,
  type TrainedSets,
  type TrainSetOptions,
  trainSetNetwork,
  trainSetSteps,
} from './trainSetNetwork.js';
