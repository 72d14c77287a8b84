import { certificateRow, solvingRow } from './certified.js';
import { deepRow } from './deep.js';
import { distanceRow } from './distances.js';
import { entropicRow } from './entropic.js';
import { gameRunRow } from './games.js';
import { gramRow } from './grams.js';
import { matrixGameRow } from './matrixGames.js';
import { setRow } from './sets.js';
import { trainingRow } from './training.js';
import type { Workload } from './workload.js';

/** Value, potential and gradients of the risk of a shallow network: n neurons, L rows, d inputs. */
function networkStep(activation: 'relu' | 'tanh', d: number, n: number, rows: number): Workload {
  return {
    name: `network step ${activation}, d ${d}, n ${n}, L ${rows}`,
    kind: 'network',
    params: { activation, d, n, rows },
    tolerance: 1e-9,
    work: n * rows * (d + 5),
  };
}

/** Potential and gradient of an interaction by a kernel, N atoms in d dimensions. */
function interaction(kind: 'gaussian' | 'cosine', d: number, n: number): Workload {
  return {
    name: `${kind} interaction with gradient, d ${d}, N ${n}`,
    kind,
    params: { d, n },
    tolerance: 1e-9,
    work: n * n,
  };
}

/** The same by cosines, where peers get the addition theorem from their user; we find it in the formula. */
function byHand(d: number, n: number): Workload {
  return {
    name: `cosine interaction, peers by features written by hand, d ${d}, N ${n}`,
    kind: 'cosine',
    params: { d, n, by: 'features' },
    tolerance: 1e-9,
    work: n,
  };
}

/** `f_i = -eps log sum_j exp((g_j - |x_i - y_j|^2)/eps) / n`, one half of a Sinkhorn iteration in the log domain. */
function sinkhorn(n: number): Workload {
  return {
    name: `log-domain Sinkhorn iteration, n ${n}, d 2`,
    kind: 'sinkhorn',
    params: { n, inverse: 20 },
    tolerance: 1e-9,
    work: n * n,
  };
}

/** One step of mirror-prox on a payoff that does not separate, n atoms for each player. */
function gameStep(n: number): Workload {
  return {
    name: `game step, mirror-prox, exp(-(x - y)^2) + x y, ${n} + ${n} atoms`,
    kind: 'game',
    params: { n },
    tolerance: 1e-9,
    work: n * n,
  };
}

/** A whole run: steps of Heun's method for a WFR flow of a network's risk. */
function wholeRun(n: number, steps: number): Workload {
  return {
    name: `whole WFR run, ${steps} steps of Heun, relu network, d 2, n ${n}, L 500`,
    kind: 'run',
    params: { activation: 'relu', d: 2, n, rows: 500, steps },
    tolerance: 1e-6,
    work: n * steps,
  };
}

const atoms = [1000, 10_000, 30_000];
const dimensions = [1, 2, 3, 10];

/** The complete table, smaller rows of a kind before larger ones. */
export const workloads: readonly Workload[] = [
  ...(['relu', 'tanh'] as const).flatMap((activation) => [
    networkStep(activation, 2, 1000, 500),
    networkStep(activation, 10, 1000, 1000),
    networkStep(activation, 100, 1000, 1000),
    networkStep(activation, 20, 10_000, 1000),
  ]),
  ...dimensions.flatMap((d) => atoms.map((n) => interaction('gaussian', d, n))),
  ...dimensions.flatMap((d) => atoms.map((n) => interaction('cosine', d, n))),
  ...dimensions.map((d) => byHand(d, 10_000)),
  sinkhorn(1000),
  sinkhorn(2000),
  gameStep(1000),
  gameRunRow('matrix'),
  gameRunRow('waves'),
  ...[20, 50, 100, 200, 500].map(matrixGameRow),
  certificateRow('trigonometric'),
  certificateRow('polynomial'),
  certificateRow('exponential'),
  solvingRow('trigonometric'),
  ...['exact', 'near'].flatMap((by) => [2, 10].flatMap((d) => [1000, 2000].map((n) => distanceRow(by, d, n)))),
  distanceRow('line', 1, 100_000),
  distanceRow('sliced', 2, 10_000),
  distanceRow('wfr', 2, 200),
  distanceRow('wfr', 2, 1000),
  ...(['plain', 'unbalanced'] as const).flatMap((by) => [
    ...[1, 0.2, 0.05].map((epsilon) => entropicRow(by, 2, 1000, epsilon)),
    entropicRow(by, 10, 1000, 1),
    entropicRow(by, 2, 2000, 0.2),
  ]),
  entropicRow('log', 2, 1000, 1),
  ...[10, 100].flatMap((d) => (['arc', 'erf', 'radial'] as const).map((by) => gramRow(by, d))),
  wholeRun(1000, 1000),
  ...[2, 10].flatMap((d) => [100, 1000].map((n) => trainingRow('w2', d, n))),
  ...[2, 10].map((d) => trainingRow('wfr', d, 1000)),
  deepRow(128, 3, 256),
  deepRow(512, 3, 256),
  ...(['hand', 'autograd'] as const).flatMap((by) => [setRow(32, by), setRow(0, by)]),
];

const along = (name: string, sizes: readonly number[], row: (size: number) => Workload) => ({
  along: name,
  sizes,
  rows: sizes.map(row),
});

/** One size changed at a time, for the table of how times grow. */
export const scaling = [
  along('neurons n (relu, d 10, L 1000)', [500, 1000, 2000, 4000, 8000], (n) => networkStep('relu', 10, n, 1000)),
  along('rows L (relu, d 10, n 1000)', [500, 1000, 2000, 4000, 8000], (rows) => networkStep('relu', 10, 1000, rows)),
  along('inputs d (relu, n 1000, L 1000)', [2, 8, 32, 128, 512], (d) => networkStep('relu', d, 1000, 1000)),
  along('atoms N (Gaussian, d 2)', [500, 1000, 2000, 4000, 8000], (n) => interaction('gaussian', 2, n)),
] as const;
