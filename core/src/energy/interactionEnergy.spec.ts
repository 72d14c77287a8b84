import { describe, expect, test } from 'vitest';
import type { FastSumReport } from '../compute/chebyshev.js';
import { randomKey } from '../math/random.js';
import { uniformOn } from '../measure/initialMeasures.js';
import { box } from '../space/box.js';
import { checkFirstVariation } from './checkFirstVariation.js';
import { allocateFirstVariation } from './checks.js';
import { interactionEnergy } from './interactionEnergy.js';

describe.each([1, 2])('an approximate interaction energy, d = %i', (dim) => {
  const mu = uniformOn(box(Array.from({ length: dim }, () => [-1, 1] as const)), 1500, randomKey(3));
  const kernel = dim === 1 ? 'exp(-2*(x - y)^2) + 1/(1 + (x + y)^2)' : 'exp(-2*norm2(x - y))';
  const exact = interactionEnergy({ kernel, dim });

  test.each([1e-4, 1e-7])('has the values and gradients of the exact one to a tolerance of %d', (tolerance) => {
    const reports: FastSumReport[] = [];
    const fast = interactionEnergy({ kernel, dim, approximate: { tolerance, onReport: (r) => reports.push(r) } });
    const [slowOut, fastOut] = [allocateFirstVariation(1500, dim), allocateFirstVariation(1500, dim)];
    exact.firstVariationInto(slowOut, mu);
    fast.firstVariationInto(fastOut, mu);
    const [report] = reports;
    expect(report.method).toBe('chebyshev');
    expect(report.errorBound).toBeLessThanOrEqual(tolerance * 1.000001);
    const most = (a: Float64Array, b: Float64Array): number =>
      a.reduce((sofar, value, i) => Math.max(sofar, Math.abs(value - b[i])), 0);
    expect(most(fastOut.potential, slowOut.potential)).toBeLessThanOrEqual(report.errorBound + 1e-13);
    expect(most(fastOut.gradient, slowOut.gradient)).toBeLessThanOrEqual(report.errorBound + 1e-13);
    expect(Math.abs(fast.value(mu) - exact.value(mu))).toBeLessThanOrEqual(reports[1].errorBound / 2 + 1e-13);
    const [slowAt, fastAt] = [new Float64Array(700), new Float64Array(700)];
    const points = mu.positions.slice(0, 700 * dim);
    exact.potentialAt(slowAt, points, 700, mu);
    fast.potentialAt(fastAt, points, 700, mu);
    expect(most(fastAt, slowAt)).toBeLessThanOrEqual(reports[2].errorBound + 1e-13);
  });
});

test('few atoms are summed directly, bit by bit as without the option', () => {
  const mu = uniformOn(box([[-1, 1]]), 10, randomKey(3));
  const kernel = 'exp(-(x - y)^2)';
  const reports: FastSumReport[] = [];
  const fast = interactionEnergy({
    kernel,
    dim: 1,
    approximate: { tolerance: 1e-6, onReport: (r) => reports.push(r) },
  });
  expect(fast.value(mu)).toBe(interactionEnergy({ kernel, dim: 1 }).value(mu));
  expect(reports[0]).toMatchObject({ method: 'direct', reason: expect.stringMatching(/less work/) });
});

test('the first variation of an approximate energy fits its values', () => {
  const mu = uniformOn(box([[-1, 1]]), 1500, randomKey(3));
  const fast = interactionEnergy({ kernel: 'exp(-(x - y)^2)', dim: 1, approximate: { tolerance: 1e-10 } });
  // Steps whose remainders, of order t^2, stand clear of the tolerance.
  const steps = [1, 1.5, 2, 2.5, 3, 3.5].map((k) => 10 ** -k);
  expect(checkFirstVariation(fast, mu, { seed: 1, steps }).holds).toBe(true);
});

test('functions in plain TypeScript are not expanded', () => {
  const kernel = { value: () => 1 };
  expect(() => interactionEnergy({ kernel, dim: 1, approximate: { tolerance: 1e-6 } })).toThrow(
    /\[interactionEnergy\] a kernel in plain TypeScript cannot be expanded/,
  );
});
