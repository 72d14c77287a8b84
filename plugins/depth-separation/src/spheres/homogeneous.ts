import { deepNetwork, fail, funkHecke, harmonicCount, legendreInto, show, special } from '@muflow/core';
import type { FixedNetwork } from '../sawtooth/tent.js';
import type { HarmonicEnergies } from './harmonicEnergies.js';

/**
 * Mean energies by degree of random homogeneous networks of rectifiers on the unit sphere of R^d, in the limit of
 * infinite width: Gaussian processes of covariance `kappa(kappa(... t))`, L times,
 *
 *     kappa(t) = (sin a + (pi - a) cos a) / pi,   a = arccos t,
 *
 * so that degree k has the mean energy `N(d, k) E[kappa_L(t) P_k(t)]`, of 1 in all. By quadrature, with an error of some
 * 1e-15 N(d, k). O(K (K + d)). Source: [ChoSaul2009].
 *
 * @param layers - L >= 1 hidden layers without biases.
 * @param degree - K, with `N(d, K)` up to 1e10.
 * @throws `invalid-argument` for other layers, or degrees that have no digits.
 */
export function randomNetworkEnergies(options: {
  readonly dim: number;
  readonly layers: number;
  readonly degree: number;
}): HarmonicEnergies {
  const { dim, layers, degree } = options;
  if (!(Number.isInteger(layers) && layers >= 1 && harmonicCount(dim, degree) <= 1e10)) {
    fail({
      code: 'invalid-argument',
      where: 'randomNetworkEnergies',
      problem: 'the energies of such networks cannot be told',
      got: `${show(layers)} layers, degree ${show(degree)} in R^${show(dim)}`,
      expected: 'one layer or more, and at most 1e10 harmonics of that degree',
      fix: 'lower the degree',
    });
  }
  const covariance = (t: number): number => {
    let value = t;
    for (let l = 0; l < layers; l++) value = arcCosine(value);
    return value;
  };
  const lambdas = funkHecke(covariance, { dim, degree });
  // Covariances have no negative energies; what is found below 0 is rounding.
  const byDegree = lambdas.map((lambda, k) => Math.max(0, lambda) * harmonicCount(dim, k));
  return {
    dim,
    name: `random network of ${layers} layers`,
    square: 1,
    byDegree,
    signs: new Int8Array(degree + 1).fill(1),
  };
}

/**
 * The same energies in the limit of infinite dimension: the Taylor coefficients of the covariance at 0. In every
 * dimension the energy above a degree is at most that of the limit, since t^m is a mean of `P_0, ..., P_m` with weights
 * >= 0. By Cauchy's formula on the circle of radius 1/2, to rounding.
 *
 * @param degree - K up to 24.
 */
export function limitEnergies(layers: number, degree: number): Float64Array {
  const [count, radius] = [64, 0.5];
  const out = new Float64Array(degree + 1);
  for (let j = 0; j < count; j++) {
    const angle = (2 * Math.PI * j) / count;
    let z: readonly [number, number] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    for (let l = 0; l < layers; l++) z = arcCosineSeries(z);
    for (let k = 0; k <= degree; k++) {
      out[k] += (z[0] * Math.cos(k * angle) + z[1] * Math.sin(k * angle)) / count / radius ** k;
    }
  }
  return out;
}

/** kappa at a complex number of modulus at most 0.95: `t/2 + (1 + sum_n b_n t^(2n+2)/(2n+2)) / pi`, b_n those of arcsin. */
function arcCosineSeries([x, y]: readonly [number, number]): readonly [number, number] {
  const [squareX, squareY] = [x * x - y * y, 2 * x * y];
  let [powerX, powerY] = [1, 0];
  let [sumX, sumY] = [1, 0];
  let binomial = 1;
  for (let n = 0; n < 400; n++) {
    [powerX, powerY] = [powerX * squareX - powerY * squareY, powerX * squareY + powerY * squareX];
    const factor = binomial / ((2 * n + 1) * (2 * n + 2));
    sumX += factor * powerX;
    sumY += factor * powerY;
    binomial *= (2 * n + 1) / (2 * n + 2);
  }
  return [x / 2 + sumX / Math.PI, y / 2 + sumY / Math.PI];
}

function arcCosine(t: number): number {
  const cosine = Math.min(1, Math.max(-1, t));
  const angle = Math.acos(cosine);
  return (Math.sin(angle) + (Math.PI - angle) * cosine) / Math.PI;
}

/**
 * A homogeneous network of L hidden layers of four rectifiers each that folds the plane of the first two coordinates: a
 * reflection `v -> |v|` and a rotation a layer, so that the angle is folded L times and the output is `r` times a zigzag
 * of the angle with period `2 pi / 2^(L-1)`. Its harmonics begin at degree `2^(L-1)`, whatever d is.
 */
