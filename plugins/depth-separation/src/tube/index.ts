/** What sums of ridge functions cannot do with oscillatory targets, and what one more layer can. */

export { type DepthThreeOptions, depthThreeCeiling } from './depthThreeCeiling.js';
export { type PhaseNetwork, type PhaseNetworkOptions, phaseNetwork } from './phaseNetwork.js';
export { type TubeCertificate, type TubeOptions, tubeCertificate, tubeCertificates } from './tubeCertificate.js';
export { type WindowMass, type WindowMassOptions, windowMass } from './windowMass.js';
