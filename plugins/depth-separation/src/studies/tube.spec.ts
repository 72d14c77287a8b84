import { runStudy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import type { Ceiling } from '../probe/index.js';
import { oscillatoryTarget } from '../targets/index.js';
import { tubeCertificate } from '../tube/index.js';
import { tubeStudy } from './tube.js';
import { tubeResult } from './tubeReport.js';

const small = {
  dims: [1, 8, 12, 16],
  deepDims: [2, 12],
  knots: [64],
  points: 2000,
  fitDims: [1, 16],
  widths: [16],
  restarts: 1,
  steps: 4,
};

describe('the study of tubes', () => {
  test('every claim holds at its defaults, with the figures of the card', async () => {
    const { claims, tables, figures, notes } = await runStudy(tubeStudy, {}, { seed: 1 });
    expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(claims).toHaveLength(8);
    const [, floor, , , units] = tables[0].rows.find(([dim]) => dim === 12) ?? [];
    expect(Number(floor)).toBeCloseTo(0.8764, 3);
    expect(units).toBe(1085);
    expect(figures[0].marks[0]).toMatchObject({ type: 'band', label: 'unknown' });
    expect(notes?.[0]).toMatch(/^Proved: the relative squared error is at least .* with any weights; /);
    expect(notes?.[0]).toContain('weights: no bound of any kind');
    expect(notes?.[0]).toContain('Outside the class');
  });

  test('is that of its seed, and nothing proved depends on it', async () => {
    const run = async (seed: number) => (await runStudy(tubeStudy, small, { seed })).tables;
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(first);
    expect(other[2]).not.toEqual(first[2]);
    expect(other[0].rows.map(([, floor]) => floor)).toEqual(first[0].rows.map(([, floor]) => floor));
  });

  test('turned, biased and real, with claims that still hold and no card', async () => {
    const given = { ...small, rotated: true, bias: 0.2, part: 'real', omega: 6 };
    const { claims, notes } = await runStudy(tubeStudy, given, { seed: 3 });
    expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds', 'holds']);
    expect(notes?.[0]).toContain('U x, U orthogonal, has the density');
    expect(notes?.[0]).toContain('cos <omega, relu(U x + b)>');
  });

  test('a fit below its floor fails the claim and is told as a contradiction', () => {
    const certificate = tubeCertificate(oscillatoryTarget({ dim: 16, omega: 10 }));
    const resultOf = (value: number) => {
      const fit: Ceiling = { value, low: value, high: value, method: 'fit', units: 64, problem: 'd = 16' };
      return tubeResult({
        omega: 10,
        knots: [64],
        onCard: false,
        masses: [{ omega: 10, coarse: certificate.factors[0], fine: certificate.factors[0] }],
        certificates: [certificate],
        deep: [{ dim: 16, knots: 64, ceiling: fit }],
        fits: [{ dim: 16, ceilings: [fit], best: fit }],
        difference: 0,
      });
    };
    const verdictOf = (value: number) =>
      resultOf(value).claims.find(({ statement }) => statement.startsWith('No fit beats'))?.verdict;
    // The floor of 64 units at d = 16 is .9986.
    expect(verdictOf(0.9987)).toBe('holds');
    expect(verdictOf(0.9985)).toBe('fails');
    expect(resultOf(0.9).notes?.[0]).toContain('Contradiction (d = 16)');
  });

  test('can be stopped', async () => {
    const stop = new AbortController();
    const run = runStudy(
      tubeStudy,
      { ...small, points: 1_000_000 },
      { seed: 1, signal: stop.signal, onProgress: ({ label }) => label.startsWith('depth three') && stop.abort() },
    );
    await expect(run).rejects.toThrow(/abort|stopped/i);
  });

  test('refuses parameters outside the theory', async () => {
    for (const [given, message] of [
      [{ omega: 0 }, /the hypothesis "omega > 0" is not met at params.omega, got/],
      [{ dims: [0] }, /the hypothesis "d >= 1" is not met/],
      [{ knots: [2] }, /the hypothesis "m >= 3" is not met/],
      [{ bias: Number.NaN }, /not valid/],
    ] as const) {
      await expect(runStudy(tubeStudy, given, { seed: 1 })).rejects.toThrow(message);
    }
  });
});
