import {
  allocateFirstVariation,
  createWorkbench,
  gaussian,
  gaussianLaw,
  isProblemConfig,
  minibatch,
  networkUnit,
  parseRunConfig,
  randomKey,
  risk,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { plugin } from '../index.js';
import { reluKernel } from '../population/dotKernels.js';
import { networkPopulation } from '../population/networkPopulation.js';
import { drawSamples, teacherSamples } from './freshSamples.js';
import { populationRisk } from './populationRisk.js';

const law = teacherSamples({
  inputs: gaussianLaw({ dim: 2 }),
  teacher: (x, start) => Math.max(0, 0.6 * x[start] + 0.8 * x[start + 1]),
});
const unit = networkUnit({ activation: 'relu', inputs: 2, bias: false });
const fixed = risk({ unit, ...drawSamples(law, 20, randomKey('sample')) });
const energy = populationRisk({ risk: fixed, law, key: randomKey('rows') });
const mu = gaussian({ dim: 3, n: 4, key: 7 });

describe('the risk of a population', () => {
  // 16 numbers within 6 standard errors: a false alarm in 3e-8 of all seeds.
  test('is estimated without bias by minibatches of rows that no step sees again', () => {
    const field = minibatch(energy, { size: 4 });
    const population = networkPopulation(reluKernel('gaussian', 2), 2, { weights: [1], rows: [0.6, 0.8] });
    const out = allocateFirstVariation(mu.count, mu.dim);
    population.firstVariationInto(out, mu);
    const truth = [...out.potential, ...out.gradient];
    const steps = 6000;
    const [sums, squares] = [new Float64Array(truth.length), new Float64Array(truth.length)];
    const seen: string[] = [];
    for (let step = 0; step < steps; step++) {
      field.evaluateInto([out], [mu], { time: 0, step, key: randomKey('steps') });
      // Units and teacher may be silent on all four rows.
      if (out.gradient.some((slope) => slope !== 0)) seen.push(out.gradient.join());
      [...out.potential, ...out.gradient].forEach((value, k) => {
        sums[k] += value - truth[k];
        squares[k] += (value - truth[k]) ** 2;
      });
    }
    const scores = truth.map((_, k) => Math.abs(sums[k]) / Math.sqrt(squares[k] - sums[k] ** 2 / steps));
    expect(Math.max(...scores)).toBeLessThan(6);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(0.99 * steps);
  });

  test('reads value and exact gradient off the fixed sample', () => {
    const [own, given] = [0, 1].map(() => allocateFirstVariation(mu.count, mu.dim));
    energy.firstVariationInto(own, mu);
    fixed.firstVariationInto(given, mu);
    expect(own).toEqual(given);
    expect(energy.value(mu)).toBe(fixed.value(mu));
  });

  test('rows are those of their index, whatever the batch', () => {
    const [one, two] = [0, 1].map(() => allocateFirstVariation(mu.count, mu.dim));
    energy.firstVariationOnRowsInto(one, mu, Uint32Array.of(7, 4_000_000_000));
    energy.firstVariationOnRowsInto(two, mu, Uint32Array.of(7));
    const seventh = two.gradient.slice();
    energy.firstVariationOnRowsInto(two, mu, Uint32Array.of(4_000_000_000));
    one.gradient.forEach((slope, k) => {
      expect(slope).toBeCloseTo((seventh[k] + two.gradient[k]) / 2, 14);
    });
    expect(two.gradient).not.toEqual(seventh);
  });

  test('a law of other rows is refused', () => {
    const other = { ...law, inputDim: 3 };
    expect(() => populationRisk({ risk: fixed, law: other, key: randomKey(1) })).toThrow(/got 3 inputs and 1 targets/);
  });
});

test('a config trains on fresh rows, stops where the loss stalls and keeps the best network', async () => {
  const config = parseRunConfig({
    problem: {
      energy: {
        id: 'supervised/population-risk',
        params: { inputDim: 1, target: 'sin(2*x)', noise: 0.3, sampleRows: 400 },
      },
      metric: 'wasserstein',
      initial: { id: 'supervised/neurons', params: { hidden: { law: 'gaussian' }, count: 40 } },
      minibatch: { size: 8 },
    },
    stepper: 'euler',
    dt: 0.5,
    maxSteps: 4000,
    seed: 3,
    record: { every: 20, recorders: ['energy'] },
    stop: { stalled: { column: 'energy', steps: 400, keepBest: true } },
  });
  if (!isProblemConfig(config)) return expect.unreachable();
  const outcome = await createWorkbench({ plugins: [plugin] }).run(config);
  if (outcome.kind !== 'problem') return expect.unreachable();
  const { status, frames, best } = outcome.result;
  expect(status).toBe('converged');
  const losses = frames.map(({ values }) => values.energy);
  expect(best?.value).toBe(Math.min(...losses));
  expect(best?.profile).toEqual(frames.find(({ step }) => step === best?.step)?.profile);
  // Noise leaves 0.3^2 / 2 = 0.045; the zero function has about 0.29.
  expect(best?.value).toBeLessThan(0.1);
});
