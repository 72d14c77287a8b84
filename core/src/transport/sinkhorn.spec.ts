import { describe, expect, test } from 'vitest';
import file from '../../../test/vectors/transport.json' with { type: 'json' };
import { randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { torus } from '../space/torus.js';
import type { CertifiedDistance, TransportPlan } from './certifiedDistance.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { distanceCost } from './groundCost.js';
import { sinkhornDistance, sinkhornDivergence } from './sinkhorn.js';
import { anderson } from './sinkhornAcceleration.js';
import { judgeRow } from './sinkhornBounds.js';
import { plainEngine, sweepEngine } from './sinkhornEngine.js';
import { kernelEntry } from './sinkhornExp.js';
import { absorb, createScaling, logSweep, sweep } from './sinkhornKernel.js';
import { unbalancedTransport } from './unbalanced.js';

interface Vector {
  readonly id: string;
  readonly input: { x: number[][]; y: number[][]; a: number[]; b: number[]; eps: number; rho: number };
  readonly expect: Readonly<Record<string, number>> & { readonly plan: number[][] };
  readonly tol: number;
}
const vectors = (kind: string): readonly Vector[] =>
  (file.vectors as unknown as readonly (Vector & { kind: string })[]).filter((entry) => entry.kind === kind);
const ends = ({ input }: Vector): readonly [Measure, Measure] => {
  const at = (positions: number[][], masses: number[]): Measure =>
    measure({ space: euclidean(2), positions: positions.flat(), masses, kind: 'positive' });
  return [at(input.x, input.a), at(input.y, input.b)];
};
function agreeOnPlan(plan: TransportPlan | undefined, { expect: { plan: expected }, tol }: Vector): void {
  const found = expected.map((row) => row.map(() => 0));
  plan?.masses.forEach((mass, k) => {
    found[plan.rows[k]][plan.columns[k]] = mass;
  });
  expected.forEach((row, i) => {
    row.forEach((mass, j) => {
      expect(Math.abs(found[i][j] - mass)).toBeLessThan(tol);
    });
  });
}

/** A cloud of n Gaussian atoms around (shift, 0, ...) with masses between 0.5 and 1.5 before normalization. */
function cloud(seed: number, n: number, { d = 2, shift = 0, total = 1 } = {}): Measure {
  const random = randomStream(randomKey(seed));
  const positions = Float64Array.from({ length: n * d }, (_, k) => random.normal() + (k % d === 0 ? shift : 0));
  const masses = Float64Array.from({ length: n }, () => 0.5 + random.uniform());
  const sum = masses.reduce((all, mass) => all + mass, 0);
  return measure({ space: euclidean(d), positions, masses: masses.map((m) => (m * total) / sum), kind: 'positive' });
}
const inOrder = ({ lower, value, upper }: CertifiedDistance): boolean => lower <= value && value <= upper;
const gap = ({ lower, upper }: { lower: number; upper: number }): number => upper / lower - 1;

/**
 * The vector of the divergence at epsilon 0.1 is off by 6.3e-9, more than its tolerance: alternating iterations on a measure
 * and itself contract by 1 - 1e-5 there, and its oracle stopped early. This is the fixed point of the averaged
 * iteration in the logarithmic domain (3000 rounds, marginal error 1e-16), computed apart with NumPy.
 */
const fixedPoints: Readonly<Record<string, number>> = { 'sinkhorn-3x4-eps0.1': 0.9663214170979437 };

describe('sinkhornDistance', () => {
  test('agrees with the vectors: plan, transport, both entropies and divergence', () => {
    expect(vectors('Sinkhorn')).toHaveLength(2);
    for (const vector of vectors('Sinkhorn')) {
      const options = { epsilon: vector.input.eps, tolerance: 1e-13, plan: true };
      const [mu, nu] = ends(vector);
      const found = sinkhornDistance(mu, nu, options);
      expect(Math.abs(found.squared - vector.expect.OT_eps_KL)).toBeLessThan(vector.tol);
      expect(Math.abs(found.negentropyCost - vector.expect.OT_eps_negentropy)).toBeLessThan(vector.tol);
      expect(Math.abs(found.transportCost - vector.expect.transport)).toBeLessThan(vector.tol);
      const divergence = sinkhornDivergence(mu, nu, options);
      expect(gap(divergence)).toBeLessThan(1e-11);
      expect(Math.abs(divergence.squared - (fixedPoints[vector.id] ?? vector.expect.divergence))).toBeLessThan(1e-11);
      expect(Math.abs(divergence.squared - vector.expect.divergence)).toBeLessThan(1e-8);
      agreeOnPlan(found.plan, vector);
      expect(found.status).toBe('converged');
      expect(inOrder(found)).toBe(true);
      expect(gap(found)).toBeLessThan(1e-11);
    }
  });

  test('bounds hold from the first iteration on, for the problem with and without entropy', () => {
    for (let seed = 0; seed < 30; seed++) {
      const [mu, nu] = [cloud(seed, 3 + (seed % 11)), cloud(100 + seed, 2 + (seed % 7), { shift: seed % 3 })];
      const epsilon = 10 ** -(seed % 4);
      const exact = wassersteinDistance(mu, nu);
      const best = sinkhornDistance(mu, nu, { epsilon, tolerance: 1e-13 });
      for (const maxIterations of [1, 4, 40]) {
        const early = sinkhornDistance(mu, nu, { epsilon, maxIterations });
        expect(inOrder(early)).toBe(true);
        expect(early.lower).toBeLessThanOrEqual(best.upper);
        expect(early.upper).toBeGreaterThanOrEqual(best.lower);
        expect(early.plainCost.lower).toBeLessThanOrEqual(exact.upper ** 2 * (1 + 1e-14));
        expect(early.plainCost.upper).toBeGreaterThanOrEqual(exact.lower ** 2 * (1 - 1e-14));
      }
    }
  });

  test('reaches W_2^2 as epsilon goes to 0: by scaling, within epsilon log(n m)', () => {
    const [mu, nu] = [cloud(1, 40), cloud(2, 50, { shift: 1 })];
    const { squared } = wassersteinDistance(mu, nu);
    for (const epsilon of [1e-1, 1e-2, 1e-3]) {
      const found = sinkhornDistance(mu, nu, { epsilon, tolerance: 1e-6 });
      expect(found.status).toBe('converged');
      expect(found.plainCost.upper - squared).toBeGreaterThanOrEqual(-1e-12);
      expect(found.plainCost.upper - squared).toBeLessThan(epsilon * Math.log(2000));
    }
  });

  test('is symmetric, and splitting an atom changes nothing', () => {
    const [mu, nu] = [cloud(3, 20), cloud(4, 31)];
    const options = { epsilon: 0.1, tolerance: 1e-12 };
    const found = sinkhornDistance(mu, nu, options).squared;
    expect(sinkhornDistance(nu, mu, options).squared).toBeCloseTo(found, 11);
    const positions = [...mu.positions, mu.positions[0], mu.positions[1]];
    const masses = [...mu.masses, mu.masses[0] / 3];
    masses[0] *= 2 / 3;
    const split = measure({ space: mu.space, positions, masses });
    expect(sinkhornDistance(split, nu, options).squared).toBeCloseTo(found, 11);
  });

  test('scales in the masses: OT of M mu and M nu is M OT at epsilon M^0 with the entropy against the product', () => {
    const [mu, nu] = [cloud(5, 12), cloud(6, 9)];
    const one = sinkhornDistance(mu, nu, { epsilon: 0.3, tolerance: 1e-13 });
    const three = sinkhornDistance(rescale(mu, 3), rescale(nu, 3), { epsilon: 0.3, tolerance: 1e-13 });
    // KL(3P | 9 a x b) = 3 (sum P log(P / ab)) - 3 log 3 - 3 + 9.
    expect(three.squared).toBeCloseTo(3 * one.squared + 0.3 * (6 - 3 * Math.log(3)), 10);
    expect(inOrder(three)).toBe(true);
  });

  test('takes any exponent, cost formula and space', () => {
    const [mu, nu] = [cloud(7, 15), cloud(8, 10)];
    const plain = sinkhornDistance(mu, nu, { epsilon: 0.2, tolerance: 1e-12 });
    const formula = sinkhornDistance(mu, nu, { epsilon: 0.2, tolerance: 1e-12, cost: 'norm2(x - y)' });
    expect(formula.value).toBeCloseTo(plain.squared, 10);
    const first = sinkhornDistance(mu, nu, { epsilon: 1e-3, p: 1, tolerance: 1e-5 });
    expect(first.plainCost.lower).toBeLessThanOrEqual(wassersteinDistance(mu, nu, { p: 1 }).value + 1e-12);
    expect(first.plainCost.upper).toBeGreaterThanOrEqual(wassersteinDistance(mu, nu, { p: 1 }).value - 1e-12);
    const onTorus = (x: number): Measure => measure({ space: torus(1), positions: [x] });
    expect(sinkhornDistance(onTorus(0.05), onTorus(0.95), { epsilon: 1 }).value).toBeCloseTo(0.1, 12);
  });

  test('handles zero masses, duplicates, single atoms and far clusters', () => {
    const space = euclidean(1);
    const mu = measure({ space, positions: [0, 0, 5, 9], masses: [0.25, 0.25, 0, 0.5] });
    const nu = measure({ space, positions: [0, 9e3], masses: [0.5, 0.5] });
    const found = sinkhornDistance(mu, nu, { epsilon: 1e-2, plan: true });
    expect(found.plainCost.lower).toBeCloseTo(0.5 * (9e3 - 9) ** 2, 3);
    expect([...new Set(found.plan?.rows)]).toEqual([0, 1, 3]);
    expect(found.potentials?.source[2]).toBe(0);
    expect(sinkhornDistance(diracs([0]), diracs([1e16]), { epsilon: 1e22 }).value).toBeCloseTo(1e16, -2);
  });

  test('refuses an epsilon that is none or that rounding drowns, infinite costs and different totals', () => {
    const [mu, nu] = [diracs([0]), diracs([1e16])];
    expect(() => sinkhornDistance(mu, nu, { epsilon: 0 })).toThrow(/epsilon is not usable/);
    expect(() => sinkhornDistance(mu, nu, { epsilon: Number.NaN })).toThrow(/epsilon is not usable/);
    expect(() => sinkhornDistance(mu, nu, { epsilon: 1 })).toThrow(/lost in the rounding/);
    expect(() => sinkhornDistance(mu, diracs([1e200]), { epsilon: 1 })).toThrow(/not a finite number/);
    expect(() => sinkhornDistance(mu, rescale(nu, 2), { epsilon: 1 })).toThrow(/totals differ/);
  });
});

describe('sinkhornDivergence', () => {
  test('is zero between equal measures and |v|^2 more under a translation', () => {
    const mu = cloud(9, 25);
    const same = sinkhornDivergence(mu, mu, { epsilon: 0.5, tolerance: 1e-12 });
    expect(same.lower).toBe(0);
    expect(same.squared).toBeLessThan(1e-11);
    const moved = measure({
      space: mu.space,
      masses: mu.masses,
      positions: mu.positions.map((x, k) => x + (k % 2) + 1),
    });
    const far = sinkhornDivergence(mu, moved, { epsilon: 0.5, tolerance: 1e-12 });
    expect(far.squared).toBeCloseTo(5, 9);
    expect(inOrder(far)).toBe(true);
  });
});

describe('unbalancedTransport', () => {
  test('agrees with the vectors: plan, value, transport and mass', () => {
    expect(vectors('UOT-entropic')).toHaveLength(2);
    for (const vector of vectors('UOT-entropic')) {
      const { eps: epsilon, rho } = vector.input;
      const found = unbalancedTransport(...ends(vector), { epsilon, rho, tolerance: 1e-13, plan: true });
      expect(Math.abs(found.squared - vector.expect.value)).toBeLessThan(vector.tol);
      expect(Math.abs(found.transportCost - vector.expect.transport)).toBeLessThan(vector.tol);
      expect(Math.abs(found.mass - vector.expect.mass)).toBeLessThan(vector.tol);
      agreeOnPlan(found.plan, vector);
      expect(gap(found)).toBeLessThan(1e-11);
    }
  });

  test('bounds hold from the first iteration on', () => {
    for (let seed = 0; seed < 20; seed++) {
      const mu = cloud(seed, 3 + (seed % 11), { total: 0.5 });
      const nu = cloud(100 + seed, 2 + (seed % 7), { shift: seed % 4, total: 3 });
      const options = { epsilon: 10 ** -(seed % 3), rho: 10 ** ((seed % 5) - 2) };
      const best = unbalancedTransport(mu, nu, { ...options, tolerance: 1e-10 });
      expect(best.status).toBe('converged');
      expect(gap(best)).toBeLessThan(1e-9);
      for (const maxIterations of [1, 3, 20]) {
        const early = unbalancedTransport(mu, nu, { ...options, maxIterations });
        expect(inOrder(early)).toBe(true);
        expect(early.lower).toBeLessThanOrEqual(best.upper);
        expect(early.upper).toBeGreaterThanOrEqual(best.lower);
      }
    }
  });

  test('tends to the balanced problem as rho grows', () => {
    const [mu, nu] = [cloud(11, 12), cloud(12, 9, { shift: 1 })];
    const balanced = sinkhornDistance(mu, nu, { epsilon: 0.2, tolerance: 1e-12 }).squared;
    const at = (rho: number): number =>
      balanced - unbalancedTransport(mu, nu, { epsilon: 0.2, rho, tolerance: 1e-12 }).squared;
    expect(at(1e3)).toBeGreaterThan(0);
    // The first correction is proportional to 1 / rho, the next to 1 / rho^2.
    expect(at(1e4) / at(1e5)).toBeCloseTo(10, 1);
  });

  test('takes empty measures: destroying costs rho times the mass', () => {
    const empty = measure({ space: euclidean(1), positions: [0], masses: [0], kind: 'positive' });
    const found = unbalancedTransport(rescale(diracs([1]), 3), empty, { epsilon: 0.1, rho: 2 });
    expect(found.squared).toBeCloseTo(6, 12);
    expect(unbalancedTransport(empty, empty, { epsilon: 0.1, rho: 2 }).value).toBe(0);
    expect(() => unbalancedTransport(empty, empty, { epsilon: 0.1, rho: -1 })).toThrow(/rho is not usable/);
  });
});

describe('the kernel', () => {
  test('entries have relative error below 2e-15 besides that of their exponent', () => {
    const random = randomStream(randomKey(20));
    let worst = 0;
    for (let trial = 0; trial < 20_000; trial++) {
      const z = Math.round(1400 * 2 ** 40 * (random.uniform() - 0.5)) / 2 ** 40;
      worst = Math.max(worst, Math.abs(kernelEntry(z) / Math.exp(z) - 1));
    }
    expect(worst).toBeLessThan(2e-15);
    expect([-1e9, 1e9, Number.NaN, 0].map(kernelEntry)).toEqual([0, Number.POSITIVE_INFINITY, Number.NaN, 1]);
  });

  test('loops by vectors and plain loops agree, whatever the padding of rows and columns', () => {
    for (const [n, m] of [
      [71, 83],
      [80, 64],
      [1, 5001],
      [5003, 1],
    ]) {
      const [mu, nu] = [cloud(31, n), cloud(32, m)];
      const points = { space: mu.space, rows: n, columns: m, x: mu.positions, y: nu.positions };
      const cost = distanceCost(points, 2);
      const engines = [sweepEngine, plainEngine].map((engine) => createScaling(cost, mu.masses, nu.masses, { engine }));
      const results = engines.map((scaling) => {
        absorb(scaling, 0.3);
        const errors = [sweep(scaling, Number.POSITIVE_INFINITY), sweep(scaling, 2)];
        const rows = [0, n - 1].flatMap((i) => Object.values(judgeRow(scaling, i)));
        return [...errors, scaling.largest, ...rows, ...scaling.f, ...scaling.g, ...scaling.image];
      });
      expect(engines[0].engine.start).toBeGreaterThan(0);
      expect(results[0].length).toBe(results[1].length);
      const worst = results[0].map((value, k) => Math.abs(value - results[1][k])).reduce((a, b) => Math.max(a, b));
      expect(worst).toBeLessThan(1e-11);
    }
  });

  test('sweeps alike stored, computed anew and in the logarithmic domain', () => {
    const [mu, nu] = [cloud(21, 11), cloud(22, 14)];
    const points = { space: mu.space, rows: 11, columns: 14, x: mu.positions, y: nu.positions };
    for (const rho of [2, Number.POSITIVE_INFINITY]) {
      const [stored, anew, logs] = [1e6, 0, 0].map((stored) => {
        const scaling = createScaling(distanceCost(points, 2), mu.masses, nu.masses, { stored });
        absorb(scaling, 0.3);
        return scaling;
      });
      for (let k = 0; k < 5; k++) {
        const error = sweep(stored, rho);
        absorb(anew);
        expect(sweep(anew, rho) / error).toBeCloseTo(1, 8);
        logSweep(logs, rho);
        stored.g.set(stored.image);
        anew.g.set(anew.image);
      }
      for (let j = 0; j < 14; j++) {
        expect(anew.g[j]).toBeCloseTo(stored.g[j], 12);
        expect(logs.g[j]).toBeCloseTo(stored.g[j], 12);
      }
    }
  });

  test('a problem leaves nothing in a memory that the next one uses', () => {
    const solve = (seed: number, n: number, m: number) =>
      sinkhornDistance(cloud(seed, n), cloud(seed + 1, m, { shift: 3 }), { epsilon: 0.5 }).entropicCost;
    const first = solve(41, 75, 81);
    solve(43, 90, 77);
    unbalancedTransport(cloud(45, 99), cloud(46, 101), { epsilon: 0.1, rho: 1 });
    expect(solve(41, 75, 81)).toBe(first);
  });
});

describe('anderson', () => {
  test('solves a linear symmetric iteration in two steps more than it has modes', () => {
    const random = randomStream(randomKey(51));
    const rates = [0.99, 0.95, 0.9, 0.7, 0.5, -0.3];
    const b = Float64Array.from({ length: rates.length }, () => 0.5 + random.uniform());
    const limit = Float64Array.from(rates, () => random.normal());
    const g = new Float64Array(rates.length);
    const acceleration = anderson(b, false);
    for (let k = 0; k < rates.length + 2; k++) {
      const image = g.map((value, j) => limit[j] + rates[j] * (value - limit[j]));
      acceleration.advance(g, image, Number.POSITIVE_INFINITY);
    }
    g.forEach((value, j) => {
      expect(value).toBeCloseTo(limit[j], 5);
    });
  });

  test('leaves the mean of a floating residual out', () => {
    const b = Float64Array.of(1, 3);
    const g = Float64Array.of(0, 0);
    anderson(b, true).advance(g, Float64Array.of(4, 8), 1);
    expect([...g]).toEqual([-3, 1]);
  });
});
