import { fail, show } from '@muflow/core';
import type { DotKernel } from './dotKernels.js';

/** `H(q) = E exp(<w, x>)` and its derivatives in `q = |w|^2`, x uniform on the sphere of radius sqrt(d). */
export interface SphereTransform {
  readonly inputs: number;
  /** Fills `out` with `[H, H']` at q >= 0. */
  firstInto(out: Float64Array, q: number): void;
  /** The j-th derivative of H at q >= 0. */
  derivative(j: number, q: number): number;
}

const mostTerms = 4000;

/** The table of H: distance of its nodes in q, degree of their Taylor polynomials, and how many there are. */
const cell = 0.5;
const degree = 10;
const mostCells = 1025;

/**
 * The Laplace transform of the uniform law on the sphere of radius sqrt(d), as the series with positive terms
 *
 *     H(q) = 0F1(; d/2; d q / 4) = sum_k (d q / 4)^k / (k! (d/2)_k),   H^(j)(q) = (d/4)^j / (d/2)_j 0F1(; d/2 + j; d q / 4).
 *
 * Derivatives are summed to rounding in about `sqrt(d q) + 20` terms. The pair [H, H'] comes from Taylor polynomials of
 * degree 10 around the multiples of 1/2, each made on first use: H^(j) <= 2^-j H, so that the rest is below
 * `(1/8)^11 / 11!` of H, which is 3e-18. Past q = 512 the series is summed. H overflows for `d q > 5e5`.
 * Source: [Watson1944], section 2.2 (a Bessel function I_{d/2 - 1} of sqrt(d q)).
 *
 * @param inputs - the dimension d, an integer from 2.
 */
export function sphereTransform(inputs: number): SphereTransform {
  checkInputs('sphereTransform', inputs);
  const half = inputs / 2;
  const derivative = (j: number, q: number): number => {
    let factor = 1;
    for (let i = 0; i < j; i++) factor *= inputs / 4 / (half + i);
    let [term, sum] = [1, 0];
    for (let k = 0; k < mostTerms; k++) {
      sum += term;
      const next = ((inputs / 4) * q) / ((half + j + k) * (k + 1));
      term *= next;
      // Terms rise to a maximum and fall from there: below this bound the rest is rounding.
      if (term <= 1e-17 * sum && next < 0.5) break;
    }
    return factor * sum;
  };
  const table = new Float64Array(mostCells * (degree + 1));
  const known = new Uint8Array(mostCells);
  const fillCell = (index: number): void => {
    let factorial = 1;
    for (let j = 0; j <= degree; j++) {
      table[index * (degree + 1) + j] = derivative(j, index * cell) / factorial;
      factorial *= j + 1;
    }
    known[index] = 1;
  };
  return {
    inputs,
    firstInto(out, q) {
      if (!(q < (mostCells - 1) * cell)) {
        out[0] = derivative(0, q);
        out[1] = derivative(1, q);
        return;
      }
      const index = (q / cell + 0.5) | 0;
      if (known[index] === 0) fillCell(index);
      const from = index * (degree + 1);
      const step = q - index * cell;
      let value = table[from + degree];
      let slope = 0;
      for (let j = degree - 1; j >= 0; j--) {
        slope = slope * step + value;
        value = value * step + table[from + j];
      }
      out[0] = value;
      out[1] = slope;
    },
    derivative,
  };
}

/** Gaussian units on the sphere, `phi(x, z) = amplitude exp(-(alpha/2) |x - z|^2)` with `|x|^2 = d`. */
export interface GaussianUnits {
  readonly inputs: number;
  /** Inverse square of the width of a unit. */
  readonly alpha: number;
  readonly amplitude: number;
  /** `K(z, z') = E[phi(x, z) phi(x, z')]`, x uniform on the sphere of radius sqrt(d). */
  readonly kernel: DotKernel;
  readonly transform: SphereTransform;
}

/**
 * Gaussian (radial basis function) units with their population kernel on the sphere of radius sqrt(d):
 *
 *     K(z, z') = A^2 exp(-alpha d - (alpha/2)(|z|^2 + |z'|^2)) H(alpha^2 |z + z'|^2),
 *
 * A such that `E phi(x, z)^2 = 1` for centers on the sphere. Centers may lie anywhere in R^d.
 *
 * @param inputs - the dimension d, an integer from 2.
 * @param alpha - inverse square of the width, above 0. At `alpha = 5/d` a unit covers `exp(5 (cos - 1))` of the sphere.
 * @throws `invalid-argument` outside these ranges.
 *
 * @example
 * const { kernel } = gaussianUnits(5, 1);
 * const out = new Float64Array(4);
 * kernel.evaluateInto(out, 5, 5, 5); // a center on the sphere with itself
 * console.log(out[0].toFixed(12)); // => 1.000000000000
 */
export function gaussianUnits(inputs: number, alpha: number): GaussianUnits {
  checkInputs('gaussianUnits', inputs);
  if (!(alpha > 0 && 4 * (alpha * inputs) ** 2 <= 5e5)) {
    fail({
      code: 'invalid-argument',
      where: 'gaussianUnits',
      problem: 'alpha is not usable',
      got: show(alpha),
      expected: `a number above 0 and at most 350 / inputs = ${(350 / inputs).toPrecision(3)}`,
      fix: 'pass alpha = 5 / inputs, the inverse square of the width of a unit',
    });
  }
  const transform = sphereTransform(inputs);
  const pair = new Float64Array(2);
  const square = alpha * alpha;
  transform.firstInto(pair, 4 * square * inputs);
  const amplitude = Math.exp(alpha * inputs) / Math.sqrt(pair[0]);
  const logScale = -Math.log(pair[0]) + alpha * inputs;
  const kernel: DotKernel = {
    name: 'gaussian units, wide-sphere',
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      transform.firstInto(pair, square * (q11 + q22 + 2 * q12));
      const scale = Math.exp(logScale - (alpha / 2) * (q11 + q22));
      const value = scale * pair[0];
      const slope = 2 * square * scale * pair[1];
      out[0] = value;
      out[1] = slope - alpha * value;
      out[2] = out[1];
      out[3] = slope;
    },
  };
  return { inputs, alpha, amplitude, kernel, transform };
}

function checkInputs(where: string, inputs: number): void {
  if (Number.isInteger(inputs) && inputs >= 2) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the number of inputs is not usable',
    got: show(inputs),
    expected: 'an integer >= 2',
    fix: 'pass the dimension of the inputs',
  });
}
