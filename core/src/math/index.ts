/** What the layer `math` shows to users: named exports only. */

export { type GeneralizationBound, type GeneralizationOptions, generalizationBound } from './generalizationBound.js';
export {
  cholesky,
  type EigenSystem,
  eigenSystem,
  leastSquares,
  matrixSquareRoot,
  type QrFactors,
  qr,
  randomOrthogonal,
  type SymmetricEigen,
  singularValues,
  solve,
  solvePositiveDefinite,
  symmetricEigen,
} from './linalg.js';
export { type NonnegativeWeights, nonnegativeWeights, type WeightQuadratic } from './nonnegativeWeights.js';
export { bisect, brent, goldenSection } from './optimize.js';
export { gaussHermite, gaussLaguerre, gaussLegendre, type Quadrature } from './quadrature.js';
export {
  deriveKey,
  fillNormal,
  fillUniform,
  normalAt,
  normalsInto,
  type RandomKey,
  type RandomStream,
  randomKey,
  randomStream,
  uniformAt,
} from './random.js';
export { type RidgePath, type RidgePoint, ridgePath } from './ridgePath.js';
export { categorical, permutation, sphereInto, systematicResample } from './sampling.js';
export { convergenceOrder, type LinearFit, linearFit, logLogFit, logLogSlope, quantiles } from './slopes.js';
export { normalCdf } from './special.js';
export {
  funkHecke,
  harmonicCount,
  legendreInto,
  reluFunkHecke,
  type SphereRuleOptions,
  sphereMarginal,
  sphereRule,
} from './sphericalHarmonics.js';
export {
  compensatedSum,
  dotProduct,
  logAddExp,
  logSumExp,
  normalizeLogs,
  pairwiseSum,
  softmaxInto,
  weightedSum,
} from './sums.js';
export { addScaledInto, euclideanNorm, firstNonFinite, maxAbs } from './vectors.js';
