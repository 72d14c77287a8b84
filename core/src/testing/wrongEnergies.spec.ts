import { describe, expect, test } from 'vitest';
import type { Energy, FirstVariation, Game } from '../energy/energy.js';
import { risk } from '../energy/risk.js';
import { zeroSumGame } from '../energy/zeroSumGame.js';
import type { Measure, Profile } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { energyLaws } from './energyLaws.js';
import { gameLaws } from './gameLaws.js';
import { complaints, type Mistake, mistakeRows, untested, verdictsOn } from './mistakes.js';

/** Factors of a quadratic-confined Gaussian interaction on the line, each 1 where it is right. */
interface Factors {
  readonly gradient?: number;
  /** Of the interaction in V. */
  readonly interaction?: number;
  readonly offSupport?: number;
  /** Of the mass of atom i. */
  readonly mass?: (i: number, mu: Measure) => number;
}

/** `F = int x^2/2 dmu + (1/2) int int exp(-(x - y)^2) dmu dmu`, so `V = x^2/2 + int exp(-(x - y)^2) dmu(y)`. */
function confined({ gradient = 1, interaction = 1, offSupport = 1, mass = () => 1 }: Factors = {}): Energy {
  const pair = (mu: Measure, x: number, term: (difference: number) => number): number =>
    mu.masses.reduce((sum, m, j) => sum + mass(j, mu) * m * term(x - mu.positions[j]), 0);
  const potential = (mu: Measure, x: number): number =>
    x * x * 0.5 + interaction * pair(mu, x, (z) => Math.exp(-z * z));
  return {
    name: 'confined',
    dim: 1,
    smooth: true,
    value: (mu) =>
      mu.masses.reduce((sum, m, i) => {
        const x = mu.positions[i];
        return sum + (mass(i, mu) * m * (x * x + pair(mu, x, (z) => Math.exp(-z * z)))) / 2;
      }, 0),
    firstVariationInto: (out: FirstVariation, mu) => {
      for (let i = 0; i < mu.count; i++) {
        const x = mu.positions[i];
        out.potential[i] = potential(mu, x);
        out.gradient[i] = gradient * (x + interaction * pair(mu, x, (z) => -2 * z * Math.exp(-z * z)));
      }
    },
    potentialAt: (out, points, count, mu) => {
      for (let i = 0; i < count; i++) out[i] = offSupport * potential(mu, points[i]);
    },
  };
}

const right = confined();
const lasso = risk({
  unit: { formula: 'a * x', atom: { a: 1 } },
  inputs: Float64Array.of(1, 2),
  targets: Float64Array.of(0, 1),
  penalty: { kind: 'l1', lambda: 0.3 },
});
const energies: readonly Mistake<Energy>[] = [
  {
    law: 'gradient-of-first-variation',
    mistake: 'a gradient off by a factor 2',
    wrong: confined({ gradient: 2 }),
    right,
  },
  {
    law: 'gradient-of-first-variation',
    mistake: 'a gradient of the wrong sign',
    wrong: confined({ gradient: -1 }),
    right,
  },
  {
    law: 'first-variation-of-masses',
    mistake: 'an interaction halved in V as it is in F',
    wrong: confined({ interaction: 0.5 }),
    right,
  },
  {
    law: 'gradient-of-first-variation',
    mistake: 'an interaction halved in grad V as it is in F',
    wrong: confined({ interaction: 0.5 }),
    right,
  },
  {
    law: 'declared-absolute-values',
    mistake: 'an absolute value declared that is not there',
    wrong: { ...right, shrinkage: Float64Array.of(0.1) },
    right: lasso,
  },
  {
    law: 'declared-absolute-values',
    mistake: 'an absolute value declared with another weight',
    wrong: { ...lasso, shrinkage: Float64Array.of(0.6) },
    right: lasso,
  },
  {
    law: 'potential-off-support',
    mistake: 'a potential off the support that is not the one at the atoms',
    wrong: confined({ offSupport: 1 + 1e-8 }),
    right,
  },
  {
    law: 'permutation-of-atoms',
    mistake: 'an energy in which later atoms count more',
    wrong: confined({ mass: (i) => 1 + i / 100 }),
    right,
  },
  {
    law: 'splitting-an-atom',
    mistake: 'an energy that gives every atom the mass 1/n',
    wrong: confined({ mass: (i, { masses, count }) => 1 / (count * masses[i]) }),
    right,
  },
];

