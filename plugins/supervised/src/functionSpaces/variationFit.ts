import {
  type Backend,
  defaultBackend,
  fail,
  type RandomKey,
  type RandomStream,
  randomKey,
  randomStream,
  type SignedAtoms,
  sphere,
} from '@muflow/core';
import { checkPenalty } from '../certificate/penalizedProblem.js';
import {
  blockNorm,
  blockResidualInto,
  blockSums,
  correlationsInto,
  descendBlocks,
  type ReluBlocks,
  type ReluRows,
} from './reluBlocks.js';

export interface VariationFitOptions {
  /** L*d, row-major. */
  readonly inputs: Float64Array;
  /** L numbers y. */
  readonly targets: Float64Array;
  /** Penalty lambda > 0. */
  readonly lambda: number;
  /** Neurons `relu(<w, x> + b)` with `|(w, b)| = 1`, the default; without a bias `relu(<w, x>)`, `|w| = 1`. */
  readonly bias?: boolean;
  /** Most neurons that are added, default 30. */
  readonly maxUnits?: number;
  /** Neurons are added until none is found whose correlation is above this share over lambda, default 1e-3. */
  readonly tolerance?: number;
  /** Steps after each new neuron in which all of them move, default 100; 0 fixes directions: conjugate gradients proper. */
  readonly steps?: number;
  /** Random directions from which a new neuron is searched for, default 8. */
  readonly starts?: number;
  /** A fit to start from, of another penalty for instance. */
  readonly from?: SignedAtoms;
  readonly key?: RandomKey;
  readonly backend?: Backend;
}

/** A function of small variation norm. */
export interface VariationFit {
  /** Directions on the unit sphere of R^D and output weights, those of length 0 left out. */
  readonly atoms: SignedAtoms;
  /** `sum |a_i|`: an upper bound of the variation norm of the function. */
  readonly norm: number;
  /** Mean squared error on the rows. */
  readonly trainError: number;
  /** `(1/2L) |f - y|^2 + lambda norm` before each new neuron and at the end. */
  readonly energies: readonly number[];
  /** The largest `|<r, relu(<theta, .>)>| / lambda` that the search found at the end: 1 at an optimum, a lower bound. */
  readonly optimality: number;
  /** Values at inputs (rows*d). */
  predict(inputs: Float64Array, rows: number): Float64Array;
}

/**
 * Penalized least squares in F1 in any dimension: `min (1/2L) sum_l (f(x_l) - y_l)^2 + lambda |nu|` over `f(x) = int
 * relu(<theta, (x, 1)>) dnu(theta)` on the unit sphere, by conditional gradients that slide: a neuron is added where
 * the residual correlates most with one, then all neurons move by accelerated proximal gradients on `a_i theta_i`.
 *
 * The search for a neuron is local, from random starts: in many dimensions nothing proves that it found the largest
 * correlation, and steps may stop at the kinks of the rows. On small problems in the plane it came within 1 % of the minimum
 * that `solveCellProgram` proves there. Cost of a step `units L D`.
 * Source: [Bach2017], section 2.5.
 *
 * @throws `shape-mismatch` where inputs and targets do not fit, `invalid-argument` without a penalty.
 * @example
 * const inputs = Float64Array.from({ length: 21 }, (_, l) => l / 10 - 1);
 * const { norm } = variationFit({ inputs, targets: inputs.map(Math.abs), lambda: 1e-4 });
 */
