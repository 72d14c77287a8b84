/** What the folder `fit` shows to users: named exports only. */

export {
  type ConditionalGradientFit,
  type ConditionalGradientOptions,
  type ConditionalGradientPoint,
  conditionalGradient,
  conditionalGradientSteps,
  type ObjectiveGap,
} from './conditionalGradient.js';
export {
  type FittedOuterLayer,
  fitOuterLayer,
  neuronsOf,
  type OuterLayerData,
  withOuterLayer,
} from './fitOuterLayer.js';
export { type LayersField, type LayersFieldOptions, layersField, layersProfile } from './layersField.js';
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
