import {
  adam,
  addScaledInto,
  type DeepNetwork,
  deriveKey,
  dotProduct,
  euclideanNorm,
  fail,
  type RandomKey,
  show,
} from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import { drawSamples, type FitProblem, outputsOf, type Samples } from './problem.js';
import { drawUnitsInto, regressOuterInto, type ShallowClass, shallowNetwork } from './shallowNetwork.js';

/** Options of {@link greedyFit}. */
export interface GreedyOptions extends ShallowClass {
  /** Rows the units are chosen on, more than units; default `max(2048, 8 width)`. */
  readonly rows?: number;
  /** Units drawn for every choice, default 64. */
  readonly candidates?: number;
  /** Adam steps that refine the best of them, default 30. */
  readonly refinements?: number;
  readonly key: RandomKey;
  /** Awaited after every unit with the share of the work that is done. */
  readonly pause?: (fraction: number) => Promise<void>;
}

/**
 * Orthogonal greedy approximation with ridge units: of many drawn units that of largest normalized correlation with
 * the residual R,
 *
 *     c(w, b) = |<R, phi>|^2 / |phi - mean|^2,   phi_i = sigma(<w, x_i> + b)   (complex modulus),
 *
 * is refined by gradient ascent in (w, b) and joins the span, which begins with the constant; R becomes what the span
 * leaves. The outer weights are fitted last, all at once, by ridge regression on these rows and three times as many
 * others, to which the chosen units owe nothing. Cost a unit: `rows (candidates d + 2 refinements d + M)`. A pure
 * function of its key. Source: [DeVoreTemlyakov1996].
 *
 * @throws `invalid-argument` for numbers out of range, `shape-mismatch` unless there are more rows than units.
 */
export async function greedyFit(problem: FitProblem, options: GreedyOptions): Promise<FittedNetwork> {
  const { width, key, rows = Math.max(2048, 8 * width), candidates = 64, refinements = 30, scale = 1 } = options;
  const { pause = async () => undefined } = options;
  checkCounts(candidates, refinements);
  const samples = drawSamples(problem, rows, deriveKey(key, 'regression'));
  const network = shallowNetwork(problem, options);
  const pool = shallowNetwork(problem, { ...options, width: candidates });
  const drawn = new Float64Array(pool.parameterCount);
  const parameters = new Float64Array(network.parameterCount);
  const span = orthogonalSpan(samples, outputsOf(problem.target));
  const { inputs: d, weights, biases } = network.layers[0];
  for (let unit = 0; unit < width; unit++) {
    drawUnitsInto(drawn, pool, { samples, key: deriveKey(key, 'unit', unit), scales: [scale] });
    const best = bestUnit(pool, drawn, samples, span.residual);
    refineUnit(best, { network, samples, residual: span.residual, refinements });
    parameters.set(best.subarray(0, d), weights + unit * d);
    parameters[biases + unit] = best[d];
    span.join(unitColumn(network, best, samples));
    await pause((unit + 1) / width);
  }
  const fresh = drawSamples(problem, freshShare * rows, deriveKey(key, 'outer'));
  regressOuterInto(parameters, network, joined(samples, fresh));
  return { network, parameters, method: 'greedy units' };
}

/** Rows of the outer regression on which no unit was chosen, over those on which they were. */
const freshShare = 3;

function joined(a: Samples, b: Samples): Samples {
  const both = (x: Float64Array, y: Float64Array): Float64Array => {
    const out = new Float64Array(x.length + y.length);
    out.set(x);
    out.set(y, x.length);
    return out;
  };
  return { count: a.count + b.count, points: both(a.points, b.points), values: both(a.values, b.values) };
}

/** An orthonormal basis that grows, and what it leaves of the targets. */
interface OrthogonalSpan {
  /** rows*outputs. */
  readonly residual: Float64Array;
  join(column: Float64Array): void;
}

function orthogonalSpan({ values, count }: Samples, outputs: number): OrthogonalSpan {
  const residual = values.slice();
  const basis: Float64Array[] = [];
  const join = (column: Float64Array): void => {
    const size = euclideanNorm(column);
    // Twice is enough: what one pass of Gram-Schmidt leaves by rounding, the second removes.
    for (let pass = 0; pass < 2; pass++) {
      for (const q of basis) addScaledInto(column, -dotProduct(column, 0, q, 0, count), q);
    }
    const rest = euclideanNorm(column);
    if (!(rest > 1e-9 * size)) return;
    for (let i = 0; i < count; i++) column[i] /= rest;
    basis.push(column);
    for (let o = 0; o < outputs; o++) {
      let share = 0;
      for (let i = 0; i < count; i++) share += column[i] * residual[i * outputs + o];
      for (let i = 0; i < count; i++) residual[i * outputs + o] -= share * column[i];
    }
  };
  join(new Float64Array(count).fill(1));
  return { residual, join };
}

/** Values of one unit (w, b) at the samples. */
function unitColumn({ activation }: DeepNetwork, unit: Float64Array, samples: Samples): Float64Array {
  const column = preActivations(unit, samples);
  activation.valueInto(column, column, samples.count);
  return column;
}

