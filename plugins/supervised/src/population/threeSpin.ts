import { deriveKey, fail, normalsInto, type RandomKey, randomStream, show, sphereInto } from '@muflow/core';

/** A random cubic form `f(x) = (1/d) sum_pqr a_pqr x_p x_q x_r`, a independent N(0, 1). */
export interface ThreeSpin {
  readonly inputs: number;
  /** a, d^3 numbers in the order (p, q, r). */
  readonly couplings: Float64Array;
  /** Fills f at `count` inputs (row-major). O(count d^3). */
  valuesInto(out: Float64Array, inputs: Float64Array, count: number): void;
}

/**
 * The three-spin polynomial on the sphere of radius sqrt(d). In the mean over the couplings `E f(x)^2 = |x|^6 / d^2 = d`
 * there, so losses are reported over d. Source: [RotskoffVandenEijnden2018].
 *
 * @throws `invalid-argument` unless inputs is an integer from 1 to 100.
 *
 * @example
 * const f = threeSpin(5, randomKey(1));
 * const x = wideSphere(5, 100, randomKey(2));
 * const y = new Float64Array(100);
 * f.valuesInto(y, x, 100);
 */
export function threeSpin(inputs: number, key: RandomKey): ThreeSpin {
  if (!(Number.isInteger(inputs) && inputs >= 1 && inputs <= 100)) {
    fail({
      code: 'invalid-argument',
      where: 'threeSpin',
      problem: 'the number of inputs is not usable',
      got: show(inputs),
      expected: 'an integer from 1 to 100',
      fix: 'pass the dimension of the inputs',
    });
  }
  const d = inputs;
  const couplings = new Float64Array(d ** 3);
  normalsInto(couplings, 0, d ** 3, deriveKey(key, 'couplings'), 0);
  return {
    inputs,
    couplings,
    valuesInto(out, x, count) {
      for (let l = 0; l < count; l++) {
        let sum = 0;
        for (let p = 0; p < d; p++) {
          for (let q = 0; q < d; q++) {
            let row = 0;
            for (let r = 0; r < d; r++) row += couplings[(p * d + q) * d + r] * x[l * d + r];
            sum += x[l * d + p] * x[l * d + q] * row;
          }
        }
        out[l] = sum / d;
      }
    },
  };
}

/** `count` independent uniform points of the sphere of radius sqrt(d), row-major. */
export function wideSphere(inputs: number, count: number, key: RandomKey): Float64Array {
  const points = new Float64Array(count * inputs);
  const random = randomStream(deriveKey(key, 'inputs'));
  for (let l = 0; l < count; l++) sphereInto(points, l * inputs, inputs, random);
  const radius = Math.sqrt(inputs);
  for (let k = 0; k < points.length; k++) points[k] *= radius;
  return points;
}
