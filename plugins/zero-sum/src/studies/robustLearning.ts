import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  deriveKey,
  type Figure,
  type Game,
  grid,
  type Mark,
  type Measure,
  measure,
  normalize,
  type Profile,
  randomKey,
  randomStream,
  type SmoothGame,
  type Study,
  type StudyContext,
  support,
  type Table,
  uniformOn,
} from '@muflow/core';
import { z } from 'zod';
import { type NikaidoIsodaInterval, nikaidoIsoda, playerMinimum } from '../certificate/nikaidoIsoda.js';
import { dynamics } from '../dynamics/dynamics.js';
import { type LabelledPoints, maxMarginGame, robustNetworkGame } from '../games/networkGames.js';
import { type Solution, type StrategyAtom, solveGame } from '../solve/solveGame.js';
import { networkValues, worstMargins, zeroCurve } from './shallowNetwork.js';

const params = z.strictObject({
  points: z.int().min(3).max(60).default(9).describe('data points: every third in the middle, the others on a ring'),
  inner: z.number().positive().max(1).default(0.15).describe('radius of the points in the middle'),
  outer: z.number().positive().max(1).default(0.8).describe('mean radius of the ring'),
  radius: z.number().positive().max(0.5).default(0.2).describe('largest move of every coordinate'),
  power: z.int().min(2).max(5).default(3).describe('activation max(0, t)^power'),
  tolerance: z.number().positive().max(1).default(1e-4).describe('width of the brackets that is asked for'),
  rounds: z.int().min(1).max(1000).default(12).describe('most rounds of the solver'),
  steps: z.int().min(10).max(100_000).default(500).describe('steps of mirror-prox'),
  neurons: z.int().min(2).max(10_000).default(50).describe('neurons of mirror-prox; and moves of the data, together'),
  fresh: z.int().min(10).max(100_000).default(300).describe('further points of the same law'),
});

type Params = z.output<typeof params>;

/** Step sizes of [WangChizat2022]'s code for these games. */
const steps = { mass: 0.8, position: 0.08 };
const names = ['plain', 'robust'] as const;

/** A disc of one label in a ring of the other: no line tells them apart. */
function ringData(count: number, { inner, outer }: Params, key: ReturnType<typeof deriveKey>): LabelledPoints {
  const random = randomStream(key);
  const labels = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1 : -1));
  const points = labels.map((label, i) => {
    const angle = (2 * Math.PI * (i + 0.5 * random.uniform())) / count;
    const length = label === 1 ? inner : outer * (0.9 + 0.2 * random.uniform());
    return [length * Math.cos(angle), length * Math.sin(angle)];
  });
  return { points, labels };
}

const strategy = (game: Game, player: 0 | 1, atoms: readonly StrategyAtom[]): Measure =>
  normalize(
    measure({
      space: game.spaces[player],
      positions: atoms.flatMap(({ at }) => [...at]),
      masses: atoms.map(({ mass }) => mass),
      kind: 'positive',
    }),
  );

/** One of the two games, solved and played. */
interface Trained {
  readonly name: (typeof names)[number];
  readonly solution: Solution;
  readonly data: Measure;
  readonly network: Measure;
  /** Proven interval of the least margin that the network keeps against all moves. */
  readonly kept: { readonly lower: number; readonly upper: number };
  /** Error of mirror-prox at the end, and the margins that were found along its run. */
  readonly played: { readonly ni: NikaidoIsodaInterval; readonly steps: number[]; readonly margins: number[] };
}

/** The final profile with atoms that run together counted as one and those without mass left out. */
const condensed = (profile: Profile): Profile =>
  profile.map((mu) => {
    const atoms = support(mu, { mergeRadius: 1e-3, minShare: 1e-5 });
    const merged = { positions: atoms.flatMap(({ at }) => [...at]), masses: atoms.map(({ mass }) => mass) };
    return normalize(measure({ space: mu.space, ...merged, kind: 'positive' }));
  });

async function playMirrorProx(
  game: SmoothGame,
  name: Trained['name'],
  data: LabelledPoints,
  values: Params,
  context: StudyContext,
): Promise<Trained['played']> {
  const initial = game.spaces.map((space, k) =>
    space.kind === 'finite'
      ? grid(space, space.volume)
      : uniformOn(space, values.neurons, deriveKey(randomKey(context.seed), 'robust-learning', name, k)),
  );
  const { flow, stepper } = dynamics(game, 'mirror-prox', steps);
  const every = Math.max(1, Math.floor(values.steps / 50));
  const { frames, profile } = await context.simulate(
    `${name} game by mirror-prox`,
    { flow, initial },
    { stepper, dt: 1, maxSteps: values.steps, seed: context.seed, record: { every } },
  );
  const radius = name === 'robust' ? values.radius : 0;
  return {
    ni: nikaidoIsoda(game, condensed(profile), { tolerance: values.tolerance, maxCells: 3000 }),
    steps: frames.map(({ step }) => step),
    margins: frames.map((frame) => Math.min(...worstMargins(frame.profile[1], values.power, data, radius))),
  };
}

