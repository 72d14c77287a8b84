import {
  deriveKey,
  euclidean,
  fail,
  fillNormal,
  firstNonFinite,
  measure,
  nonnegativeWeights,
  type RandomKey,
  randomKey,
  show,
} from '@muflow/core';
import { setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, forwardSets } from '../network/setPass.js';
import { correlationCellBounds } from './correlationCells.js';
import type { OuterLayerData } from './fitOuterLayer.js';
import { scaledFeatures } from './middleLayerRisk.js';
import { networkOfMeasure, type ParametrizedNetwork } from './middleMeasure.js';
import { type CorrelationPoint, climbCorrelation, correlationBound, type FeatureCloud } from './neuronCorrelation.js';
import { type Neurons, neuronValuesInto, slideNeurons, withoutCopies } from './slideNeurons.js';

/** V, A and the outer width of the network given are not looked at. */
export interface ConditionalGradientOptions extends OuterLayerData {
  /** Largest group norm B, > 0; default Infinity. It or `lambda` has to hold the norm down. */
  readonly maxNorm?: number;
  /** Penalty >= 0 of the group norm, default 0. */
  readonly lambda?: number;
  /** Stop at a gap of this share of `(1/2S) |y|^2`, default 1e-6. */
  readonly tolerance?: number;
  /** Most neurons to add, default 40. */
  readonly maxSteps?: number;
  /** Steps of descent of all directions after each new neuron, default 30. */
  readonly slides?: number;
  /** Drawn directions from which the next neuron is looked for, for each sign; default 12. */
  readonly starts?: number;
  /** Most cells of spheres of two to four dimensions for `gap.high`, see {@link correlationCellBounds}; 0 for none. Default 4000. */
  readonly cells?: number;
  readonly key?: RandomKey;
}

/** A bound of how far an objective is above the least one. */
export interface ObjectiveGap {
  /** The bound if no neuron went better with the residuals than the best one found: an estimate, never above `high`. */
  readonly low: number;
  /** Proven, up to rounding. */
  readonly high: number;
}

/** Where the method stood after a number of new neurons. */
export interface ConditionalGradientPoint {
  readonly step: number;
  readonly neurons: number;
  /** `(1/2S) |f - y|^2 + lambda * norm`. */
  readonly objective: number;
  readonly risk: number;
  /** The group norm. */
  readonly norm: number;
  readonly gap: ObjectiveGap;
}

/** A network of class S2 with as many neurons as it took. */
export interface ConditionalGradientFit extends ParametrizedNetwork {
  /** From no neuron to the end; the last point is that of the network. */
  readonly curve: readonly ConditionalGradientPoint[];
  readonly norm: number;
  readonly objective: number;
  readonly gap: ObjectiveGap;
  /** `gap`: the estimated gap is within the tolerance; `steps`: there were too few; `stalled`: rounding stopped it. */
  readonly stopped: 'gap' | 'steps' | 'stalled';
}

/**
 * The class S2 by conditional gradient, over all measures nu of neurons `phi_u(mu) = <u, Phi(mu)> / sqrt(m1)`, `|u| = 1`:
 *
 *     min (1/2S) sum_s (f_nu(mu_s) - y_s)^2 + lambda |nu|,   |nu| <= maxNorm,   f_nu(mu) = int relu(phi_u(mu)) dnu(u),
 *
 * which is convex, so that it has no local minima and no width. Each step adds the neuron that goes best with the residuals
 * r among those climbed to from many starts, finds the best weights of all neurons, lets directions slide, and finds the
 * weights again; the objective falls at every step. With M = `max_u |(1/S) sum_s r_s relu(phi_u(mu_s))|`,
 * `T = min(maxNorm, objective / lambda)`, which bounds the norm of a minimizer, and any scale `q >= 0` of the residuals,
 *
 *     least objective >= q <r, y>/S - q^2 |r|^2/(2S) - T max(0, q M - lambda),
 *
 * and the gap is the objective less the right side, at the best q; `q = 1` without a penalty is the Frank-Wolfe gap
 * `B M - <r, f>/S`. M is hard to compute: `gap.low` takes the largest value found, `gap.high` the smaller of the
 * bounds of {@link correlationBound} and {@link correlationCellBounds}, which are proven but wide where residuals stay large and
 * more than four directions of the features matter. So `gap.high` proves, `gap.low` stops; it is too small where
 * every climb ended at a lower maximum than the highest.
 *
 * Cost a step: O(S m1) a step of climbing and for every neuron a step of sliding, and `O(m1^3 + cells S)` for the bound.
 * Source: [DenoyelleEtAl2020] (the sliding version), [Bach2017] (for neurons); the bound is derived here.
 *
 * @param options - a network of one output and outer unit relu; W of its parameters is used, with unit rows.
 * @throws `invalid-argument` for a bound, penalty or number of steps out of range; `unsupported` for another outer unit or
 * several outputs; `shape-mismatch` for targets or parameters that do not fit.
 * @example
 * const network = setNetwork({ class: 'S2', dim: 2, innerWidth: 50, outerWidth: 1 });
 * const parameters = drawSetParameters(network, randomKey(1));
 * const { gap, norm } = conditionalGradient({ network, parameters, batch, targets, maxNorm: 20 });
 */
