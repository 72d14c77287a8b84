import { gaussLegendre, measure, parseSpace, randomKey, randomStream, sphere, torus } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { groupGame } from './groupGames.js';
import { blottoGame, noisyDuel, silentDuel } from './jumpingGames.js';
import { equilibriumProfile, type NamedGame, type SpreadStrategy } from './knownGame.js';
import { absoluteGame, grossGame } from './knownGames.js';

const fine = (low: number, high: number, count = 401): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

/** `V_k` at points of a line against a law of the opponent that quadrature has made finite. */
function potential(known: NamedGame, player: number, at: Float64Array, nodes: ArrayLike<number>, masses: number[]) {
  const out = new Float64Array(at.length);
  const other = measure({ space: known.game.spaces[1 - player], positions: Array.from(nodes), masses });
  const own = measure({ space: known.game.spaces[player], positions: [at[0]] });
  known.game.potentialAt(player, out, at, at.length, player === 0 ? [own, other] : [other, own]);
  return player === 0 ? out : out.map((v) => -v);
}

/** Nodes and masses of a law that is the image of the uniform law under `quantile`, by Gauss-Legendre on the pieces between `cuts`. */
function pushed(quantile: (u: number) => number, cuts: readonly number[]): { at: number[]; mass: number[] } {
  const { nodes, weights } = gaussLegendre(60);
  const at: number[] = [];
  const mass: number[] = [];
  for (let c = 0; c + 1 < cuts.length; c++) {
    const half = (cuts[c + 1] - cuts[c]) / 2;
    if (half <= 0) continue;
    nodes.forEach((node, i) => {
      at.push(quantile(cuts[c] + half * (node + 1)));
      mass.push(half * weights[i]);
    });
  }
  return { at, mass };
}

test('absolute: every law of x with mean 1/2 is an equilibrium strategy, and the value is 1/2', () => {
  const known = absoluteGame();
  const at = fine(0, 1);
  // The smallest reply of x against the halves of y costs 1/2 everywhere; y earns at most 1/2 against the middle.
  for (const v of potential(known, 0, at, [0, 1], [0.5, 0.5])) expect(v).toBeCloseTo(0.5, 14);
  for (const [nodes, masses] of [
    [[0.5], [1]],
    [
      [0, 1],
      [0.5, 0.5],
    ],
    [
      [0.25, 0.75, 0.5],
      [0.3, 0.3, 0.4],
    ],
  ]) {
    const earned = potential(known, 1, at, nodes, masses);
    expect(Math.max(...earned)).toBeCloseTo(0.5, 14);
    expect(earned[0]).toBeCloseTo(0.5, 14);
  }
  expect(known.equilibrium.x).toBeNull();
  expect(equilibriumProfile(known)[0].positions[0]).toBe(0.5);
});

test('gross: both potentials are 4/pi at every point', () => {
  const known = grossGame();
  // In the angle a = arctan sqrt(t) the law is uniform on [0, pi/4] and the payoff smooth.
  const { at, mass } = pushed((u) => Math.tan((Math.PI / 4) * u) ** 2, [0, 1]);
  for (const player of [0, 1])
    for (const v of potential(known, player, fine(0, 1), at, mass)) expect(v).toBeCloseTo(4 / Math.PI, 12);
});

test('silent duel: on [1/3, 1] both potentials are 0, and firing earlier loses', () => {
  const known = silentDuel();
  const quantile = (u: number): number => 1 / Math.sqrt(9 - 8 * u);
  const { distribution } = known.equilibrium.spreadX as SpreadStrategy;
  for (const t of fine(0.001, 0.999, 60)) {
    // The payoff jumps at the own time: a cut there leaves either piece smooth.
    const { at, mass } = pushed(quantile, [0, distribution(t), 1]);
    const [forX] = potential(known, 0, Float64Array.of(t), at, mass);
    const [forY] = potential(known, 1, Float64Array.of(t), at, mass);
    expect(forX).toBeCloseTo(-forY, 12);
    if (t >= 1 / 3) expect(forY).toBeCloseTo(0, 12);
    // Before 1/3 the own shot comes first: t - (1 - t) int s dF(s) with mean 1/2.
    else expect(forY).toBeCloseTo((3 * t - 1) / 2, 12);
  }
});

test('noisy duel: against a shot at 1/2 nobody earns more than 0, and a tie earns it', () => {
  const known = noisyDuel();
  const at = fine(0, 1);
  const forY = potential(known, 1, at, [0.5], [1]);
  expect(Math.max(...forY)).toBe(0);
  expect(Math.min(...potential(known, 0, at, [0.5], [1]))).toBe(0);
  expect(forY[200]).toBe(0);
  expect(forY[0]).toBe(-1);
});

