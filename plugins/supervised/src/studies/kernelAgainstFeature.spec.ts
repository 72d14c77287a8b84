import { runStudy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { kernelAgainstFeatureStudy } from './kernelAgainstFeature.js';
import { bandOf, dimensionClaims, type Trial } from './kernelAgainstFeatureReport.js';

const small = {
  dimensions: [2, 8],
  rows: 150,
  validationRows: 50,
  testRows: 400,
  repeats: 3,
  units: 3,
  penalties: [0.1, 0.03, 0.01],
};

describe('kernel against feature', () => {
  test('is that of its seed, and every claim holds on few rows', async () => {
    const [first, again, other] = await Promise.all(
      [1, 1, 2].map((seed) => runStudy(kernelAgainstFeatureStudy, small, { seed })),
    );
    expect(first.claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(again.tables).toEqual(first.tables);
    expect(other.tables).not.toEqual(first.tables);
  });

  test('without noise the error of F1 is that against clean targets, and a hidden neuron has norm 1', async () => {
    const clean = { ...small, target: 'relu', noise: 0, dimensions: [2, 4], repeats: 2, penalties: [0.01] };
    const { tables } = await runStudy(kernelAgainstFeatureStudy, clean, { seed: 1 });
    const [errors, fits] = tables;
    for (const [k, row] of fits.rows.entries()) {
      expect(errors.rows[k][2]).toBe(row[1]);
      expect(Number(row[3])).toBeGreaterThan(0.9);
      expect(Number(row[3])).toBeLessThan(1.01);
      expect(Number(row[6])).toBeGreaterThan(0.95);
    }
  });
});

describe('claims', () => {
  const fitted = (heldOut: number) => ({ heldOut, excess: heldOut, penalty: 1, norm: 1 });
  const trials = (feature: readonly number[], kernel: readonly number[]): Trial[] =>
    feature.flatMap((_, k) =>
      [0.99, 1.01].map((factor, repeat) => ({
        dimension: 2 ** k,
        repeat,
        feature: fitted(factor * feature[k]),
        kernel: fitted(factor * kernel[k]),
        neurons: 1,
        alignment: 1,
      })),
    );
  const verdicts = (feature: readonly number[], kernel: readonly number[]): string[] =>
    dimensionClaims(trials(feature, kernel), { value: Math.abs, norm: 1, formula: 'z' })
      .slice(0, 3)
      .map(({ verdict }) => verdict);

  test('hold where F1 stays in its bands and F2 leaves them, and fail where either does not', () => {
    expect(verdicts([1, 1, 1], [1, 2, 4])).toEqual(['holds', 'holds', 'holds']);
    expect(verdicts([1, 1, 2], [1, 2, 4])).toEqual(['fails', 'holds', 'holds']);
    expect(verdicts([1, 1, 1], [1, 1, 1])).toEqual(['holds', 'fails', 'fails']);
  });

  test('bands are those of Student: 2, 4, 6 has mean 4 and half width 4.303 * 2 / sqrt 3', () => {
    const { mean, low, high } = bandOf([2, 4, 6]);
    expect(mean).toBe(4);
    expect(high - mean).toBeCloseTo((4.303 * 2) / Math.sqrt(3), 12);
    expect(mean - low).toBeCloseTo(high - mean, 12);
  });
});
