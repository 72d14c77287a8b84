import { runStudy, torus } from '@muflow/core';
import { expect, test } from 'vitest';
import { particleComplexityStudy } from './particleComplexity.js';

// Four problems with 10 and 20 atoms.
test.each(['positive', 'signed'])(
  'ten particles find five %s spikes, a fixed grid does not, and sliding takes five atoms',
  {
    timeout: 120_000,
  },
  async (kind) => {
    const given = { spikes: [kind], seeds: 4, widths: [10, 20], randomWidths: [], signedSteps: 4000 };
    const { claims, tables, notes = [], profiles = {} } = await runStudy(particleComplexityStudy, given, { seed: 1 });
    expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(claims).toHaveLength(5);
    // Ten evenly spaced atoms leave no lobe empty.
    expect(notes.join()).toContain('an atom in the main lobe of every spike 8 of 8 reach');
    const [shares, atoms] = tables;
    expect(shares.rows.map(([method, m]) => `${method} ${m}`)).toEqual([
      'particles, even start 10',
      'particles, even start 20',
      'masses on a fixed grid 10',
      'masses on a fixed grid 20',
    ]);
    // More places help a grid; Frank-Wolfe starts at no atoms.
    expect(Number(shares.rows[3][3])).toBeLessThan(Number(shares.rows[2][3]));
    expect(atoms.rows[0].slice(1)).toEqual([1, 1]);
    expect(Object.keys(profiles)).toHaveLength(4);
    // All spikes are at least a tenth of the circle apart.
    const circle = torus(1, { period: 2 * Math.PI });
    for (const [{ positions, dim }] of Object.values(profiles)) {
      for (let i = 0; i < 5; i++) {
        for (let j = 0; j < i; j++)
          expect(circle.distance(positions, (i + 1) * dim - 1, positions, (j + 1) * dim - 1)).toBeGreaterThan(
            0.2 * Math.PI - 1e-9,
          );
      }
    }
  },
);

test('a run is that of its seed', async () => {
  const given = { seeds: 1, widths: [6], randomWidths: [4], steps: 50, signedSteps: 50 };
  const tablesOf = async (seed: number) => (await runStudy(particleComplexityStudy, given, { seed })).tables;
  const [first, again, other] = [await tablesOf(1), await tablesOf(1), await tablesOf(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
