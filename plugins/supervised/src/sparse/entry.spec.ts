import { createWorkbench, isProblemConfig, measure, parseRunConfig } from '@muflow/core';
import { expect, test } from 'vitest';
import { plugin } from '../index.js';
import { circle, deconvolutionEnergy } from './deconvolution.js';
import { dirichletKernel } from './waveKernel.js';

const workbench = createWorkbench({ plugins: [plugin] });
const create = (params: unknown) => workbench.create('energy', 'supervised/sparse-deconvolution', params);

test('the entry is the energy of its parameters, with places taken around the torus', () => {
  const space = circle(1);
  const given = {
    spikes: [[1 - 2 * Math.PI], [3]],
    weights: [1, 2],
    kernel: { kind: 'dirichlet', order: 3 },
    lambda: 0.2,
  };
  const target = measure({ space, kind: 'positive', positions: [1, 3], masses: [1, 2] });
  const mu = measure({ space, kind: 'positive', positions: [0.5, 2], masses: [1, 0.3] });
  const expected = deconvolutionEnergy({ target, kernel: dirichletKernel(3), lambda: 0.2 }).value(mu);
  expect(create(given).value(mu)).toBeCloseTo(expected, 12);
});

test('the entry refuses spikes that do not fit', () => {
  expect(() => create({ spikes: [[1], [2, 3]], weights: [1, 1] })).toThrow(/2 spikes of 1, 2 angles, 2 weights/);
  expect(() => create({ spikes: [[1]], weights: [1, 1] })).toThrow(/1 spikes of 1 angles, 2 weights/);
});

test.each([
  ['positive', false],
  ['signed', true],
])('a run of %s spikes records a proven gap that bounds its excess and vanishes', async (_, signed) => {
  const params = { spikes: [[1], [3], [5]], weights: [1, signed ? -0.8 : 0.8, 1.2], lambda: 0.5, signed };
  const places = Array.from({ length: 12 }, (_, i) => (2 * Math.PI * (i + 0.5)) / 12);
  const points = places.map((theta) => (signed ? [0, theta] : [theta]));
  const start = signed
    ? { space: 'R^1 x torus(1, 2*pi)', masses: places.map(() => 1) }
    : { space: 'torus(1, 2*pi)', masses: places.map(() => 0.05) };
  const config = parseRunConfig({
    problem: {
      energy: { id: 'supervised/sparse-deconvolution', params },
      metric: signed ? 'wasserstein' : { id: 'wasserstein-fisher-rao', params: { alpha: 4 } },
      initial: { id: 'diracs', params: { points, kind: 'positive', ...start } },
    },
    stepper: signed ? 'forward-backward' : 'euler',
    dt: 0.002,
    // Signed atoms move at the rate of their charge, and the gap is of first order in their distance.
    maxSteps: signed ? 16_000 : 4000,
    record: { every: 2000, recorders: ['energy', { id: 'supervised/deconvolution-gap', params }] },
  });
  if (!isProblemConfig(config)) return expect.unreachable();
  const outcome = await workbench.run(config);
  if (outcome.kind !== 'problem') return expect.unreachable();
  const rows = outcome.result.frames.map(({ values }) => values);
  const least = rows[rows.length - 1].lowerBound;
  for (const { energy, dualityGap, lowerBound, gapProven } of rows) {
    expect(gapProven).toBe(1);
    expect(dualityGap).toBeCloseTo(energy - lowerBound, 9);
    expect(dualityGap).toBeGreaterThanOrEqual(energy - least - 1e-9);
  }
  expect(rows[0].dualityGap).toBeGreaterThan(1);
  expect(rows[rows.length - 1].dualityGap).toBeLessThan(1e-6);
});

test('the gap refuses atoms of another dimension', async () => {
  const recorder = workbench.create('recorder', 'supervised/deconvolution-gap', { signed: true });
  const record = recorder.start();
  const mu = measure({ space: circle(1), positions: [1] });
  expect(() => record({ profile: [mu] } as unknown as Parameters<typeof record>[0])).toThrow(
    /1 coordinates, expected 2: s and/,
  );
});
