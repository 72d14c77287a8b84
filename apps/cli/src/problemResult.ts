import {
  type Claim,
  claimAtMost,
  type Figure,
  type Frame,
  type Problem,
  type ProblemConfig,
  type Profile,
  type RunResult,
  type StudyResult,
  support,
  type Table,
} from '@muflow/core';

/** How a run ended, and every frame it recorded. */
export interface Outcome {
  readonly result: RunResult;
  readonly frames: readonly Frame[];
}

/** What the files and the report say about a run of an explicit problem: every recorded column, and where the atoms are. */
export function problemResult(config: ProblemConfig, problem: Problem, outcome: Outcome): StudyResult {
  const { result, frames } = outcome;
  const columns = Object.keys(frames[0]?.values ?? {});
  const metrics: Record<string, readonly number[]> = {
    step: frames.map((frame) => frame.step),
    time: frames.map((frame) => frame.time),
    dt: frames.map((frame) => frame.dt),
  };
  for (const name of columns) metrics[name] = frames.map((frame) => frame.values[name]);
  return {
    claims: [...massClaims(problem, metrics), ...energyClaims(problem, metrics)],
    tables: [
      outcomeTable(result),
      ...bestTable(result),
      ...result.profile.map((mu, player) => supportTable(mu, player)),
    ],
    figures: [
      ...columns.filter((name) => metrics[name].some(Number.isFinite)).map((name) => columnFigure(name, metrics)),
      ...result.profile.flatMap((_, player) => atomsFigure(frames, result.profile, player)),
    ],
    metrics,
    profiles: Object.fromEntries([
      ...frames.map((frame) => [`step-${frame.step}`, frame.profile] as const),
      ['end', result.profile] as const,
      ...(result.best === undefined ? [] : [['best', result.best.profile] as const]),
    ]),
    notes: [`${describe(config)} ${result.reason[0].toUpperCase()}${result.reason.slice(1)}.`],
  };
}

function describe({ problem, stepper, dt }: ProblemConfig): string {
  const what = problem.energy ? `the energy ${problem.energy.id}` : `the game ${problem.game?.id}`;
  const metric = problem.metric?.id ?? problem.metrics?.map(({ id }) => id).join(', ');
  return `The flow of ${what} in the metric ${metric}, by ${stepper.id} with step ${dt}.`;
}

const massTolerance = 1e-10;

/** Where the flow declares that it conserves the mass of every player, the recorded drift must be rounding. */
function massClaims({ flow, initial }: Problem, metrics: Readonly<Record<string, readonly number[]>>): Claim[] {
  const profile = 'space' in initial ? [initial] : initial;
  const declared = profile.every((mu, player) => flow.conservesMass(player, mu.kind)) && flow.jumps.length === 0;
  if (metrics.massDrift === undefined || !declared) return [];
  const largest = Math.max(...metrics.massDrift.map(Math.abs));
  return [
    claimAtMost({
      statement: 'The flow conserves mass: largest relative drift at the recorded steps',
      measured: largest,
      bound: massTolerance,
    }),
  ];
}

/** Along a gradient flow without noise, minibatches and jumps the energy does not rise from one record to the next. */
function energyClaims({ flow }: Problem, metrics: Readonly<Record<string, readonly number[]>>): Claim[] {
  const { energy } = metrics;
  // A flow that follows an estimate of its field predicts no dissipation.
  if (flow.dissipation === undefined || energy === undefined || flow.jumps.length > 0) return [];
  const rises = energy.slice(1).map((value, k) => value - energy[k]);
  const scale = Math.max(...energy.map(Math.abs), Number.MIN_VALUE);
  return [
    claimAtMost({
      statement: 'The energy does not rise: largest rise from record to record, over the largest energy',
      measured: Math.max(0, ...rises) / scale,
      bound: 1e-9,
    }),
  ];
}

function outcomeTable(result: RunResult): Table {
  return {
    title: 'Outcome',
    columns: [{ name: 'status' }, { name: 'steps' }, { name: 'time' }, { name: 'evaluations' }, { name: 'rejected' }],
    rows: [[result.status, result.step, result.time, result.evaluations, result.rejected]],
  };
}

