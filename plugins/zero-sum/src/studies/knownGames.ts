import {
  type Claim,
  claimAtMost,
  claimWithin,
  type Figure,
  type Frame,
  type Game,
  type Profile,
  type Space,
  type Study,
  type StudyContext,
  type StudyResult,
} from '@muflow/core';
import { z } from 'zod';
import { certificateRecorder } from '../certificate/certificateRecorder.js';
import { dynamics } from '../dynamics/dynamics.js';
import { stepSizes } from '../dynamics/stepSizes.js';
import { type FiniteStrategy, type KnownEquilibrium, strategyMeasure } from '../games/knownGame.js';
import { type Solution, type StrategyAtom, solveGame } from '../solve/solveGame.js';
import { gridStart } from '../starts.js';
import { type AnsweredGame, type GameWithAnswer, gamesWithAnswers } from './gamesWithAnswers.js';
import { seriesFigure } from './series.js';
import { stemFigure } from './stems.js';

const ids = Object.keys(gamesWithAnswers) as AnsweredGame[];

const params = z.strictObject({
  games: z.array(z.enum(ids)).min(1).default(ids).describe('which games'),
  steps: z.int().min(10).max(1_000_000).default(2000).describe('of mirror-prox'),
  atoms: z.int().min(2).max(1000).default(14).describe('of x at the start of mirror-prox; y has one more'),
  shown: z
    .array(z.enum(ids))
    .max(4)
    .default(['parrilo-2', 'planted-torus'])
    .describe('games on lines or circles whose strategies and brackets are drawn'),
});

type Params = z.output<typeof params>;

/** A value in closed form is rounded, and the stored constants of a planted game are. */
const rounding = 1e-13;

interface Answered {
  readonly id: AnsweredGame;
  readonly plan: GameWithAnswer;
  readonly game: Game;
  readonly equilibrium: KnownEquilibrium;
  readonly solution: Solution;
  /** Bound of the larger W1 to the known strategies, null where they are not unique. */
  readonly distance: number | null;
  /** Frames of mirror-prox, null where the payoff jumps. */
  readonly frames: readonly Frame[] | null;
}

async function answer(id: AnsweredGame, values: Params, context: StudyContext): Promise<Answered> {
  const plan: GameWithAnswer = gamesWithAnswers[id];
  const { game, equilibrium } = plan.make();
  if (equilibrium === null) throw new Error(`the list of games has no answer for ${id}`);
  const { width = 1e-6, rounds } = plan;
  const solution = solveGame(game, { tolerance: width, ...(rounds === undefined ? {} : { maxSteps: rounds }) });
  const distances = ([0, 1] as const).flatMap((k) => {
    const known = [equilibrium.x, equilibrium.y][k];
    return known === null ? [] : [distanceBound(game.spaces[k], [solution.x, solution.y][k], known)];
  });
  return {
    id,
    plan,
    game,
    equilibrium,
    solution,
    distance: distances.length === 0 ? null : Math.max(...distances),
    frames: plan.mirrorProx === null ? null : await mirrorProx(id, game, values, context),
  };
}

/**
 * An upper bound of W1: every atom goes to the nearest atom of the target, and what is then too much at one place
 * crosses the diameter.
 */
function distanceBound(space: Space, found: readonly StrategyAtom[], target: FiniteStrategy): number {
  const surplus = target.mass.map((mass) => -mass);
  let bound = 0;
  for (const { at, mass } of found) {
    const distances = target.at.map((place) => space.distance(Float64Array.from(at), 0, Float64Array.from(place), 0));
    const nearest = distances.indexOf(Math.min(...distances));
    surplus[nearest] += mass;
    bound += mass * distances[nearest];
  }
  return bound + (space.diameter * surplus.reduce((sum, mass) => sum + Math.abs(mass), 0)) / 2;
}

/** Only a game that is drawn is certified all along. */
async function mirrorProx(
  id: AnsweredGame,
  game: Game,
  { steps, atoms, shown }: Params,
  context: StudyContext,
): Promise<readonly Frame[]> {
  const { flow, stepper } = dynamics(game, 'mirror-prox', stepSizes(game));
  const initial = game.spaces.map((space, k) => gridStart(space, atoms + k));
  const every = Math.ceil(steps / (shown.includes(id) ? 40 : 2));
  const recorders = [certificateRecorder({ tolerance: 1e-9, maxCells: 10_000 })];
  const plan = { stepper, dt: 1, maxSteps: steps, seed: context.seed, record: { every, recorders } };
  return (await context.simulate(id, { flow, initial }, plan)).frames;
}

const lastOf = (frames: readonly Frame[]): Readonly<Record<string, number>> => frames[frames.length - 1].values;

/** Width of the bracket if it is proven and holds the known value, else NaN. */
function provenWidth({ solution, equilibrium }: Answered): number {
  const { lower, upper, certified } = solution;
  const holds = certified && lower <= equilibrium.value + rounding && equilibrium.value - rounding <= upper;
  return holds ? upper - lower : Number.NaN;
}

/** The same of all recorded brackets of mirror-prox: the certified error at the end, NaN if one misses the value. */
function provenError(frames: readonly Frame[], { value }: KnownEquilibrium): number {
  const holds = frames.every(
    ({ values: { valueLower, valueUpper, certified } }) =>
      certified === 1 && valueLower <= value + rounding && value - rounding <= valueUpper,
  );
  return holds ? lastOf(frames).niUpper : Number.NaN;
}