async function train(data: LabelledPoints, values: Params, context: StudyContext): Promise<Trained[]> {
  const { power, radius, tolerance, rounds } = values;
  const moved = robustNetworkGame({ data, power, radius });
  const games = { plain: maxMarginGame({ data, power }), robust: moved };
  const trained: Trained[] = [];
  for (const name of names) {
    const game = games[name];
    const solution = solveGame(game, {
      tolerance,
      maxSteps: rounds,
      onProgress: ({ iterations }) => context.progress({ label: `${name} game, solved`, step: iterations }),
    });
    const network = strategy(game, 1, solution.y);
    const anyPoint = measure({ space: moved.spaces[0], positions: [0, 0, 0] });
    trained.push({
      name,
      solution,
      data: strategy(game, 0, solution.x),
      network,
      kept: playerMinimum(moved, 0, [anyPoint, network], { tolerance, maxCells: 20_000 }),
      played: await playMirrorProx(game, name, data, values, context),
    });
  }
  return trained;
}

/** Share of points that a network tells right, whatever move of the grid is made. */
function accuracy({ network }: Trained, power: number, data: LabelledPoints, radius: number): number {
  const margins = worstMargins(network, power, data, radius);
  return margins.filter((margin) => margin > 0).length / margins.length;
}

/** How far the solver's bracket of the value and that of mirror-prox are apart; 0 if they meet. */
const apart = ({ solution, played }: Trained): number =>
  Math.max(0, solution.lower - played.ni.value.upper, played.ni.value.lower - solution.upper);

function claimsOf([plain, robust]: readonly Trained[], data: LabelledPoints, values: Params): Claim[] {
  const under = (one: Trained): number => accuracy(one, values.power, data, values.radius);
  return [
    ...[plain, robust].map(({ name, solution }) =>
      claimAtMost({
        statement: `The ${name} game: width of the ${solution.status} bracket of the margin`,
        bound: values.tolerance,
        measured: solution.gap,
      }),
    ),
    claimAtLeast({
      statement: 'Least margin against moved data, proven: of the robust network more than of the plain one by',
      bound: 0,
      measured: robust.kept.lower - plain.kept.upper,
    }),
    claimAtLeast({
      statement: 'The robust network keeps a positive margin against every move: its proven lower bound',
      bound: 0,
      measured: robust.kept.lower,
    }),
    claimAtMost({
      statement: 'Plain training gives way: accuracy of its network on the data under the moves that were found',
      bound: under(robust) - 1 / data.points.length,
      measured: under(plain),
    }),
    claimAtMost({
      statement: 'The brackets of mirror-prox and of the solver meet in both games: distance',
      bound: 0,
      measured: Math.max(apart(plain), apart(robust)),
    }),
    claimAtMost({
      statement: `The plain game by mirror-prox, ${values.steps} steps: upper end of the ${plain.played.ni.status} error`,
      bound: 0.01,
      measured: plain.played.ni.upper,
    }),
  ];
}

const interval = (lower: number, upper: number): string => `[${lower.toPrecision(6)}, ${upper.toPrecision(6)}]`;

function tablesOf(trained: readonly Trained[], data: LabelledPoints, fresh: LabelledPoints, values: Params): Table[] {
  const { power, radius } = values;
  return [
    {
      title: 'The games and their values',
      columns: ['game', 'margin', 'status', 'method', 'hardest data', 'neurons', 'error of mirror-prox', 'proof'].map(
        (name) => ({ name }),
      ),
      rows: trained.map(({ name, solution, played: { ni } }) => [
        name,
        interval(solution.lower, solution.upper),
        solution.status,
        solution.method,
        solution.x.length,
        solution.y.length,
        interval(ni.lower, ni.upper),
        ni.status,
      ]),
    },
    {
      title: `The networks, unmoved and under moves of at most ${radius} per coordinate`,
      columns: [
        'network',
        'least margin under moves',
        'data',
        'data, moved',
        'fresh points',
        'fresh points, moved',
      ].map((name) => ({ name })),
      rows: trained.map((one) => [
        one.name,
        interval(one.kept.lower, one.kept.upper),
        ...[data, fresh].flatMap((set) => [0, radius].map((reach) => accuracy(one, power, set, reach))),
      ]),
    },
  ];
}

