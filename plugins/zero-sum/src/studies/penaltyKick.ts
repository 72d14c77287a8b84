import {
  claimAtMost,
  claimWithin,
  euler,
  extragradient,
  fisherRao,
  type Game,
  gameFlow,
  type Measure,
  measure,
  type Profile,
  type RunResult,
  rk4,
  type Study,
  type StudyContext,
} from '@muflow/core';
import { z } from 'zod';
import { ergodicRecorder } from '../dynamics/ergodicAverage.js';
import type { KnownEquilibrium } from '../games/knownGame.js';
import { penaltyKick } from '../games/knownGames.js';
import { nikaidoIsodaOnGrid, nikaidoIsodaRecorder } from '../nikaidoIsoda.js';
import { column, positive, seriesFigure, steps } from './series.js';

const params = z.strictObject({
  steps: z.int().min(100).max(1_000_000).default(4000).describe('steps of mirror-prox and of Hedge'),
  duration: z.number().min(100).max(1e6).default(4000).describe('time of the Fisher-Rao flow'),
});

type Params = z.output<typeof params>;

/** The published equilibrium, in per cent [PalaciosHuerta2003, section 4]. */
const published = { kickerLeft: 38.54, goalkeeperLeft: 41.99 } as const;

/** `KL(mu* | mu)` on the atoms of a finite game. */
function divergence(equilibrium: readonly number[], mu: Measure): number {
  return equilibrium.reduce((sum, p, i) => sum + (p > 0 ? p * (Math.log(p) - mu.logMasses[i]) : 0), 0);
}

/** The start: away from the equilibrium, so that the flow has an orbit to go around. */
function start(game: Game): Profile {
  return [0.8, 0.25].map((p, k) =>
    measure({ space: game.spaces[k], positions: Float64Array.of(0, 1), masses: Float64Array.of(p, 1 - p) }),
  );
}

/** The error of the averaged strategies at the end of a run. */
function averagedError(game: Game, run: RunResult): { readonly error: number; readonly left: readonly number[] } {
  const last = run.frames[run.frames.length - 1].values;
  const left = [last.average0_0, last.average1_0];
  const profile = left.map((p, k) =>
    measure({ space: game.spaces[k], positions: Float64Array.of(0, 1), masses: Float64Array.of(p, 1 - p) }),
  );
  return { error: nikaidoIsodaOnGrid(game, profile).error, left };
}

interface Runs {
  readonly mirrorProx: RunResult;
  readonly flow: RunResult;
  readonly hedge: RunResult;
  readonly hedgeStep: number;
}

async function runAll(game: Game, { steps: count, duration }: Params, context: StudyContext): Promise<Runs> {
  const error = nikaidoIsodaRecorder(game);
  const initial = start(game);
  const masses = fisherRao({ alpha: 1 });
  const mirrorProx = await context.simulate(
    'mirror-prox',
    { flow: gameFlow(game, masses), initial },
    {
      stepper: extragradient(),
      dt: 1,
      maxSteps: count,
      seed: context.seed,
      record: { every: Math.max(1, Math.floor(count / 400)), recorders: [error] },
    },
  );
  const average = ergodicRecorder([2, 2]);
  const flow = await context.simulate(
    'Fisher-Rao flow',
    { flow: gameFlow(game, masses), initial },
    {
      stepper: rk4(),
      dt: 0.25,
      maxTime: duration,
      seed: context.seed,
      record: { every: 1, recorders: [error, average] },
    },
  );
  // The step that balances both terms of the bound for this number of steps.
  const range = 0.9497 - 0.583;
  const hedgeStep = Math.sqrt((4 * Math.log(4)) / (count * range * range));
  const hedge = await context.simulate(
    'Hedge',
    { flow: gameFlow(game, masses), initial: uniform(game) },
    {
      stepper: euler(),
      dt: hedgeStep,
      maxSteps: count,
      seed: context.seed,
      record: { every: 1, recorders: [average] },
    },
  );
  return { mirrorProx, flow, hedge, hedgeStep };
}

function uniform(game: Game): Profile {
  return game.spaces.map((space) => measure({ space, positions: Float64Array.of(0, 1) }));
}

function claims(
  { mirrorProx, flow, hedge, hedgeStep }: Runs,
  game: Game,
  equilibrium: KnownEquilibrium,
  { steps: count }: Params,
) {
  const [goalkeeper, kicker] = mirrorProx.profile.map((mu) => 100 * mu.masses[0]);
  const sums = klSums(flow, equilibrium);
  const drift = Math.max(...sums.map((sum) => Math.abs(sum / sums[0] - 1)));
  const averaged = averagedError(game, flow);
  const bound = Math.log(4) / (hedgeStep * count) + (hedgeStep * 0.3667 ** 2) / 4;
  return [
    claimWithin({
      statement: 'Mirror-prox finds how often the kicker shoots left (per cent)',
      predicted: published.kickerLeft,
      measured: kicker,
      tolerance: 0.005,
    }),
    claimWithin({
      statement: 'Mirror-prox finds how often the goalkeeper dives left (per cent)',
      predicted: published.goalkeeperLeft,
      measured: goalkeeper,
      tolerance: 0.005,
    }),
    claimAtMost({
      statement:
        'The Nikaido-Isoda error of the last iterate of mirror-prox vanishes to rounding (exact on a finite game)',
      bound: 1e-12,
      measured: Math.abs(nikaidoIsodaOnGrid(game, mirrorProx.profile).error),
    }),
    claimAtMost({
      statement: 'The Fisher-Rao flow conserves KL(mu*|mu) + KL(nu*|nu): largest relative drift',
      bound: 1e-6,
      measured: drift,
    }),
    claimWithin({
      statement: 'The time average of the Fisher-Rao flow finds the kicker (per cent)',
      predicted: published.kickerLeft,
      measured: 100 * averaged.left[1],
      tolerance: 0.5,
    }),
    claimWithin({
      statement: 'The time average of the Fisher-Rao flow finds the goalkeeper (per cent)',
      predicted: published.goalkeeperLeft,
      measured: 100 * averaged.left[0],
      tolerance: 0.5,
    }),
    claimAtMost({
      statement: 'The averaged flow keeps the bound (sum of the divergences at the start and log 2 twice) / T',
      bound: (sums[0] + 2 * Math.LN2) / flow.time,
      measured: averaged.error,
    }),
    claimAtMost({
      statement: 'Hedge keeps NI(average) <= (log n + log m)/(eta T) + eta R^2/4',
      bound,
      measured: averagedError(game, hedge).error,
    }),
  ];
}