function claimsOf(one: Answered, steps: number): Claim[] {
  const { id, plan, equilibrium, distance, frames } = one;
  const { width = 1e-6 } = plan;
  const claims = [
    claimAtMost({
      statement: `${id}: the proven bracket holds the known value, and its width is`,
      bound: width,
      measured: provenWidth(one),
    }),
  ];
  if (distance !== null) {
    claims.push(
      claimAtMost({
        statement: `${id}: bound of the larger distance W1 to the known strategies`,
        bound: Math.max(1e-5, width),
        measured: distance,
      }),
    );
  }
  if (frames !== null && plan.mirrorProx !== null) {
    claims.push(
      claimAtMost({
        statement: `${id}: all proven brackets of mirror-prox hold the known value, and its error after ${steps} steps is`,
        bound: plan.mirrorProx,
        measured: provenError(frames, equilibrium),
      }),
    );
  }
  return claims;
}

function labelClaims(all: readonly Answered[]): Claim[] {
  const labelled = (kind: GameWithAnswer['kind'], degenerate: boolean): Claim[] => {
    const these = all.filter(({ plan }) => plan.kind === kind);
    if (these.length === 0) return [];
    const what = kind === 'several' ? 'several equilibria, or one that is not strict,' : 'one strict equilibrium';
    return [
      claimWithin({
        statement: `Games with ${what} that are labelled ${degenerate ? '' : 'not '}degenerate`,
        predicted: these.length,
        tolerance: 0,
        measured: these.filter(({ solution }) => solution.degenerate === degenerate).length,
      }),
    ];
  };
  return [...labelled('several', true), ...labelled('strict', false)];
}

function table(all: readonly Answered[]): StudyResult['tables'][number] {
  const columns = [
    'game',
    'value',
    'lower end',
    'upper end',
    'status',
    'method',
    'rounds',
    'atoms x',
    'atoms y',
    'W1 at most',
    'degenerate',
    'error of mirror-prox',
  ];
  return {
    title: 'Games with a known value',
    columns: columns.map((name) => ({ name })),
    rows: all.map(({ id, equilibrium, solution, distance, frames }) => [
      id,
      equilibrium.value,
      solution.lower,
      solution.upper,
      solution.status,
      solution.method,
      solution.iterations,
      solution.x.length,
      solution.y.length,
      distance,
      solution.degenerate,
      frames === null ? null : lastOf(frames).niUpper,
    ]),
  };
}

const finite = (atoms: readonly StrategyAtom[]): FiniteStrategy => ({
  at: atoms.map(({ at }) => at),
  mass: atoms.map(({ mass }) => mass),
});

const profileOf = ({ game, solution }: Answered): Profile =>
  [solution.x, solution.y].map((atoms, k) => strategyMeasure(game.spaces[k], finite(atoms)));

/** Strategies over first variations, and both ends of the proven bracket of mirror-prox as distances from the value. */
function figuresOf(one: Answered): Figure[] {
  const { id, game, equilibrium, frames } = one;
  const stems = ([0, 1] as const)
    .filter((k) => game.spaces[k].dim === 1 && game.spaces[k].intrinsicDim === 1)
    .map((k) => {
      const figure = stemFigure(`${id}-${'xy'[k]}-stems`, game, profileOf(one), k);
      return { ...figure, title: `${id}. ${figure.title}` };
    });
  if (frames === null) return stems;
  const line = (label: string, distance: (values: Frame['values']) => number) => ({
    label,
    x: frames.map(({ step }) => step),
    y: frames.map(({ values }) => Math.max(distance(values), 1e-16)),
  });
  const bracket = seriesFigure(
    `${id}-bracket`,
    {
      title: `${id}. Proven bracket of the value along mirror-prox`,
      caption: 'Distance of either end from the known value, not below 1e-16.',
    },
    { x: { label: 'step' }, y: { label: 'distance from the value', scale: 'log' } },
    [
      line('upper end', ({ valueUpper }) => valueUpper - equilibrium.value),
      line('lower end', ({ valueLower }) => equilibrium.value - valueLower),
    ],
  );
  return [...stems, bracket];
}

/** Every game whose value is known, solved and certified, and played by mirror-prox where the payoff allows. */
export const knownGamesStudy: Study<Params> = {
  id: 'zero-sum/known-games',
  title: 'Games with known values: proven brackets, strategies, and mirror-prox beside',
  reference: 'NikaidoIsoda1955; WangChizat2022',
  params,
  async run(values, context) {
    const all: Answered[] = [];
    for (const [k, id] of values.games.entries()) {
      context.progress({ label: id, step: k, fraction: k / values.games.length });
      all.push(await answer(id, values, context));
    }
    return {
      claims: [...all.flatMap((one) => claimsOf(one, values.steps)), ...labelClaims(all)],
      notes: [
        'The solver is a double oracle with a finisher (merging, a matrix game on the supports, Newton steps) and a certificate; budgets count rounds, so that a run can be repeated.',
        `Mirror-prox takes ${values.steps} steps from grids of ${values.atoms} and ${values.atoms + 1} atoms with step sizes from a sample of the payoff; its masses and atoms are not merged or polished.`,
        'Duels and Blotto jump: with n atoms the width is of order 1 / n there, and the strategies found are not those that spread over a continuum. Games with several equilibria have no distance W1.',
      ],
      tables: [table(all)],
      figures: all.filter(({ id }) => values.shown.includes(id)).flatMap(figuresOf),
      metrics: {
        value: all.map(({ equilibrium }) => equilibrium.value),
        lower: all.map(({ solution }) => solution.lower),
        upper: all.map(({ solution }) => solution.upper),
      },
    };
  },
};