export function conditionalGradient(options: ConditionalGradientOptions): ConditionalGradientFit {
  const steps = conditionalGradientSteps(options);
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/** {@link conditionalGradient} in single steps: yields every point of the curve, so that a host can report or give up. */
export function* conditionalGradientSteps(
  options: ConditionalGradientOptions,
): Generator<ConditionalGradientPoint, ConditionalGradientFit, void> {
  check(options);
  const { maxSteps = 40, slides = 30, tolerance = 1e-6, starts = 12, cells = 4000 } = options;
  const { key = randomKey('conditional gradient') } = options;
  const problem = problemOf(options);
  let neurons: Neurons = { width: problem.cloud.width, directions: [], signs: [], weights: [] };
  let state = stateOf(problem, neurons);
  const curve: ConditionalGradientPoint[] = [];
  const aim = tolerance * state.objective;
  for (let step = 0; ; step++) {
    const best = bestNeuron(problem, state, { neurons, starts, key, step });
    const { objective, risk, norm } = state;
    const gap = {
      low: gapAt(problem, state, best.largest),
      high: gapAt(problem, state, boundOf(problem, state, best.largest, cells)),
    };
    const point = { step, neurons: neurons.weights.length, objective, risk, norm, gap };
    curve.push(point);
    yield point;
    const end = (stopped: ConditionalGradientFit['stopped']): ConditionalGradientFit => {
      return { ...networkOf(options, neurons), curve, norm, objective, gap, stopped };
    };
    if (gap.low <= aim) return end('gap');
    if (step === maxSteps) return end('steps');
    const next = improve(problem, withNeuron(neurons, best), slides);
    const after = stateOf(problem, next);
    if (!(after.objective < objective)) return end('stalled');
    [neurons, state] = [next, after];
  }
}

interface Problem {
  readonly cloud: FeatureCloud;
  readonly targets: Float64Array;
  readonly lambda: number;
  readonly maxNorm: number;
}

interface FitState {
  readonly objective: number;
  readonly risk: number;
  readonly norm: number;
  /** `y - f`, S numbers. */
  readonly residual: Float64Array;
}

function problemOf({ network, parameters, batch, targets, ...rest }: ConditionalGradientOptions): Problem {
  const { lambda = 0, maxNorm = Infinity } = rest;
  const { innerWidth: width, parts } = network;
  const pooling = setNetwork({ ...network, class: 'S2', outerWidth: 1 });
  const pass = allocateSetPass(pooling, batch, { derivatives: false });
  const inner = new Float64Array(pooling.parameterCount);
  inner.set(parameters.subarray(...parts.inner));
  forwardSets(pass, inner);
  return { cloud: { rows: scaledFeatures(pass.features, width), width, count: batch.count }, targets, lambda, maxNorm };
}

function stateOf({ cloud, targets, lambda }: Problem, { directions, signs, weights }: Neurons): FitState {
  const residual = targets.slice();
  const values = new Float64Array(cloud.count);
  let [norm, squares] = [0, 0];
  directions.forEach((u, j) => {
    neuronValuesInto(values, cloud, u);
    for (let s = 0; s < cloud.count; s++) residual[s] -= signs[j] * weights[j] * values[s];
    norm += weights[j];
  });
  for (let s = 0; s < cloud.count; s++) squares += residual[s] * residual[s];
  const risk = squares / (2 * cloud.count);
  return { objective: risk + lambda * norm, risk, norm, residual };
}

/** The best weights, sliding directions with copies put together, and the best weights again. */
function improve(problem: Problem, neurons: Neurons, slides: number): Neurons {
  const fitted = withBestWeights(problem, neurons);
  const slid = slideNeurons(problem.cloud, problem.targets, fitted, slides);
  return withBestWeights(problem, withoutCopies(problem.cloud, slid));
}

/** The same neurons with the weights of least objective, those of weight 0 left out. */
function withBestWeights({ cloud, targets, lambda, maxNorm }: Problem, neurons: Neurons): Neurons {
  const { directions, signs, weights } = neurons;
  const { count } = cloud;
  const n = directions.length;
  const values = directions.map((u) => neuronValuesInto(new Float64Array(count), cloud, u));
  const product = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let s = 0; s < count; s++) sum += a[s] * b[s];
    return sum / count;
  };
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++)
      gram[i * n + j] = gram[j * n + i] = signs[i] * signs[j] * product(values[i], values[j]);
  }
  const aim = Float64Array.from(values, (row, i) => signs[i] * product(row, targets));
  const quadratic = { constant: product(targets, targets), aim, gram, lambda, total: maxNorm };
  const found = nonnegativeWeights(quadratic, Float64Array.from(weights)).weights;
  const kept = signs.map((_, j) => j).filter((j) => found[j] > 0);
  return {
    width: neurons.width,
    directions: kept.map((j) => directions[j]),
    signs: kept.map((j) => signs[j]),
    weights: kept.map((j) => found[j]),
  };
}