describe('blotto', () => {
  const known = blottoGame();
  const law = known.equilibrium.spreadY as SpreadStrategy;

  test('a pure reply s earns sum_k (2 min(3 s_k / 2, 1) - 1) <= 0 against uniform marginals', () => {
    const reply = randomStream(randomKey(3));
    const s = new Float64Array(3);
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < 5000; i++) {
      known.game.spaces[1].sampleInto(s, 1, reply);
      const earned = s.reduce((sum, part) => sum + 2 * law.distribution(part) - 1, 0);
      expect(earned).toBeLessThanOrEqual(1e-14);
      largest = Math.max(largest, earned);
    }
    // Equality wherever no field gets more than 2/3.
    expect(largest).toBeCloseTo(0, 12);
  });

  test('its draws lie on the simplex, have uniform marginals, and earn next to nothing against any reply', () => {
    const count = 20_000;
    const points = new Float64Array(3 * count);
    law.sampleInto(points, count, randomStream(randomKey(5)));
    for (let i = 0; i < count; i += 97) expect(known.game.spaces[0].contains(points, 3 * i)).toBe(true);
    for (let k = 0; k < 3; k++) {
      const sorted = Float64Array.from({ length: count }, (_, i) => points[3 * i + k]).sort();
      const distance = sorted.reduce(
        (worst, t, i) => Math.max(worst, Math.abs(law.distribution(t) - (i + 0.5) / count)),
        0,
      );
      // Kolmogorov: P(D > 1.95 / sqrt n) = 1e-3 for each of three marginals.
      expect(distance).toBeLessThan(1.95 / Math.sqrt(count));
    }
    const mu = measure({ space: known.game.spaces[0], positions: points });
    const replies = Float64Array.of(1 / 3, 1 / 3, 1 / 3, 0.6, 0.3, 0.1, 2 / 3, 0.2, 2 / 3 - 0.5333, 1, 0, 0);
    const out = new Float64Array(4);
    known.game.potentialAt(1, out, replies, 4, [mu, measure({ space: known.game.spaces[1], positions: [1, 0, 0] })]);
    // A mean of 20000 numbers in [-3, 3]: five standard deviations are at most 0.11.
    for (const v of out.subarray(0, 3)) expect(Math.abs(v)).toBeLessThan(0.11);
    // All force on one field wins one and loses two.
    expect(out[3]).toBeCloseTo(1, 12);
  });
});

describe.each([
  ['torus(1)', 'exp(cos(2*pi*t))', 1.2660658777520084],
  ['torus(1,2)', '1 + sin(pi*t)', 1],
  ['torus(2)', '(cos(2*pi*t[0]) + cos(2*pi*(t[0] - t[1])))^2', 1],
  ['sphere(3)', 't^2 + t', 1 / 3],
  ['sphere(2)', 't^4', 3 / 8],
  ['sphere(5,2)', 't^2', 1 / 5],
])('group game on %s with h = %s', (space, h, mean) => {
  const known = groupGame({ space: parseSpace(space), h });

  test('its value is the mean of h', () => {
    expect(known.equilibrium.value).toBeCloseTo(mean, 13);
  });

  test('uniform strategies make either potential constant', () => {
    const count = 40_000;
    const law = known.equilibrium.spreadX as SpreadStrategy;
    const [own] = known.game.spaces;
    const points = new Float64Array(count * own.dim);
    law.sampleInto(points, count, randomStream(randomKey(11)));
    const mu = measure({ space: own, positions: points });
    const at = points.slice(0, 5 * own.dim);
    const out = new Float64Array(5);
    known.game.potentialAt(0, out, at, 5, [mu, mu]);
    // h lies in [-1, 4]: five standard deviations of the mean are below 5 * 2.5 / 200.
    for (const v of out) expect(Math.abs(v - mean)).toBeLessThan(0.0625);
  });
});

test('the law of a coordinate on the sphere has the density of its distribution', () => {
  for (const space of [sphere(3), sphere(4), sphere(6, { radius: 2 }), torus(1)]) {
    const law = groupGame({ space, h: '1*sum(t)' }).equilibrium.spreadX as SpreadStrategy;
    expect(law.distribution(law.range[0])).toBeCloseTo(0, 13);
    expect(law.distribution(law.range[1])).toBeCloseTo(1, 13);
    for (const u of [0.2, 0.5, 0.7]) {
      const t = law.range[0] + u * (law.range[1] - law.range[0]);
      const slope = (law.distribution(t + 1e-5) - law.distribution(t - 1e-5)) / 2e-5;
      expect(slope).toBeCloseTo(law.density(t), 8);
    }
  }
});

test('other spaces than torus and sphere have no group game', () => {
  expect(() => groupGame({ space: parseSpace('[0,1]'), h: 't' })).toThrow(
    /the space is no torus and no sphere, got \[0,1\]/,
  );
});

test('a torus too large for a grid is refused at once', () => {
  expect(() => groupGame({ space: parseSpace('torus(60)'), h: 'sum(t)' })).toThrow(
    /the space has too many coordinates, got torus\(60\), expected at most 3/,
  );
});
