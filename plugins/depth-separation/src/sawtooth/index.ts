/** The k-fold tent map: exact pieces and crossings, floors by counting them, and the deep network that is it. */

export { crossings, exactPieces, type PiecewiseLinear, pieceCount } from './exactPieces.js';
export { type Rational, rationalOf } from './rational.js';
export { mostPieces, sawtoothFloor, widthNeeded } from './sawtoothFloor.js';
export { type FreeKnotOptions, freeKnotFit, type Spline, splineFit, squaredDistance, tentSpline } from './splineFit.js';
export { type FixedNetwork, tent, tentNetwork } from './tent.js';
