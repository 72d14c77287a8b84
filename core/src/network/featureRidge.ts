import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail, show } from '../errors.js';
import { symmetricEigen } from '../math/linalg.js';
import { goldenSection } from '../math/optimize.js';
import { ridgePath } from '../math/ridgePath.js';

/** Rows of features with what is to be learned from them. */
export interface FeatureRows {
  /** L*m, row-major. */
  readonly features: Float64Array;
  /** Number m of features. */
  readonly width: number;
  /** L*c, row-major. */
  readonly targets: Float64Array;
  /** Number c of outputs, default 1. */
  readonly outputs?: number;
  readonly backend?: Backend;
}

/** The fit at one penalty. */
export interface FeatureRidge {
  /** A, m*c. */
  readonly weights: Float64Array;
  readonly lambda: number;
  /** `(1/L) |y - f|^2 / (1 - tr(S)/L)^2` summed over outputs; null without a penalty. */
  readonly gcv: number | null;
  /** `tr S`; without a penalty the rank of the features. */
  readonly degrees: number;
  /** `(1/L) |y - f|^2`, summed over outputs. */
  readonly trainError: number;
}

/** A fit whose penalty was chosen. */
export interface ChosenRidge extends FeatureRidge {
  /** Scores on the grid, by rising penalty. */
  readonly scores: readonly { readonly lambda: number; readonly score: number }[];
  /** Whether the best penalty is the least or the largest on offer: another grid might do better. */
  readonly atEdge: boolean;
}

/** All penalties of one set of features. */
export interface FeatureRidgePath {
  /** Largest eigenvalue of the kernel matrix `Z Z^T / m`. */
  readonly largest: number;
  readonly rows: number;
  at(lambda: number): FeatureRidge;
}

/** Eigenvalues up to this share of the largest count as 0, as those of {@link ridgePath} do. */
const cutoff = 1e-11;

/**
 * Least squares on features Z with a penalty of the density norm, at any penalty from one eigendecomposition:
 *
 *     min_A (1/L) |Z A - Y|^2 + lambda m |A|^2
 *
 * so that lambda means the same at every width m, and kernel ridge regression with `Z Z^T / m` as m grows. Without a
 * penalty the least A of those that fit best. Cost O(min(L, m)^3 + L m min(L, m)).
 *
 * @throws `shape-mismatch` for arrays that do not fit; `invalid-argument` for a penalty that is negative or not finite.
 */
export function featureRidgePath(data: FeatureRows): FeatureRidgePath {
  const { rows } = sizesOf(data);
  return rows <= data.width ? throughRows(data, rows) : throughColumns(data, rows);
}

/** `alpha` of the rows, then `A = Z^T alpha / m`. */
function throughRows(data: FeatureRows, rows: number): FeatureRidgePath {
  const { features, width, targets, outputs = 1, backend = defaultBackend() } = data;
  const gram = new Float64Array(rows * rows);
  backend.matmulInto(gram, features, features, { n: rows, k: width, m: rows, transposeB: true });
  for (let i = 0; i < gram.length; i++) gram[i] /= width;
  const path = ridgePath(gram, targets, outputs);
  return {
    largest: path.values[rows - 1],
    rows,
    at(lambda) {
      const { coefficients, gcv, degrees, trainError } = path.at(lambda);
      const weights = new Float64Array(width * outputs);
      backend.matmulInto(weights, features, coefficients, { n: width, k: rows, m: outputs, transposeA: true });
      for (let i = 0; i < weights.length; i++) weights[i] /= width;
      return { weights, lambda, gcv, degrees, trainError };
    },
  };
}

/**
 * With `Z^T Z / m = V diag(s) V^T` and `U = Z V / sqrt(m s)`: the residual is that of the projection on the columns plus
 * `lambda L / (s + lambda L)` of every component, two sums of squares without cancellation.
 */
function throughColumns(data: FeatureRows, rows: number): FeatureRidgePath {
  const { features, width: m, targets, outputs: c = 1, backend = defaultBackend() } = data;
  const gram = new Float64Array(m * m);
  backend.matmulInto(gram, features, features, { n: m, k: rows, m, transposeA: true });
  for (let i = 0; i < gram.length; i++) gram[i] /= m;
  const { values, vectors } = symmetricEigen(gram, m);
  const largest = values[m - 1];
  const kept = values.map((value) => (value > cutoff * largest ? 1 : 0));
  const basis = new Float64Array(rows * m);
  backend.matmulInto(basis, features, vectors, { n: rows, k: m, m });
  for (let l = 0; l < rows; l++) {
    for (let k = 0; k < m; k++) basis[l * m + k] *= kept[k] === 0 ? 0 : 1 / Math.sqrt(m * values[k]);
  }
  const moments = new Float64Array(m * c);
  backend.matmulInto(moments, basis, targets, { n: m, k: rows, m: c, transposeA: true });
  const fitted = new Float64Array(rows * c);
  backend.matmulInto(fitted, basis, moments, { n: rows, k: m, m: c });
  const outside = fitted.reduce((sum, value, i) => sum + (targets[i] - value) ** 2, 0);
  return {
    largest,
    rows,
    at(lambda) {
      checkPenalty(lambda);
      const shift = lambda * rows;
      const rotated = new Float64Array(m * c);
      let [degrees, squares] = [0, outside];
      for (let k = 0; k < m; k++) {
        if (kept[k] === 0) continue;
        degrees += values[k] / (values[k] + shift);
        for (let o = 0; o < c; o++) {
          squares += ((shift / (values[k] + shift)) * moments[k * c + o]) ** 2;
          rotated[k * c + o] = (Math.sqrt(values[k] / m) / (values[k] + shift)) * moments[k * c + o];
        }
      }
      const weights = new Float64Array(m * c);
      backend.matmulInto(weights, vectors, rotated, { n: m, k: m, m: c });
      const gcv = lambda > 0 ? squares / rows / (1 - degrees / rows) ** 2 : null;
      return { weights, lambda, gcv, degrees, trainError: squares / rows };
    },
  };
}

