import { type Energy, fail, type Measure, normalizeLogs, show, withLogMasses, withPositions } from '@muflow/core';

/** Rates of reaction (alpha) and transport (gamma), as in `wassersteinFisherRao`. */
export interface DescentRates {
  /** Default 1. */
  readonly alpha?: number;
  /** Default 1. */
  readonly gamma?: number;
}

/**
 * The exact Fisher-Rao flow of a fixed potential, `mu_t = exp(-alpha t V) mu_0`, divided by its mass on probabilities:
 * birth and death without interaction. Atoms stay where they are. Cost O(n).
 *
 * @param values - V at the atoms (n). @param time - t >= 0.
 * @throws `shape-mismatch` where there is not one value per atom.
 */
export function fisherRaoSolution(
  initial: Measure,
  values: ArrayLike<number>,
  time: number,
  { alpha = 1 }: Pick<DescentRates, 'alpha'> = {},
): Measure {
  if (values.length !== initial.count) {
    fail({
      code: 'shape-mismatch',
      where: 'fisherRaoSolution',
      problem: 'the potential does not fit the measure',
      got: `${values.length} values for ${initial.count} atoms`,
      expected: 'one value per atom',
      fix: 'evaluate V at the atoms',
    });
  }
  const logMasses = initial.logMasses.map((logMass, i) => logMass - alpha * time * values[i]);
  if (initial.kind === 'probability') normalizeLogs(logMasses);
  return withLogMasses(initial, logMasses);
}

/** Independent Gaussian coordinates: means and variances, one number each per coordinate. */
export interface IndependentGaussian {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/** The energy `int V dmu` of a quadratic V with the exact solutions of its flows. */
export interface QuadraticWell extends Energy {
  /** The Wasserstein-Fisher-Rao flow from atoms, in closed form; alpha or gamma 0 for either part alone. */
  solution(initial: Measure, time: number, rates?: DescentRates): Measure;
  /** The flow on probabilities from a Gaussian density, which stays Gaussian. */
  gaussianSolution(initial: IndependentGaussian, time: number, rates?: DescentRates): IndependentGaussian;
}

/**
 * Particles that do not interact, in the well `V(x) = (1/2) sum_c k_c (x_c - p_c)^2` on R^d. Along the
 * Wasserstein-Fisher-Rao flow with rates gamma and alpha, with `y = x - p`,
 *
 *     y_c(t) = e^(-gamma k_c t) y_c(0),   log m(t) = log m(0) - alpha sum_c (k_c / 2) T_c y_c(0)^2 (+ const),
 *     T_c = (1 - e^(-2 gamma k_c t)) / (2 gamma k_c),
 *
 * T_c = t without transport; a Gaussian density of variance s^2 keeps its shape,
 *
 *     s_c^2(t) = e^(-2 gamma k_c t) / (1/s_c^2 + alpha k_c T_c),   mean_c(t) - p_c = e^(-gamma k_c t) (mean_c - p_c) / (1 + alpha k_c T_c s_c^2).
 *
 * Derived by characteristics of `d_t mu = gamma div(mu grad V) - alpha (V - Vbar) mu`. Cost O(n d).
 *
 * @param options - `center` p (d numbers) and `stiffness` k > 0, one number or one per coordinate (default 1).
 * @throws `invalid-argument` for a stiffness that is not positive, or another number of coordinates.
 * @example
 * const well = quadraticWell({ center: [1, 0] });
 * const later = well.solution(diracs([[0, 0], [2, 1]]), 1, { alpha: 2 });
 */
export function quadraticWell(options: {
  readonly center: readonly number[];
  readonly stiffness?: number | readonly number[];
}): QuadraticWell {
  const { center } = options;
  const dim = center.length;
  const stiffness =
    typeof options.stiffness === 'object' ? options.stiffness : new Array<number>(dim).fill(options.stiffness ?? 1);
  checkWell(center, stiffness);
  const valueAt = (points: Float64Array, start: number): number => {
    let sum = 0;
    for (let c = 0; c < dim; c++) sum += stiffness[c] * (points[start + c] - center[c]) ** 2;
    return sum / 2;
  };
  return {
    name: 'quadratic well',
    dim,
    smooth: true,
    value(mu) {
      let sum = 0;
      for (let i = 0; i < mu.count; i++) if (mu.masses[i] !== 0) sum += mu.masses[i] * valueAt(mu.positions, i * dim);
      return sum;
    },
    firstVariationInto({ potential, gradient }, { positions, count }) {
      for (let i = 0; i < count; i++) {
        potential[i] = valueAt(positions, i * dim);
        for (let c = 0; c < dim; c++) gradient[i * dim + c] = stiffness[c] * (positions[i * dim + c] - center[c]);
      }
    },
    potentialAt(out, points, count) {
      for (let i = 0; i < count; i++) out[i] = valueAt(points, i * dim);
    },
    solution(initial, time, { alpha = 1, gamma = 1 } = {}) {
      const { positions, count } = initial;
      const moved = new Float64Array(count * dim);
      const spent = new Float64Array(count);
      for (let c = 0; c < dim; c++) {
        const [factor, duration] = decay(gamma * stiffness[c], time);
        for (let i = 0; i < count; i++) {
          const y = positions[i * dim + c] - center[c];
          // Written so that nothing moves, not even by rounding, where the factor is 1.
          moved[i * dim + c] = positions[i * dim + c] + (factor - 1) * y;
          spent[i] += (stiffness[c] / 2) * duration * y * y;
        }
      }
      return withPositions(fisherRaoSolution(initial, spent, 1, { alpha }), moved);
    },
    gaussianSolution({ mean, variance }, time, { alpha = 1, gamma = 1 } = {}) {
      const along = center.map((place, c) => {
        const [factor, duration] = decay(gamma * stiffness[c], time);
        const narrowing = 1 + alpha * stiffness[c] * duration * variance[c];
        return {
          mean: place + (factor * (mean[c] - place)) / narrowing,
          variance: (factor * factor * variance[c]) / narrowing,
        };
      });
      return { mean: along.map((one) => one.mean), variance: along.map((one) => one.variance) };
    },
  };
}

/** `e^(-rate t)` and `(1 - e^(-2 rate t)) / (2 rate)`, which is t for rate 0. */
function decay(rate: number, time: number): readonly [factor: number, duration: number] {
  return [Math.exp(-rate * time), rate === 0 ? time : -Math.expm1(-2 * rate * time) / (2 * rate)];
}

function checkWell(center: readonly number[], stiffness: readonly number[]): void {
  const fits = center.length >= 1 && stiffness.length === center.length && center.every(Number.isFinite);
  if (fits && stiffness.every((k) => k > 0 && Number.isFinite(k))) return;
  fail({
    code: 'invalid-argument',
    where: 'quadraticWell',
    problem: fits ? 'a stiffness is not usable' : 'center and stiffness do not fit',
    got: `center ${show(center)}, stiffness ${show(stiffness)}`,
    expected: 'd finite numbers, and one stiffness > 0 or d',
    fix: 'pass for instance { center: [0, 0], stiffness: 1 }',
  });
}
