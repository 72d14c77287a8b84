import { type Backend, defaultBackend, fail, solvePositiveDefinite } from '@muflow/core';
import type { Part } from '../dataset.js';

/** Functions of the inputs with fixed parameters, of which a sum is fitted. */
export interface FeatureMap {
  /** Number of features m. */
  readonly count: number;
  /** Values (rows*m) at inputs (rows*d). */
  valuesInto(out: Float64Array, inputs: Float64Array, rows: number): void;
  /** What is charged, `<c, R c>`, R (m*m) symmetric positive semidefinite; the identity where it is left out. */
  readonly penalty?: Float64Array;
}

/** A fitted sum of features. */
export interface RidgeFit {
  readonly coefficients: Float64Array;
  /** The penalty that was chosen. */
  readonly lambda: number;
  /** Mean squared error on the validation rows for every penalty, in their order. */
  readonly validationErrors: readonly number[];
  /** Values at inputs (rows*d). */
  predict(inputs: Float64Array, rows: number): Float64Array;
}

export interface RidgeOptions {
  /** Penalties to choose from; default 1e-9, 1e-8, ..., 1e2. */
  readonly lambdas?: readonly number[];
  readonly backend?: Backend;
  /** Awaited after every block of rows and every penalty, with the share of the work that is done. */
  readonly pause?: (fraction: number) => Promise<void>;
}

/** Rows that are worked on at once. */
const blockRows = 2048;

const defaultLambdas = Array.from({ length: 12 }, (_, k) => 10 ** (k - 9));

/**
 * Ridge regression on features phi: `argmin_c (1/L) |Phi c - y|^2 + lambda <c, R c>` on the training rows, by the normal
 * equations, with the penalty of least error on the validation rows (the smaller one of two that are equal).
 *
 * The identity and a kernel on landmarks give linear ridge regression and kernel ridge regression: see
 * {@link linearFeatures} and {@link landmarkFeatures}. Cost L m^2 + m^3 for each penalty; nothing of size L m is stored.
 *
 * @throws `invalid-argument` without validation rows.
 */
export async function fitRidge(
  map: FeatureMap,
  train: Part,
  validation: Part,
  options: RidgeOptions = {},
): Promise<RidgeFit> {
  const { lambdas = defaultLambdas, backend = defaultBackend(), pause = async () => undefined } = options;
  if (validation.rows.length === 0 || lambdas.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'fitRidge',
      problem: 'nothing chooses the penalty',
      got: `${validation.rows.length} validation rows, ${lambdas.length} penalties`,
      expected: 'at least one of each',
      fix: 'make the dataset with a share for validation',
    });
  }
  const m = map.count;
  const predictor = (coefficients: Float64Array) => (inputs: Float64Array, rows: number) => {
    const out = new Float64Array(rows);
    for (const { values, start, count } of blocksOf(map, inputs, rows)) {
      const own = out.subarray(start, start + count);
      backend.matmulInto(own, values, coefficients, { n: count, k: m, m: 1 });
    }
    return out;
  };
  const { gram, moments } = await normalEquations(map, train, backend, (share) => pause(share / 2));
  const errors: number[] = [];
  let best: { lambda: number; coefficients: Float64Array; error: number } | undefined;
  for (const lambda of lambdas) {
    const coefficients = solvePositiveDefinite(penalized(gram, map, lambda), moments, m);
    const predicted = predictor(coefficients)(validation.inputs, validation.rows.length);
    const error = meanSquare(predicted, validation.targets);
    if (best === undefined || error < best.error) best = { lambda, coefficients, error };
    errors.push(error);
    await pause(0.5 + errors.length / lambdas.length / 2);
  }
  const { lambda, coefficients } = best as NonNullable<typeof best>;
  return { coefficients, lambda, validationErrors: errors, predict: predictor(coefficients) };
}

/** `Phi^T Phi / L` and `Phi^T y / L`, block by block. */
async function normalEquations(
  map: FeatureMap,
  { inputs, targets }: Part,
  backend: Backend,
  pause: (share: number) => Promise<void>,
): Promise<{ readonly gram: Float64Array; readonly moments: Float64Array }> {
  const m = map.count;
  const rows = targets.length;
  const [gram, part] = [new Float64Array(m * m), new Float64Array(m * m)];
  const [moments, partMoments] = [new Float64Array(m), new Float64Array(m)];
  for (const { values, start, count } of blocksOf(map, inputs, rows)) {
    backend.matmulInto(part, values, values, { n: m, k: count, m, transposeA: true });
    const own = targets.subarray(start, start + count);
    backend.matmulInto(partMoments, values, own, { n: m, k: count, m: 1, transposeA: true });
    for (let k = 0; k < gram.length; k++) gram[k] += part[k] / rows;
    for (let k = 0; k < m; k++) moments[k] += partMoments[k] / rows;
    await pause((start + count) / rows);
  }
  return { gram, moments };
}

interface FeatureBlock {
  readonly start: number;
  readonly count: number;
  /** count*m; written anew for the next block. */
  readonly values: Float64Array;
}

function* blocksOf(map: FeatureMap, inputs: Float64Array, rows: number): Generator<FeatureBlock> {
  const d = inputs.length / rows;
  const values = new Float64Array(Math.min(rows, blockRows) * map.count);
  for (let start = 0; start < rows; start += blockRows) {
    const count = Math.min(blockRows, rows - start);
    map.valuesInto(values, inputs.subarray(start * d, (start + count) * d), count);
    yield { start, count, values };
  }
}

/** Rounding of the normal equations, relative to their trace, added so that they stay definite. */
const jitter = 1e-14;

function penalized(gram: Float64Array, { count: m, penalty }: FeatureMap, lambda: number): Float64Array {
  const sum = gram.slice();
  let trace = 0;
  for (let k = 0; k < m; k++) trace += gram[k * m + k];
  if (penalty) for (let k = 0; k < sum.length; k++) sum[k] += lambda * penalty[k];
  for (let k = 0; k < m; k++) sum[k * m + k] += jitter * trace + (penalty ? 0 : lambda);
  return sum;
}

/** Mean squared difference. */
export function meanSquare(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum / a.length;
}
