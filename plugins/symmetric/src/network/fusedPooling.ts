import { activationFormula, type Expression, formula, gradient, parseFormula, substitute } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { type PooledFeatures, poolingScale } from './pooling.js';
import type { SetNetwork } from './setNetwork.js';

/**
 * Order 1 and a mean or a sum: `Phi_i = sum_a m_a inner(<w_i, (x_a, 1)>)` and `dPhi_i/dw_i = sum_a m_a inner'(...) (x_a, 1)` in
 * one pass over the points of a set, in which no value is stored. Cost `2 m1 (d + 1)` multiplications a point.
 */
export function fusedPooling(network: SetNetwork, batch: SetBatch): PooledFeatures {
  const { backend, innerWidth, dim } = network;
  const length = dim + 1;
  const { value, slope } = summand(network.inner, length);
  const outputs = [
    { name: 'value', expression: value, reduce: 'sum' as const },
    { name: 'slope', expression: slope, reduce: 'sum' as const },
  ];
  const valueOnly = backend.compile({ outputs: outputs.slice(0, 1) });
  const both = backend.compile({ outputs });
  const { offsets, count } = batch;
  const points = withOnes(batch);
  const masses = scaledMasses(network, batch);
  return {
    run(rows, features, jacobian) {
      const kernel = jacobian === null ? valueOnly : both;
      for (let s = 0; s < count; s++) {
        const [first, end] = [offsets[s], offsets[s + 1]];
        const out: Record<string, Float64Array> = { value: features.subarray(s * innerWidth, (s + 1) * innerWidth) };
        if (jacobian !== null) {
          out.slope = jacobian.subarray(s * innerWidth * length, (s + 1) * innerWidth * length);
        }
        kernel.run({
          rows: innerWidth,
          columns: end - first,
          inputs: { w: rows, x: points.subarray(first * length, end * length), m: masses.subarray(first, end) },
          out,
        });
      }
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
