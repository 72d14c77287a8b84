import { type Backend, defaultBackend, fail, symmetricEigen } from '@muflow/core';

/** Values of features and targets at the same rows. */
export interface RidgeRows {
  readonly rows: number;
  /** rows*width, row-major. */
  readonly features: Float64Array;
  readonly width: number;
  /** rows*outputs, row-major. */
  readonly targets: Float64Array;
  readonly outputs: number;
}

/** A sum of features fitted with the penalty that generalized cross-validation chose. */
export interface FeatureRidge {
  /** outputs*width: one row of coefficients an output. */
  readonly coefficients: Float64Array;
  readonly lambda: number;
  /** `(1/n) |y - f|^2 / (1 - tr S/n)^2`, summed over outputs, at every penalty. */
  readonly scores: readonly number[];
  /** Penalties tried, ascending. */
  readonly lambdas: readonly number[];
  /** `tr S`, the degrees of freedom at the chosen penalty. */
  readonly degrees: number;
}

/** Penalties over the mean eigenvalue of the normal matrix. */
const relativePenalties = Array.from({ length: 14 }, (_, k) => 10 ** (k - 12));

/**
 * Ridge regression on features, `argmin_C (1/n) |Phi C - Y|^2 + lambda |C|^2`, with the penalty by generalized
 * cross-validation, from one eigendecomposition `Phi^T Phi / n = U diag(s) U^T`: with `c = U^T Phi^T Y / n`,
 *
 *     (1/n) |Y - F|^2 = (1/n) |Y|^2 - sum_k c_k^2 / s_k + sum_k c_k^2 lambda^2 / (s_k (s_k + lambda)^2),
 *     tr S = sum_k s_k / (s_k + lambda).
 *
 * For more rows than features; `ridgePath` is for fewer. Cost n m^2 + m^3. Source: [GolubHeathWahba1979].
 *
 * @throws `shape-mismatch` for arrays that do not fit, or no more rows than features.
 */
export function featureRidge(data: RidgeRows, backend: Backend = defaultBackend()): FeatureRidge {
  checkRows(data);
  const { rows, features, width: m, targets, outputs } = data;
  const gram = new Float64Array(m * m);
  backend.matmulInto(gram, features, features, { n: m, k: rows, m, transposeA: true });
  const moments = new Float64Array(outputs * m);
  backend.matmulInto(moments, targets, features, { n: outputs, k: rows, m, transposeA: true });
  for (let i = 0; i < gram.length; i++) gram[i] /= rows;
  for (let i = 0; i < moments.length; i++) moments[i] /= rows;
  const { values, vectors } = symmetricEigen(gram, m);
  const rotated = new Float64Array(outputs * m);
  backend.matmulInto(rotated, moments, vectors, { n: outputs, k: m, m });
  const energy = targets.reduce((sum, y) => sum + y * y, 0) / rows;
  const mean = values.reduce((sum, value) => sum + Math.max(0, value), 0) / m;
  const lambdas = relativePenalties.map((share) => share * mean);
  const scores = lambdas.map((lambda) => score({ values, rotated, energy, rows }, lambda));
  const lambda = lambdas[scores.indexOf(Math.min(...scores))];
  const shrunk = rotated.map((c, i) => c / (Math.max(0, values[i % m]) + lambda));
  const coefficients = new Float64Array(outputs * m);
  backend.matmulInto(coefficients, shrunk, vectors, { n: outputs, k: m, m, transposeB: true });
  return { coefficients, lambda, scores, lambdas, degrees: degreesAt(values, lambda) };
}

interface Spectrum {
  readonly values: Float64Array;
  /** outputs*m, the moments in the eigenbasis. */
  readonly rotated: Float64Array;
  readonly energy: number;
  readonly rows: number;
}

/** Eigenvalues up to this share of the largest are rounding, and count as 0. */
const cutoff = 1e-14;

function score({ values, rotated, energy, rows }: Spectrum, lambda: number): number {
  const m = values.length;
  // What no penalty reaches is subtracted once, apart from what the penalty costs, so that small costs stay exact.
  let [explained, cost] = [0, 0];
  for (let i = 0; i < rotated.length; i++) {
    const s = values[i % m];
    if (s <= cutoff * values[m - 1]) continue;
    const share = (rotated[i] * rotated[i]) / s;
    explained += share;
    cost += share * (lambda / (s + lambda)) ** 2;
  }
  return (Math.max(0, energy - explained) + cost) / (1 - degreesAt(values, lambda) / rows) ** 2;
}

const degreesAt = (values: Float64Array, lambda: number): number =>
  values.reduce((sum, value) => sum + Math.max(0, value) / (Math.max(0, value) + lambda), 0);

function checkRows({ rows, features, width, targets, outputs }: RidgeRows): void {
  if (rows > width && features.length === rows * width && targets.length === rows * outputs) return;
  fail({
    code: 'shape-mismatch',
    where: 'featureRidge',
    problem: 'the rows do not fit the features and targets',
    got: `${rows} rows, ${features.length} feature values of ${width} features, ${targets.length} targets`,
    expected: 'rows*width values, rows*outputs targets, and more rows than features',
    fix: 'draw more points, or fewer features',
  });
}
