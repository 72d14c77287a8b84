/** What the layer `transport` shows to users: named exports only. */

export type { Barycenter, BarycenterOptions } from './barycenterWeights.js';
export { boundedLipschitzDistance } from './boundedLipschitz.js';
export {
  type CertifiedDistance,
  exactDistance,
  type TransportPlan,
  type TransportPotentials,
} from './certifiedDistance.js';
export { wassersteinOnCircle } from './circle.js';
export {
  bhattacharyya,
  chiSquared,
  hellinger,
  hellingerSquared,
  jensenShannon,
  kullbackLeibler,
  type Masses,
  sharedMasses,
  totalVariation,
} from './divergences.js';
export { energyDistance } from './energyDistance.js';
export { type WassersteinDistanceOptions, wassersteinDistance } from './exactWasserstein.js';
export { fisherRaoDistance, fisherRaoGeodesic, fisherRaoPath } from './fisherRao.js';
export { fisherRaoBarycenter } from './fisherRaoBarycenter.js';
export {
  buresSquared,
  gaussianGeodesic,
  gaussianMap,
  gaussianW2Squared,
  jkoGaussianStep,
  type LineGaussian,
  ornsteinUhlenbeck,
} from './gaussian.js';
export { gaussianBarycenter } from './gaussianBarycenter.js';
export { type GaussianHellingerOptions, gaussianHellinger } from './gaussianHellinger.js';
export type { GaussianLaw } from './gaussianLaw.js';
export { barycenterOnLine } from './lineBarycenter.js';
export { type MmdOptions, mmdDistance } from './mmd.js';
export { type LineOptions, wassersteinOnLine } from './oneDimensional.js';
export { sharedSupport } from './sharedSupport.js';
export {
  type EntropicDistance,
  type SinkhornDivergence,
  sinkhornDistance,
  sinkhornDivergence,
} from './sinkhorn.js';
export type { Bracket } from './sinkhornBounds.js';
export type { EntropicOptions } from './sinkhornProblem.js';
export { type SlicedDistance, type SlicedOptions, slicedWasserstein } from './sliced.js';
export { sphericalGeodesic, sphericalHellingerKantorovich } from './sphericalHellingerKantorovich.js';
export { type UnbalancedDistance, type UnbalancedOptions, unbalancedTransport } from './unbalanced.js';
export { wassersteinBarycenter } from './wassersteinBarycenter.js';
export { wassersteinGeodesic } from './wassersteinGeodesic.js';
export { type WfrBarycenterOptions, wfrBarycenter } from './wfrBarycenter.js';
export { type DiracPair, type SegmentAtom, wfrDirac, wfrDiracGeodesic, wfrDiracSquared } from './wfrDirac.js';
export { type WfrOptions, wfrDistance } from './wfrDistance.js';
export { wfrGeodesic } from './wfrGeodesic.js';
