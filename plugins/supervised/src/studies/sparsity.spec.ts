import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { sparsityStudy } from './sparsity.js';

// Four problems of 12 rows: about 5 s on one core.
test('all claims hold at the default parameters', { timeout: 120_000 }, async () => {
  const { claims, tables, figures, profiles = {} } = await runStudy(sparsityStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(10);
  const [optima, stages, counts] = tables;
  expect(optima.rows.map(([label, cells]) => `${label}: ${cells}`)).toEqual([
    'circle 1: 24',
    'circle 2: 24',
    'circle 3: 24',
    'sphere 1: 134',
  ]);
  expect(stages.rows).toHaveLength(12);
  expect(stages.rows.every(([, , , , status]) => status === 'certified')).toBe(true);
  // Smaller steps come nearer.
  for (let k = 0; k < 12; k += 3) expect(Number(stages.rows[k + 2][2])).toBeLessThan(Number(stages.rows[k][2]));
  for (const [, particles, merged, program] of counts.rows) {
    expect(Number(merged)).toBeLessThan(Number(particles));
    expect(Number(program)).toBeLessThanOrEqual(Number(merged));
    // A function of 12 rows needs no more than 12 atoms.
    expect(Number(program)).toBeLessThanOrEqual(12);
  }
  const [atoms, certificate] = figures;
  expect(atoms.marks.filter(({ type }) => type === 'rule')).toHaveLength(24);
  const line = certificate.marks.find(({ type }) => type === 'line');
  if (line?.type !== 'line') throw new Error('the certificate has no line');
  expect(Math.max(...line.y.map(Math.abs))).toBeLessThanOrEqual(0.02 * (1 + 1e-9));
  expect(Object.keys(profiles)).toHaveLength(4);
});

test('the program is solved and sparse for other sizes and penalties, whatever the particles reach', async () => {
  const short = { problems: 2, biasProblems: 1, particles: 10, biasParticles: 10, steps: 20 };
  for (const given of [
    { ...short, rows: 3 },
    { ...short, rows: 20, lambda: 0.2 },
    { ...short, rows: 15, lambda: 2e-3 },
  ]) {
    const { claims } = await runStudy(sparsityStudy, given, { seed: 2 });
    const proven = claims.filter(({ statement }) => !statement.includes('excess of the particles'));
    expect(proven).toHaveLength(8);
    expect(proven.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  }
});
