import { euclidean, fail, type Measure, measure, solvePositiveDefinite } from '@muflow/core';
import type { DotKernel } from '../population/dotKernels.js';
import type { Teacher } from '../population/networkPopulation.js';

/** Units whose rows stay, with the output weights that approach the teacher best. */
export interface FixedNetwork {
  readonly weights: Float64Array;
  /** `(1/2) E|f - f*|^2`. */
  readonly energy: number;
}

/**
 * The convex problem in the output weights alone, `min_c (1/2) E|sum_i c_i sigma(<w_i, x>) - f*|^2`, by the normal
 * equations with the population kernel and a ridge of 1e-12 of its trace. O(n^2 d + n^3).
 *
 * @param rows - n*inputs, row-major.
 */
export function fixedNetwork(kernel: DotKernel, teacher: Teacher, rows: Float64Array, inputs: number): FixedNetwork {
  const n = rows.length / inputs;
  const units = teacher.weights.length;
  if (!Number.isInteger(n) || n === 0 || teacher.rows.length !== units * inputs) {
    fail({
      code: 'shape-mismatch',
      where: 'fixedNetwork',
      problem: 'rows and teacher do not fit',
      got: `${rows.length} coordinates, a teacher of ${teacher.rows.length}, for ${inputs} inputs`,
      expected: 'a multiple of the inputs in both, at least one row',
      fix: 'pass one row of inputs for each unit',
    });
  }
  const teacherRows = Float64Array.from(teacher.rows);
  const pair = pairKernel(kernel, inputs);
  const gram = new Float64Array(n * n);
  const aim = new Float64Array(n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) gram[i * n + j] = gram[j * n + i] = pair(rows, i, rows, j);
    for (let k = 0; k < units; k++) aim[i] += teacher.weights[k] * pair(rows, i, teacherRows, k);
    trace += gram[i * n + i];
  }
  const ridged = gram.slice();
  for (let i = 0; i < n; i++) ridged[i * n + i] += (1e-12 * trace) / n;
  const weights = solvePositiveDefinite(ridged, aim, n);
  let energy = 0;
  for (let k = 0; k < units; k++) {
    for (let l = 0; l < units; l++) {
      energy += (teacher.weights[k] * teacher.weights[l] * pair(teacherRows, k, teacherRows, l)) / 2;
    }
  }
  for (let i = 0; i < n; i++) {
    let image = 0;
    for (let j = 0; j < n; j++) image += gram[i * n + j] * weights[j];
    energy += weights[i] * (image / 2 - aim[i]);
  }
  return { weights, energy };
}

/** The network as a positive measure: atoms (sign c_i, w_i) of mass |c_i|. */
export function networkMeasure({ weights }: FixedNetwork, rows: Float64Array, inputs: number): Measure {
  const stride = inputs + 1;
  const positions = new Float64Array(weights.length * stride);
  for (let i = 0; i < weights.length; i++) {
    positions[i * stride] = weights[i] < 0 ? -1 : 1;
    positions.set(rows.subarray(i * inputs, (i + 1) * inputs), i * stride + 1);
  }
  return measure({ space: euclidean(stride), kind: 'positive', positions, masses: weights.map(Math.abs) });
}

/** `K(a_i, b_j)` of rows. */
function pairKernel(kernel: DotKernel, d: number) {
  const out = new Float64Array(4);
  return (a: Float64Array, i: number, b: Float64Array, j: number): number => {
    let [q11, q22, q12] = [0, 0, 0];
    for (let k = 0; k < d; k++) {
      const [x, y] = [a[i * d + k], b[j * d + k]];
      q11 += x * x;
      q22 += y * y;
      q12 += x * y;
    }
    kernel.evaluateInto(out, q11, q22, q12);
    return out[0];
  };
}