export function foldNetwork(dim: number, layers: number): FixedNetwork {
  const network = deepNetwork({
    inputs: dim,
    widths: new Array<number>(layers).fill(4),
    activation: 'relu',
    parameterization: 'standard',
  });
  const parameters = new Float64Array(network.parameterCount);
  // Rows that give (u, v, -u, -v) from what the layer before left, angles turned so that the next fold halves them.
  let rows: readonly (readonly number[])[] = [0, 1].map((axis) =>
    Array.from({ length: dim }, (_, k) => (k === axis ? 1 : 0)),
  );
  network.layers.forEach((layer, l) => {
    const [u, v] = rows;
    const block = l < layers ? [u, v, u.map((x) => -x), v.map((x) => -x)] : [v];
    block.forEach((row, i) => {
      parameters.set(row, layer.weights + i * layer.inputs);
    });
    // After the rectifiers: u = a_0 - a_2 and |v| = a_1 + a_3, an angle in [0, pi/2^l]; turn it back by half of that.
    const half = Math.PI / 2 ** (l + 1);
    const [c, s] = [Math.cos(half), Math.sin(half)];
    rows = [
      [c, s, -c, s],
      [-s, c, s, c],
    ];
  });
  return { network, parameters };
}

/** A measured share with its band of 99 %. */
export interface MeasuredShare {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Energies of one function over its mean square. */
export interface MeasuredEnergies {
  /** In degrees from, ..., to. */
  within(from: number, to: number): MeasuredShare;
  /** In odd degrees from 3 on. */
  readonly oddBeyondOne: MeasuredShare;
  /** The mean square itself. */
  readonly square: number;
}

/**
 * Energies by degree of a function on the sphere from batches of independent uniform points, without bias:
 * `N(d, k)` times the mean of `g(x) g(y) P_k(<x, y>)` over pairs of different points, divided by the mean square over
 * all points. The bands take the batches as normal: near an energy of 0 their law
 * is skewed, and bands there are too short on its upper side. O(batches points^2 (d + K)). The spread grows with
 * `sqrt(N(d, k))/points`: for low degrees.
 *
 * @param batches - 8 or more of equal size; each the points (n*d) and values.
 */
export function measuredEnergies(
  dim: number,
  degree: number,
  batches: readonly { readonly points: Float64Array; readonly values: Float64Array }[],
): MeasuredEnergies {
  if (batches.length < 8) {
    fail({
      code: 'invalid-argument',
      where: 'measuredEnergies',
      problem: 'too few batches for a band',
      got: show(batches.length),
      expected: 'eight or more',
      fix: 'split the points',
    });
  }
  const square =
    batches.reduce((sum, { values }) => sum + values.reduce((own, g) => own + g * g, 0) / values.length, 0) /
    batches.length;
  const sums = batches.map((batch) => batchEnergies(dim, degree, batch));
  const shareOf = (pick: (one: BatchEnergies) => number): MeasuredShare => {
    const found = sums.map((one) => pick(one) / square);
    const mean = found.reduce((a, b) => a + b, 0) / found.length;
    const variance = found.reduce((a, b) => a + (b - mean) ** 2, 0) / (found.length - 1);
    const reach = studentQuantile(found.length - 1) * Math.sqrt(variance / found.length);
    return { value: mean, low: mean - reach, high: mean + reach };
  };
  return {
    square,
    within: (from, to) => shareOf(({ byDegree }) => byDegree.slice(from, to + 1).reduce((sum, part) => sum + part, 0)),
    oddBeyondOne: shareOf(({ odd, byDegree }) => odd - byDegree[1]),
  };
}

interface BatchEnergies {
  readonly byDegree: Float64Array;
  /** Energy of the odd part. */
  readonly odd: number;
}

/** Points come in pairs x, -x one after the other; pairs of different x alone are multiplied. */
function batchEnergies(
  dim: number,
  degree: number,
  { points, values }: { readonly points: Float64Array; readonly values: Float64Array },
): BatchEnergies {
  const n = values.length / 2;
  const even = Float64Array.from({ length: n }, (_, i) => (values[2 * i] + values[2 * i + 1]) / 2);
  const odd = Float64Array.from({ length: n }, (_, i) => (values[2 * i] - values[2 * i + 1]) / 2);
  const byDegree = new Float64Array(degree + 1);
  const legendre = new Float64Array(degree + 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let t = 0;
      for (let k = 0; k < dim; k++) t += points[2 * i * dim + k] * points[2 * j * dim + k];
      legendreInto(legendre, dim, t);
      const [evens, odds] = [even[i] * even[j], odd[i] * odd[j]];
      for (let k = 0; k <= degree; k++) byDegree[k] += (k % 2 === 0 ? evens : odds) * legendre[k];
    }
  }
  for (let k = 0; k <= degree; k++) byDegree[k] *= harmonicCount(dim, k) / ((n * (n - 1)) / 2);
  return { byDegree, odd: odd.reduce((sum, g) => sum + g * g, 0) / n };
}

/** The 0.995 quantile of Student's law, by its expansion in 1/n about the normal one; 1e-2 at 7 degrees of freedom. */
function studentQuantile(freedom: number): number {
  const z = special.normalQuantile(0.995);
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}

/** Ridge functions that span all polynomials of degree K on the sphere: `C(d + K - 1, K)`. */
export function polynomialUnits(dim: number, degree: number): number {
  let count = 1;
  for (let k = 1; k <= degree; k++) count = (count * (dim + k - 1)) / k;
  return Math.round(count);
}
