import { fail } from '../errors.js';
import { logSumExp } from '../math/sums.js';
import type { Measure } from './measure.js';

/** `p_i = m_i / mu(X)`, computed from the log-masses, so that measures far below underflow have them too. */
export function proportions(mu: Measure): Float64Array {
  const logTotal = logSumExp(mu.logMasses);
  if (!Number.isFinite(logTotal)) {
    fail({
      code: 'invalid-argument',
      where: 'proportions',
      problem: 'the total mass is not positive and finite',
      got: `${Math.exp(logTotal)}`,
      expected: 'a number > 0',
      fix: 'look for the step at which the mass was lost',
    });
  }
  return mu.logMasses.map((logMass) => Math.exp(logMass - logTotal));
}

/** `int f dmu` for the values `f(x_i)` at the atoms (n numbers); atoms of no mass do not count. */
export function integrate(mu: Measure, values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < mu.count; i++) if (mu.masses[i] > 0) sum += mu.masses[i] * values[i];
  return sum;
}

/** Mean of the coordinates `int x dmu / mu(X)` (d numbers); on a curved space this is the mean around it. */
export function mean(mu: Measure): Float64Array {
  const p = proportions(mu);
  const out = new Float64Array(mu.dim);
  for (let i = 0; i < mu.count; i++) {
    for (let k = 0; k < mu.dim; k++) out[k] += p[i] * mu.positions[i * mu.dim + k];
  }
  return out;
}

/** Covariance of the coordinates `int (x - mean)(x - mean)^T dmu / mu(X)` (d*d), about the mean in a second pass. */
export function covariance(mu: Measure): Float64Array {
  const { count, dim, positions } = mu;
  const p = proportions(mu);
  const center = mean(mu);
  const out = new Float64Array(dim * dim);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < dim; j++) {
      const left = p[i] * (positions[i * dim + j] - center[j]);
      for (let k = 0; k < dim; k++) out[j * dim + k] += left * (positions[i * dim + k] - center[k]);
    }
  }
  return out;
}

/** Moment `int prod_k x_k^{powers_k} dmu` (not divided by the mass). */
export function moment(mu: Measure, powers: readonly number[]): number {
  if (powers.length !== mu.dim) {
    fail({
      code: 'shape-mismatch',
      where: 'moment',
      problem: 'the number of powers is wrong',
      got: `${powers.length} powers`,
      expected: `${mu.dim}, one per coordinate`,
      fix: 'pass 0 for a coordinate that is not used',
    });
  }
  const values = Float64Array.from({ length: mu.count }, (_, i) =>
    powers.reduce((product, power, k) => product * mu.positions[i * mu.dim + k] ** power, 1),
  );
  return integrate(mu, values);
}

/** Entropy of the proportions `- sum_i p_i log p_i`, from 0 (one atom) to log n (equal masses). */
export function massEntropy(mu: Measure): number {
  let sum = 0;
  for (const p of proportions(mu)) if (p > 0) sum -= p * Math.log(p);
  return sum;
}

/** Effective number of atoms `(sum m_i)^2 / sum m_i^2`, from 1 to n; 0 for the null measure. */
export function effectiveSampleSize(mu: Measure): number {
  const logTotal = logSumExp(mu.logMasses);
  if (logTotal === Number.NEGATIVE_INFINITY) return 0;
  return Math.exp(2 * logTotal - logSumExp(mu.logMasses.map((logMass) => 2 * logMass)));
}
