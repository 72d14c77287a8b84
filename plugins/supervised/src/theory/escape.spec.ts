import { euler, gradientFlow, type Measure, measure, simulate, wasserstein } from '@muflow/core';
import { assertLaws, recorderLaws } from '@muflow/core/testing';
import { expect, test } from 'vitest';
import { circle, deconvolutionEnergy } from '../sparse/deconvolution.js';
import { gaussianKernel } from '../sparse/waveKernel.js';
import { escapeEntry, escapeRecorder } from './escape.js';

const spikes = { space: circle(1), positions: Float64Array.of(1.5, 4.5), weights: Float64Array.of(1, -1) };
const energy = deconvolutionEnergy({ target: spikes, kernel: gaussianKernel(0.3), lambda: 0, signed: true });

const atoms = (rows: readonly (readonly [number, number])[], masses: readonly number[]): Measure =>
  measure({ space: energy.space ?? circle(1), positions: rows.flat(), masses, kind: 'positive' });

function recorded(mu: Measure, level: number, probes?: Float64Array): Readonly<Record<string, number>> {
  const recorder = escapeRecorder({ energy, level, output: 0, ...(probes && { probes }) });
  return simulate(
    { flow: gradientFlow(energy, wasserstein()), initial: mu },
    { stepper: euler(), dt: 1e-9, maxSteps: 1, record: { recorders: [recorder] } },
  ).frames[0].values;
}

test('from zero the ways down are positive atoms at the positive spike and negative ones at the negative', () => {
  // V(1, theta) = -K(theta, 1.5) + K(theta, 4.5): atoms of weight 0 leave V there.
  const mu = atoms(
    [
      [1e-12, 1.5],
      [-1e-12, 1.5],
      [-1e-12, 4.4],
      [1e-12, 4.4],
      [1e-12, 3],
      [0, 1.5],
    ],
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
  );
  const values = recorded(mu, 0.1);
  expect(values.escapePlus).toBeCloseTo(0.1, 12);
  expect(values.escapeMinus).toBeCloseTo(0.3, 12);
});

test('at the global minimum there is no way down, elsewhere the probes find one', () => {
  const probes = Float64Array.from(
    Array.from({ length: 100 }, (_, k) => [k % 2 === 0 ? 1 : -1, (2 * Math.PI * k) / 100]).flat(),
  );
  const best = atoms(
    [
      [1, 1.5],
      [-1, 4.5],
    ],
    [1, 1],
  );
  expect(recorded(best, 1e-6, probes)).toMatchObject({ escapePlus: 0, escapeMinus: 0, sublevel: 0 });
  const half = atoms([[1, 1.5]], [1]);
  const values = recorded(half, 0.1, probes);
  expect(values.escapeMinus).toBe(0);
  expect(values.sublevel).toBeGreaterThan(0.05);
});

test('positive measures have one sublevel set', () => {
  const target = measure({ space: circle(1), positions: [1, 4], masses: [1, 1], kind: 'positive' });
  const positive = deconvolutionEnergy({ target, kernel: gaussianKernel(0.3), lambda: 0 });
  const mu = measure({ space: circle(1), positions: [1, 4, 2.5], masses: [1, 1e-9, 0.2], kind: 'positive' });
  const { frames } = simulate(
    { flow: gradientFlow(positive, wasserstein()), initial: mu },
    {
      stepper: euler(),
      dt: 1e-9,
      maxSteps: 1,
      record: { recorders: [escapeRecorder({ energy: positive, level: 0.1 })] },
    },
  );
  expect(frames[0].values.escapePlus).toBeCloseTo(1e-9, 15);
  expect(frames[0].values.escapeMinus).toBe(0);
});

test('levels that are not positive and outputs that the atoms lack are refused', () => {
  expect(() => escapeRecorder({ energy, level: 0 })).toThrow('[escapeRecorder]');
  expect(() => escapeRecorder({ energy, level: 1, output: 2 })).toThrow('output 2');
  expect(() => escapeRecorder({ energy, level: 1, probes: new Float64Array(3) })).toThrow('whole probes');
});

test('in configs it reads the energy of the flow and keeps the laws of recorders', () => {
  const make = (params: object) => escapeEntry.create(escapeEntry.params.parse(params), {} as never);
  assertLaws(make({}), recorderLaws, { seed: 4, runs: 6 });
  const mu = atoms([[1e-12, 1.5]], [0.3]);
  const plan = { stepper: euler(), dt: 1e-9, maxSteps: 1, record: { recorders: [make({ output: 0 })] } };
  const { frames } = simulate({ flow: gradientFlow(energy, wasserstein()), initial: mu }, plan);
  expect(frames[0].values.escapePlus).toBeCloseTo(0.3, 12);
});
