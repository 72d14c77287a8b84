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

test('only in dimension 5 the band of the slope is claimed', async () => {
  const bands = async (inputs: number) =>
    (await runStudy(threeSpinStudy, { ...small, inputs: [inputs] }, { seed: 1 })).claims.filter(({ statement }) =>
      statement.startsWith('Slope'),
    ).length;
  expect(await bands(5)).toBe(2);
  expect(await bands(3)).toBe(0);
});
