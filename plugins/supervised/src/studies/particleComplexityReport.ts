import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  euclidean,
  type Figure,
  type Measure,
  measure,
  product,
  quantiles,
  type StudyResult,
  type Table,
} from '@muflow/core';
import {
  chanceOfCover,
  count,
  type Method,
  methods,
  type ParticleComplexityParams,
  type Repeat,
  type SpikeKind,
} from './particleComplexityRuns.js';

/** All problems of one kind of spikes. */
export interface SpikeRuns {
  readonly kind: SpikeKind;
  readonly repeats: readonly Repeat[];
}

/** Excess shares of one method at the k-th of its widths, over the problems. */
const sharesOf = (repeats: readonly Repeat[], method: Method, k: number): number[] =>
  repeats.map(({ shares }) => shares.get(method)?.[k] ?? Number.NaN);

/** Shares below this say nothing: the lower bound is no closer. */
const floor = 1e-10;
const shown = (value: number): number => Math.max(value, floor);

const enough = 1e-6;
const shareBelow = (shares: readonly number[]): number => shares.filter((x) => x <= enough).length / shares.length;

const named = (kind: SpikeKind): string => `${kind} spikes`;

function claimsOf({ kind, repeats }: SpikeRuns, { widths }: ParticleComplexityParams): Claim[] {
  const counts = widths.flatMap((m, k): Claim[] => {
    if (m < 10) return [];
    const particles = sharesOf(repeats, 'particles, even start', k);
    const grid = sharesOf(repeats, 'masses on a fixed grid', k);
    const reached = claimAtLeast({
      statement: `Share of problems whose certified excess is at most 1e-6 of that of no atoms, ${m} particles, ${named(kind)}`,
      bound: 0.9,
      measured: shareBelow(particles),
    });
    if (m > 100) return [reached];
    const ratio = quantiles(grid).median / shown(quantiles(particles).median);
    return [
      reached,
      claimAtLeast({
        statement: `Median excess of masses on a fixed grid over that of particles, ${m} atoms, ${named(kind)}`,
        bound: 10,
        measured: ratio,
      }),
    ];
  });
  const sliding = claimAtMost({
    statement: `Sliding Frank-Wolfe: greatest excess after as many atoms as spikes (${count}), as a share of that of no atoms, ${named(kind)}`,
    bound: enough,
    measured: Math.max(floor, ...repeats.map((one) => one.sliding[Math.min(count, one.sliding.length - 1)])),
  });
  return [...counts, sliding];
}

/** How many particle runs reach the optimum: of those that start with an atom in the main lobe of every spike, and of the others. */
function coverNote({ kind, repeats }: SpikeRuns): string {
  const runs = repeats.flatMap(({ shares, covered }) =>
    [...covered].flatMap(([method, list]) =>
      list.map((covers, k) => ({ covers, share: shares.get(method)?.[k] ?? NaN })),
    ),
  );
  const reached = (covers: boolean): string => {
    const these = runs.filter((run) => run.covers === covers);
    return `${these.filter(({ share }) => share <= enough).length} of ${these.length}`;
  };
  return `Of the particle runs on ${named(kind)} that start with an atom in the main lobe of every spike ${reached(true)} reach an excess of 1e-6; of the others ${reached(false)}.`;
}

const coverShare = (repeats: readonly Repeat[], method: Method, k: number): number | null =>
  method === 'masses on a fixed grid'
    ? null
    : repeats.filter(({ covered }) => covered.get(method)?.[k]).length / repeats.length;

function figure({ kind, repeats }: SpikeRuns, given: ParticleComplexityParams): Figure {
  const marks = methods.flatMap((method) => {
    const x = method === 'particles, random start' ? given.randomWidths : given.widths;
    const spreads = x.map((_, k) => quantiles(sharesOf(repeats, method, k).map(shown)));
    return [
      { type: 'band' as const, x, low: spreads.map((s) => s.low), high: spreads.map((s) => s.high), label: method },
      { type: 'line' as const, x, y: spreads.map((s) => s.median), label: method },
    ];
  });
  return {
    id: `excess-${kind}`,
    title: `Certified excess against the number of atoms, ${named(kind)}`,
    caption:
      'Medians over the problems with their range, as shares of the excess of no atoms. Particles that move need few more atoms than spikes; fixed places need many.',
    x: { label: 'atoms m', scale: 'log' },
    y: { label: 'excess / excess of no atoms', scale: 'log' },
    marks,
  };
}

