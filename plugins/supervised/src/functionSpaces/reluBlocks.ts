import type { Backend } from '@muflow/core';

/** Sums of rectifiers `f(x) = sum_i s_i relu(<v_i, x>)` with signs s_i: the output weight is in the length of v_i. */
export interface ReluBlocks {
  /** k*D. */
  readonly vectors: Float64Array;
  /** k numbers 1 or -1. */
  readonly signs: Int8Array;
}

/** Rows to be fitted, `(1/2L) |f - y|^2 + lambda sum |v_i|`. */
export interface ReluRows {
  readonly dim: number;
  /** L*D, a 1 appended for a bias. */
  readonly rows: Float64Array;
  readonly targets: Float64Array;
  readonly lambda: number;
  readonly backend: Backend;
}

/** Inner products and residuals at the rows, kept between the steps of one set of vectors. */
export interface BlockSums {
  /** L*k: `<v_i, x_l>`. */
  readonly products: Float64Array;
  /** L numbers `(f - y) / L`. */
  readonly residual: Float64Array;
}

export const blockSums = ({ targets }: ReluRows, units: number): BlockSums => ({
  products: new Float64Array(targets.length * units),
  residual: new Float64Array(targets.length),
});

/** Fills products and residuals; gives `(1/2L) |f - y|^2`. Cost k L D. */
export function blockResidualInto(out: BlockSums, problem: ReluRows, { vectors, signs }: ReluBlocks): number {
  const { dim, rows, targets, backend } = problem;
  const [count, units] = [targets.length, signs.length];
  const { products, residual } = out;
  if (units > 0) backend.matmulInto(products, rows, vectors, { n: count, k: dim, m: units, transposeB: true });
  let squares = 0;
  for (let l = 0; l < count; l++) {
    let value = -targets[l];
    for (let i = 0; i < units; i++) {
      const inner = products[l * units + i];
      if (inner > 0) value += signs[i] * inner;
    }
    squares += value * value;
    residual[l] = value / count;
  }
  return squares / (2 * count);
}

/** Gradients `s_i sum_{l active} r_l x_l` of that square in the vectors (k*D), by way of the products. Cost k L D. */
function blockGradientInto(
  out: Float64Array,
  { dim, rows, backend }: ReluRows,
  signs: Int8Array,
  { products, residual }: BlockSums,
): void {
  const units = signs.length;
  for (let l = 0; l < residual.length; l++) {
    for (let i = 0; i < units; i++) {
      products[l * units + i] = products[l * units + i] > 0 ? signs[i] * residual[l] : 0;
    }
  }
  backend.matmulInto(out, products, rows, { n: units, k: residual.length, m: dim, transposeA: true });
}

/**
 * `c_i = -sum_l r_l relu(<theta_i, x_l>)` for k directions, written to `values`, and its gradients (k*D). Overwrites
 * the products of `sums`.
 */
export function correlationsInto(
  values: Float64Array,
  gradients: Float64Array,
  { dim, rows, backend }: ReluRows,
  given: { readonly residual: Float64Array; readonly directions: Float64Array; readonly products: Float64Array },
): void {
  const { residual, directions, products } = given;
  const [count, units] = [residual.length, values.length];
  backend.matmulInto(products, rows, directions, { n: count, k: dim, m: units, transposeB: true });
  values.fill(0);
  for (let l = 0; l < count; l++) {
    for (let i = 0; i < units; i++) {
      const inner = products[l * units + i];
      products[l * units + i] = inner > 0 ? -residual[l] : 0;
      if (inner > 0) values[i] -= residual[l] * inner;
    }
  }
  backend.matmulInto(gradients, products, rows, { n: units, k: count, m: dim, transposeA: true });
}

/** `sum_i |v_i|`. */
export function blockNorm(vectors: Float64Array, dim: number): number {
  let total = 0;
  for (let at = 0; at < vectors.length; at += dim) total += Math.sqrt(squaredLength(vectors, at, dim));
  return total;
}

/** What a descent found. */
export interface BlockDescent {
  readonly vectors: Float64Array;
  readonly energy: number;
}

/**
 * Accelerated proximal gradients on all vectors at once: `v <- shrink(v - g / q, lambda / q)`, q raised until the
 * square lies below its model, momentum dropped where the energy rises. Within the activation cells of the vectors
 * the problem is convex; steps may cross them. Stops after `steps`, or where ten steps gain less than `tolerance` of
 * the energy. Source: [DeDiosBruna2020] for the form of the problem.
 */
export function descendBlocks(
  problem: ReluRows,
  from: ReluBlocks,
  options: { readonly steps: number; readonly tolerance: number },
): BlockDescent {
  const { dim, lambda } = problem;
  const { signs } = from;
  const size = from.vectors.length;
  let current: Float64Array = from.vectors.slice();
  const ahead: Float64Array = current.slice();
  let next: Float64Array = new Float64Array(size);
  const gradient = new Float64Array(size);
  const sums = blockSums(problem, signs.length);
  let energy = blockResidualInto(sums, problem, from) + lambda * blockNorm(current, dim);
  let [curvature, momentum, before] = [1, 1, energy];
  for (let step = 0; step < options.steps; step++) {
    const square = blockResidualInto(sums, problem, { vectors: ahead, signs });
    blockGradientInto(gradient, problem, signs, sums);
    curvature *= 0.9;
    let reached = 0;
    for (let attempt = 0; attempt < 40; attempt++, curvature *= 2) {
      shrinkInto(next, ahead, { gradient, curvature, lambda, dim });
      reached = blockResidualInto(sums, problem, { vectors: next, signs });
      if (reached <= square + model(next, ahead, gradient, curvature) + 1e-15 * energy) break;
    }
    const reachedEnergy = reached + lambda * blockNorm(next, dim);
    if (reachedEnergy > energy) {
      if (momentum === 1) break;
      momentum = 1;
      ahead.set(current);
      continue;
    }
    const following = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const weight = (momentum - 1) / following;
    for (let k = 0; k < size; k++) ahead[k] = next[k] + weight * (next[k] - current[k]);
    [current, next, energy, momentum] = [next, current, reachedEnergy, following];
    if (step % 10 === 9) {
      if (before - energy <= options.tolerance * energy) break;
      before = energy;
    }
  }
  return { vectors: current, energy };
}

/** `<g, v - u> + (q/2) |v - u|^2`. */
function model(v: Float64Array, u: Float64Array, gradient: Float64Array, curvature: number): number {
  let sum = 0;
  for (let k = 0; k < v.length; k++) {
    const change = v[k] - u[k];
    sum += gradient[k] * change + (curvature / 2) * change * change;
  }
  return sum;
}

function shrinkInto(
  out: Float64Array,
  from: Float64Array,
  step: { readonly gradient: Float64Array; readonly curvature: number; readonly lambda: number; readonly dim: number },
): void {
  const { gradient, curvature, lambda, dim } = step;
  for (let at = 0; at < out.length; at += dim) {
    for (let k = at; k < at + dim; k++) out[k] = from[k] - gradient[k] / curvature;
    const length = Math.sqrt(squaredLength(out, at, dim));
    const factor = length > lambda / curvature ? 1 - lambda / curvature / length : 0;
    for (let k = at; k < at + dim; k++) out[k] *= factor;
  }
}

function squaredLength(vectors: Float64Array, at: number, dim: number): number {
  let squares = 0;
  for (let k = at; k < at + dim; k++) squares += vectors[k] * vectors[k];
  return squares;
}
