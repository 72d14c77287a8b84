import {
  allocateFirstVariation,
  type Energy,
  type Field,
  gaussian,
  gaussianLaw,
  gradientFlow,
  heun,
  minibatch,
  networkUnit,
  randomKey,
  risk,
  simulate,
  wasserstein,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { reluKernel } from '../population/dotKernels.js';
import { networkPopulation } from '../population/networkPopulation.js';
import { drawSamples, freshSamples, teacherSamples } from './freshSamples.js';

const teacherRow = [0.6, 0.8];
const law = teacherSamples({
  inputs: gaussianLaw({ dim: 2 }),
  teacher: (x, start) => Math.max(0, teacherRow[0] * x[start] + teacherRow[1] * x[start + 1]),
});
const unit = networkUnit({ activation: 'relu', inputs: 2, bias: false });
const sample = risk({ unit, ...drawSamples(law, 50, randomKey('reference')) });
const mu = gaussian({ dim: 3, n: 4, key: 7 });
const key = randomKey('steps');

/** Largest distance of the mean of a field over many steps from V and grad V of an energy, in standard errors. */
function bias(field: Field, energy: Energy, steps: number): number {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  const truth = [...out.potential, ...out.gradient];
  const sums = new Float64Array(truth.length);
  const squares = new Float64Array(truth.length);
  for (let step = 0; step < steps; step++) {
    field.evaluateInto([out], [mu], { time: 0, step, key });
    [...out.potential, ...out.gradient].forEach((value, k) => {
      sums[k] += value - truth[k];
      squares[k] += (value - truth[k]) ** 2;
    });
  }
  const scores = truth.map((_, k) => {
    const mean = sums[k] / steps;
    return Math.abs(mean) / Math.sqrt((squares[k] / steps - mean * mean) / steps);
  });
  return Math.max(...scores);
}

describe('fresh samples', () => {
  // 16 numbers within 6 standard errors each: a false alarm in 3e-8 of all seeds.
  test('estimate the field of the population in closed form without bias', () => {
    const population = networkPopulation(reluKernel('gaussian', 2), 2, { weights: [1], rows: teacherRow });
    for (const size of [1, 5])
      expect(bias(freshSamples({ risk: sample, law, size }), population, 6000)).toBeLessThan(6);
  });

  test('minibatches of given rows estimate the field of all rows without bias, with and without replacement', () => {
    for (const withReplacement of [false, true]) {
      expect(bias(minibatch(sample, { size: 5, withReplacement }), sample, 3000)).toBeLessThan(6);
    }
  });

  test('are drawn anew at every step, alike for the stages of a step and for its repetition', () => {
    const field = freshSamples({ risk: sample, law, size: 3 });
    const at = (step: number): number[] => {
      const out = allocateFirstVariation(mu.count, mu.dim);
      field.evaluateInto([out], [mu], { time: 0, step, key });
      return [...out.potential];
    };
    const first = at(0);
    expect(at(0)).toEqual(first);
    expect(at(1)).not.toEqual(first);
    expect(at(0)).toEqual(first);
  });

  test('train the network: the same seed gives the same bytes, another seed another path', () => {
    const flow = gradientFlow(sample, wasserstein(), { estimate: freshSamples({ risk: sample, law, size: 20 }) });
    const initial = gaussian({ dim: 3, n: 20, key: 8 });
    const run = (seed: number) =>
      simulate({ flow, initial }, { stepper: heun(), dt: 0.1, maxSteps: 150, seed, record: { every: 150 } }).profile[0];
    const end = run(1);
    expect(run(1).positions).toEqual(end.positions);
    expect(run(2).positions).not.toEqual(end.positions);
    const held = risk({ unit, ...drawSamples(law, 2000, randomKey('held out')) });
    expect(held.meanLoss(end)).toBeLessThan(0.1 * held.meanLoss(initial));
  });

  test('noise is Gaussian of its deviation and comes on top of the teacher', () => {
    const noisy = teacherSamples({ inputs: gaussianLaw({ dim: 2 }), teacher: () => 3, noise: 0.5 });
    const { targets } = drawSamples(noisy, 4000, randomKey(1));
    const mean = targets.reduce((sum, y) => sum + y, 0) / 4000;
    const variance = targets.reduce((sum, y) => sum + (y - 3) ** 2, 0) / 4000;
    // Six standard errors each: false alarm 4e-9.
    expect(Math.abs(mean - 3)).toBeLessThan((6 * 0.5) / Math.sqrt(4000));
    expect(Math.abs(variance - 0.25)).toBeLessThan((6 * 0.25 * Math.SQRT2) / Math.sqrt(4000));
  });

  test('sizes and shapes that do not fit are refused', () => {
    expect(() => freshSamples({ risk: sample, law, size: 0 })).toThrow(/number of rows is not usable, got 0/);
    const wide = teacherSamples({ inputs: gaussianLaw({ dim: 3 }), teacher: () => 0 });
    expect(() => freshSamples({ risk: sample, law: wide, size: 1 })).toThrow(/got 3 inputs and 1 targets per row/);
    expect(() => drawSamples(law, 1.5, key)).toThrow(/an integer >= 1/);
  });
});