function excessTable({ kind, repeats }: SpikeRuns, { widths, randomWidths }: ParticleComplexityParams): Table {
  const row = (method: Method, m: number, k: number) => {
    const { low, median, high } = quantiles(sharesOf(repeats, method, k).map(shown));
    const chance = method === 'particles, random start' ? chanceOfCover(m) : null;
    return [
      method,
      m,
      low,
      median,
      high,
      shareBelow(sharesOf(repeats, method, k)),
      coverShare(repeats, method, k),
      chance,
    ];
  };
  return {
    title: `Certified excess as a share of that of no atoms, ${repeats.length} problems of ${named(kind)}`,
    columns: [
      'method',
      'atoms',
      'least',
      'median',
      'greatest',
      'share at most 1e-6',
      'starts that cover',
      'chance to',
    ].map((name) => ({ name })),
    rows: [
      ...widths.map((m, k) => row('particles, even start', m, k)),
      ...randomWidths.map((m, k) => row('particles, random start', m, k)),
      ...widths.map((m, k) => row('masses on a fixed grid', m, k)),
    ],
  };
}

function frankWolfeTable({ kind, repeats }: SpikeRuns): Table {
  const medianAfter = (of: (one: Repeat) => readonly number[], k: number): number =>
    quantiles(repeats.map((one) => shown(of(one)[Math.min(k, of(one).length - 1)]))).median;
  return {
    title: `Median excess of Frank-Wolfe after each atom, ${named(kind)}`,
    columns: ['atoms added', 'masses optimized', 'and sliding'].map((name) => ({ name })),
    rows: Array.from({ length: 2 * count + 1 }, (_, k) => [
      k,
      medianAfter((one) => one.frankWolfe, k),
      medianAfter((one) => one.sliding, k),
    ]),
  };
}

/** The spikes as atoms (sign, theta) of their masses, or theta alone. */
function measureOf(kind: SpikeKind, { spikes: { space, positions, weights } }: Repeat): Measure {
  const masses = weights.map(Math.abs);
  if (kind === 'positive') return measure({ space, kind: 'positive', positions, masses });
  const lifted = Array.from(positions, (theta, i) => [Math.sign(weights[i]), theta]).flat();
  return measure({ space: product([euclidean(1), space]), kind: 'positive', positions: lifted, masses });
}

/** Claims, tables and figures of every kind of spikes. */
export function particleComplexityReport(all: readonly SpikeRuns[], given: ParticleComplexityParams): StudyResult {
  return {
    claims: all.flatMap((runs) => claimsOf(runs, given)),
    notes: [
      'Five spikes at least a tenth of the circle apart, seen through the Dirichlet kernel of order 7, with a penalty of the total variation. The excess is over the greatest dual value of all methods, a proven lower bound of the least energy; shares below 1e-10 are shown as 1e-10, since the bound is no closer.',
      'Particles for positive spikes start with small masses and follow the conic flow. Those for signed spikes are atoms (s, theta) that start at charge s = 0 and follow the Wasserstein flow by forward-backward steps; they move at the rate of their charge, which many share, and take more steps (after 4000 of them 8 of 10 runs of 100 reach 1e-6, seed 0). An atom finds a spike from within its main lobe, 2 pi / 15 to either side, and is pushed away beyond it. Evenly spaced starts have an atom in every lobe from eight atoms on. Places drawn at random leave a lobe empty with the chance that the last column tells; ten then often stop at a stationary point, which the certificate exposes; for positive spikes ten times as many steps do not leave it.',
      ...all.map(coverNote),
      'Networks in dimension 100 are compared in supervised/particle-complexity-networks.',
    ],
    tables: all.flatMap((runs) => [excessTable(runs, given), frankWolfeTable(runs)]),
    figures: all.map((runs) => figure(runs, given)),
    profiles: Object.fromEntries(
      all.flatMap(({ kind, repeats }) =>
        repeats.map((one, k): [string, readonly Measure[]] => [`spikes-${kind}-${k + 1}`, [measureOf(kind, one)]]),
      ),
    ),
  };
}
