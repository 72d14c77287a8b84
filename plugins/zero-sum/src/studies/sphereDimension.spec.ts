import { createWorkbench, definePlugin } from '@muflow/core';
import { expect, test } from 'vitest';
import { sphereDimensionStudy } from './sphereDimension.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [sphereDimensionStudy] })],
});

// Short runs: the claims at default parameters hold for the seeds 1 to 3, with every measurement at least 20 % inside.
test('fixed atoms lose to moving ones as the dimension grows', async () => {
  const params = { dimensions: [2, 6], games: 3, steps: 400, stepSize: 0.05 };
  const { claims, tables, figures } = await workbench.runStudy('zero-sum/sphere-dimension', params, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(5);
  const rows = tables[0].rows;
  expect(rows.map((row) => row.at(-1))).toEqual(new Array(6).fill('certified to 1e-9'));
  expect(figures.map(({ id }) => id)).toEqual(['trend', 'path']);
});
