import { funkHecke, harmonicCount, legendreInto, reluFunkHecke, sphereRule } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import {
  classSeparationBudget,
  classSeparationFloor,
  classSeparationForm,
  neuronEnergies,
  neuronF2Budget,
  neuronF2Distance,
} from './index.js';

describe('neuronEnergies', () => {
  test.each([1, 2])('are lambda_k^2 N(d, k) for relu^%i, and with the tail add up to E sigma^2', (power) => {
    for (const dim of [2, 3, 7, 30]) {
      const { degrees, energies, multipliers, total, tail } = neuronEnergies(dim, { degree: 60, power });
      const lambda = reluFunkHecke(dim, 60, power);
      for (const [i, k] of degrees.entries()) {
        expect(energies[i] / (lambda[k] ** 2 * harmonicCount(dim, k))).toBeCloseTo(1, 11);
        expect(multipliers[i]).toBe(lambda[k] ** 2);
      }
      const square = funkHecke((t) => Math.max(t, 0) ** (2 * power), { dim, degree: 0, kinks: [0] })[0];
      expect(total / square).toBeCloseTo(1, 12);
      expect(tail).toBeGreaterThan(0);
    }
  });

  test('sum rule to 1e-5, d = 2..256', () => {
    for (let dim = 2; dim <= 256; dim = Math.ceil(1.3 * dim)) {
      const { total, tail } = neuronEnergies(dim);
      expect(total * 2 * dim).toBeCloseTo(1, 13);
      expect(tail / total).toBeLessThan(1e-5);
    }
  });

  test.each([
    [1, {}],
    [3, { degree: 0 }],
    [3, { power: 0 }],
  ])('refuses %j %j', (dim, options) => {
    expect(() => neuronEnergies(dim, options)).toThrow(/\[neuronEnergies\] there is no such neuron/);
  });
});

describe('distance of a neuron to a ball of F2', () => {
  // Found by an independent search over a grid of multipliers, which ends up to 2.5 percent above the least.
  test.each([
    [3, 2.15, 0.008],
    [10, 9.28, 0.108],
    [14, 26.5, 0.137],
    [24, 268, 0.245],
    [32, 1412, 0.296],
  ])('d = %i: radius %j for L2 error 1/(4d), relative error %j at radius 10', (dim, delta, relative) => {
    const found = [neuronF2Budget(1 / (4 * dim), { dim }).delta, neuronF2Distance(10, { dim }).relative];
    for (const [i, [value, half]] of [
      [delta, delta / 400],
      [relative, 0.0005],
    ].entries()) {
      expect(found[i]).toBeGreaterThan(0.975 * value - half);
      expect(found[i]).toBeLessThan(value + half);
    }
  });

  test('budget and distance are inverses of each other, and their brackets hold them', () => {
    for (const dim of [2, 5, 20, 128]) {
      for (const power of [1, 2]) {
        for (const delta of [0.3, 3, 30]) {
          const { distance, lower } = neuronF2Distance(delta, { dim, power });
          const back = neuronF2Budget(distance, { dim, power });
          expect(back.delta / delta).toBeCloseTo(1, 9);
          expect(lower).toBeLessThanOrEqual(distance);
          expect(back.lower).toBeLessThanOrEqual(back.delta);
        }
      }
    }
  });

  test('more degrees move the distance between the bounds given with fewer', () => {
    const [few, many] = [40, 4000].map((degree) => neuronF2Distance(4, { dim: 5, degree }));
    expect(many.distance).toBeLessThanOrEqual(few.distance);
    expect(many.lower).toBeGreaterThanOrEqual(few.lower);
  });

  test('no function of the ball is nearer: drawn densities, by quadrature on the sphere', () => {
    // Zonal functions sum_k N lambda_k s_k P_k, of norm delta; the shrunk one must beat all others.
    const [dim, degree, delta] = [4, 24, 3];
    const { nodes, weights } = sphereRule({ dim, degree: 2 * degree, kinks: [0] });
    const lambda = reluFunkHecke(dim, degree);
    const counts = Array.from(lambda, (_, k) => harmonicCount(dim, k));
    const values = new Float64Array(degree + 1);
    const errorOf = (shape: (k: number) => number): number => {
      const raw = Array.from(lambda, (_, k) => shape(k));
      const norm = Math.sqrt(raw.reduce((sum, s, k) => sum + (lambda[k] === 0 ? 0 : counts[k] * s * s), 0));
      const factor = Math.min(1, delta / norm);
      let sum = 0;
      for (const [i, t] of nodes.entries()) {
        legendreInto(values, dim, t);
        const f = raw.reduce((all, s, k) => all + counts[k] * lambda[k] * s * factor * values[k], 0);
        sum += weights[i] * (Math.max(t, 0) - f) ** 2;
      }
      return Math.sqrt(sum);
    };
    const { distance } = neuronF2Distance(delta, { dim, degree });
    let best = Infinity;
    for (let log = -16; log <= 0; log += 0.05) {
      best = Math.min(
        best,
        errorOf((k) => lambda[k] ** 2 / (lambda[k] ** 2 + Math.exp(log))),
      );
    }
    expect(best).toBeGreaterThan(distance * (1 - 1e-12));
    expect(best).toBeLessThan(distance * 1.001);
    for (let cut = 1; cut <= degree; cut++) expect(errorOf((k) => (k <= cut ? 1 : 0))).toBeGreaterThan(distance);
    for (let p = 0; p < 3; p += 0.25) expect(errorOf((k) => (1 + k) ** -p)).toBeGreaterThan(distance);
  });

  test('a ball of radius 0 is asked for by the norm of the neuron, and distances below the tail are refused', () => {
    expect(neuronF2Budget(1, { dim: 8 }).delta).toBe(0);
    expect(() => neuronF2Budget(1e-6, { dim: 8, degree: 10 })).toThrow(/\[neuronF2Budget\] the distance is below/);
    expect(() => neuronF2Distance(0, { dim: 8 })).toThrow(/\[neuronF2Distance\] the radius is not usable, got 0/);
  });
});

