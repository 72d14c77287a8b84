import { allocateFirstVariation } from '../energy/checks.js';
import type { Energy, FirstVariation, Game } from '../energy/energy.js';
import { type RandomStream, randomKey } from '../math/random.js';
import type { Profile } from '../measure/measure.js';
import { energyLaws } from './energyLaws.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { largestAbs, permuted, randomMeasure, randomPermutation, showProfile, splitAtom } from './measures.js';
import { caseStream, overCases } from './samples.js';

const rounding = 1e-10;

/**
 * Laws of every game: what each player pays is its mean potential, each player's potential and gradient are the
 * derivatives of its own cost, a zero-sum game sums to zero, and only the measures count, not how they are written.
 * Deterministic for a seed; random profiles meet a kink of a payoff as rarely as those of {@link energyLaws}.
 */
export const gameLaws: readonly Law<Game>[] = [
  {
    id: 'cost-is-mean-potential',
    title: 'every player pays the mean of its potential, int V_k dmu_k',
    check: (game, options) =>
      overCases(options, 'cost-is-mean-potential', (random) => {
        const profile = randomProfile(game, random);
        const { costs, variations } = readingOf(game, profile);
        const error = profile.reduce((largest, mu, k) => {
          const mean = mu.masses.reduce((sum, mass, i) => sum + mass * variations[k].potential[i], 0);
          return Math.max(largest, Math.abs(mean - costs[k]));
        }, 0);
        return {
          error,
          tolerance: rounding * scaleOf(variations),
          detail: `costs ${costs.join(', ')} at ${showProfile(profile)}`,
        };
      }),
  },
  {
    id: 'zero-sum',
    title: 'the costs of a zero-sum game sum to zero',
    skip: (game) => (game.zeroSum ? null : 'the game does not declare zero sum'),
    check: (game, options) =>
      overCases(options, 'zero-sum', (random) => {
        const profile = randomProfile(game, random);
        const { costs } = readingOf(game, profile);
        // Costs from the potentials, so that a second cost set to minus the first proves nothing.
        const means = profile.map((mu, k) => meanOf(game, k, profile, mu.masses));
        const error = Math.abs(means.reduce((a, b) => a + b, 0)) + Math.abs(costs.reduce((a, b) => a + b, 0));
        return {
          error,
          tolerance: rounding * (1 + largestAbs(costs)),
          detail: `costs ${means.join(', ')} at ${showProfile(profile)}`,
        };
      }),
  },
  ...energyLaws
    .filter(({ id }) =>
      ['first-variation-of-masses', 'gradient-of-first-variation', 'potential-off-support'].includes(id),
    )
    .map(
      (law): Law<Game> => ({
        id: law.id,
        title: `each player by its own cost: ${law.title}`,
        skip: (game) => skippedForAll(game, law),
        check: (game, options) => forEveryPlayer(game, options, law),
      }),
    ),
  {
    id: 'writing-of-measures',
    title: "numbering or splitting any player's atoms changes no cost and no potential",
    check: (game, options) =>
      overCases(options, 'writing-of-measures', (random) => {
        const profile = randomProfile(game, random);
        const other = profile.map((mu) => {
          const split = splitAtom(mu, 0, 0.3);
          return permuted(split, randomPermutation(split.count, random));
        });
        const before = readingOf(game, profile);
        const after = readingOf(game, other);
        let error = before.costs.reduce((largest, cost, k) => Math.max(largest, Math.abs(cost - after.costs[k])), 0);
        other.forEach((mu, k) => {
          mu.ids.forEach((id, i) => {
            // The split-off atom is the only one with an id that the profile did not have.
            const from = Math.max(0, profile[k].ids.indexOf(id));
            error = Math.max(error, Math.abs(after.variations[k].potential[i] - before.variations[k].potential[from]));
          });
        });
        return { error, tolerance: rounding * scaleOf(before.variations), detail: showProfile(profile) };
      }),
  },
];

/** A random probability measure for every player. */
export function randomProfile(game: Game, random: RandomStream): Profile {
  return game.spaces.map((space) => randomMeasure(space, 2 + random.integer(4), 'probability', random));
}

/** The cost of one player as a functional of its own measure, the others held. */
function costOf(game: Game, player: number, others: Profile): Energy {
  const costs = new Float64Array(others.length);
  const withOwn = (mu: Profile[number]): Profile => others.map((other, k) => (k === player ? mu : other));
  return {
    name: `cost of player ${player} in ${game.name}`,
    dim: game.dims[player],
    space: game.spaces[player],
    smooth: game.smooth,
    value: (mu) => {
      game.costsInto(costs, withOwn(mu));
      return costs[player];
    },
    firstVariationInto: (out, mu) => {
      const profile = withOwn(mu);
      const all = profile.map(({ count, dim }, k) => (k === player ? out : allocateFirstVariation(count, dim)));
      game.evaluateInto(all, profile, { time: 0, step: 0, key: randomKey(0) });
    },
    potentialAt: (out, points, count, mu) => game.potentialAt(player, out, points, count, withOwn(mu)),
  };
}

function skippedForAll(game: Game, law: Law<Energy>): string | null {
  const others = randomProfile(game, caseStream({ seed: 0 }, 'skip', 0));
  const reasons = game.spaces.map((_, player) => law.skip?.(costOf(game, player, others)) ?? null);
  return reasons.every((reason) => reason !== null) ? reasons[0] : null;
}

/** The law of an energy, run on the cost of each player it speaks of, with opponents drawn anew for every player. */
async function forEveryPlayer(game: Game, options: LawOptions, law: Law<Energy>): Promise<LawOutcome> {
  let outcome: LawOutcome = { holds: true, measurement: 'no player to test' };
  for (let player = 0; player < game.spaces.length; player++) {
    const cost = costOf(game, player, randomProfile(game, caseStream(options, law.id, player)));
    if (law.skip?.(cost)) continue;
    outcome = await law.check(cost, options);
    if (!outcome.holds) return { ...outcome, counterexample: `player ${player}: ${outcome.counterexample ?? ''}` };
  }
  return outcome;
}

interface Reading {
  readonly costs: Float64Array;
  readonly variations: readonly FirstVariation[];
}

function readingOf(game: Game, profile: Profile): Reading {
  const variations = profile.map(({ count, dim }) => allocateFirstVariation(count, dim));
  game.evaluateInto(variations, profile, { time: 0, step: 0, key: randomKey(0) });
  const costs = new Float64Array(profile.length);
  game.costsInto(costs, profile);
  return { costs, variations };
}

function meanOf(game: Game, player: number, profile: Profile, masses: Float64Array): number {
  const potential = new Float64Array(masses.length);
  game.potentialAt(player, potential, profile[player].positions, masses.length, profile);
  return masses.reduce((sum, mass, i) => sum + mass * potential[i], 0);
}

const scaleOf = (variations: readonly FirstVariation[]): number =>
  variations.reduce((scale, { potential }) => scale + largestAbs(potential), 1);
