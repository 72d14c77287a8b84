import { fail, show } from '../errors.js';
import { matrixSquareRoot, symmetricEigen } from '../math/linalg.js';
import { checkCovariance, checkLaws, checkTime, type GaussianLaw } from './gaussianLaw.js';

/**
 * Squared Bures distance of two covariances (d*d): `tr S0 + tr S1 - 2 tr (S0^{1/2} S1 S0^{1/2})^{1/2}`.
 *
 * Cost O(d^3). The absolute error is a rounding of the traces, where covariances are singular of the order of its root,
 * so the root of a tiny value has few digits.
 * Source: [BhatiaJainLim2019]. @throws `invalid-argument` for a matrix that is not symmetric positive semidefinite.
 */
export function buresSquared(first: ArrayLike<number>, second: ArrayLike<number>, d: number): number {
  const [s0, s1] = [checkCovariance('buresSquared', first, d), checkCovariance('buresSquared', second, d)];
  const root = matrixSquareRoot(s0, d);
  const { values } = symmetricEigen(symmetricPart(multiply(multiply(root, s1, d), root, d), d), d);
  const cross = values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return Math.max(0, trace(s0, d) + trace(s1, d) - 2 * cross);
}

/**
 * Squared Wasserstein distance of two Gaussians, cost `|x - y|^2` without 1/2: `|m0 - m1|^2 + Bures^2(S0, S1)`.
 *
 * @throws `shape-mismatch` where sizes do not agree; `not-finite`; `invalid-argument` for a matrix that is no covariance.
 * @example
 * ```ts
 * import { gaussianW2Squared } from '@muflow/core';
 * console.log(gaussianW2Squared({ mean: [0], covariance: [1] }, { mean: [3], covariance: [4] })); // => 10
 * ```
 */
export function gaussianW2Squared(from: GaussianLaw, to: GaussianLaw): number {
  const d = checkLaws('gaussianW2Squared', [from, to]);
  let sum = 0;
  for (let k = 0; k < d; k++) sum += (from.mean[k] - to.mean[k]) ** 2;
  return sum + buresSquared(from.covariance, to.covariance, d);
}

/**
 * The matrix A (d*d) of the optimal map `T(x) = m1 + A (x - m0)`,
 * `A = S0^{-1/2} (S0^{1/2} S1 S0^{1/2})^{1/2} S0^{-1/2}`, symmetric, with `A S0 A = S1`.
 *
 * @throws `invalid-argument` where S0 is singular: then the optimal plan need not be a map.
 */
export function gaussianMap(from: GaussianLaw, to: GaussianLaw): Float64Array {
  const d = checkLaws('gaussianMap', [from, to]);
  const [s0, s1] = [from, to].map(({ covariance }) => Float64Array.from(covariance));
  const root = matrixSquareRoot(s0, d);
  const inverse = inverseRoot(s0, d);
  const middle = matrixSquareRoot(symmetricPart(multiply(multiply(root, s1, d), root, d), d), d);
  return symmetricPart(multiply(multiply(inverse, middle, d), inverse, d), d);
}

/** The Wasserstein geodesic (McCann's interpolation) of two Gaussians: `N((1-t) m0 + t m1, A_t S0 A_t)`, `A_t = (1-t) I + t A`. */
export function gaussianGeodesic(from: GaussianLaw, to: GaussianLaw): (t: number) => GaussianLaw {
  const d = checkLaws('gaussianGeodesic', [from, to]);
  const map = gaussianMap(from, to);
  const s0 = Float64Array.from(from.covariance);
  return (t) => {
    checkTime('gaussianGeodesic', t, 1);
    const blend = map.map((value, k) => t * value + (k % (d + 1) === 0 ? 1 - t : 0));
    return {
      mean: Float64Array.from({ length: d }, (_, k) => (1 - t) * from.mean[k] + t * to.mean[k]),
      covariance: symmetricPart(multiply(multiply(blend, s0, d), blend, d), d),
    };
  };
}

/** A Gaussian law on the line. */
export interface LineGaussian {
  readonly mean: number;
  /** Standard deviation, >= 0. */
  readonly std: number;
}

/**
 * One proximal (JKO) step `argmin_nu KL(nu | N(0,1)) + W2^2(nu, mu) / (2 tau)` from a Gaussian on the line:
 * `mean / (1 + tau)` and the positive root of `(1 + tau) s^2 - s0 s - tau = 0`. Source: [JordanKinderlehrerOtto1998].
 *
 * @param tau - step size > 0.
 */
export function jkoGaussianStep(law: LineGaussian, tau: number): LineGaussian {
  const { mean, std } = checkLine('jkoGaussianStep', law);
  if (!(tau > 0 && Number.isFinite(tau))) refuse('jkoGaussianStep', `tau ${show(tau)}`, 'tau > 0, finite');
  return { mean: mean / (1 + tau), std: (std + Math.sqrt(std * std + 4 * tau * (1 + tau))) / (2 * (1 + tau)) };
}

/** The flow that JKO steps follow, at time t: the Ornstein-Uhlenbeck law `N(e^-t m, 1 + e^-2t (s^2 - 1))`. */
export function ornsteinUhlenbeck(law: LineGaussian, t: number): LineGaussian {
  const { mean, std } = checkLine('ornsteinUhlenbeck', law);
  checkTime('ornsteinUhlenbeck', t, Number.POSITIVE_INFINITY);
  return { mean: mean * Math.exp(-t), std: Math.sqrt(std * std * Math.exp(-2 * t) - Math.expm1(-2 * t)) };
}

function checkLine(where: string, law: LineGaussian): LineGaussian {
  const { mean, std } = law;
  if (Number.isFinite(mean) && std >= 0 && Number.isFinite(std)) return law;
  return refuse(where, `mean ${show(mean)}, std ${show(std)}`, 'finite numbers, std >= 0');
}

function refuse(where: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the law or the step is not usable',
    got,
    expected,
    fix: 'pass a mean, a standard deviation and a positive step size',
  });
}

/** `S^{-1/2}` of a regular covariance. */
function inverseRoot(matrix: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, d);
  if (!(values[0] > 1e-14 * values[d - 1])) {
    fail({
      code: 'invalid-argument',
      where: 'gaussianMap',
      problem: 'the first covariance is singular',
      got: `eigenvalues ${show(values)}`,
      expected: 'positive eigenvalues',
      fix: 'add a small multiple of the identity, or exchange the two laws',
    });
  }
  const out = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const factor = 1 / Math.sqrt(values[k]);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) out[i * d + j] += factor * vectors[i * d + k] * vectors[j * d + k];
    }
  }
  return out;
}

export function multiply(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      for (let j = 0; j < d; j++) out[i * d + j] += a[i * d + k] * b[k * d + j];
    }
  }
  return out;
}

/** Removes the asymmetry that rounding leaves in a product that is symmetric. */
export function symmetricPart(a: Float64Array, d: number): Float64Array {
  return a.map((value, at) => 0.5 * (value + a[(at % d) * d + Math.floor(at / d)]));
}

const trace = (a: Float64Array, d: number): number =>
  a.reduce((sum, value, k) => (k % (d + 1) === 0 ? sum + value : sum), 0);
