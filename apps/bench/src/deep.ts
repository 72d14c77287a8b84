import { allocatePass, type Backend, deepNetwork, forward, parameterGradientInto } from '@muflow/core';
import { numbers } from './data.js';
import { checksum, type Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

const inputs = 100;

/** One forward and one backward pass of a relu network: outputs, and gradient of half the mean square error. */
export function deepStep({ width, depth, rows, d }: Params, backend: Backend): Prepared {
  const widths = Array.from({ length: Number(depth) }, () => Number(width));
  // Parameters uniform on [-1, 1) have the variance 1/3: so relu neither shrinks nor grows signals.
  const network = deepNetwork({ inputs: Number(d), widths, activation: 'relu', weightVariance: 6, backend });
  const parameters = numbers(network.parameterCount, 50);
  const [x, y] = [numbers(Number(rows) * Number(d), 51), numbers(Number(rows), 52)];
  const pass = allocatePass(network, Number(rows));
  const cotangent = new Float64Array(Number(rows));
  const gradient = new Float64Array(network.parameterCount);
  return {
    run() {
      forward(network, pass, parameters, x);
      for (let l = 0; l < cotangent.length; l++) cotangent[l] = (pass.outputs[l] - y[l]) / cotangent.length;
      parameterGradientInto(gradient, network, pass, { parameters, cotangent });
    },
    check: () => [...checksum(pass.outputs), ...checksum(gradient)],
  };
}

export function deepRow(width: number, depth: number, rows: number): Workload {
  return {
    name: `deep step, forward and backward, relu, depth ${depth}, width ${width}, batch ${rows}`,
    kind: 'deep',
    params: { width, depth, rows, d: inputs },
    tolerance: 1e-9,
    work: rows * width * (inputs + (depth - 1) * width),
  };
}