function preActivations(unit: Float64Array, { points, count }: Samples): Float64Array {
  const d = unit.length - 1;
  const z = new Float64Array(count).fill(unit[d]);
  for (let i = 0; i < count; i++) for (let k = 0; k < d; k++) z[i] += unit[k] * points[i * d + k];
  return z;
}

/** (w, b) of the drawn unit that correlates most with the residual. */
function bestUnit(pool: DeepNetwork, drawn: Float64Array, samples: Samples, residual: Float64Array): Float64Array {
  const { inputs: d, outputs: width, weights, biases } = pool.layers[0];
  let [best, most] = [new Float64Array(d + 1), -1];
  for (let j = 0; j < width; j++) {
    const unit = new Float64Array(d + 1);
    unit.set(drawn.subarray(weights + j * d, weights + (j + 1) * d));
    unit[d] = drawn[biases + j];
    const { squares, energy } = correlation(unitColumn(pool, unit, samples), residual, pool.outputs);
    if (energy > 0 && squares / energy > most) [best, most] = [unit, squares / energy];
  }
  return best;
}

interface Correlation {
  /** `<R_o, phi>` of every output. */
  readonly products: readonly number[];
  /** Their squares added up. */
  readonly squares: number;
  readonly mean: number;
  /** `|phi - mean|^2`. */
  readonly energy: number;
}

function correlation(phi: Float64Array, residual: Float64Array, outputs: number): Correlation {
  let mean = 0;
  for (let i = 0; i < phi.length; i++) mean += phi[i] / phi.length;
  let [real, imaginary, energy] = [0, 0, 0];
  for (let i = 0; i < phi.length; i++) {
    const centered = phi[i] - mean;
    real += centered * residual[i * outputs];
    if (outputs === 2) imaginary += centered * residual[i * outputs + 1];
    energy += centered * centered;
  }
  return { products: [real, imaginary], squares: real * real + imaginary * imaginary, mean, energy };
}

/** Where an ascent is: `c = |<R, phi>|^2 / |phi - mean|^2`, and the gradient of `-log c` in (w, b). */
export interface CorrelationSlope {
  /** c; 0 where the unit or its product with the residual vanishes. */
  readonly value: number;
  readonly gradient: Float64Array;
}

/** The normalized correlation of a unit (w, b) with a residual (rows*outputs) of mean 0, with its slope. */
export function correlationSlope(
  network: DeepNetwork,
  unit: Float64Array,
  samples: Samples,
  residual: Float64Array,
): CorrelationSlope {
  const { points, count } = samples;
  const { outputs } = network;
  const d = unit.length - 1;
  const [gradient, slope] = [new Float64Array(d + 1), new Float64Array(count)];
  const phi = preActivations(unit, samples);
  network.activation.slopeInto(phi, slope, phi, count);
  const { products, squares, mean, energy } = correlation(phi, residual, outputs);
  if (!(energy > 0 && squares > 0)) return { value: 0, gradient };
  for (let i = 0; i < count; i++) {
    let pull = products[0] * residual[i * outputs];
    if (outputs === 2) pull += products[1] * residual[i * outputs + 1];
    const g = 2 * ((phi[i] - mean) / energy - pull / squares) * slope[i];
    for (let k = 0; k < d; k++) gradient[k] += g * points[i * d + k];
    gradient[d] += g;
  }
  return { value: squares / energy, gradient };
}

/** Share of the length of w by which a step of the refinement moves its entries at most, at first: it falls along half a cosine. */
const refinementRate = 0.03;

/** Ascends the correlation in (w, b) by Adam, in place; the best point on the way is kept. */
function refineUnit(
  unit: Float64Array,
  options: {
    readonly network: DeepNetwork;
    readonly samples: Samples;
    readonly residual: Float64Array;
    readonly refinements: number;
  },
): void {
  const { network, samples, residual, refinements } = options;
  const d = unit.length - 1;
  const moving = unit.slice();
  const rate = (refinementRate * euclideanNorm(unit, 0, d)) / Math.sqrt(d);
  const rule = adam(d + 1);
  let most = -1;
  for (let step = 0; step <= refinements; step++) {
    const { value, gradient } = correlationSlope(network, moving, samples, residual);
    if (value === 0) return;
    if (value > most) {
      most = value;
      unit.set(moving);
    }
    rule.step(moving, gradient, (rate * (1 + Math.cos((Math.PI * step) / (refinements + 1)))) / 2);
  }
}

function checkCounts(candidates: number, refinements: number): void {
  if (Number.isInteger(candidates) && candidates >= 1 && Number.isInteger(refinements) && refinements >= 0) return;
  fail({
    code: 'invalid-argument',
    where: 'greedyFit',
    problem: 'the search is not usable',
    got: `candidates ${show(candidates)}, refinements ${show(refinements)}`,
    expected: 'whole numbers, candidates from 1 and refinements from 0',
    fix: 'leave them out for 64 and 30',
  });
}
