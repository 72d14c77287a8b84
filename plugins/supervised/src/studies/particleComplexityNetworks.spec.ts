import { randomKey, randomStream, runStudy, sphere } from '@muflow/core';
import { expect, test } from 'vitest';
import { reluKernel } from '../population/dotKernels.js';
import { networkPopulation } from '../population/networkPopulation.js';
import { fixedNetwork, networkMeasure } from './fixedNetwork.js';
import { networkFrankWolfe } from './networkFrankWolfe.js';
import { particleComplexityNetworksStudy } from './particleComplexityNetworks.js';

const inputs = 10;
const random = randomStream(randomKey('networks'));
const rowsOf = (count: number): Float64Array => {
  const rows = new Float64Array(count * inputs);
  sphere(inputs).sampleInto(rows, count, random);
  return rows;
};
const teacher = { weights: [1, -1, 0.5], rows: rowsOf(3) };
const kernel = reluKernel('gaussian', inputs);
const energy = networkPopulation(kernel, inputs, teacher);

test('output weights over fixed rows are those of the least energy', () => {
  const rows = rowsOf(6);
  const best = fixedNetwork(kernel, teacher, rows, inputs);
  const at = (weights: Float64Array): number => energy.value(networkMeasure({ weights, energy: 0 }, rows, inputs));
  expect(at(best.weights)).toBeCloseTo(best.energy, 12);
  for (let i = 0; i < 6; i++) {
    for (const change of [-1e-3, 1e-3]) {
      const moved = best.weights.map((weight, k) => weight + (k === i ? change : 0));
      // The energy is quadratic with curvature K(w, w) = 1/2.
      expect(at(moved) - best.energy).toBeCloseTo(change ** 2 / 4, 11);
    }
  }
});

test('over the rows of the teacher they are its own weights', () => {
  const { weights, energy: least } = fixedNetwork(kernel, teacher, teacher.rows, inputs);
  expect(Math.abs(least)).toBeLessThan(1e-12);
  weights.forEach((weight, k) => {
    expect(weight).toBeCloseTo(teacher.weights[k], 9);
  });
});

test('Frank-Wolfe lowers the energy with every unit, the first by the best single one', () => {
  const energies = networkFrankWolfe({ kernel, energy, teacher, inputs, units: 8, random });
  for (let k = 1; k < energies.length; k++) expect(energies[k]).toBeLessThan(energies[k - 1]);
  // c^2 K(w, w) / 2 is gained by one unit: no random row gains more.
  for (let k = 0; k < 200; k++) {
    expect(fixedNetwork(kernel, teacher, rowsOf(1), inputs).energy).toBeGreaterThan(energies[1]);
  }
});

test('rows that do not fit are refused', () => {
  expect(() => fixedNetwork(kernel, teacher, new Float64Array(7), inputs)).toThrow(/7 coordinates, a teacher of 30/);
});

test('particles learn a small teacher far better than fixed rows, the same for the same seed', async () => {
  const given = { inputs: 20, units: 4, widths: [4, 8], steps: 200 };
  const of = (seed: number) => runStudy(particleComplexityNetworksStudy, given, { seed });
  const { claims, tables } = await of(1);
  expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds']);
  expect(tables[0].rows.map(([name, m]) => `${name} ${m}`)).toEqual(['relu 4', 'relu 8', 'sigmoid 4', 'sigmoid 8']);
  for (const row of tables[0].rows) for (const value of row.slice(2)) expect(Number(value)).toBeLessThan(1);
  expect((await of(1)).tables).toEqual(tables);
});
