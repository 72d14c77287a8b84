import { expect, test } from 'vitest';
import { sweep, sweepFamilies } from './sweep.js';

test.each([
  ['trigonometric', 10],
  ['planted-torus', 4],
  ['planted-sphere', 3],
  ['planted-box', 3],
] as const)('%s: every game is certified to 1e-6, and planted values lie in their brackets', (family, games) => {
  for (const row of sweep({ family, games })) {
    expect(row).toMatchObject({ status: 'certified' });
    expect(row.gap).toBeLessThanOrEqual(1e-6);
    expect(row.holdsValue).not.toBe(false);
  }
});

test.each(sweepFamilies.slice(1))('%s in two and three dimensions: certified to 1e-3, values held', (family) => {
  for (const dim of [2, 3]) {
    for (const row of sweep({ family, dim, games: 1, first: 1, solve: { tolerance: 1e-3 } })) {
      expect(row).toMatchObject({ status: 'certified', holdsValue: true });
      expect(row.gap).toBeLessThanOrEqual(1e-3);
    }
  }
});
