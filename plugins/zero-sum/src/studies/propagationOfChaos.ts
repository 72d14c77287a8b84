import {
  claimWithin,
  deriveKey,
  euler,
  eulerMaruyama,
  type Flow,
  type Game,
  gameFlow,
  logLogSlope,
  type Measure,
  measure,
  type Profile,
  randomKey,
  randomStream,
  type Space,
  type Study,
  type StudyContext,
  torus,
  wasserstein,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { z } from 'zod';
import { seriesFigure } from './series.js';

const params = z.strictObject({
  sizes: z.array(z.int().min(2).max(100_000)).min(2).default([25, 50, 100, 200, 400]).describe('atoms of each player'),
  reference: z.int().min(100).max(200_000).default(10_000).describe('atoms of the wide reference'),
  repeats: z.int().min(2).max(1000).default(40).describe('independent runs of each size'),
  duration: z.number().positive().max(100).default(0.5),
  steps: z.int().min(1).max(100_000).default(100),
  temperature: z.number().positive().max(10).default(0.02).describe('1/beta of the Langevin runs'),
});

type Params = z.output<typeof params>;

const payoff = 'cos(2*pi*(x - y)) + 0.5*sin(2*pi*x) - 0.3*cos(4*pi*y) + 0.4*sin(2*pi*(x + 2*y))';

const dynamicsUsed = ['Wasserstein-Fisher-Rao descent-ascent', 'Langevin descent-ascent'] as const;
type DynamicsUsed = (typeof dynamicsUsed)[number];

/** Points at which the potentials of a run and of the reference are compared. */
const grid = Float64Array.from({ length: 32 }, (_, k) => k / 32);

function flowOf(game: Game, name: DynamicsUsed, temperature: number): Flow {
  return name === 'Langevin descent-ascent'
    ? gameFlow(game, wasserstein({ rate: 0.02 }), { noise: temperature })
    : gameFlow(game, wassersteinFisherRao({ alpha: 1, gamma: 0.02 }));
}

/** Independent uniform atoms, or one in the middle of each of n equal cells. */
function startAt(space: Space, n: number, key: readonly (string | number)[] | 'even', seed: number | string): Measure {
  if (key === 'even') return measure({ space, positions: Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n) });
  const positions = new Float64Array(n);
  space.sampleInto(positions, n, randomStream(deriveKey(randomKey(seed), 'propagation-of-chaos', ...key)));
  return measure({ space, positions });
}

/** `V_x` and `V_y` on the grid, one after the other. */
function potentials(game: Game, profile: Profile): Float64Array {
  const out = new Float64Array(2 * grid.length);
  for (const player of [0, 1]) {
    const part = out.subarray(player * grid.length, (player + 1) * grid.length);
    game.potentialAt(player, part, grid, grid.length, profile);
  }
  return out;
}

interface RunOptions {
  readonly label: string;
  readonly initial: Profile;
  readonly seed: string;
}

async function finalPotentials(
  game: Game,
  name: DynamicsUsed,
  { duration, steps, temperature }: Params,
  { label, initial, seed }: RunOptions,
  context: StudyContext,
): Promise<Float64Array> {
  const { profile } = await context.simulate(
    label,
    { flow: flowOf(game, name, temperature), initial },
    {
      stepper: name === 'Langevin descent-ascent' ? eulerMaruyama() : euler(),
      dt: duration / steps,
      maxSteps: steps,
      seed,
      record: { every: steps },
    },
  );
  return potentials(game, profile);
}

/** Mean over repeats of the mean squared distance of the potentials to those of the reference, for each size. */
async function deviations(game: Game, name: DynamicsUsed, values: Params, context: StudyContext): Promise<number[]> {
  const seedOf = (...parts: readonly (string | number)[]): string => [context.seed, name, ...parts].join(' ');
  const wide = await finalPotentials(
    game,
    name,
    values,
    {
      label: `${name}, reference`,
      initial: game.spaces.map((space) => startAt(space, values.reference, 'even', context.seed)),
      seed: seedOf('reference'),
    },
    context,
  );
  const means: number[] = [];
  for (const n of values.sizes) {
    let total = 0;
    for (let repeat = 0; repeat < values.repeats; repeat++) {
      const initial = game.spaces.map((space, k) => startAt(space, n, [name, n, repeat, k], context.seed));
      const run = { label: `${name}, ${n} atoms`, initial, seed: seedOf(n, repeat) };
      const found = await finalPotentials(game, name, values, run, context);
      for (let k = 0; k < found.length; k++) total += (found[k] - wide[k]) ** 2 / found.length;
    }
    means.push(total / values.repeats);
  }
  return means;
}

/** Atoms of a finite game play like independent draws from the mean-field strategies. */
export const propagationOfChaosStudy: Study<Params> = {
  id: 'zero-sum/propagation-of-chaos',
  title: 'Propagation of chaos: n atoms against the mean field',
  reference: 'DomingoEnrichEtAl2020, section 4',
  params,
  async run(values, context) {
    const game = zeroSumGame({ payoff, spaces: [torus(1), torus(1)], backend: context.backend });
    const rows: { name: DynamicsUsed; means: number[] }[] = [];
    for (const name of dynamicsUsed) rows.push({ name, means: await deviations(game, name, values, context) });
    return {
      // Over seeds 1 to 8 the slopes spread with a standard deviation of 0.045: the band is left about once in 10^5 runs.
      claims: rows.map(({ name, means }) =>
        claimWithin({
          statement: `${name}: slope of the mean squared distance to the mean field against n`,
          predicted: -1,
          measured: logLogSlope([...values.sizes], means),
          tolerance: 0.2,
        }),
      ),
      notes: [
        `Payoff ${payoff} on the torus. Atoms start as independent uniform draws; the reference has ${values.reference} atoms which start evenly. Distances are those of both first variations on ${grid.length} points at time ${values.duration}.`,
        'The law of large numbers says that the mean squared distance falls as 1/n at any fixed time; how its constant grows with time is not measured here.',
      ],
      tables: [
        {
          title: `Mean squared distance of the first variations over ${values.repeats} runs`,
          columns: [{ name: 'atoms' }, ...dynamicsUsed.map((name) => ({ name }))],
          rows: values.sizes.map((n, k) => [n, ...rows.map(({ means }) => means[k])]),
        },
      ],
      figures: [
        seriesFigure(
          'deviation',
          {
            title: 'Mean squared distance to the mean field against the number of atoms',
            caption: 'On logarithmic axes a slope of -1 is the law of large numbers.',
          },
          { x: { label: 'atoms of each player', scale: 'log' }, y: { label: 'mean squared distance', scale: 'log' } },
          [
            ...rows.map(({ name, means }) => ({ label: name as string, x: values.sizes, y: means })),
            {
              label: 'slope -1',
              x: values.sizes,
              y: values.sizes.map((n) => (rows[0].means[0] * values.sizes[0]) / n),
            },
          ],
        ),
      ],
      metrics: {
        atoms: values.sizes,
        wfr: rows[0].means,
        langevin: rows[1].means,
      },
    };
  },
};
