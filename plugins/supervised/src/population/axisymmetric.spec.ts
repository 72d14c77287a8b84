import {
  allocateFirstVariation,
  checkFirstVariation,
  euclidean,
  euler,
  gradientFlow,
  type Measure,
  measure,
  randomKey,
  randomStream,
  simulate,
  sphereInto,
  wasserstein,
} from '@muflow/core';
import { assertLaws, energyLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { aroundAxis, axialSphere, axisymmetricPopulation } from './axisymmetric.js';
import { erfKernel, reluKernel } from './dotKernels.js';
import { networkPopulation } from './networkPopulation.js';
import { signedSphere } from './teachers.js';

const d = 8;
const teacher = { weights: [1, -0.5], poles: [1, -0.8] };
const kernel = reluKernel('unit-sphere', d);
const axial = axisymmetricPopulation(kernel, d, teacher);
const rows = new Float64Array(2 * d);
[rows[0], rows[d]] = teacher.poles;
const full = networkPopulation(kernel, d, { weights: teacher.weights, rows });

function atoms(count: number): Measure {
  const random = randomStream(randomKey('axial'));
  const positions = Array.from({ length: 3 * count }, (_, k) => (k % 3 === 2 ? Math.abs : Number)(random.normal()));
  return measure({ space: euclidean(3), positions });
}

describe('population loss of laws symmetric around an axis', () => {
  test('holds the laws of energies', () => assertLaws(axial, energyLaws, { seed: 5, runs: 10 }));

  test('its first variation is its derivative', () => {
    const report = checkFirstVariation(axisymmetricPopulation(erfKernel(), d, teacher), atoms(4), { seed: 2 });
    expect(report.holds).toBe(true);
    expect(checkFirstVariation(axial, atoms(4), { seed: 2 }).holds).toBe(true);
  });

  // 10000 directions: each product of the network is within 5 of its standard errors but once in 10^6.
  test('is the loss of networks whose rows are drawn around the axis', () => {
    const mu = atoms(3);
    const random = randomStream(randomKey('directions'));
    const samples = 10_000;
    const positions = new Float64Array(3 * (d + 1));
    let [sum, squares] = [0, 0];
    const spun = atoms(3);
    const own = Float64Array.from({ length: 3 }, (_, i) => spun.masses[i]);
    for (let s = 0; s < samples; s++) {
      for (let i = 0; i < 3; i++) {
        const at = i * (d + 1);
        positions[at] = mu.positions[3 * i];
        positions[at + 1] = mu.positions[3 * i + 1];
        sphereInto(positions, at + 2, d - 1, random);
        for (let k = 2; k <= d; k++) positions[at + k] *= mu.positions[3 * i + 2];
      }
      // Different atoms point in independent directions; one atom with itself does not, and is left out.
      const net = measure({ space: euclidean(d + 1), positions, masses: own });
      let value = full.value(net);
      for (let i = 0; i < 3; i++) {
        const square = mu.positions[3 * i + 1] ** 2 + mu.positions[3 * i + 2] ** 2;
        value -= (0.5 * (own[i] * mu.positions[3 * i]) ** 2 * square) / (2 * d);
      }
      sum += value;
      squares += value * value;
    }
    let expected = axial.value(mu);
    for (let i = 0; i < 3; i++) {
      const one = measure({ space: euclidean(3), positions: mu.positions.slice(3 * i, 3 * i + 3) });
      expected -= 0.5 * own[i] ** 2 * axial.innerProduct(one, one);
    }
    const average = sum / samples;
    const error = Math.sqrt((squares / samples - average ** 2) / samples);
    expect(Math.abs(average - expected) / error).toBeLessThan(5);
    expect(error).toBeLessThan(0.01 * axial.value(mu));
  });

  test('on the axis it is the loss of the network itself', () => {
    const mu = measure({ space: euclidean(3), positions: [1, 0.7, 0, -2, -0.4, 0] });
    const positions = new Float64Array(2 * (d + 1));
    [positions[0], positions[1], positions[d + 1], positions[d + 2]] = [1, 0.7, -2, -0.4];
    const net = measure({ space: euclidean(d + 1), positions });
    expect(axial.value(mu)).toBeCloseTo(full.value(net), 14);
    expect(aroundAxis(net).positions).toEqual(mu.positions);
  });

  test('the uniform law of rows and signs forms the function 0, and its nodes integrate degree 2 exactly', () => {
    const start = axialSphere(d, 32);
    expect(Math.abs(axial.innerProduct(start, start))).toBeLessThan(1e-15);
    let [mass, second] = [0, 0];
    for (let i = 0; i < start.count; i++) {
      mass += start.masses[i];
      second += start.masses[i] * start.positions[3 * i + 1] ** 2;
    }
    expect(mass).toBeCloseTo(1, 14);
    expect(second).toBeCloseTo(1 / d, 14);
  });

  test('the flow of the symmetric law is resolved: twice the nodes change its function by less than 1e-9', () => {
    const run = (nodes: number, angles: number): Measure => {
      const energy = axisymmetricPopulation(kernel, d, teacher, angles);
      const problem = { flow: gradientFlow(energy, wasserstein()), initial: axialSphere(d, nodes) };
      return simulate(problem, { stepper: euler(), dt: 1, maxSteps: 15 }).profile[0];
    };
    const fine = axisymmetricPopulation(kernel, d, teacher, 48);
    const [coarse, doubled] = [run(20, 20), run(40, 40)];
    const squared =
      fine.innerProduct(coarse, coarse) - 2 * fine.innerProduct(coarse, doubled) + fine.innerProduct(doubled, doubled);
    expect(fine.innerProduct(doubled, doubled)).toBeGreaterThan(1e-3);
    expect(Math.abs(squared)).toBeLessThan(1e-9);
  });

  test('a wide network follows it: 500 atoms stay within the distance that 1/(2 d n) allows', () => {
    const n = 500;
    const plan = { stepper: euler(), dt: 1, maxSteps: 10 };
    const wide = simulate(
      { flow: gradientFlow(full, wasserstein()), initial: signedSphere(d, n, randomKey('wide')) },
      plan,
    ).profile[0];
    const limit = simulate({ flow: gradientFlow(axial, wasserstein()), initial: axialSphere(d, 32) }, plan).profile[0];
    const squared =
      full.innerProduct(wide, wide) -
      2 * axial.innerProduct(aroundAxis(wide), limit) +
      axial.innerProduct(limit, limit);
    // The mean of the squared distance at the start; the flow damps it.
    expect(n * squared * 2 * d).toBeLessThan(1.5);
    expect(squared).toBeGreaterThan(0);
    expect(axial.innerProduct(limit, limit)).toBeGreaterThan(20 * squared);
  });

  test('the potential off the support is that at the atoms', () => {
    const mu = atoms(5);
    const { potential, gradient } = allocateFirstVariation(5, 3);
    axial.firstVariationInto({ potential, gradient }, mu);
    const off = new Float64Array(5);
    axial.potentialAt(off, mu.positions, 5, mu);
    expect(off).toEqual(potential);
  });

  test('two inputs leave no sphere to turn on, and lists must fit', () => {
    expect(() => axisymmetricPopulation(kernel, 2, teacher)).toThrow('[axisymmetricPopulation]');
    expect(() => axisymmetricPopulation(kernel, d, { weights: [1], poles: [] })).toThrow('1 weights and 0 poles');
  });
});
