import {
  birthDeath,
  box,
  euler,
  fisherRao,
  gaussian,
  gradientFlow,
  grid,
  heun,
  type Jump,
  type Measure,
  measure,
  measureOrder,
  mirror,
  potentialEnergy,
  rk4,
  simulate,
  systematicResampling,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { fisherRaoSolution, quadraticWell } from './nonInteracting.js';

const well = quadraticWell({ center: [0.5, -1], stiffness: [1, 2.5] });
const start = gaussian({ dim: 2, n: 6, key: 1 });
const positive = measure({
  space: start.space,
  kind: 'positive',
  positions: start.positions,
  masses: [1, 2, 0.5, 1, 3, 0.1],
});
const rates = { alpha: 1.3, gamma: 0.7 };

/** Mean and variance of each coordinate under a probability. */
const moments = ({ positions, masses, count, dim }: Measure): readonly number[] => {
  const of = (value: (x: number) => number, c: number): number =>
    Array.from({ length: count }, (_, i) => masses[i] * value(positions[i * dim + c])).reduce((a, b) => a + b, 0);
  return Array.from({ length: dim }, (_, c) => {
    const mean = of((x) => x, c);
    return [mean, of((x) => (x - mean) ** 2, c)];
  }).flat();
};

describe('the exact solution in a quadratic well', () => {
  test.each([
    [euler(), 1, [100, 200, 400]],
    [heun(), 2, [40, 80, 160]],
    [rk4(), 4, [10, 20, 40]],
  ] as const)('is approached by $name with its order, in mass and position', (stepper, order, steps) => {
    for (const initial of [start, positive]) {
      const problem = {
        name: 'quadratic well',
        flow: gradientFlow(well, wassersteinFisherRao(rates)),
        initial: [initial],
        time: 0.8,
        exact: (t: number) => [well.solution(initial, t, rates)],
      };
      expect(Math.abs(measureOrder(stepper, problem, steps).order - order)).toBeLessThan(0.15);
    }
  });

  test('without transport is the Fisher-Rao solution of its values, which the mirror step meets to rounding', () => {
    const values = new Float64Array(6);
    well.potentialAt(values, start.positions, 6, start);
    for (const initial of [start, positive]) {
      const exact = fisherRaoSolution(initial, values, 2, { alpha: 0.4 });
      const alone = well.solution(initial, 2, { alpha: 0.4, gamma: 0 });
      const flow = gradientFlow(well, fisherRao({ alpha: 0.4 }));
      const [run] = simulate({ flow, initial }, { stepper: mirror(), dt: 0.25, maxSteps: 8 }).profile;
      for (const other of [alone, run]) {
        exact.masses.forEach((mass, i) => {
          expect(other.masses[i]).toBeCloseTo(mass, 13);
        });
      }
      expect(alone.positions).toEqual(initial.positions);
    }
  });

  test('goes on from where it is: one flow after another is the flow over both times', () => {
    const [whole, parts] = [
      well.solution(start, 1.5, rates),
      well.solution(well.solution(start, 0.6, rates), 0.9, rates),
    ];
    whole.logMasses.forEach((logMass, i) => {
      expect(parts.logMasses[i]).toBeCloseTo(logMass, 12);
    });
    whole.positions.forEach((x, k) => {
      expect(parts.positions[k]).toBeCloseTo(x, 13);
    });
  });

  test('of a Gaussian density is the Gaussian of its closed form, by quadrature on a fine grid', () => {
    const given = { mean: [0.3, 0.2], variance: [0.5, 0.8] };
    const [m, s] = [given.mean, given.variance];
    const lattice = grid(
      box([
        [-5.7, 6.3],
        [-6.8, 7.2],
      ]),
      120,
    );
    const masses = Float64Array.from({ length: lattice.count }, (_, i) => {
      const [x, y] = [lattice.positions[2 * i] - m[0], lattice.positions[2 * i + 1] - m[1]];
      return Math.exp(-(x * x) / (2 * s[0]) - (y * y) / (2 * s[1]));
    });
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    const density = measure({ space: start.space, positions: lattice.positions, masses: masses.map((w) => w / total) });
    for (const flow of [rates, { alpha: 2, gamma: 0 }, { alpha: 0, gamma: 1 }]) {
      const { mean, variance } = well.gaussianSolution(given, 0.7, flow);
      moments(well.solution(density, 0.7, flow)).forEach((value, k) => {
        expect(value).toBeCloseTo([mean[0], variance[0], mean[1], variance[1]][k], 9);
      });
    }
  });

  test('its energy is that of the formula', () => {
    const same = potentialEnergy({ potential: '((x[0] - 0.5)^2 + 2.5 * (x[1] + 1)^2) / 2', dim: 2 });
    expect(well.value(positive)).toBeCloseTo(same.value(positive), 13);
  });
});

describe('particles that are born and die in place of masses', () => {
  const given = { mean: [0.3, 0.2], variance: [0.5, 0.8] };
  const [time, n, runs] = [0.6, 400, 24];
  const { mean, variance } = well.gaussianSolution(given, time, rates);
  const exact = [mean[0], variance[0], mean[1], variance[1]];
  const end = (jump: Jump, seed: number): readonly number[] => {
    const initial = gaussian({ dim: 2, n, key: seed, mean: given.mean, std: given.variance.map(Math.sqrt) });
    const flow = gradientFlow(well, wasserstein({ rate: rates.gamma }), { jumps: [jump] });
    return moments(
      simulate({ flow, initial }, { stepper: rk4(), dt: 0.02, maxTime: time, seed, record: { every: 30 } }).profile[0],
    );
  };

  // Means of four moments over 24 independent runs, within 6 standard errors: false alarm 2e-5 (Student's law). The second
  // term is the bias of the rule itself at this step, of order dt: 0.0035 with 300,000 particles, for either.
  test.each([
    ['systematic resampling', systematicResampling({ rate: rates.alpha }), 0.004],
    ['birth and death', birthDeath({ rate: rates.alpha }), 0.004],
  ])('%s follows the closed form of the density', (_, jump, allowed) => {
    const ends = Array.from({ length: runs }, (_unused, seed) => end(jump, seed));
    exact.forEach((value, k) => {
      const average = ends.reduce((sum, one) => sum + one[k], 0) / runs;
      const deviation = Math.sqrt(ends.reduce((sum, one) => sum + (one[k] - average) ** 2, 0) / (runs - 1));
      expect(Math.abs(average - value)).toBeLessThan((6 * deviation) / Math.sqrt(runs) + allowed);
    });
  });
});

test('shapes that do not fit are refused', () => {
  expect(() => fisherRaoSolution(start, [1, 2], 1)).toThrow(/2 values for 6 atoms/);
  expect(() => quadraticWell({ center: [0, 1], stiffness: [1] })).toThrow(/center and stiffness do not fit/);
  expect(() => quadraticWell({ center: [0], stiffness: 0 })).toThrow(/a stiffness is not usable/);
});
