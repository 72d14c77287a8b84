import {
  activationFormula,
  type Expression,
  formula,
  gradient,
  parseFormula,
  segmentKernel,
  substitute,
} from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { type PooledFeatures, poolingScale } from './pooling.js';
import type { SetNetwork } from './setNetwork.js';

/**
 * Order 1 and a mean or a sum: `Phi_i = sum_a m_a inner(<w_i, (x_a, 1)>)`, and with `sum_a m_a inner'(...) (x_a, 1)` back to the
 * rows, both as sums over segments of the points, of which no value is stored. Cost `m1 (d + 1)` multiplications a point,
 * and twice that on the way back.
 */
export function fusedPooling(network: SetNetwork, batch: SetBatch): PooledFeatures {
  const { backend, innerWidth } = network;
  const length = network.dim + 1;
  const { value, slope } = summand(network.inner, length);
  const forward = segmentKernel([{ name: 'features', expression: value }], 'each', backend);
  const backward = segmentKernel([{ name: 'gradient', expression: slope }], 'weighted', backend);
  const { offsets, count } = batch;
  const inputs = { x: withOnes(batch), m: scaledMasses(network, batch) };
  const call = { rows: innerWidth, columns: offsets[count], offsets };
  return {
    run: (w, features) => forward.run({ ...call, inputs: { ...inputs, w }, out: { features } }),
    gradientInto(gradient, w, weights) {
      backward.run({ ...call, weights, inputs: { ...inputs, w }, out: { gradient } });
    },
  };
}

/** `m inner(<w, x>)` and its gradient in w. */
function summand(inner: string, length: number): { readonly value: Expression; readonly slope: Expression } {
  const w = formula.row('w', length);
  const z = formula.row('z');
  const unit = parseFormula(activationFormula(inner), { variables: { z: { role: 'row' } } });
  const product = formula.dot(w, formula.column('x', length));
  const value = formula.multiply(formula.column('m'), substitute(unit, new Map([[z, product]])));
  return { value, slope: gradient(value, w) };
}

function withOnes({ points, dim, offsets, count }: SetBatch): Float64Array {
  const length = dim + 1;
  const out = new Float64Array(offsets[count] * length);
  for (let i = 0; i < offsets[count]; i++) {
    for (let k = 0; k < dim; k++) out[i * length + k] = points[i * dim + k];
    out[i * length + dim] = 1;
  }
  return out;
}

function scaledMasses(network: SetNetwork, batch: SetBatch): Float64Array {
  const masses = batch.masses.slice();
  for (let s = 0; s < batch.count; s++) {
    const scale = poolingScale(network, batch, s);
    for (let i = batch.offsets[s]; i < batch.offsets[s + 1]; i++) masses[i] *= scale;
  }
  return masses;
}
