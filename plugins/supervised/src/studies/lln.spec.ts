import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { llnStudy } from './lln.js';

// Slopes of three widths spread by about 0.07 (distances by 10 % at 16 runs or more), so the band is two deviations; those of
// transport distances spread by 0.05 over eight seeds of four widths.
test('widths 32 to 128: the distance to the population flow falls like 1/n at every time', {
  timeout: 240_000,
}, async () => {
  const { claims, tables } = await runStudy(llnStudy, { widths: [32, 64, 128] }, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(3 + 5 + 1 + 4);
  const [{ rows }, exchange, transport] = tables;
  expect(rows.map(([step]) => step)).toEqual([0, 50, 100, 150, 200]);
  // The constant of the law falls too, and the limit learns.
  expect(Number(rows[4][3])).toBeLessThan(0.5 * Number(rows[0][3]));
  expect(Number(rows[4][6])).toBeLessThan(0.1 * Number(rows[0][6]));
  expect(transport.rows.map(([name, step]) => `${name} ${step}`)).toEqual([
    'bounded Lipschitz 0',
    'bounded Lipschitz 200',
    'W2 0',
    'W2 200',
  ]);
  // Signs alone put 1/sqrt(n) between the start and its law in the bounded-Lipschitz distance; the rest adds less than half.
  [32, 64, 128].forEach((n, w) => {
    const scaled = Number(transport.rows[0][2 + w]) * Math.sqrt(n);
    expect(scaled).toBeGreaterThan(0.8);
    expect(scaled).toBeLessThan(1.6);
  });
  // Wider networks come closer to the energy of the limit at the end.
  const last = exchange.rows[4].slice(1).map(Number);
  expect(last[0]).toBeGreaterThan(last[2]);
  expect(last[2]).toBeGreaterThan(last[3]);
});

test('a run is that of its seed', async () => {
  const short = { widths: [4, 8], repeats: 2, steps: 4, nodes: 8 };
  const series = async (seed: number) => (await runStudy(llnStudy, short, { seed })).metrics;
  const [first, again, other] = [await series(1), await series(1), await series(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
