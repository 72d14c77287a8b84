import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Energy } from '../energy/energy.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { logLogFit } from '../math/slopes.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { wasserstein } from '../metric/wasserstein.js';
import { simulate } from '../run/simulate.js';
import { wassersteinDistance } from '../transport/exactWasserstein.js';
import { jkoGaussianStep, ornsteinUhlenbeck } from '../transport/gaussian.js';
import { jko } from './jko.js';
import { rk4 } from './rungeKutta.js';

/**
 * `KL(mu | N(0, 1))` of n ordered particles as quantiles: `(1/n) [sum x_i^2 / 2 - sum log(x_{i+1} - x_i)]` up to a constant, the
 * sum over gaps being the entropy of the density that is constant in them.
 */
const quantileEnergy: Energy = {
  name: 'relative entropy of quantiles',
  dim: 1,
  smooth: true,
  value({ positions: x, count: n }) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i] ** 2 / 2 - (i + 1 < n ? Math.log(x[i + 1] - x[i]) : 0);
    return sum / n;
  },
  firstVariationInto({ potential, gradient }, { positions: x, count: n }) {
    for (let i = 0; i < n; i++) {
      const [left, right] = [i > 0 ? 1 / (x[i] - x[i - 1]) : 0, i + 1 < n ? 1 / (x[i + 1] - x[i]) : 0];
      potential[i] = 0;
      gradient[i] = x[i] - left + right;
    }
  },
  potentialAt: (out, _, count) => {
    out.fill(0, 0, count);
  },
};
const flow = gradientFlow(quantileEnergy, wasserstein());

/**
 * The particles z at rest, `z_i = 1/(z_i - z_{i-1}) - 1/(z_{i+1} - z_i)`. The gaps scale, so `m + s z` stays of this form: a
 * step takes (m, s) where it takes the mean and deviation of a Gaussian law.
 */
function atRest(n: number): Float64Array {
  const z = new Float64Array(n);
  // From the left end on the gaps follow; the last one must be infinite, which bisection of the end attains.
  const left = (end: number): number => {
    z[0] = end;
    let inverse = -end;
    for (let i = 1; i < n; i++) {
      z[i] = z[i - 1] + 1 / inverse;
      inverse -= z[i];
      if (!(inverse > 0) && i + 1 < n) return -1;
    }
    return inverse;
  };
  let [low, high] = [-10, -0.5];
  for (let k = 0; k < 200; k++) {
    const middle = (low + high) / 2;
    if (left(middle) > 0) low = middle;
    else high = middle;
  }
  left(low);
  return z;
}
const spread = (z: Float64Array, mean: number, std: number): Measure => diracs(Array.from(z, (x) => mean + std * x));

describe('the proximal step of relative entropy, on particles that stand for quantiles', () => {
  interface Vector {
    readonly id: string;
    readonly input: Readonly<Record<string, number>>;
    readonly expect: Readonly<Record<string, number>>;
  }
  const vectors: readonly Vector[] = JSON.parse(
    readFileSync(new URL('../../../test/vectors/transport.json', import.meta.url), 'utf8'),
  ).vectors;
  const [{ input, expect: expected }] = vectors.filter(({ id }) => id === 'jko-ou-1d');

  test('at rest they have the mean 0 and the variance 1 - 1/n', () => {
    expect(Array.from(atRest(3), (x) => Math.round(x * 1e12) / 1e12 + 0)).toEqual([-1, 0, 1]);
    for (const n of [5, 20, 40]) {
      const z = atRest(n);
      expect(z.reduce((sum, x) => sum + x, 0) / n).toBeCloseTo(0, 9);
      expect(z.reduce((sum, x) => sum + x * x, 0) / n).toBeCloseTo(1 - 1 / n, 9);
    }
  });

  test.each([3, 8, 20])('the recorded step of a Gaussian: mean, deviation and length, %i particles', (n) => {
    const z = atRest(n);
    const { tau, mean, sigma } = input;
    const start = spread(z, mean, sigma);
    const { profile } = simulate({ flow, initial: start }, { stepper: jko(), dt: tau, maxSteps: 1 });
    profile[0].positions.forEach((x, i) => {
      expect(Math.abs(x - (expected.mean + expected.sigma * z[i]))).toBeLessThan(1e-9);
    });
    const squared = (expected.mean - mean) ** 2 + (1 - 1 / n) * (expected.sigma - sigma) ** 2;
    expect(wassersteinDistance(start, profile[0]).squared).toBeCloseTo(squared, 9);
  });

  test('steps of one run go on as those of the law, and toward its flow at order 1', () => {
    const z = atRest(6);
    const [mean, std, time] = [1.5, 0.4, 0.6];
    const steps = [8, 16, 32, 64];
    const errors = steps.map((count) => {
      const dt = time / count;
      const run = simulate({ flow, initial: spread(z, mean, std) }, { stepper: jko(), dt, maxSteps: count });
      let law = { mean, std };
      for (let k = 0; k < count; k++) law = jkoGaussianStep(law, dt);
      expect(wassersteinDistance(run.profile[0], spread(z, law.mean, law.std)).value).toBeLessThan(1e-9);
      const exact = ornsteinUhlenbeck({ mean, std }, time);
      return wassersteinDistance(run.profile[0], spread(z, exact.mean, exact.std)).value;
    });
    expect(Math.abs(logLogFit(steps, errors).slope + 1)).toBeLessThan(0.1);
  });

  test('the explicit flow of the particles is that of the law', () => {
    const z = atRest(6);
    const plan = { stepper: rk4(), dt: 1e-3, maxTime: 0.6 };
    const { profile } = simulate({ flow, initial: spread(z, 1.5, 0.4) }, plan);
    const exact = ornsteinUhlenbeck({ mean: 1.5, std: 0.4 }, 0.6);
    expect(wassersteinDistance(profile[0], spread(z, exact.mean, exact.std)).value).toBeLessThan(1e-9);
  });
});
