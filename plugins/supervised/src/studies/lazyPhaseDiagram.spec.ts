import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { lazyPhaseDiagramStudy } from './lazyPhaseDiagram.js';

test('every claim of a smaller grid holds: slopes -1 and -2, features below the tangent model', async () => {
  const sizes = { widths: [8, 24], draws: 1 };
  const { claims, tables, figures } = await runStudy(lazyPhaseDiagramStudy, sizes, { seed: 2 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(2 + 3);
  expect(tables[0].rows).toHaveLength(2 * 7 + 7);
  expect(figures.map(({ id }) => id)).toEqual(['distance-map', 'test-map', 'distance', 'test-error']);
});

test('a run is that of its seed', async () => {
  const small = { inputs: 3, rows: 6, testRows: 10, widths: [4], scales: [1, 10, 30, 90], draws: 1, horizon: 5 };
  const rows = async (seed: number) => (await runStudy(lazyPhaseDiagramStudy, small, { seed })).tables[0].rows;
  const [first, again, other] = [await rows(1), await rows(1), await rows(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
