import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { threeSpinStudy } from './threeSpin.js';
import { slopeBetween } from './threeSpinReport.js';

const small = {
  inputs: [3],
  sigmoidWidths: [4, 8, 16],
  batches: [10],
  sigmoidSteps: 64,
  gaussianWidths: [4, 8, 16],
  gaussianBatches: [10],
  gaussianTime: 20,
};

test('slopes are those of the power law that the losses follow, one for each start', () => {
  const widths = [10, 20, 40];
  const times = [0, 1, 2, 3, 4];
  const power = (exponent: number) => widths.map((width) => times.map((time) => (5 - time) * width ** exponent));
  const { slope, error, losses } = slopeBetween(
    { kind: 'law', inputs: 5, widths, times, values: [power(-1), power(-2)] },
    2,
    4,
  );
  expect(slope).toBeCloseTo(-1.5, 12);
  expect(error).toBeCloseTo(0.5, 12);
  expect(losses[0]).toBeCloseTo((2 * (0.1 + 0.01)) / 2, 12);
});

test('a run is that of its seed', async () => {
  const tables = async (seed: number) => (await runStudy(threeSpinStudy, small, { seed })).tables;
  const [first, again, other] = [await tables(1), await tables(1), await tables(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

// The slopes of two starts differ by 0.1 or less, and the band is 0.25 to both sides of its center.
test('in dimension 5 the loss of sigmoid networks falls like 1/n from 32 to 512 units', {
  timeout: 240_000,
}, async () => {
  const { claims, tables } = await runStudy(threeSpinStudy, { gaussianTime: 20 }, { seed: 1 });
  const bands = claims.filter(({ statement }) => statement.startsWith('Slope'));
  expect(bands.map(({ verdict }) => verdict)).toEqual(['holds']);
  expect(tables[0].columns.map(({ name }) => name)).toContain('n = 512');
});

test('Gaussian units learn from samples what their exact flow learns, from the same starts', async () => {
  const given = { ...small, gaussianBatches: [1000], repeats: 2 };
  const { tables } = await runStudy(threeSpinStudy, given, { seed: 1 });
  const [, trained, exact] = tables.map(({ rows }) => rows.map((row) => row.slice(2, 5).map(Number)));
  expect(tables[1].title).toContain('Gaussian units, batch 1000');
  // Samples are averaged over the half of the time before: they lie between the exact losses at its ends.
  trained.slice(1).forEach((losses, k) => {
    losses.forEach((loss, w) => {
      expect(loss).toBeGreaterThan(0.8 * exact[k + 1][w]);
      expect(loss).toBeLessThan(1.2 * exact[k][w]);
    });
  });
});

test('the band is claimed for dimension 5 and widths from 32 to 512 alone', async () => {
  const { claims } = await runStudy(threeSpinStudy, { ...small, inputs: [5] }, { seed: 1 });
  expect(claims.filter(({ statement }) => statement.startsWith('Slope'))).toEqual([]);
});

test('the exact flow of Gaussian units steepens in time, as nothing holds its loss at 1/n', async () => {
  const { claims } = await runStudy(
    threeSpinStudy,
    { ...small, inputs: [5], gaussianWidths: [32, 64, 128], gaussianBatches: [], gaussianTime: 160 },
    { seed: 1 },
  );
  const exact = claims.filter(({ statement }) => statement.includes('Gaussian'));
  expect(exact.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds']);
});
