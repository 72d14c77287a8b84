import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { deconvolutionStudy } from './deconvolution.js';

// Eight runs of 3000 steps of up to 100 atoms: about 5 s on one core.
test('every figure, optimum, rate and certificate holds at the default parameters', { timeout: 120_000 }, async () => {
  const { claims, tables, profiles = {} } = await runStudy(deconvolutionStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  const about = (word: string) => claims.filter(({ statement }) => statement.includes(word)).length;
  // Seven starts at five steps, but for the start whose energy vanishes at three of them.
  expect(about('Energy of')).toBe(7 * 5 - 3);
  expect(about('Decay of')).toBe(7);
  expect(about('certified')).toBe(5);
  expect(about('Late over early')).toBe(3);
  const [, places, ends] = tables;
  // A penalty takes mass from the atoms and moves them; without one the spikes themselves are found.
  const [free, light, heavy] = [0, 1, 4].map((lambda) => places.rows.filter(([penalty]) => penalty === lambda));
  expect(Math.max(...free.map((row) => Number(row[4])))).toBeLessThan(1e-12);
  light.forEach((row, i) => {
    expect(Number(row[3])).toBeLessThan(Number(row[2]));
    expect(Number(row[3])).toBeGreaterThan(Number(heavy[i][3]));
    expect(Number(row[4])).toBeLessThan(Number(heavy[i][4]));
  });
  expect(ends.rows).toHaveLength(9);
  expect(profiles.merged[0].count).toBe(3);
});

const short = { steps: 60, polish: 20 };

test('nothing is random: another seed gives the same energies', async () => {
  const [first, other] = [1, 2].map((seed) => runStudy(deconvolutionStudy, short, { seed }));
  expect((await other).metrics).toEqual((await first).metrics);
});

test('a short run claims only what it has reached', async () => {
  const { claims, tables } = await runStudy(deconvolutionStudy, short, { seed: 1 });
  expect(claims).toHaveLength(14);
  expect(claims.every(({ verdict, statement }) => verdict === 'holds' && statement.startsWith('Energy of'))).toBe(true);
  expect(tables[0].columns.map(({ name }) => name)).toEqual(['start', 'step 0', 'step 30']);
});