describe('separation of S1 and S2', () => {
  test('the published form never rises with the norm and never falls below 0', () => {
    const values = [0, 1, 2, 4, 8, 16].map((delta) => classSeparationForm(6, delta));
    expect(values[0]).toBeCloseTo(1 / 6, 15);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
    expect(values.at(-1)).toBe(0);
  });

  test('the proven floor falls with the norm to 0, and the budget is where it crosses a distance', () => {
    for (const dim of [3, 8, 20]) {
      const floors = [0, 1, 2, 4, 100].map((delta) => classSeparationFloor(dim, delta).floor);
      for (let i = 1; i < floors.length; i++) expect(floors[i]).toBeLessThanOrEqual(floors[i - 1]);
      const distance = 1 / (8 * dim);
      const delta = classSeparationBudget(dim, distance);
      expect(classSeparationFloor(dim, delta).floor / distance).toBeCloseTo(1, 10);
    }
  });

  test('in the largest value over points the floor does not exceed what shrinking attains', () => {
    // At Diracs and mixtures of them: the zonal function of the ball has its largest error on a grid of t.
    for (const [dim, delta] of [
      [4, 2],
      [8, 5],
      [10, 10],
    ]) {
      const lambda = reluFunkHecke(dim, 60);
      const counts = Array.from(lambda, (_, k) => harmonicCount(dim, k));
      const values = new Float64Array(61);
      let least = Infinity;
      for (let log = -16; log <= 0; log += 0.25) {
        const s = Array.from(lambda, (value) => value ** 2 / (value ** 2 + Math.exp(log)));
        if (s.reduce((sum, v, k) => sum + counts[k] * v * v, 0) > delta * delta) continue;
        let worst = 0;
        for (let t = -1; t <= 1; t += 0.01) {
          legendreInto(values, dim, t);
          const f = s.reduce((sum, v, k) => sum + counts[k] * lambda[k] * v * values[k], 0);
          worst = Math.max(worst, Math.abs(Math.max(t, 0) - f));
        }
        least = Math.min(least, worst);
      }
      const { floor } = classSeparationFloor(dim, delta);
      expect(floor).toBeGreaterThan(0);
      expect(floor).toBeLessThan(least);
    }
  });

  test('what is divided by is E|P_k|, to 1e-4 beside panels that end at the zeros', () => {
    const dim = 9;
    const values = new Float64Array(13);
    for (const k of [1, 2, 5, 12]) {
      const at = (t: number): number => {
        legendreInto(values, dim, t);
        return values[k];
      };
      const zeros: number[] = [];
      for (let i = 0; i < 4000; i++)
        if (at(Math.cos(i * 7.85398e-4)) * at(Math.cos((i + 1) * 7.85398e-4)) < 0)
          zeros.push(Math.cos((i + 0.5) * 7.85398e-4));
      const { nodes, weights } = sphereRule({ dim, degree: k, kinks: zeros });
      const mean = nodes.reduce((sum, t, i) => sum + weights[i] * Math.abs(at(t)), 0);
      const size = Math.abs(reluFunkHecke(dim, k)[k]) / mean;
      if (size > 0) expect(classSeparationFloor(dim, 0, k).floor).toBeGreaterThanOrEqual(size * (1 - 1e-4));
      expect(zeros).toHaveLength(k);
    }
    expect(classSeparationFloor(dim, 0, 1).floor * 9 * (2 * sphereMean(dim))).toBeCloseTo(1, 3);
  });

  test('at degree d the floor is near d^(-3/2)/4 up to norms near 2^d/5', () => {
    for (const [dim, factor, root] of [
      [8, 0.252, 0.268],
      [64, 0.225, 0.162],
    ]) {
      const { nodes, weights } = sphereRule({ dim, degree: 16 * dim });
      const values = new Float64Array(dim + 1);
      let mean = 0;
      for (const [i, t] of nodes.entries()) {
        legendreInto(values, dim, t);
        mean += weights[i] * Math.abs(values[dim]);
      }
      expect((Math.abs(reluFunkHecke(dim, dim)[dim]) / mean) * dim ** 1.5).toBeCloseTo(factor, 3);
      expect(Math.sqrt(harmonicCount(dim, dim)) / 2 ** dim).toBeCloseTo(root, 3);
    }
  });

  test.each([() => classSeparationFloor(4, -1), () => classSeparationBudget(4, 0)])('%s is refused', (call) => {
    expect(call).toThrow(/is not usable/);
  });
});

/** `E|t|`. */
function sphereMean(dim: number): number {
  return 2 * reluFunkHecke(dim, 0)[0];
}