function boundaryFigure(trained: readonly Trained[], data: LabelledPoints, values: Params): Figure {
  const [, robust] = trained;
  const dots = (label: number, name: string): Mark => {
    const chosen = data.points.filter((_, i) => data.labels[i] === label);
    return { type: 'dot', x: chosen.map(([u]) => u), y: chosen.map(([, v]) => v), label: name };
  };
  // Atoms of the data player: the index of the point, then its move.
  const at = support(robust.data, { mergeRadius: 1e-3, minShare: 1e-3 }).map(({ at: [i, ...move], mass }) => ({
    place: data.points[i].map((u, k) => u + move[k]),
    mass,
  }));
  return {
    id: 'boundary',
    title: 'Where the networks change their mind',
    caption: `Lines: f = 0. The hardest data of the robust game are moved points, by at most ${values.radius} per coordinate; their size is their mass.`,
    x: { label: 'first coordinate' },
    y: { label: 'second coordinate' },
    marks: [
      ...trained.map(
        ({ name, network }): Mark => ({
          type: 'line',
          ...zeroCurve((points) => networkValues(network, values.power, points), 1.15, 70),
          label: `${name} network`,
        }),
      ),
      dots(1, 'label 1'),
      dots(-1, 'label -1'),
      {
        type: 'dot',
        x: at.map(({ place }) => place[0]),
        y: at.map(({ place }) => place[1]),
        size: at.map(({ mass }) => mass),
        label: 'hardest moved data',
      },
    ],
  };
}

function accuracyFigure(trained: readonly Trained[], fresh: LabelledPoints, values: Params): Figure {
  const radii = Array.from({ length: 21 }, (_, k) => (k / 10) * values.radius);
  return {
    id: 'accuracy',
    title: 'Accuracy on fresh points against the size of the moves',
    caption: 'A point counts if no move of a grid of 81 misleads the network. The dashed line is the size trained for.',
    x: { label: 'largest move of a coordinate' },
    y: { label: 'share of points told right' },
    marks: [
      ...trained.map(
        (one): Mark => ({
          type: 'line',
          x: radii,
          y: radii.map((radius) => accuracy(one, values.power, fresh, radius)),
          label: `${one.name} network`,
        }),
      ),
      { type: 'rule', axis: 'x', at: values.radius },
    ],
  };
}

function marginFigure(trained: readonly Trained[]): Figure {
  return {
    id: 'margin',
    title: 'Margin of the network of mirror-prox against step',
    caption: 'The least margin over the data, under moves in the robust game. Dashed: the values found by the solver.',
    x: { label: 'step' },
    y: { label: 'least margin' },
    marks: trained.flatMap(({ name, played, solution }): Mark[] => [
      { type: 'line', x: played.steps, y: played.margins, label: `${name} game` },
      { type: 'rule', axis: 'y', at: solution.value, label: `${name} game` },
    ]),
  };
}

/** Training of two-layer networks as games of neurons against data, with and without moves of the data. */
export const robustLearningStudy: Study<Params> = {
  id: 'zero-sum/robust-learning',
  title: 'Robust learning: neurons against data that move',
  reference: 'ChizatBach2020; WangChizat2022',
  params,
  async run(values, context) {
    const key = deriveKey(randomKey(context.seed), 'robust-learning');
    const data = ringData(values.points, values, deriveKey(key, 'data'));
    const fresh = ringData(values.fresh, values, deriveKey(key, 'fresh'));
    const trained = await train(data, values, context);
    return {
      claims: claimsOf(trained, data, values),
      notes: [
        `${values.points} points in the plane, a disc of label 1 in a ring of label -1. A network is a law of neurons, f(z) = int a max(0, <theta, (z, 1)>)^${values.power} dnu with a = +-1 and |theta| = 1. In the plain game the other player weighs the data, and the value is the largest margin of a network of variation norm 1; in the robust game it also moves every point by at most ${values.radius} per coordinate.`,
        'Plain training is the plain game: the largest margin is where gradient flow of the logistic loss leads [ChizatBach2020]. Brackets and least margins are proven where they are called certified or budget. Accuracy under moves is that under the moves of a grid, so it is an upper bound; where the least margin is proven positive it is 1.',
        'The data are few and of low dimension, so that proofs are within reach: this says nothing of large networks.',
      ],
      tables: tablesOf(trained, data, fresh, values),
      figures: [boundaryFigure(trained, data, values), accuracyFigure(trained, fresh, values), marginFigure(trained)],
      profiles: Object.fromEntries(trained.map(({ name, data: x, network }) => [name, [x, network]])),
    };
  },
};
