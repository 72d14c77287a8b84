import { fail, show } from '../errors.js';
import { gaussLegendre, type Quadrature } from './quadrature.js';

/**
 * Dimension of the spherical harmonics of degree k on the unit sphere of R^d,
 *
 *     N(d, k) = C(d + k - 1, k) - C(d + k - 3, k - 2) = (2k + d - 2)/k C(k + d - 3, k - 1),   N(d, 0) = 1.
 *
 * Exact up to 2^53, to about d roundings beyond. O(min(d, k)).
 *
 * @param dim - d >= 2.
 * @throws `invalid-argument` for a dimension or a degree that is no count.
 * @example
 * import { harmonicCount } from '@muflow/core';
 * console.log([0, 1, 2, 3].map((k) => harmonicCount(3, k)).join(' ')); // => 1 3 5 7
 */
export function harmonicCount(dim: number, degree: number): number {
  checkSphere('harmonicCount', dim, degree);
  if (degree === 0) return 1;
  const n = degree + dim - 3;
  const picked = Math.min(degree - 1, dim - 2);
  let binomial = 1;
  for (let j = 1; j <= picked; j++) binomial = (binomial * (n - picked + j)) / j;
  return (binomial * (2 * degree + dim - 2)) / degree;
}

/**
 * Legendre polynomials in dimension d, `P_0(t), ..., P_K(t)` with `P_k(1) = 1`, by
 *
 *     (k + d - 2) P_{k+1} = (2k + d - 2) t P_k - k P_{k-1}.
 *
 * They are the zonal harmonics: with t = <x, y> for x uniform on the unit sphere of R^d, `E P_j P_k = 1/N(d, k)` if
 * j = k and 0 else; d = 2 gives Chebyshev's polynomials, d = 3 Legendre's. O(K), allocates nothing.
 *
 * @param out - K + 1 numbers, overwritten.
 * @param dim - d >= 2.
 * @param t - from -1 to 1.
 */
export function legendreInto(out: Float64Array, dim: number, t: number): void {
  const count = out.length;
  if (count > 0) out[0] = 1;
  if (count > 1) out[1] = t;
  for (let k = 1; k < count - 1; k++) {
    out[k + 1] = ((2 * k + dim - 2) * t * out[k] - k * out[k - 1]) / (k + dim - 2);
  }
}

/** What {@link sphereRule} and {@link funkHecke} need to know of an integrand on [-1, 1]. */
export interface SphereRuleOptions {
  /** Dimension d >= 2 of the space in which the unit sphere lies. */
  readonly dim: number;
  /** The largest degree of the polynomials in t that the integrand holds as factors; default 0. */
  readonly degree?: number;
  /** Points of [-1, 1] where the integrand is not smooth, for instance 0 for relu. */
  readonly kinks?: readonly number[];
}

/**
 * Quadrature for the law of t = <x, y>, x uniform on the unit sphere of R^d and y a unit vector:
 *
 *     E f(t) = c_d int_{-1}^{1} f(t) (1 - t^2)^((d-3)/2) dt ~ sum_i weights_i f(nodes_i),
 *
 * by panels of 40-point Gauss-Legendre rules in the angle arccos t, where the density is the smooth sin^(d-2); the
 * panels end at the kinks and shorten as the degree and the dimension grow. The weights sum to 1. For integrands that
 * are smooth between kinks and of size 1 the error is some roundings. O(degree + d) nodes.
 *
 * @throws `invalid-argument` for a dimension below 2, a degree that is no count, or a kink outside [-1, 1].
 */
export function sphereRule({ dim, degree = 0, kinks = [] }: SphereRuleOptions): Quadrature {
  checkSphere('sphereRule', dim, degree);
  const cuts = [0, ...kinks.map(angleOfKink), Math.PI].sort((a, b) => a - b);
  const { nodes, weights } = gaussLegendre(40);
  const longest = Math.min(Math.PI / 16, 32 / (degree + dim));
  const points: number[] = [];
  const masses: number[] = [];
  for (let c = 0; c + 1 < cuts.length; c++) {
    const length = cuts[c + 1] - cuts[c];
    const panels = Math.ceil(length / longest);
    for (let p = 0; p < panels; p++) {
      const half = length / panels / 2;
      const middle = cuts[c] + (2 * p + 1) * half;
      for (let i = 0; i < nodes.length; i++) {
        const angle = middle + half * nodes[i];
        points.push(Math.cos(angle));
        masses.push(half * weights[i] * Math.sin(angle) ** (dim - 2));
      }
    }
  }
  // The density's constant is the sum itself, as accurate as everything else here.
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return { nodes: Float64Array.from(points), weights: Float64Array.from(masses, (mass) => mass / total) };
}

/**
 * Mean of a function of one coordinate over the unit sphere: `E f(<x, y>)`, x uniform, by {@link sphereRule}.
 *
 * @param dim - d >= 2.
 * @param kinks - points of [-1, 1] where f is not smooth.
 * @example
 * import { sphereMarginal } from '@muflow/core';
 * console.log(sphereMarginal(5, (t) => t * t).toFixed(12)); // => 0.200000000000
 */
