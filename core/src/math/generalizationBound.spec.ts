import { expect, test } from 'vitest';
import { generalizationBound } from './generalizationBound.js';

test('the bound is its formula on the grid of norms', () => {
  const common = { complexity: 0.1, rows: 50, featureBound: 2, targetBound: 1, confidence: 0.9 };
  const { bound, fit, deviation, norm } = generalizationBound({ ...common, norm: 0.4 });
  expect(norm).toBe(0.5);
  expect(fit).toBeCloseTo(2 * 2 * 0.5 * 0.1, 14);
  expect(deviation).toBeCloseTo(2 * Math.sqrt(Math.log(2 ** 3 / 0.1) / 100), 14);
  expect(bound).toBeCloseTo(fit + deviation, 14);
  expect(generalizationBound({ ...common, norm: 0 }).norm).toBe(0.125);
  const empirical = generalizationBound({ ...common, norm: 0.4, empirical: true });
  expect(empirical.deviation).toBeCloseTo(6 * Math.sqrt(Math.log((2 * 2 ** 3) / 0.1) / 100), 14);
});

test('sizes that are no sizes are refused', () => {
  const good = { norm: 1, complexity: 0.1, rows: 5, featureBound: 1, targetBound: 1 };
  expect(() => generalizationBound({ ...good, confidence: 1 })).toThrow('[generalizationBound]');
  expect(() => generalizationBound({ ...good, norm: Number.NaN })).toThrow('norm NaN');
});
