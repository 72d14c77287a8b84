import {
  allocateFirstVariation,
  type Energy,
  euclidean,
  fillNormal,
  fisherRao,
  gradientFlow,
  type Measure,
  measure,
  mirror,
  networkUnit,
  product,
  randomKey,
  risk,
  simulate,
  sphere,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { circle, deconvolutionEnergy } from '../sparse/deconvolution.js';
import { optimizeMasses } from '../sparse/fixedPositions.js';
import { dirichletKernel } from '../sparse/waveKernel.js';
import { shrinkMasses } from './shrinkMasses.js';

const space = circle(1);
const target = measure({ space, kind: 'positive', positions: [1, 2.5, 4], masses: [1, 0.5, 0.8] });
const kernel = dirichletKernel(4);
const n = 40;
const angles = Float64Array.from({ length: n }, (_, i) => (2 * Math.PI * (i + 0.3)) / n);
const even = measure({ space, kind: 'positive', positions: angles, masses: new Float64Array(n).fill(0.1) });

/** Largest violation of the optimality conditions of `F + lambda |m|` over masses. */
const violation = (energy: Energy, mu: Measure, lambda: number): number => {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  return out.potential.reduce((most, v, i) => Math.max(most, mu.masses[i] > 0 ? Math.abs(v + lambda) : -v - lambda), 0);
};

describe('forward-backward steps on the masses', () => {
  test('end at the optimum of coordinate descent, zeros included', () => {
    const lambda = 0.3;
    const best = optimizeMasses({ target, kernel, lambda }, angles, { tolerance: 1e-14 });
    const energy = deconvolutionEnergy({ target, kernel, lambda: 0 });
    const { measure: found, status, violation: reported } = shrinkMasses(energy, even, { lambda, tolerance: 1e-9 });
    expect(status).toBe('converged');
    expect(violation(energy, found, lambda)).toBe(reported);
    const value = (mu: Measure): number => energy.value(mu) + lambda * mu.masses.reduce((sum, m) => sum + m, 0);
    expect(value(found)).toBeCloseTo(value(best), 11);
    found.masses.forEach((mass, i) => {
      expect(mass).toBeCloseTo(best.masses[i], 6);
    });
    expect(found.masses.filter((mass) => mass === 0).length).toBeGreaterThan(n / 2);
  });

  test('a penalty within the energy or beside it is the same', () => {
    const within = shrinkMasses(deconvolutionEnergy({ target, kernel, lambda: 0.3 }), even, { tolerance: 1e-8 });
    const beside = shrinkMasses(deconvolutionEnergy({ target, kernel, lambda: 0 }), even, {
      lambda: 0.3,
      tolerance: 1e-8,
    });
    within.measure.masses.forEach((mass, i) => {
      expect(mass).toBeCloseTo(beside.measure.masses[i], 6);
    });
  });

  test('multiplicative steps of the conic flow approach the same optimum, never at 0', () => {
    const energy = deconvolutionEnergy({ target, kernel, lambda: 0.3 });
    const best = energy.value(shrinkMasses(energy, even).measure);
    const flow = gradientFlow(energy, fisherRao());
    const run = simulate(
      { flow, initial: even },
      { stepper: mirror(), dt: 0.1, maxSteps: 3000, record: { every: 3000 } },
    );
    const [mu] = run.profile;
    expect(mu.masses.every((mass) => mass > 0)).toBe(true);
    expect(energy.value(mu) - best).toBeGreaterThanOrEqual(-1e-12);
    expect(energy.value(mu) - best).toBeLessThan(1e-3 * (energy.value(even) - best));
  });

  test('a logistic risk over fixed neurons of both signs is solved too', () => {
    const normals = (count: number, seed: string): Float64Array => {
      const out = new Float64Array(count);
      fillNormal(out, randomKey(seed));
      return out;
    };
    const unit = networkUnit({ activation: 'relu', inputs: 2, homogeneity: 2 });
    const inputs = normals(60, 'x');
    const targets = Float64Array.from({ length: 30 }, (_, l) => (inputs[2 * l] * inputs[2 * l + 1] > 0 ? 1 : -1));
    const energy = risk({ unit, inputs, targets, loss: 'logistic' });
    const places = normals(3 * 40, 'theta');
    const on = product([euclidean(1), sphere(3)]);
    const positions = Float64Array.from({ length: 160 }, (_, k) =>
      k % 4 === 0 ? (k % 8 === 0 ? 1 : -1) : places[3 * (k >> 2) + (k % 4) - 1],
    );
    for (let i = 0; i < 40; i++) {
      const length = Math.hypot(...positions.slice(4 * i + 1, 4 * i + 4));
      for (let k = 1; k < 4; k++) positions[4 * i + k] /= length;
    }
    const start = measure({ space: on, kind: 'positive', positions, masses: new Float64Array(40).fill(0.2) });
    const { measure: found, status } = shrinkMasses(energy, start, { lambda: 0.02, tolerance: 1e-8 });
    expect(status).toBe('converged');
    expect(violation(energy, found, 0.02)).toBeLessThan(1e-8);
    expect(energy.value(found)).toBeLessThan(energy.value(start));
    expect(found.masses.some((mass) => mass === 0) && found.masses.some((mass) => mass > 0)).toBe(true);
  });

  test('a penalty above all correlations leaves no mass, and that is said to be optimal', () => {
    const energy = deconvolutionEnergy({ target, kernel, lambda: 0 });
    const { measure: none, status } = shrinkMasses(energy, even, { lambda: 100 });
    expect([status, none.masses.reduce((a, b) => a + b, 0)]).toEqual(['converged', 0]);
  });

  test('steps are bounded, options checked', () => {
    const energy = deconvolutionEnergy({ target, kernel, lambda: 0.3 });
    expect(shrinkMasses(energy, even, { maxSteps: 3 })).toMatchObject({ steps: 3, status: 'maxSteps' });
    expect(() => shrinkMasses(energy, even, { lambda: -1 })).toThrow(/lambda -1/);
  });
});