/** The state that the stopping rule kept; `frames.npz` has it as `best`. */
function bestTable({ best }: RunResult): Table[] {
  if (best === undefined) return [];
  const { step, time, column, value } = best;
  return [
    {
      title: `The state to use: the least ${column}`,
      columns: [{ name: 'step' }, { name: 'time' }, { name: column }],
      rows: [[step, time, value]],
    },
  ];
}

const shownAtoms = 12;

function supportTable(mu: Profile[number], player: number): Table {
  const atoms = support(mu, { mergeRadius: 1e-6 * Math.min(1, mu.space.diameter) });
  return {
    title: `Player ${player}: the ${Math.min(shownAtoms, atoms.length)} heaviest of ${atoms.length} places at the end`,
    columns: [{ name: 'mass' }, ...Array.from({ length: mu.dim }, (_, k) => ({ name: `x[${k}]` }))],
    rows: atoms.slice(0, shownAtoms).map((atom) => [atom.mass, ...atom.at]),
  };
}

function columnFigure(name: string, metrics: Readonly<Record<string, readonly number[]>>): Figure {
  const values = metrics[name];
  const positive = values.every((value) => value > 0);
  const log = positive && Math.max(...values) > 30 * Math.min(...values);
  return {
    id: name.replace(/[^a-zA-Z0-9]+/g, '-'),
    title: name,
    caption: `${name} at the recorded steps${log ? ', on a logarithmic scale' : ''}.`,
    x: { label: 'time' },
    y: { label: name, ...(log && { scale: 'log' as const }) },
    marks: [{ type: 'line', x: metrics.time, y: values, label: name }],
  };
}

const shownFrames = 40;
const shownDots = 200;

/** Where atoms went: one coordinate against time, or the plane at the end. */
function atomsFigure(frames: readonly Frame[], end: Profile, player: number): Figure[] {
  const id = `atoms-${player}`;
  if (end[player].dim === 2) {
    const dots = dotsOf(end[player]);
    const marks = [
      { type: 'dot' as const, x: dots.map(({ at }) => at[0]), y: dots.map(({ at }) => at[1]), size: sizes(dots) },
    ];
    const title = `Atoms of player ${player} at the end`;
    return [
      { id, title, caption: `Area is mass${limited(end[player])}.`, x: { label: 'x[0]' }, y: { label: 'x[1]' }, marks },
    ];
  }
  if (end[player].dim !== 1) return [];
  const stride = Math.max(1, Math.ceil(frames.length / shownFrames));
  const shown = frames.filter((frame, k) => k % stride === 0 || frame.last);
  const dots = shown.flatMap(({ time, profile }) => dotsOf(profile[player]).map((dot) => ({ ...dot, time })));
  const marks = [
    { type: 'dot' as const, x: dots.map(({ time }) => time), y: dots.map(({ at }) => at[0]), size: sizes(dots) },
  ];
  return [
    {
      id,
      title: `Atoms of player ${player} along the run`,
      caption: `A column of dots per recorded step; area is mass${limited(end[player])}.`,
      x: { label: 'time' },
      y: { label: 'x' },
      marks,
    },
  ];
}

interface Dot {
  readonly at: readonly number[];
  readonly share: number;
}

/** The heaviest atoms with their shares of the mass. */
function dotsOf(mu: Profile[number]): Dot[] {
  const total = mu.masses.reduce((sum, mass) => sum + mass, 0);
  return Array.from(mu.masses, (mass, i) => ({
    at: Array.from(mu.positions.subarray(i * mu.dim, (i + 1) * mu.dim)),
    share: mass / total,
  }))
    .sort((a, b) => b.share - a.share)
    .slice(0, shownDots);
}

const sizes = (dots: readonly Dot[]): number[] => dots.map(({ share }) => share);

const limited = (mu: Profile[number]): string =>
  mu.count > shownDots ? `; the ${shownDots} heaviest of ${mu.count} atoms` : '';