export function variationFit(options: VariationFitOptions): VariationFit {
  const { maxUnits = 30, tolerance = 1e-3, steps = 100, starts = 8, from, key = randomKey('variation fit') } = options;
  const { bias = true, lambda } = options;
  const problem = rowsOf(options, bias);
  const { dim } = problem;
  const random = randomStream(key);
  let blocks = from === undefined ? { vectors: new Float64Array(0), signs: new Int8Array(0) } : blocksOf(from);
  const energies: number[] = [];
  let optimality = 0;
  for (let unit = 0; ; unit++) {
    if (blocks.signs.length > 0) {
      const { vectors } = descendBlocks(problem, blocks, { steps, tolerance: 1e-7 });
      blocks = withoutEmpty({ vectors, signs: blocks.signs }, dim);
    }
    const sums = blockSums(problem, blocks.signs.length);
    energies.push(blockResidualInto(sums, problem, blocks) + lambda * blockNorm(blocks.vectors, dim));
    const found = steepestUnit(problem, sums.residual, { blocks, starts, random });
    optimality = Math.abs(found.correlation) / lambda;
    if (unit >= maxUnits || optimality <= 1 + tolerance) break;
    blocks = withUnit(blocks, found, problem);
  }
  const trainError = 2 * blockResidualInto(blockSums(problem, blocks.signs.length), problem, blocks);
  return {
    atoms: atomsOf(blocks, dim),
    norm: blockNorm(blocks.vectors, dim),
    trainError,
    energies,
    optimality,
    predict(inputs, rows) {
      const own = { ...problem, rows: appended(inputs, rows, bias), targets: new Float64Array(rows) };
      const sums = blockSums(own, blocks.signs.length);
      blockResidualInto(sums, own, blocks);
      return sums.residual.map((value) => value * rows);
    },
  };
}

interface FoundUnit {
  readonly theta: Float64Array;
  /** `-<r, relu(<theta, .>)>` with r = (f - y)/L. */
  readonly correlation: number;
}

/** A unit direction of large `|sum_l r_l relu(<theta, x_l>)|`, from random places and those of the neurons. */
function steepestUnit(
  problem: ReluRows,
  residual: Float64Array,
  given: { readonly blocks: ReluBlocks; readonly starts: number; readonly random: RandomStream },
): FoundUnit {
  const { dim } = problem;
  const { blocks, starts, random } = given;
  const places = new Float64Array((starts + blocks.signs.length) * dim);
  if (dim > 1) sphere(dim).sampleInto(places, starts, random);
  else for (let c = 0; c < starts; c++) places[c] = c % 2 === 0 ? 1 : -1;
  places.set(blocks.vectors, starts * dim);
  normalize(places, dim);
  const [rises, falls] = [climb(problem, residual, places, 1), climb(problem, residual, places, -1)];
  return Math.abs(falls.correlation) > Math.abs(rises.correlation) ? falls : rises;
}

const climbs = 60;

/**
 * All places at once: `theta <- theta + step grad / |grad|`, normalized, where the correlation rises; the step falls
 * where it does not. Gives the best.
 */
function climb(problem: ReluRows, residual: Float64Array, places: Float64Array, sign: 1 | -1): FoundUnit {
  const { dim } = problem;
  const count = places.length / dim;
  const products = new Float64Array(residual.length * count);
  const [best, reached] = [new Float64Array(count), new Float64Array(count)];
  const theta = places.slice();
  const [slope, next, gradient] = [new Float64Array(theta.length), theta.slice(), new Float64Array(theta.length)];
  correlationsInto(best, slope, problem, { residual, directions: theta, products });
  const steps = new Float64Array(count).fill(4);
  for (let k = 0; k < climbs && steps.some((step) => step > 1e-4); k++) {
    for (let c = 0; c < count; c++) {
      const length = blockNorm(slope.subarray(c * dim, (c + 1) * dim), dim);
      const factor = length > 0 ? (sign * steps[c]) / length : 0;
      for (let j = c * dim; j < (c + 1) * dim; j++) next[j] = theta[j] + factor * slope[j];
    }
    normalize(next, dim);
    correlationsInto(reached, gradient, problem, { residual, directions: next, products });
    for (let c = 0; c < count; c++) {
      const gain = sign * (reached[c] - best[c]);
      if (!(gain > 0)) {
        steps[c] /= 4;
        continue;
      }
      if (gain <= 1e-7 * Math.abs(reached[c])) steps[c] = 0;
      best[c] = reached[c];
      for (let j = c * dim; j < (c + 1) * dim; j++) [theta[j], slope[j]] = [next[j], gradient[j]];
    }
  }
  let top = 0;
  for (let c = 1; c < count; c++) if (sign * best[c] > sign * best[top]) top = c;
  return { theta: theta.slice(top * dim, (top + 1) * dim), correlation: best[top] };
}

