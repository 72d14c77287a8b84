import { type Backend, gradientDescent } from '@muflow/core';
import { allocateSetPass, forwardSets, setBatchFromArrays, setGradientInto, setNetwork } from '@muflow/symmetric';
import { numbers } from './data.js';
import { checksum, type Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

const rate = 1e-5;

/** Sizes of sets, all equal or from 8 on in steps that no order tells. */
const sizesOf = (count: number, points: number): readonly number[] =>
  Array.from({ length: count }, (_, s) => (points > 0 ? points : 8 + ((s * 37) % 57)));

/** One training step of a network on sets: forward, backward from half the mean square error, and an update of all weights. */
export function setStep({ count, points, d, inner, outer }: Params, backend: Backend): Prepared {
  const sizes = sizesOf(Number(count), Number(points));
  const offsets = Int32Array.from({ length: sizes.length + 1 }, (_, s) => sizes.slice(0, s).reduce((a, b) => a + b, 0));
  const flat = numbers(offsets[sizes.length] * Number(d), 70);
  const batch = setBatchFromArrays({ dim: Number(d), offsets, points: flat });
  const network = setNetwork({ dim: Number(d), innerWidth: Number(inner), outerWidth: Number(outer), backend });
  const targets = numbers(sizes.length, 71);
  const start = numbers(network.parameterCount, 72);
  for (let i = network.parts.outer[0]; i < start.length; i++) start[i] /= network.outerWidth;
  const parameters = start.slice();
  const [gradient, cotangent] = [new Float64Array(start.length), new Float64Array(sizes.length)];
  const pass = allocateSetPass(network, batch);
  const rule = gradientDescent(start.length, { rate });
  // Steps follow each other: layers that stay as they are would not be computed again.
  const run = (): void => {
    forwardSets(pass, parameters);
    for (let s = 0; s < cotangent.length; s++) cotangent[s] = (pass.outputs[s] - targets[s]) / cotangent.length;
    setGradientInto(gradient, pass, { parameters, cotangent });
    rule.step(parameters, gradient);
  };
  return {
    run,
    check() {
      parameters.set(start);
      run();
      return [...checksum(pass.outputs), ...checksum(parameters)];
    },
  };
}

/** Sets of `points` points, or of 8 to 64 where that is 0. Peers go `by` hand or by automatic derivatives. */
export function setRow(points: number, by: 'hand' | 'autograd' = 'hand'): Workload {
  const [count, d, inner, outer] = [1000, 10, 100, 500];
  const size = points > 0 ? `${points}` : '8 to 64';
  const derivatives = by === 'hand' ? '' : ', peers by automatic derivatives';
  return {
    name: `training step on ${count} sets of ${size} points, d ${d}, widths ${inner} and ${outer}${derivatives}`,
    kind: 'sets',
    params: { count, points, d, inner, outer, by },
    tolerance: 1e-9,
    work: count * (36 * inner * d + inner * outer),
  };
}
