import {
  adam,
  allocatePass,
  type DeepNetwork,
  deriveKey,
  fail,
  forward,
  parameterGradientInto,
  type RandomKey,
  show,
} from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import { drawSamples, type FitProblem } from './problem.js';

/** How a network is trained by Adam. */
export interface TrainingOptions {
  readonly steps: number;
  /** Fresh points a step, default 512. */
  readonly batch?: number;
  /** Step size at the start, default 2e-3; it falls to 0 along half a cosine. */
  readonly rate?: number;
  readonly key: RandomKey;
  /** Awaited now and then with the share of the work that is done. */
  readonly pause?: (fraction: number) => Promise<void>;
}

/** Steps between two calls of `pause`. */
const stride = 20;

/**
 * Trains all parameters, in place, on `E|f - g|^2 / 2` by Adam with points drawn anew for every step, so that nothing is
 * overfitted. The step size falls as `rate (1 + cos(pi k / steps)) / 2`. A pure function of the start and the key.
 *
 * @returns the mean squared error of every step's batch, before the step.
 * @throws `invalid-argument` for steps that are no whole number from 1, `not-finite` where training diverges.
 */
export async function trainInto(
  parameters: Float64Array,
  network: DeepNetwork,
  problem: FitProblem,
  options: TrainingOptions,
): Promise<Float64Array> {
  const { steps, batch = 512, rate = 2e-3, key, pause = async () => undefined } = options;
  checkSteps(steps);
  const rule = adam(parameters.length, { rate });
  const pass = allocatePass(network, batch);
  const gradient = new Float64Array(parameters.length);
  const cotangent = new Float64Array(batch * network.outputs);
  const losses = new Float64Array(steps);
  for (let step = 0; step < steps; step++) {
    const { points, values } = drawSamples(problem, batch, deriveKey(key, 'batch', step));
    forward(network, pass, parameters, points);
    let error = 0;
    for (let i = 0; i < cotangent.length; i++) {
      const residual = pass.outputs[i] - values[i];
      error += residual * residual;
      cotangent[i] = residual / batch;
    }
    losses[step] = error / batch;
    if (!Number.isFinite(error)) diverged(step, rate);
    parameterGradientInto(gradient, network, pass, { parameters, cotangent });
    rule.step(parameters, gradient, (rate * (1 + Math.cos((Math.PI * step) / steps))) / 2);
    if (step % stride === 0) await pause(step / steps);
  }
  return losses;
}

/** A copy of a fitted network, trained further by {@link trainInto}. */
export async function trainedFit(
  start: FittedNetwork,
  problem: FitProblem,
  options: TrainingOptions & { readonly method: string },
): Promise<FittedNetwork> {
  const parameters = start.parameters.slice();
  await trainInto(parameters, start.network, problem, options);
  return { network: start.network, parameters, method: options.method };
}

function checkSteps(steps: number): void {
  if (Number.isInteger(steps) && steps >= 1) return;
  fail({
    code: 'invalid-argument',
    where: 'trainInto',
    problem: 'the number of steps is not usable',
    got: show(steps),
    expected: 'a whole number from 1',
    fix: 'pass for instance { steps: 1000 }',
  });
}

function diverged(step: number, rate: number): never {
  return fail({
    code: 'not-finite',
    where: 'trainInto',
    problem: `training diverged at step ${step}`,
    got: `a mean squared error that is not finite at rate ${show(rate)}`,
    expected: 'finite errors',
    fix: 'lower rate',
  });
}
