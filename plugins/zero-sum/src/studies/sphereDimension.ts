import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  deriveKey,
  type Figure,
  type Mark,
  randomKey,
  randomStream,
  type SmoothGame,
  type Study,
  type StudyContext,
  uniformOn,
} from '@muflow/core';
import { z } from 'zod';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { type DynamicsName, dynamics } from '../dynamics/dynamics.js';
import { profileAverage } from '../dynamics/profileAverage.js';
import { sphereGame } from '../games/sphereGame.js';

const params = z.strictObject({
  dimensions: z.array(z.int().min(2).max(50)).min(2).default([2, 3, 5, 10]).describe('increasing'),
  games: z.int().min(1).max(1000).default(12).describe('random games of each dimension'),
  atoms: z.int().min(2).max(10_000).default(50).describe('atoms of each player'),
  steps: z.int().min(20).max(1_000_000).default(3000),
  stepSize: z.number().positive().max(1).default(0.01).describe('eta_w and eta_x'),
  temperature: z.number().positive().max(10).default(0.005).describe('1/beta of the Langevin runs'),
});

type Params = z.output<typeof params>;

const schemes = [
  { name: 'hedge', label: 'mirror descent on fixed atoms' },
  { name: 'langevin', label: 'Langevin descent-ascent' },
  { name: 'wfr', label: 'Wasserstein-Fisher-Rao descent-ascent' },
] as const satisfies readonly { readonly name: DynamicsName; readonly label: string }[];
type Scheme = (typeof schemes)[number];

/** Frames along a run; the later half is averaged. */
const frameCount = 30;

/** One run: the error of the averaged strategies, and of the last iterate along the way. */
interface Played {
  /** Proven from above. */
  readonly error: number;
  /** Width of the proven interval of the error. */
  readonly width: number;
  readonly path: readonly number[];
  readonly steps: readonly number[];
}

interface Run {
  readonly scheme: Scheme;
  readonly d: number;
  readonly index: number;
}

async function playOne({ scheme, d, index }: Run, values: Params, context: StudyContext): Promise<Played> {
  const key = deriveKey(randomKey(context.seed), 'sphere-dimension', d, index);
  const game: SmoothGame = sphereGame({ d, seed: randomStream(key).integer(2 ** 31) });
  const { atoms, steps, stepSize, temperature } = values;
  const { flow, stepper } = dynamics(game, scheme.name, { mass: stepSize, position: stepSize, temperature });
  const initial = game.spaces.map((space, k) => uniformOn(space, atoms, deriveKey(key, 'start', k)));
  const { frames } = await context.simulate(
    `${scheme.label}, d = ${d}`,
    { flow, initial },
    {
      stepper,
      dt: 1,
      maxSteps: steps,
      seed: `${context.seed} ${d} ${index}`,
      record: { every: Math.max(1, Math.floor(steps / frameCount)) },
    },
  );
  const average = profileAverage(frames.length + 2);
  for (const { step, profile } of frames) if (step > steps / 2) average.add(profile);
  const averaged = average.profile() ?? frames[frames.length - 1].profile;
  const { lower, upper } = nikaidoIsoda(game, averaged);
  return {
    error: upper,
    width: upper - lower,
    path: frames.map(({ profile }) => nikaidoIsoda(game, profile).upper),
    steps: frames.map(({ step }) => step),
  };
}

/** All games of one scheme in one dimension. */
interface Cell {
  readonly scheme: Scheme;
  readonly d: number;
  readonly played: readonly Played[];
}