const line = euclidean(1);
const rightGame = zeroSumGame({ payoff: 'x^2/2 + sin(x*y) - y^2/4', spaces: [line, line] });

/** The game with what it writes changed afterwards. */
function changed(change: {
  readonly variations?: (out: readonly FirstVariation[], profile: Profile) => void;
  readonly costs?: (out: Float64Array) => void;
  readonly offSupport?: (out: Float64Array, player: number) => void;
}): Game {
  return {
    ...rightGame,
    evaluateInto: (out, profile, context) => {
      rightGame.evaluateInto(out, profile, context);
      change.variations?.(out, profile);
    },
    potentialAt: (player, out, points, count, profile) => {
      rightGame.potentialAt(player, out, points, count, profile);
      change.offSupport?.(out, player);
    },
    costsInto: (out, profile) => {
      rightGame.costsInto(out, profile);
      change.costs?.(out);
    },
  };
}

const negate = (values: Float64Array): void => {
  for (let i = 0; i < values.length; i++) values[i] = -values[i];
};

const games: readonly Mistake<Game>[] = [
  {
    law: 'gradient-of-first-variation',
    mistake: 'the gradient of the payoff, not of the cost, for the second player',
    wrong: changed({ variations: (out) => negate(out[1].gradient) }),
    right: rightGame,
  },
  {
    law: 'first-variation-of-masses',
    mistake: 'the payoff, not the cost, as potential of the second player',
    wrong: changed({ variations: (out) => negate(out[1].potential) }),
    right: rightGame,
  },
  {
    law: 'zero-sum',
    mistake: 'costs of a zero-sum game that do not cancel',
    wrong: changed({
      costs: (out) => {
        out[1] = 2 * out[1];
      },
    }),
    right: rightGame,
  },
  {
    law: 'zero-sum',
    mistake: 'a game in which both players pay the same',
    wrong: changed({
      costs: (out) => {
        out[1] = out[0];
      },
      variations: (out) => {
        negate(out[1].potential);
        negate(out[1].gradient);
      },
      offSupport: (out, player) => {
        if (player === 1) negate(out);
      },
    }),
    right: rightGame,
  },
  {
    law: 'cost-is-mean-potential',
    mistake: 'a constant in the potentials that nobody pays',
    wrong: changed({
      variations: (out) => {
        for (const { potential } of out) for (let i = 0; i < potential.length; i++) potential[i] += 1e-6;
      },
    }),
    right: rightGame,
  },
  {
    law: 'potential-off-support',
    mistake: 'the sign of the second player forgotten off the support',
    wrong: changed({ offSupport: (out, player) => player === 1 && negate(out) }),
    right: rightGame,
  },
  {
    law: 'writing-of-measures',
    mistake: 'potentials divided by the number of atoms of the opponent',
    wrong: changed({
      variations: (out, profile) => {
        for (let i = 0; i < out[0].potential.length; i++) out[0].potential[i] /= profile[1].count;
      },
    }),
    right: rightGame,
  },
];

const plan = { seeds: [1, 2, 3], runs: 10 };

describe('energies', () => {
  test.each(mistakeRows(energyLaws, energies))('%s', async (_, row) => {
    const { wrong, right: fine } = await verdictsOn(energyLaws, row, plan);
    expect(wrong).toEqual(['fails', 'fails', 'fails']);
    expect(fine).toEqual(['holds', 'holds', 'holds']);
  });

  test('the right energy holds every law, and every law catches something', async () => {
    expect(await complaints(energyLaws, energies, { seed: 1, runs: 20 })).toEqual([]);
    expect(untested(energyLaws, energies)).toEqual([]);
  });
});

describe('games', () => {
  test.each(mistakeRows(gameLaws, games))('%s', async (_, row) => {
    const { wrong, right: fine } = await verdictsOn(gameLaws, row, plan);
    expect(wrong).toEqual(['fails', 'fails', 'fails']);
    expect(fine).toEqual(['holds', 'holds', 'holds']);
  });

  test('the right game holds every law, and every law catches something', async () => {
    expect(await complaints(gameLaws, games, { seed: 1, runs: 20 })).toEqual([]);
    expect(untested(gameLaws, games)).toEqual([]);
  });
});
