import { measure, parseSpace, randomKey, randomStream } from '@muflow/core';
import { assertLaws, gameLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { solveMatrixGame } from '../finish/matrixGame.js';
import { equilibriumProfile, type FiniteStrategy } from './knownGame.js';
import { plantedGame } from './plantedGame.js';

const cases = [
  ['torus(1)', 'torus(1)', 3, 3],
  ['torus(1,2)', 'torus(1)', 1, 2],
  ['torus(2)', 'torus(3)', 3, 3],
  ['[-1,1]', '[0,3]', 2, 2],
  ['[-1,1],[0,2]', '[-1,1],[0,2]', 4, 3],
  ['sphere(2)', 'sphere(3)', 3, 3],
  ['sphere(4,2)', 'sphere(4,2)', 2, 2],
  ['simplex(3)', '[0,1]', 2, 2],
  ['sphere(3) x [0,1]', 'torus(1) x [0,1]', 2, 2],
  ['torus(1)', '[-1,1]', 1, 1],
] as const;

describe.each(cases)('planted on %s and %s with %i x %i atoms', (xs, ys, atomsX, atomsY) => {
  const spaces = [parseSpace(xs), parseSpace(ys)] as const;
  const value = -0.7;
  const margin = 1.5;
  const games = Array.from({ length: 3 }, (_, seed) =>
    plantedGame({ space: spaces, atomsX, atomsY, value, margin, coupling: 2, seed }),
  );

  test('both potentials are the value at the atoms and not beyond it anywhere, by at most the margin', () => {
    for (const known of games) {
      const profile = equilibriumProfile(known);
      for (const player of [0, 1]) {
        const sign = player === 0 ? 1 : -1;
        const { count, positions } = profile[player];
        const at = new Float64Array(count);
        known.game.potentialAt(player, at, positions, count, profile);
        for (const v of at) expect(sign * v).toBeCloseTo(value, 12);
        const replies = new Float64Array(2000 * spaces[player].dim);
        spaces[player].sampleInto(replies, 2000, randomStream(randomKey(41)));
        const paid = new Float64Array(2000);
        known.game.potentialAt(player, paid, replies, 2000, profile);
        const above = paid.map((v) => sign * (sign * v - value));
        expect(Math.min(...above)).toBeGreaterThan(-1e-12);
        // The wall was scaled by other draws: its maximum differs by what either misses.
        expect(Math.max(...above)).toBeLessThan(1.3 * margin);
        expect(Math.max(...above)).toBeGreaterThan(0.7 * margin);
      }
    }
  });

  test('gradients at the equilibrium vanish', () => {
    for (const { game, equilibrium } of games) {
      const profile = equilibriumProfile({ game, equilibrium });
      const out = profile.map(({ count, dim }) => ({
        potential: new Float64Array(count),
        gradient: new Float64Array(count * dim),
      }));
      game.evaluateInto(out, profile, { time: 0, step: 0, key: randomKey(0) });
      profile.forEach((mu, k) => {
        const { gradient } = out[k];
        mu.space.projectTangentInto(gradient, mu.positions, gradient, mu.count);
        for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1e-11);
      });
    }
  });

  test('the matrix game on the atoms has the planted value, and the planted masses where they are unique', () => {
    for (const known of games) {
      const [mu, nu] = equilibriumProfile(known);
      const payoff = new Float64Array(mu.count * nu.count);
      const row = new Float64Array(nu.count);
      for (let i = 0; i < mu.count; i++) {
        const one = measure({ space: mu.space, positions: mu.positions.slice(i * mu.dim, (i + 1) * mu.dim) });
        known.game.potentialAt(1, row, nu.positions, nu.count, [one, nu]);
        for (let j = 0; j < nu.count; j++) payoff[i * nu.count + j] = -row[j];
      }
      const solution = solveMatrixGame(payoff, mu.count, nu.count);
      expect(solution.value).toBeCloseTo(value, 11);
      if (known.equilibrium.x === null) continue;
      for (let i = 0; i < mu.count; i++) expect(solution.x[i]).toBeCloseTo(mu.masses[i], 8);
      for (let j = 0; j < nu.count; j++) expect(solution.y[j]).toBeCloseTo(nu.masses[j], 8);
    }
  });

  test('strategies are called unique only where both have the same number of atoms', () => {
    for (const { equilibrium } of games) {
      expect(equilibrium.x === null).toBe(atomsX !== atomsY);
      expect((equilibrium.x ?? equilibrium.someX)?.mass).toHaveLength(atomsX);
      expect((equilibrium.y ?? equilibrium.someY)?.mass).toHaveLength(atomsY);
    }
  });

  test('holds the laws of games', () => assertLaws(games[0].game, gameLaws, { seed: 3, runs: 6 }));
});

test('the same seed plants the same game, another seed another', () => {
  const make = (seed: number) => plantedGame({ space: parseSpace('torus(1)'), atomsX: 3, atomsY: 2, seed });
  expect(make(4).game.formula).toBe(make(4).game.formula);
  expect(make(4).game.formula).not.toBe(make(5).game.formula);
});

test('without coupling the strategies are not called unique; with one atom each they are', () => {
  const space = parseSpace('torus(1)');
  expect(plantedGame({ space, atomsX: 2, atomsY: 2, coupling: 0 }).equilibrium.x).toBeNull();
  expect(plantedGame({ space, atomsX: 1, atomsY: 1, coupling: 0 }).equilibrium.x).not.toBeNull();
});

test('chosen strategies are planted as they are', () => {
  const x: FiniteStrategy = { at: [[0.25], [0.5]], mass: [0.3, 0.7] };
  const known = plantedGame({ space: parseSpace('[0,1]'), atomsX: x, atomsY: 2, seed: 8 });
  expect(known.equilibrium.x).toBe(x);
});

test.each([
  [{ atomsX: 0 }, /the number of atoms is not usable, got 0/],
  [
    { atomsX: { at: [[2]], mass: [1] } },
    /an atom does not lie in its space, got array\(1\) \[2\], expected a point of \[0,1\]/,
  ],
  [{ atomsX: { at: [[0.5]], mass: [0.9] } }, /the masses are not usable/],
  [{ margin: 0 }, /the margin is not usable, got 0/],
  [{ coupling: Number.NaN }, /the coupling is not usable, got NaN/],
  [{ value: Number.POSITIVE_INFINITY }, /the value is not usable, got Infinity/],
  [{ space: parseSpace('R^2') }, /no game can be planted on this space, got euclidean\(2\).*Fix: bound the space/],
  [{ space: parseSpace('finite(3)') }, /no game can be planted on this space, got finite\(3\)/],
])('%j is refused', (change, message) => {
  const options = { space: parseSpace('[0,1]'), atomsX: 1, atomsY: 1, ...change };
  expect(() => plantedGame(options)).toThrow(message);
});