/** The q-quantile of a list, between its neighbors where it falls between two. */
function quantile(list: readonly number[], q: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

const errorsIn = (cell: Cell): number[] => cell.played.map(({ error }) => error);
const medianIn = (cell: Cell): number => quantile(errorsIn(cell), 0.5);

function claimsOf(cells: readonly Cell[], values: Params): Claim[] {
  const of = (name: DynamicsName): Cell[] => cells.filter(({ scheme }) => scheme.name === name);
  const mirror = of('hedge').map(medianIn);
  const wfr = of('wfr').map(medianIn);
  const [first, last] = [values.dimensions[0], values.dimensions[values.dimensions.length - 1]];
  const all = cells.flatMap(({ played }) => played);
  return [
    claimAtMost({
      statement: 'Descent-ascent of masses and positions: largest median error over the dimensions',
      bound: 0.01,
      measured: Math.max(...wfr),
    }),
    claimAtLeast({
      statement: `Mirror descent on fixed atoms: median error at d = ${last} over that at d = ${first}`,
      bound: 4,
      measured: mirror[mirror.length - 1] / mirror[0],
    }),
    claimAtLeast({
      statement: 'Mirror descent on fixed atoms: least growth of the median error from one dimension to the next',
      bound: 1,
      measured: Math.min(...mirror.slice(1).map((error, k) => error / mirror[k])),
    }),
    claimAtLeast({
      statement: `Median error of mirror descent over that of descent-ascent at d = ${last}`,
      bound: 20,
      measured: mirror[mirror.length - 1] / wfr[wfr.length - 1],
    }),
    claimAtMost({
      statement: 'Best replies are proven by duality: largest width of the interval of an error',
      bound: 1e-9,
      measured: Math.max(...all.map(({ width }) => width)),
    }),
  ];
}

function trendFigure(cells: readonly Cell[]): Figure {
  const marks = schemes.flatMap(({ name, label }): Mark[] => {
    const row = cells.filter(({ scheme }) => scheme.name === name);
    const x = row.map(({ d }) => d);
    const at = (q: number): number[] => row.map((cell) => quantile(errorsIn(cell), q));
    return [
      { type: 'band', x, low: at(0.25), high: at(0.75), label },
      { type: 'line', x, y: at(0.5), label },
      { type: 'dot', x, y: at(0.5), label },
    ];
  });
  return {
    id: 'trend',
    title: 'Error of the averaged strategies against the dimension',
    caption: 'Medians over the games, with bands from the first to the third quartile.',
    x: { label: 'dimension d of the space of the spheres', scale: 'log' },
    y: { label: 'Nikaido-Isoda error', scale: 'log' },
    marks,
  };
}

/** Median error of the last iterate along the runs, in the highest dimension. */
function pathFigure(cells: readonly Cell[], d: number): Figure {
  const marks = cells
    .filter((cell) => cell.d === d)
    .map(({ scheme, played }): Mark => {
      const [{ steps }] = played;
      const y = steps.map((_, k) =>
        quantile(
          played.map(({ path }) => path[k]),
          0.5,
        ),
      );
      return { type: 'line', x: steps, y: y.map((value) => (value > 0 ? value : Number.NaN)), label: scheme.label };
    });
  return {
    id: 'path',
    title: `Error of the last iterate against step, d = ${d}`,
    caption: 'Medians over the games. Atoms that cannot move leave mirror descent far from the best replies.',
    x: { label: 'step' },
    y: { label: 'Nikaido-Isoda error', scale: 'log' },
    marks,
  };
}

/** Atoms that move meet the curse of dimension less than atoms that were sown. */
export const sphereDimensionStudy: Study<Params> = {
  id: 'zero-sum/sphere-dimension',
  title: 'Games on spheres: fixed atoms against moving ones as the dimension grows',
  reference: 'DomingoEnrichEtAl2020, section 6 (section unchecked)',
  params,
  async run(values, context) {
    const cells: Cell[] = [];
    for (const d of values.dimensions) {
      for (const scheme of schemes) {
        const played: Played[] = [];
        for (let index = 0; index < values.games; index++)
          played.push(await playOne({ scheme, d, index }, values, context));
        cells.push({ scheme, d, played });
      }
    }
    const last = values.dimensions[values.dimensions.length - 1];
    const row = ({ scheme, d, played }: Cell) => {
      const errors = errorsIn({ scheme, d, played });
      const width = Math.max(...played.map((one) => one.width));
      const low = errors.filter((error) => error <= 0.01).length;
      return [
        d,
        scheme.label,
        ...[0.25, 0.5, 0.75].map((q) => quantile(errors, q)),
        errors.reduce((a, b) => a + b) / errors.length,
        `${low} of ${errors.length}`,
        width <= 1e-9 ? 'certified to 1e-9' : `width ${width.toPrecision(1)}`,
      ];
    };
    return {
      claims: claimsOf(cells, values),
      notes: [
        `Games x'A0 x + x'A1 y + y'A2 y + y'A3 (x*x) + a0'x + a1'y on unit spheres with normal entries of variance 1/d, ${values.atoms} uniform atoms for each player, step ${values.stepSize}, ${values.steps} steps. The strategies judged are averages over the later half of a run, from ${frameCount / 2} frames.`,
        'The entries are scaled here and the sizes are ours, so the trend is what is reproduced of the paper, not its numbers. The Langevin runs are shown at one temperature only, and no claim is made of them.',
        'Against any strategy the potential of a player is a quadratic on its sphere, whose minimum strong duality proves in any dimension, rounding included: all errors are certified, and their upper ends are shown.',
        'Medians are compared because some games are not solved within these steps: the column of means shows them.',
      ],
      tables: [
        {
          title: `Nikaido-Isoda error over ${values.games} games`,
          columns: ['d', 'dynamics', 'first quartile', 'median', 'third quartile', 'mean', 'at most 0.01', 'proof'].map(
            (name) => ({ name }),
          ),
          rows: cells.map(row),
        },
      ],
      figures: [trendFigure(cells), pathFigure(cells, last)],
      metrics: Object.fromEntries([
        ['d', values.dimensions],
        ...schemes.map(({ name }) => [name, cells.filter(({ scheme }) => scheme.name === name).map(medianIn)]),
      ]),
    };
  },
};
