import { box, simplex } from '@muflow/core';
import { dirac } from './knownGame.js';
import { knownGame } from './knownGames.js';

/**
 * The noisy duel on [0, 1]^2: each fires once, at distance 1 - t, and hits with probability t; whoever is fired at and
 * missed hears it and waits until it cannot miss. y shoots first where y < x and earns `2 y - 1`, else `1 - 2 x`; 0 on a
 * tie. Both fire at 1/2; the value is 0. The payoff jumps, so only masses can move. Source: [Karlin1959].
 */
export const noisyDuel = () =>
  knownGame('noisy duel', 'step(x - y)*(2*y - 1) + step(y - x)*(1 - 2*x)', [box([[0, 1]]), box([[0, 1]])], {
    value: 0,
    x: dirac(0.5),
    y: dirac(0.5),
  });

/**
 * The silent duel on [0, 1]^2: as the {@link noisyDuel}, but nobody hears a miss, so the payoff is `y - x + x y`
 * for y < x and `y - x - x y` for y > x, 0 on a tie. Both fire with density `1/(4 t^3)` on [1/3, 1]; the value is 0.
 * Source: [Karlin1959].
 */
export const silentDuel = () => {
  const law = {
    statement: 'density 1/(4 t^3) on [1/3, 1]',
    range: [1 / 3, 1] as const,
    density: (t: number) => (t >= 1 / 3 && t <= 1 ? 1 / (4 * t ** 3) : 0),
    distribution: (t: number) => (t <= 1 / 3 ? 0 : t >= 1 ? 1 : (9 - 1 / (t * t)) / 8),
    sampleInto: (out: Float64Array, count: number, random: { uniform(): number }) => {
      for (let i = 0; i < count; i++) out[i] = 1 / Math.sqrt(9 - 8 * random.uniform());
    },
  };
  return knownGame('silent duel', 'y - x + x*y*sign(x - y)', [box([[0, 1]]), box([[0, 1]])], {
    value: 0,
    x: null,
    y: null,
    spreadX: law,
    spreadY: law,
  });
};

/**
 * Colonel Blotto with three fields and equal budgets: x and y divide their forces over the fields (points of the
 * simplex), and `l = sum_k sign(y_k - x_k)` counts the fields that y wins less those it loses. Any law whose three
 * marginals are uniform on [0, 2/3] is an equilibrium; the value is 0. The draws are one such law: a uniform point of
 * the sphere, projected to the disk inscribed in the simplex (by Archimedes each coordinate is uniform).
 * Source: [GrossWagner1950].
 */
export const blottoGame = () => {
  const law = {
    statement: 'any law on the simplex with marginals uniform on [0, 2/3], as the shadow of a sphere',
    range: [0, 2 / 3] as const,
    density: (t: number) => (t >= 0 && t <= 2 / 3 ? 1.5 : 0),
    distribution: (t: number) => Math.min(1, Math.max(0, 1.5 * t)),
    sampleInto: (out: Float64Array, count: number, random: { uniform(): number }) => {
      for (let i = 0; i < count; i++) {
        const height = 2 * random.uniform() - 1;
        const radius = Math.sqrt(1 - height * height) / 3;
        const angle = 2 * Math.PI * random.uniform();
        for (let k = 0; k < 3; k++) out[3 * i + k] = 1 / 3 + radius * Math.cos(angle + (2 * Math.PI * k) / 3);
      }
    },
  };
  return knownGame('blotto', 'sign(y[0] - x[0]) + sign(y[1] - x[1]) + sign(y[2] - x[2])', [simplex(3), simplex(3)], {
    value: 0,
    x: null,
    y: null,
    spreadX: law,
    spreadY: law,
  });
};