export function sphereMarginal(dim: number, f: (t: number) => number, kinks: readonly number[] = []): number {
  const { nodes, weights } = sphereRule({ dim, kinks });
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) sum += weights[i] * f(nodes[i]);
  return sum;
}

/**
 * Funk-Hecke numbers `lambda_k = E[sigma(t) P_k(t)]`, k = 0..K, of a function of t = <x, y> on the unit sphere of R^d:
 * convolution by sigma(<x, .>) multiplies every harmonic of degree k by lambda_k, and the energy of the neuron
 * sigma(<x, .>) in degree k is `lambda_k^2 N(d, k)`. By quadrature: an error of some 1e-15 of the size of sigma, so
 * small lambda_k have no digits; for powers of relu, {@link reluFunkHecke} keeps them all.
 *
 * @param sigma - finite on [-1, 1], smooth between the kinks.
 * @returns K + 1 numbers. Cost O((K + d) K).
 * @example
 * import { funkHecke } from '@muflow/core';
 * const relu = funkHecke((t) => Math.max(t, 0), { dim: 3, degree: 2, kinks: [0] });
 * console.log([...relu].map((value) => value.toFixed(6)).join(' ')); // => 0.250000 0.166667 0.062500
 */
export function funkHecke(
  sigma: (t: number) => number,
  options: SphereRuleOptions & { readonly degree: number },
): Float64Array {
  const { nodes, weights } = sphereRule(options);
  const out = new Float64Array(options.degree + 1);
  const legendre = new Float64Array(options.degree + 1);
  for (let i = 0; i < nodes.length; i++) {
    legendreInto(legendre, options.dim, nodes[i]);
    const mass = weights[i] * sigma(nodes[i]);
    for (let k = 0; k < out.length; k++) out[k] += mass * legendre[k];
  }
  return out;
}

/**
 * Funk-Hecke numbers of `relu(t)^p` in closed form, each to some roundings of itself however small it is:
 *
 *     lambda_0 = E|t|^p / 2,   lambda_1 = E|t|^(p+1) / 2,   lambda_{k+2} = -lambda_k (k - p)/(k + d + p).
 *
 * For p = 1, `lambda_k = 0` at odd k >= 3 and `sum_k lambda_k^2 N(d, k) = 1/(2d)`. Derived from Rodrigues' formula by k
 * integrations by parts; p = 1: [Bach2017], appendix D. O(K).
 *
 * @param dim - d >= 2.
 * @param degree - K >= 0.
 * @param power - p: 0 for the step, 1 for relu (the default), 2 for squared relu, ...
 */
export function reluFunkHecke(dim: number, degree: number, power = 1): Float64Array {
  checkSphere('reluFunkHecke', dim, degree);
  if (!(Number.isInteger(power) && power >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'reluFunkHecke',
      problem: 'relu has no such power here',
      got: show(power),
      expected: 'an integer >= 0',
      fix: 'pass 1 for relu, 2 for squared relu',
    });
  }
  const out = new Float64Array(degree + 1);
  out[0] = absoluteMoment(dim, power) / 2;
  if (degree > 0) out[1] = absoluteMoment(dim, power + 1) / 2;
  for (let k = 0; k + 2 <= degree; k++) {
    // Exactly 0, not -0, from k = p on in steps of two.
    const vanishes = k >= power && (k - power) % 2 === 0;
    if (!vanishes) out[k + 2] = (out[k] * (power - k)) / (k + dim + power);
  }
  return out;
}

/** `E|t|^p` for one coordinate t of a uniform point on the sphere: `E|t|^(p+2) = E|t|^p (p + 1)/(d + p)`. */
function absoluteMoment(dim: number, power: number): number {
  let moment = 1;
  if (power % 2 === 1) {
    // E|t| = 2/pi on the circle and 1/2 on the sphere of R^3; two dimensions more multiply it by d/(d + 1).
    moment = dim % 2 === 0 ? 2 / Math.PI : 0.5;
    for (let d = dim % 2 === 0 ? 2 : 3; d < dim; d += 2) moment *= d / (d + 1);
  }
  for (let p = power % 2; p < power; p += 2) moment *= (p + 1) / (dim + p);
  return moment;
}

function angleOfKink(kink: number): number {
  if (!(Math.abs(kink) <= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'sphereRule',
      problem: 'a kink lies outside the values of <x, y>',
      got: show(kink),
      expected: 'numbers from -1 to 1',
      fix: 'leave out kinks that no unit vectors reach',
    });
  }
  return Math.acos(kink);
}

function checkSphere(where: string, dim: number, degree: number): void {
  if (Number.isInteger(dim) && dim >= 2 && Number.isInteger(degree) && degree >= 0) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'there are no such harmonics',
    got: `dimension ${show(dim)}, degree ${show(degree)}`,
    expected: 'an integer dimension >= 2 and an integer degree >= 0',
    fix: 'pass for instance dimension 3 and degree 10',
  });
}