/** Vectors of length 1. */
function normalize(vectors: Float64Array, dim: number): void {
  for (let at = 0; at < vectors.length; at += dim) {
    const length = blockNorm(vectors.subarray(at, at + dim), dim);
    for (let k = at; k < at + dim; k++) vectors[k] /= length;
  }
}

/** A neuron more, with the weight that is best for it alone. */
function withUnit({ vectors, signs }: ReluBlocks, { theta, correlation }: FoundUnit, problem: ReluRows): ReluBlocks {
  const { dim, rows, targets, lambda } = problem;
  let square = 0;
  for (let l = 0; l < targets.length; l++) {
    let inner = 0;
    for (let k = 0; k < dim; k++) inner += theta[k] * rows[l * dim + k];
    if (inner > 0) square += (inner * inner) / targets.length;
  }
  const length = (Math.abs(correlation) - lambda) / square;
  return {
    vectors: Float64Array.from([...vectors, ...theta.map((x) => length * x)]),
    signs: Int8Array.from([...signs, correlation > 0 ? 1 : -1]),
  };
}

function withoutEmpty({ vectors, signs }: ReluBlocks, dim: number): ReluBlocks {
  const kept = Array.from(signs, (_, i) => i).filter(
    (i) => blockNorm(vectors.subarray(i * dim, (i + 1) * dim), dim) > 0,
  );
  return {
    vectors: Float64Array.from(kept.flatMap((i) => [...vectors.subarray(i * dim, (i + 1) * dim)])),
    signs: Int8Array.from(kept, (i) => signs[i]),
  };
}

function atomsOf({ vectors, signs }: ReluBlocks, dim: number): SignedAtoms {
  const weights = Float64Array.from(
    signs,
    (sign, i) => sign * blockNorm(vectors.subarray(i * dim, (i + 1) * dim), dim),
  );
  const positions = vectors.map((v, at) => v / Math.abs(weights[Math.floor(at / dim)]));
  return { space: sphere(dim), positions, weights };
}

function blocksOf({ space, positions, weights }: SignedAtoms): ReluBlocks {
  return {
    vectors: positions.map((x, at) => x * Math.abs(weights[Math.floor(at / space.dim)])),
    signs: Int8Array.from(weights, (weight) => (weight < 0 ? -1 : 1)),
  };
}

function rowsOf({ inputs, targets, lambda, backend = defaultBackend() }: VariationFitOptions, bias: boolean): ReluRows {
  const count = targets.length;
  if (!(count > 0 && inputs.length > 0 && inputs.length % count === 0)) {
    fail({
      code: 'shape-mismatch',
      where: 'variationFit',
      problem: 'inputs and targets do not fit',
      got: `${inputs.length} coordinates of inputs, ${count} targets`,
      expected: 'L * d coordinates and L targets, L >= 1',
      fix: 'pass one target for each row of inputs',
    });
  }
  checkPenalty('variationFit', lambda > 0 ? lambda : Number.NaN);
  return { dim: inputs.length / count + (bias ? 1 : 0), rows: appended(inputs, count, bias), targets, lambda, backend };
}

/** The rows with a 1 at their end. */
function appended(inputs: Float64Array, rows: number, bias: boolean): Float64Array {
  if (!bias) return inputs;
  const d = inputs.length / rows;
  const out = new Float64Array(rows * (d + 1)).fill(1);
  for (let l = 0; l < rows; l++) for (let k = 0; k < d; k++) out[l * (d + 1) + k] = inputs[l * d + k];
  return out;
}