function withNeuron({ width, directions, signs, weights }: Neurons, { direction, sign }: BestNeuron): Neurons {
  return { width, directions: [...directions, direction], signs: [...signs, sign], weights: [...weights, 0] };
}

interface BestNeuron {
  readonly direction: Float64Array;
  readonly sign: 1 | -1;
  /** `|(1/S) sum_s r_s relu(<u, z_s>)|` there. */
  readonly largest: number;
}

/** The best of what climbing finds from the neurons, means and differences of features, for both signs. */
function bestNeuron(
  { cloud }: Problem,
  { residual }: FitState,
  search: { readonly neurons: Neurons; readonly starts: number; readonly key: RandomKey; readonly step: number },
): BestNeuron {
  const starts = [...search.neurons.directions, ...drawnStarts(cloud, residual, search)];
  let best: BestNeuron = { direction: starts[0], sign: 1, largest: 0 };
  for (const sign of [1, -1] as const) {
    const signed = residual.map((r) => sign * r);
    for (const start of starts) {
      const { direction, value }: CorrelationPoint = climbCorrelation(cloud, signed, start);
      if (value > best.largest) best = { direction, sign, largest: value };
    }
  }
  return best;
}

/** `sum r_s z_s` and its opposite, and normal combinations of `z_s - mean`, every other one with the mean once more. */
function drawnStarts(
  { rows, width, count }: FeatureCloud,
  residual: Float64Array,
  { starts, key, step }: { readonly starts: number; readonly key: RandomKey; readonly step: number },
): Float64Array[] {
  const [mean, pull] = [new Float64Array(width), new Float64Array(width)];
  for (let s = 0; s < count; s++) {
    for (let k = 0; k < width; k++) {
      mean[k] += rows[s * width + k] / count;
      pull[k] += residual[s] * rows[s * width + k];
    }
  }
  const normals = new Float64Array(starts * count);
  fillNormal(normals, deriveKey(key, 'starts', step));
  const drawn = Array.from({ length: starts }, (_, i) => {
    const u = new Float64Array(width);
    for (let s = 0; s < count; s++) {
      const weight = normals[i * count + s] / Math.sqrt(count);
      for (let k = 0; k < width; k++) u[k] += weight * (rows[s * width + k] - mean[k]);
    }
    return i % 2 === 0 ? u : u.map((x, k) => x + (normals[i * count] > 0 ? mean[k] : -mean[k]));
  });
  return [pull, pull.map((x) => -x), ...drawn];
}

/** The least of the bounds of `|g|`, no less than what was found. */
function boundOf({ cloud }: Problem, { residual }: FitState, largest: number, cells: number): number {
  const opposite = residual.map((r) => -r);
  const simple = [correlationBound(cloud, residual), correlationBound(cloud, opposite)] as const;
  if (cells === 0) return Math.max(largest, ...simple);
  const ranks = [...new Set([2, 3, 4].map((k) => Math.min(k, cloud.width)))];
  const found = correlationCellBounds(cloud, residual, { ranks, cells, reached: largest });
  return Math.max(largest, Math.min(simple[0], found[0]), Math.min(simple[1], found[1]));
}

