import { type Claim, claimAtLeast, claimAtMost, quantiles, type Study, type StudyResult } from '@muflow/core';
import { z } from 'zod';
import { randomTrigonometricGame } from '../games/trigonometricGames.js';
import { type Attempt, attempt, type ContestantName, contestantNames } from './contestants.js';
import { seriesFigure } from './series.js';

const params = z.strictObject({
  games: z.int().min(1).max(1000).default(20).describe('random games, by consecutive seeds'),
  first: z.int().min(0).default(0).describe('seed of the first game'),
  degree: z.int().min(1).max(6).default(3).describe('K, the largest frequency'),
  error: z.number().positive().max(1).default(1e-6).describe('certified error that counts as a success'),
  steps: z.int().min(100).max(1_000_000).default(3200).describe('of the dynamics'),
  atoms: z.int().min(2).max(1000).default(15).describe('of x at the start of the dynamics; y has one more'),
  rounds: z.int().min(1).max(1000).default(30).describe('of the double oracle'),
  contestants: z
    .array(z.enum(contestantNames))
    .min(1)
    .default([...contestantNames]),
});

type Params = z.output<typeof params>;

type Results = Readonly<Partial<Record<ContestantName, readonly Attempt[]>>>;

const median = (values: readonly number[]): number | null => (values.length === 0 ? null : quantiles(values).median);

const solved = (attempts: readonly Attempt[], error: number): readonly Attempt[] =>
  attempts.filter((one) => one.error <= error);

const budgetOf = (name: ContestantName, { steps, rounds }: Params): string =>
  name === 'double oracle' ? `${rounds} rounds` : `${steps} steps`;

function claimsOf(results: Results, values: Params): Claim[] {
  const { error, games } = values;
  const attempts = Object.values(results).flat();
  const claims = [
    claimAtLeast({
      statement: 'Attempts whose error is proven, of all contestants on all games',
      bound: attempts.length,
      measured: attempts.filter((one) => Number.isFinite(one.error)).length,
    }),
  ];
  const { hybrid } = results;
  if (hybrid === undefined) return claims;
  claims.push(
    claimAtLeast({
      statement: `Games of ${games} on which the hybrid certifies an error of at most ${error.toExponential()}`,
      bound: Math.ceil(0.99 * games),
      measured: solved(hybrid, error).length,
    }),
  );
  for (const name of ['double oracle', 'mirror-prox'] as const)
    claims.push(...rivalClaims(hybrid, name, results[name] ?? [], values));
  return claims;
}

function rivalClaims(
  hybrid: readonly Attempt[],
  name: ContestantName,
  rival: readonly Attempt[],
  values: Params,
): Claim[] {
  if (rival.length === 0) return [];
  const successes = solved(rival, values.error);
  const payoffs = [hybrid, successes].map((attempts) => median(attempts.map((one) => one.payoffs)) ?? Number.NaN);
  const beyond = claimAtLeast({
    statement: `Games that the hybrid certifies beyond those of ${name} alone, which has ${budgetOf(name, values)}`,
    bound: 1,
    measured: solved(hybrid, values.error).length - successes.length,
  });
  if (successes.length === 0) return [beyond];
  return [
    beyond,
    claimAtMost({
      statement: `Median number of payoffs that the hybrid evaluates over that of ${name} where it succeeds`,
      bound: 1,
      measured: payoffs[0] / payoffs[1],
    }),
  ];
}

function table(results: Results, { games, error }: Params): StudyResult['tables'][number] {
  const columns = ['contestant', 'solved', 'median error', 'largest error', 'median steps', 'median payoffs'];
  return {
    title: `Certified errors on ${games} random torus games; a success is at most ${error.toExponential()}`,
    columns: columns.map((name) => ({ name })),
    rows: Object.entries(results).map(([name, attempts]) => {
      const successes = solved(attempts, error);
      const errors = attempts.map((one) => one.error);
      return [
        name,
        successes.length,
        median(errors),
        Math.max(...errors),
        median(successes.map(({ steps }) => steps)),
        median(successes.map(({ payoffs }) => payoffs)),
      ];
    }),
  };
}

/** Random games on the torus, drawn by seed, on which every dynamics is measured against the solver. */
export const randomGamesStudy: Study<Params> = {
  id: 'zero-sum/random-games',
  title: 'Random torus games: how often each dynamics reaches a certified equilibrium',
  reference: 'WangChizat2022, section 5 (section unchecked)',
  params,
  async run(values, context) {
    const results: Partial<Record<ContestantName, Attempt[]>> = {};
    for (const name of values.contestants) results[name] = [];
    for (let k = 0; k < values.games; k++) {
      const game = randomTrigonometricGame({ degree: values.degree, seed: values.first + k });
      for (const name of values.contestants) results[name]?.push(await attempt(name, game, values, context));
      context.progress({ label: 'random games', step: k + 1, fraction: (k + 1) / values.games });
    }
    const order = Array.from({ length: values.games }, (_, k) => (k + 1) / values.games);
    const entries = Object.entries(results);
    return {
      claims: claimsOf(results, values),
      notes: [
        'The hybrid is the solver: a double oracle from a coarse grid whose strategies are merged, polished by Newton steps and certified, with the replies that certificates find born as atoms. "finished" means that the same finisher takes up what 100 steps of the dynamics reached, again and again.',
        `The dynamics take their step sizes from a sample of the payoff (range and curvature) and up to ${values.steps} steps from ${values.atoms} and ${values.atoms + 1} atoms, none merged, born or polished; the double oracle takes up to ${values.rounds} rounds. Larger budgets solve more games: these counts compare contestants under the stated budgets only.`,
        'Errors are upper ends of proven intervals. Payoffs are counted for the fields of the dynamics and the searches for replies; second derivatives in Newton steps of the finisher and cells of certificates are not. Steps and payoffs are medians over the games that were solved.',
      ],
      tables: [table(results, values)],
      figures: [
        seriesFigure(
          'errors',
          {
            title: 'Certified error over the random games',
            caption: 'Share of the games with at most this error; errors below 1e-12 are drawn there.',
          },
          { x: { label: 'Nikaido-Isoda error', scale: 'log' }, y: { label: 'share of the games' } },
          entries.map(([label, attempts]) => ({
            label,
            x: attempts.map(({ error }) => Math.max(error, 1e-12)).sort((a, b) => a - b),
            y: order,
          })),
        ),
      ],
      metrics: Object.fromEntries(entries.map(([name, attempts]) => [name, attempts.map(({ error }) => error)])),
    };
  },
};
