/** What the layer `certify` shows to users: named exports only. */

export { certifiedMinimum } from './certifiedMinimum.js';
export { hasChart } from './charts.js';
export { type DeclaredBend, type DeclaredProblem, declaredMinimum } from './declaredMinimum.js';
export type {
  CertifiedMinimum,
  CertifyOptions,
  CoordinateNames,
  MinimumProblem,
  WeightedPoints,
} from './minimumProblem.js';