const klSums = (run: RunResult, { x, y }: KnownEquilibrium): number[] =>
  run.frames.map((frame) => divergence(x?.mass ?? [], frame.profile[0]) + divergence(y?.mass ?? [], frame.profile[1]));

/** The penalty kick of professional football, solved three ways. */
export const penaltyKickStudy: Study<Params> = {
  id: 'zero-sum/penalty-kick',
  title: 'The penalty kick: a mixed equilibrium that professionals play',
  reference: 'PalaciosHuerta2003, section 4; HofbauerSigmund1998, chapter 11',
  params,
  async run(values, context) {
    const { game, equilibrium } = penaltyKick();
    const runs = await runAll(game, values, context);
    const orbit = runs.flow.frames.slice(0, 800);
    const everyTenth = runs.flow.frames.filter((_, k) => k % 10 === 0);
    return {
      claims: claims(runs, game, equilibrium, values),
      notes: [
        'A kicker and a goalkeeper choose left or right at once. The chance of a goal is 58.30 % if both choose left, 94.97 % if only the kicker does, 92.91 % if only the goalkeeper does, and 69.92 % if both choose right, as counted over professional penalties.',
        'Mirror-prox converges to the equilibrium itself. The Fisher-Rao flow, which is replicator dynamics, circles around it for ever: only its average over time converges, and the sum of divergences to the equilibrium stays what it was.',
      ],
      tables: [
        {
          title: 'Equilibrium, in per cent',
          columns: [
            { name: 'method' },
            { name: 'kicker left', unit: '%' },
            { name: 'goalkeeper left', unit: '%' },
            { name: 'value', unit: '% goals' },
          ],
          rows: [
            ['published', published.kickerLeft, published.goalkeeperLeft, null],
            [
              'closed form',
              100 * (equilibrium.y?.mass[0] ?? Number.NaN),
              100 * (equilibrium.x?.mass[0] ?? Number.NaN),
              100 * equilibrium.value,
            ],
            [
              'mirror-prox, last iterate',
              100 * runs.mirrorProx.profile[1].masses[0],
              100 * runs.mirrorProx.profile[0].masses[0],
              100 * nikaidoIsodaOnGrid(game, runs.mirrorProx.profile).upper,
            ],
            [
              'Fisher-Rao flow, time average',
              100 * averagedError(game, runs.flow).left[1],
              100 * averagedError(game, runs.flow).left[0],
              null,
            ],
            [
              'Hedge, average',
              100 * averagedError(game, runs.hedge).left[1],
              100 * averagedError(game, runs.hedge).left[0],
              null,
            ],
          ],
        },
      ],
      figures: [
        {
          id: 'orbit',
          title: 'The Fisher-Rao flow circles, mirror-prox spirals in',
          caption:
            'Each point is a pair of strategies. The flow keeps its distance to the equilibrium, measured by relative entropy; mirror-prox closes in on it.',
          x: { label: 'kicker left' },
          y: { label: 'goalkeeper left' },
          marks: [
            {
              type: 'line',
              label: 'Fisher-Rao flow',
              x: orbit.map((f) => f.profile[1].masses[0]),
              y: orbit.map((f) => f.profile[0].masses[0]),
            },
            {
              type: 'line',
              label: 'mirror-prox',
              x: runs.mirrorProx.frames.map((f) => f.profile[1].masses[0]),
              y: runs.mirrorProx.frames.map((f) => f.profile[0].masses[0]),
            },
            {
              type: 'dot',
              label: 'equilibrium',
              x: [equilibrium.y?.mass[0] ?? Number.NaN],
              y: [equilibrium.x?.mass[0] ?? Number.NaN],
            },
          ],
        },
        seriesFigure(
          'error',
          {
            title: 'Nikaido-Isoda error',
            caption:
              'The error of mirror-prox falls to rounding; that of the flow itself goes up and down without end.',
          },
          { x: { label: 'time' }, y: { label: 'Nikaido-Isoda error', scale: 'log' } },
          [
            { label: 'mirror-prox', x: steps(runs.mirrorProx), y: positive(column(runs.mirrorProx, 'nikaidoIsoda')) },
            {
              label: 'Fisher-Rao flow',
              x: everyTenth.map((f) => f.time),
              y: positive(everyTenth.map((f) => f.values.nikaidoIsoda)),
            },
          ],
        ),
      ],
      metrics: { step: steps(runs.mirrorProx), nikaidoIsoda: column(runs.mirrorProx, 'nikaidoIsoda') },
      profiles: { mirrorProx: runs.mirrorProx.profile },
    };
  },
};