export interface ChooseRidgeOptions {
  /** Factor gamma >= 1 of the degrees of freedom, default `1 + 0.1 min(1, (L/m)^2)`; 1 for the plain score. */
  readonly inflation?: number;
}

/** Sections of a decade: enough for a penalty to 0.2 %. */
const sections = 14;
/** Penalties on offer: shares of the largest eigenvalue over the rows, two a decade. */
const shares = Array.from({ length: 29 }, (_, k) => 10 ** (k / 2 - 13));

/**
 * The fit of {@link featureRidgePath} with the penalty of least generalized cross-validation
 * `(1/L) |y - f|^2 / (1 - gamma tr(S)/L)^2`, infinite where `gamma tr(S) >= L`: a grid of two penalties a decade from
 * `1e-13` to `10` of the largest eigenvalue over the rows, then a golden section around the best.
 *
 * With gamma = 1 and about as many features as rows the score sometimes vanishes with the penalty, by chance, at the peak
 * of double descent: on 60 rows and 60 relu features one draw in twenty chose a fit 20 to 110 times worse than the best of
 * the grid, while with the default of 1.1 there none of 300 exceeded 1.9. Where features are many times the rows no peak is
 * near, small penalties may well be the best, and the default tends to 1: on 50 to 200 features it never exceeded 3, and
 * its medians were 1.02 to 1.05.
 * Source: [GolubHeathWahba1979], [KimGu2004] (gamma), [BelkinEtAl2019] (the peak).
 *
 * @throws as {@link featureRidgePath}; `invalid-argument` where all features are 0, or for gamma < 1.
 * @example
 * const { weights, lambda, gcv } = chooseRidge({ features, width: 200, targets });
 */
export function chooseRidge(data: FeatureRows, options: ChooseRidgeOptions = {}): ChosenRidge {
  const path = featureRidgePath(data);
  const { inflation = 1 + 0.1 * Math.min(1, (path.rows / data.width) ** 2) } = options;
  checkChoice(path, data.width, inflation);
  const scoreOf = (lambda: number): number => {
    const { trainError, degrees } = path.at(lambda);
    const left = 1 - (inflation * degrees) / path.rows;
    return left > 0 ? trainError / left ** 2 : Infinity;
  };
  const scores = shares.map((share) => {
    const lambda = (share * path.largest) / path.rows;
    return { lambda, score: scoreOf(lambda) };
  });
  const best = scores.reduce((least, { score }, k) => (score < scores[least].score ? k : least), 0);
  const atEdge = best === 0 || best === scores.length - 1;
  if (atEdge) return { ...path.at(scores[best].lambda), scores, atEdge };
  const [low, high] = [Math.log(scores[best - 1].lambda), Math.log(scores[best + 1].lambda)];
  const { at } = goldenSection((log) => scoreOf(Math.exp(log)), low, high, sections);
  return { ...path.at(Math.exp(at)), scores, atEdge };
}

function checkChoice({ largest, rows }: FeatureRidgePath, width: number, inflation: number): void {
  if (!(inflation >= 1 && inflation < Infinity)) {
    fail({
      code: 'invalid-argument',
      where: 'chooseRidge',
      problem: 'the inflation of the degrees of freedom is not usable',
      got: show(inflation),
      expected: 'a number >= 1',
      fix: 'leave it out for one that fits the sizes',
    });
  }
  if (largest > 0) return;
  fail({
    code: 'invalid-argument',
    where: 'chooseRidge',
    problem: 'all features are 0 on every row',
    got: `${rows} rows of ${width} features`,
    expected: 'at least one feature that is not 0',
    fix: 'draw other features, or check the scale of the inputs',
  });
}

function sizesOf({ features, width, targets, outputs = 1 }: FeatureRows): { readonly rows: number } {
  const rows = targets.length / outputs;
  const whole = (size: number): boolean => Number.isSafeInteger(size) && size >= 1;
  if (whole(rows) && whole(width) && features.length === rows * width) return { rows };
  return fail({
    code: 'shape-mismatch',
    where: 'featureRidgePath',
    problem: 'features and targets do not fit',
    got: `${features.length} features of width ${show(width)}, ${targets.length} targets of ${show(outputs)} outputs`,
    expected: 'as many rows of features as of targets, at least one',
    fix: 'pass L*m features and L*c targets',
  });
}

function checkPenalty(lambda: number): void {
  if (lambda >= 0 && lambda < Infinity) return;
  fail({
    code: 'invalid-argument',
    where: 'featureRidgePath',
    problem: 'the penalty is negative or not finite',
    got: show(lambda),
    expected: 'a number >= 0',
    fix: 'pass 0 for the fit of least norm',
  });
}