/** The objective less the lower bound of {@link conditionalGradient} at the best scale q of the residuals. */
function gapAt({ targets, lambda, maxNorm }: Problem, { residual, objective }: FitState, largest: number): number {
  const count = targets.length;
  let [squares, along] = [0, 0];
  for (let s = 0; s < count; s++) {
    squares += (residual[s] * residual[s]) / count;
    along += (residual[s] * targets[s]) / count;
  }
  if (squares === 0) return objective;
  const most = lambda > 0 ? Math.min(maxNorm, objective / lambda) : maxNorm;
  const lower = (q: number): number => q * along - (q * q * squares) / 2 - most * Math.max(0, q * largest - lambda);
  const kink = largest > 0 ? lambda / largest : Infinity;
  const below = Math.min(kink, Math.max(0, along / squares));
  const above = Math.max(below, (along - most * largest) / squares);
  return Math.max(0, objective - Math.max(lower(below), lower(above)));
}

function networkOf({ network, parameters }: ConditionalGradientOptions, neurons: Neurons): ParametrizedNetwork {
  const { width, directions, signs, weights } = neurons;
  const count = Math.max(1, directions.length);
  const positions = new Float64Array(count * (width + 1));
  // Of no neuron is one of weight 0.
  if (directions.length === 0) positions.fill(1, 0, 2);
  directions.forEach((u, j) => {
    positions[j * (width + 1)] = signs[j];
    positions.set(u, j * (width + 1) + 1);
  });
  const masses = directions.length === 0 ? [0] : weights;
  const nu = measure({ space: euclidean(width + 1), kind: 'positive', positions, masses });
  return networkOfMeasure({ network: { ...network, class: 'S2' }, parameters }, nu);
}

function check(options: ConditionalGradientOptions): void {
  const { network, parameters, batch, targets, maxNorm = Infinity, lambda = 0, ...rest } = options;
  const { tolerance = 1e-6, maxSteps = 40, slides = 30, starts = 12, cells = 4000 } = rest;
  if (network.outer !== 'relu' || network.outputs !== 1) {
    refuse('unsupported', 'the network is not one that it fits', {
      got: `outer unit ${show(network.outer)}, ${network.outputs} outputs`,
      expected: 'the outer unit relu and one output',
      fix: 'fit outputs one by one, or train other units by trainSetNetwork',
    });
  }
  if (targets.length !== batch.count || parameters.length !== network.parameterCount) {
    refuse('shape-mismatch', 'targets or parameters do not fit', {
      got: `${targets.length} targets for ${batch.count} sets, ${parameters.length} parameters`,
      expected: `${batch.count} targets and ${network.parameterCount} parameters`,
      fix: 'pass one target a set, and parameters of this network',
    });
  }
  const bad = firstNonFinite(targets);
  if (bad >= 0) {
    refuse('not-finite', 'a target is no finite number', {
      got: `${show(targets[bad])} of set ${bad}`,
      expected: 'finite targets',
      fix: 'look where it was made',
    });
  }
  if (!(maxNorm > 0 && lambda >= 0 && lambda < Infinity) || (lambda === 0 && maxNorm === Infinity)) {
    refuse('invalid-argument', 'nothing holds the norm down', {
      got: `maxNorm ${show(maxNorm)}, lambda ${show(lambda)}`,
      expected: 'a finite maxNorm > 0, or a finite lambda > 0, or both',
      fix: 'pass for instance { maxNorm: 20 }',
    });
  }
  const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
  if (whole(maxSteps, 0) && whole(slides, 0) && whole(starts, 0) && whole(cells, 0) && tolerance >= 0) return;
  refuse('invalid-argument', 'steps or tolerance are not usable', {
    got: `${show(maxSteps)} steps, ${show(slides)} slides, ${show(starts)} starts, ${show(cells)} cells, tolerance ${show(tolerance)}`,
    expected: 'whole numbers >= 0 and a tolerance >= 0',
    fix: 'leave them out',
  });
}

function refuse(
  code: 'invalid-argument' | 'not-finite' | 'shape-mismatch' | 'unsupported',
  problem: string,
  parts: { readonly got: string; readonly expected: string; readonly fix: string },
): never {
  return fail({ code, where: 'conditionalGradient', problem, ...parts });
}
