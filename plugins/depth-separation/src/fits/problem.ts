import { fail, type RandomKey, randomStream, show } from '@muflow/core';
import type { DataLaw } from '../laws/index.js';
import type { Target } from '../targets/index.js';

/** A function to approximate in the mean square of a law. */
export interface FitProblem {
  readonly target: Target;
  readonly law: DataLaw;
  /** Which of several targets it is, such as `d = 16`; bounds of one label are compared. */
  readonly label?: string;
}

/** Independent points of the law with the values of the target. */
export interface Samples {
  readonly count: number;
  /** count*dim, row-major. */
  readonly points: Float64Array;
  /** count*outputs, row-major: re, im for complex targets. */
  readonly values: Float64Array;
}

/** Numbers a target puts out: 2 for complex ones, otherwise 1. */
export const outputsOf = (target: Target): 1 | 2 => (target.complex ? 2 : 1);

/**
 * Draws points of the law and reads the target there; a pure function of the key.
 *
 * @throws `shape-mismatch` where target and law are of different dimensions, `invalid-argument` without points.
 */
export function drawSamples({ target, law }: FitProblem, count: number, key: RandomKey): Samples {
  if (target.dim !== law.dim) {
    fail({
      code: 'shape-mismatch',
      where: 'drawSamples',
      problem: 'the target and the law of the data are of different dimensions',
      got: `${target.dim} and ${law.dim}`,
      expected: 'one dimension',
      fix: 'make both of the same dimension',
    });
  }
  if (!(Number.isInteger(count) && count >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'drawSamples',
      problem: 'the number of points is not usable',
      got: show(count),
      expected: 'a whole number from 1',
      fix: 'pass for instance 4096',
    });
  }
  const points = new Float64Array(count * law.dim);
  const values = new Float64Array(count * outputsOf(target));
  law.sampleInto(points, randomStream(key));
  target.valuesInto(values, points, count);
  return { count, points, values };
}
