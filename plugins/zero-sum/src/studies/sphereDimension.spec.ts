import { createWorkbench, definePlugin, type Game, measure, type Profile, uniformOn } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { sphereGame } from '../games/sphereGame.js';
import { quadraticMinimum } from './quadraticOnSphere.js';
import { sphereDimensionStudy } from './sphereDimension.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [sphereDimensionStudy] })],
});

describe('the minimum of a quadratic on a sphere', () => {
  const profileOf = (game: Game, seed: number): Profile =>
    game.spaces.map((space, k) => uniformOn(space, 7, `${seed} ${k}`));

  test.each([2, 3, 8])('both sides of duality agree, and no point lies lower, d = %i', (d) => {
    for (let seed = 0; seed < 3; seed++) {
      const game = sphereGame({ d, seed });
      const profile = profileOf(game, seed);
      for (const player of [0, 1] as const) {
        const { lower, upper } = quadraticMinimum(game, player, profile);
        expect(Math.abs(upper - lower)).toBeLessThan(1e-12);
        const points = uniformOn(game.spaces[player], 500, 'points').positions;
        const values = new Float64Array(500);
        game.potentialAt(player, values, points, 500, profile);
        expect(Math.min(...values)).toBeGreaterThan(lower - 1e-12);
      }
    }
  });

  test('it lies in the interval of the certificate', () => {
    for (const d of [2, 3]) {
      const game = sphereGame({ d, seed: 4 });
      const profile = profileOf(game, 4);
      const { x, y, certified } = nikaidoIsoda(game, profile, { tolerance: 1e-6 });
      expect(certified).toBe(true);
      for (const [player, proof] of [x, y].entries()) {
        const { lower, upper } = quadraticMinimum(game, player as 0 | 1, profile);
        expect(lower).toBeGreaterThan(proof.lower - 1e-12);
        expect(upper).toBeLessThan(proof.upper + 1e-12);
      }
    }
  });

  test('without a linear part the minimum is the least eigenvalue', () => {
    const square: Game = {
      ...sphereGame({ d: 3, seed: 1 }),
      potentialAt: (_, out, points, count) => {
        for (let i = 0; i < count; i++) {
          out[i] = 2 * points[3 * i] ** 2 - points[3 * i + 1] ** 2 + points[3 * i + 1] * points[3 * i + 2];
        }
      },
    };
    const mu = measure({ space: square.spaces[0], positions: [1, 0, 0] });
    const { lower, upper } = quadraticMinimum(square, 0, [mu, mu]);
    // Eigenvalues of [[-1, 1/2], [1/2, 0]] are -1/2 -+ sqrt(1/2).
    expect(lower).toBeCloseTo(-0.5 - Math.SQRT1_2, 12);
    expect(upper).toBeCloseTo(-0.5 - Math.SQRT1_2, 12);
  });
});

// Short runs: the claims at default parameters hold for the seeds 1 to 3, with every measurement at least 20 % inside.
test('fixed atoms lose to moving ones as the dimension grows', async () => {
  const params = { dimensions: [2, 6], games: 3, steps: 400, stepSize: 0.05, certified: 1 };
  const { claims, tables, figures } = await workbench.runStudy('zero-sum/sphere-dimension', params, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(6);
  const rows = tables[0].rows;
  expect(rows.map((row) => row.at(-1))).toEqual([
    ...Array.from({ length: 3 }, () => expect.stringMatching(/^certified in 1/)),
    ...Array.from({ length: 3 }, () => 'estimated'),
  ]);
  expect(figures.map(({ id }) => id)).toEqual(['trend', 'path']);
});
