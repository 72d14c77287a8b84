/** What sums of ridge functions cannot do with oscillatory targets, and what one more layer can. */

export { type TubeCertificate, type TubeOptions, tubeCertificate } from './tubeCertificate.js';
export { type WindowMass, type WindowMassOptions, windowMass } from './windowMass.js';
