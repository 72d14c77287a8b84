import type { SetBatch } from '../sets/setBatch.js';
import type { SetNetwork } from './setNetwork.js';

/**
 * Inner products `t_{l,i,a} = <w_{l,i}, x_a>` of the blocks `w_{l,i}` of rows with the points of one set, and the way back
 * from derivatives in them to derivatives in the rows. Arrays are k*m1*N with the N of the set at hand.
 */
export interface Projections {
  readonly values: Float64Array;
  /** m1; the last number of every row. */
  readonly biases: Float64Array;
  /** To be filled with the derivatives `D_{l,i,a}` in `t_{l,i,a}`. */
  readonly marginals: Float64Array;
  /** Takes rows, m1*(k d + 1). */
  place(rows: Float64Array): void;
  /** Fills the values of set s. */
  project(s: number): void;
  /** Adds what set s contributes to derivatives in the rows: `sum_a D_{l,i,a} x_a` to every block, `sum_a D_{1,i,a}` to the bias. */
  addInto(gradient: Float64Array, s: number): void;
}

export function projections(network: SetNetwork, { dim, points, offsets }: SetBatch): Projections {
  const { order, innerWidth: units, backend } = network;
  const length = order * dim + 1;
  const largest = offsets.subarray(1).reduce((most, end, s) => Math.max(most, end - offsets[s]), 0);
  const blocks = new Float64Array(order * units * dim);
  const biases = new Float64Array(units);
  const values = new Float64Array(order * units * largest);
  const marginals = new Float64Array(order * units * largest);
  const sums = new Float64Array(order * units * dim);
  const pointsOf = (s: number): Float64Array => points.subarray(offsets[s] * dim, offsets[s + 1] * dim);
  return {
    values,
    biases,
    marginals,
    place(rows) {
      for (let i = 0; i < units; i++) {
        biases[i] = rows[(i + 1) * length - 1];
        for (let l = 0; l < order; l++) {
          for (let k = 0; k < dim; k++) blocks[(l * units + i) * dim + k] = rows[i * length + l * dim + k];
        }
      }
    },
    project(s) {
      const shape = { n: order * units, k: dim, m: offsets[s + 1] - offsets[s], transposeB: true };
      backend.matmulInto(values, blocks, pointsOf(s), shape);
    },
    addInto(gradient, s) {
      const size = offsets[s + 1] - offsets[s];
      backend.matmulInto(sums, marginals, pointsOf(s), { n: order * units, k: size, m: dim });
      for (let i = 0; i < units; i++) {
        const to = i * length;
        for (let l = 0; l < order; l++) {
          for (let k = 0; k < dim; k++) gradient[to + l * dim + k] += sums[(l * units + i) * dim + k];
        }
        let sum = 0;
        for (let a = 0; a < size; a++) sum += marginals[i * size + a];
        gradient[to + length - 1] += sum;
      }
    },
  };
}
