/** Laws, arbitraries and matchers for authors of plugins: named exports, published as `@muflow/core/testing`. */

export { backendLaws } from './backendLaws.js';
export { type Landscape, landscapes, landscapesFor, symmetricLandscapes } from './battery.js';
export { type CheckPluginOptions, checkPlugin, type LawReport, type LawSubject, lawSuites } from './checkPlugin.js';
export {
  closedFlows,
  crowdingEnergy,
  fisherRaoFrozen,
  fisherRaoLogistic,
  fisherRaoReplicator,
  functionEnergy,
  quadraticEnergy,
  rotationGame,
  sphereHeight,
  torusCosine,
  wassersteinQuadratic,
  wfrQuadratic,
} from './closedFlows.js';
export { energyLaws } from './energyLaws.js';
export { flowLaws } from './flowLaws.js';
export { type FormulaArbitraryOptions, formulaArbitrary } from './formulaArbitraries.js';
export { gameLaws, randomProfile } from './gameLaws.js';
export { type InitialFactory, initialLaws } from './initialLaws.js';
export { jumpLaws } from './jumpLaws.js';
export type { Law, LawOptions, LawOutcome } from './law.js';
export { assertLaws, describeFailure, type LawResult, runLaws } from './matchers.js';
export {
  type MeasureArbitraryOptions,
  measureArbitrary,
  profileArbitrary,
  spaceArbitrary,
} from './measureArbitraries.js';
export { movedBy, permuted, randomMeasure, sameBytes, splitAtom } from './measures.js';
export { metricLaws } from './metricLaws.js';
export {
  contractLaw,
  exampleParams,
  pluginLaws,
  type Registered,
  registeredIn,
  registeredLaws,
} from './pluginLaws.js';
export { recorderLaws } from './recorderLaws.js';
export { type CaseReport, caseKey, caseStream, overCases, randomPoints, randomTangents } from './samples.js';
export { spaceLaws } from './spaceLaws.js';
export { stepperLaws } from './stepperLaws.js';
