import {
  type FormulaUnit,
  fail,
  heunTableau,
  type Measure,
  show,
  type Tableau,
  totalMass,
  withPositions,
} from '@muflow/core';
import { type UnitJet, unitJet } from './unitJet.js';

export interface FluctuationOptions {
  /** A smooth unit: its second derivatives enter. */
  readonly unit: FormulaUnit;
  /** L*d inputs, row-major, and L targets of the square risk without penalty. */
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  /** The law of one particle at the start: N atoms of total mass 1, by quadrature or from a wide network. */
  readonly initial: Measure;
  readonly dt: number;
  /** An explicit method of Runge-Kutta, default `heunTableau`; use that of the simulation. */
  readonly tableau?: Tableau;
}

/** The mean-field flow with its linear response to the draw of the start. */
export interface Fluctuations {
  /** Takes steps of size dt. O(L N^2 D) each. */
  advance(steps: number): void;
  time(): number;
  /** The law mu_t of one particle. */
  limit(): Measure;
  /** `A_t(x_l, theta_s)`, L*N row-major. */
  influence(): Float64Array;
  /** `C_t(x_k, x_l)`, L*L. */
  covariance(): Float64Array;
  /** `(1/L) sum_l C_t(x_l, x_l)`: the limit of n times the mean variance of the network over the inputs. */
  variance(): number;
  /** `(1/L) sum_l Var_{mu_t} Phi(x_l, .)`: n times the variance of units drawn anew from mu_t. */
  resampling(): number;
}

/**
 * The central limit theorem along the Wasserstein flow of a square risk, as a closed linear equation. Networks of n
 * units that start at independent draws of mu_0 have `sqrt(n) (f^(n)_t - f_t) -> g_t`, Gaussian with mean 0 and
 *
 *     C_t(x, x') = int A_t(x, s) A_t(x', s) dmu_0(s) - int A_t(x, s) dmu_0(s) int A_t(x', s) dmu_0(s),
 *
 * where the influence `A_t(x, s)` is the derivative of f_t(x) in the mass of mu_0 at s. With T_i the response of the
 * place of particle i,
 *
 *     A_t(x, s) = Phi(x, u_s) + sum_i m_i <grad Phi(x, u_i), T_i>,
 *     dT_i/dt  = -hess V(u_i) T_i - (1/L) sum_l grad Phi(x_l, u_i) A_t(x_l, s),   T_i = 0 at the start.
 *
 * For given mu_t this is the Volterra equation of g_t; the only error is that of the N atoms standing for mu_0.
 * Memory O(N^2 D). Sources: [ChenEtAl2020], section 3; [RotskoffVandenEijnden2018].
 *
 * @throws `shape-mismatch` for data or atoms that do not fit the unit, `invalid-argument` for a start that is no
 * probability measure or a step size that is not positive.
 * @example
 * const unit = networkUnit({ activation: 'tanh', inputs: 1 });
 * const start = gaussian({ mean: [0, 0, 0], deviation: 1, count: 200, key: randomKey(1) });
 * const closed = fluctuations({ unit, inputs, targets, initial: start, dt: 0.1 });
 * closed.advance(100);
 * closed.variance(); // n Var f^(n) at time 10
 */
export function fluctuations(options: FluctuationOptions): Fluctuations {
  const { inputs, targets, initial, dt, tableau = heunTableau } = options;
  const inputDim = inputs.length / targets.length;
  checkOptions(options, inputDim);
  const derivatives = unitJet(options.unit, inputDim, 2);
  if (derivatives.dim !== initial.dim) refuseShape(`atoms of ${initial.dim} coordinates`, `${derivatives.dim}`);
  const [n, d, rows] = [initial.count, initial.dim, targets.length];
  const system = linearResponse(derivatives, { inputs, targets, masses: initial.masses });
  const size = n * d * (1 + n);
  const state = new Float64Array(size);
  state.set(initial.positions);
  const stages = tableau.stages.map(() => new Float64Array(size));
  const point = new Float64Array(size);
  let taken = 0;
  const step = (): void => {
    for (const [s, row] of tableau.stages.entries()) {
      point.set(state);
      addCombination(point, row, stages, dt);
      system.slopeInto(stages[s], point);
    }
    addCombination(state, tableau.weights, stages, dt);
    taken++;
  };
  const covariance = (): Float64Array => weightedCovariance(system.influenceAt(state), initial.masses, rows);
  const meanOfDiagonal = (matrix: Float64Array): number => {
    let sum = 0;
    for (let l = 0; l < rows; l++) sum += matrix[l * rows + l];
    return sum / rows;
  };
  return {
    advance(steps) {
      for (let k = 0; k < steps; k++) step();
    },
    time: () => taken * dt,
    limit: () => withPositions(initial, state.slice(0, n * d)),
    influence: () => system.influenceAt(state).slice(),
    covariance,
    variance: () => meanOfDiagonal(covariance()),
    resampling: () => meanOfDiagonal(weightedCovariance(system.unitsAt(state), initial.masses, rows)),
  };
}

interface Setting {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly masses: Float64Array;
}

interface LinearResponse {
  /** The time derivative of (u, T); u is n*d, T is (n*d)*n with the sources along its rows. */
  slopeInto(out: Float64Array, state: Float64Array): void;
  /** A at a state, L*n; valid until the next call. */
  influenceAt(state: Float64Array): Float64Array;
  /** `Phi(x_l, u_i)`, L*n; valid until the next call. */
  unitsAt(state: Float64Array): Float64Array;
}

function linearResponse(derivatives: UnitJet, { inputs, targets, masses }: Setting): LinearResponse {
  const { dim: d, inputDim, jet } = derivatives;
  const [n, rows] = [masses.length, targets.length];
  const units = new Float64Array(rows * n);
  const slopes = new Float64Array(rows * n * d);
  const curvatures = new Float64Array(n * d * d);
  const residual = new Float64Array(rows);
  const influence = new Float64Array(rows * n);

  /** Units and slopes at all pairs, the residual over L, and `sum_l r_l hess Phi(x_l, u_i)`. */
  const load = (u: Float64Array): void => {
    curvatures.fill(0);
    for (let l = 0; l < rows; l++) {
      let f = 0;
      for (let i = 0; i < n; i++) {
        derivatives.evaluate(u, i * d, inputs, l * inputDim);
        units[l * n + i] = jet[0];
        f += masses[i] * jet[0];
        for (let k = 0; k < d; k++) slopes[(l * n + i) * d + k] = jet[1 + k];
      }
      residual[l] = (f - targets[l]) / rows;
    }
    // The residual of a row is known only after all its units: a second pass for the second derivatives.
    for (let l = 0; l < rows; l++) {
      for (let i = 0; i < n; i++) {
        derivatives.evaluate(u, i * d, inputs, l * inputDim);
        for (let k = 0; k < d * d; k++) curvatures[i * d * d + k] += residual[l] * jet[1 + d + k];
      }
    }
  };
  /** `A = Phi + sum_i m_i <grad Phi_i, T_i>`, source by source along the rows of T. */
  const respond = (state: Float64Array): void => {
    influence.set(units);
    for (let l = 0; l < rows; l++) {
      for (let row = 0; row < n * d; row++) {
        const weight = masses[(row / d) | 0] * slopes[l * n * d + row];
        const from = n * d + row * n;
        for (let s = 0; s < n; s++) influence[l * n + s] += weight * state[from + s];
      }
    }
  };
  return {
    slopeInto(out, state) {
      load(state);
      respond(state);
      out.fill(0);
      // One pass over the rows of T: (i, k) is coordinate k of particle i.
      for (let row = 0; row < n * d; row++) {
        const into = n * d + row * n;
        const i = (row / d) | 0;
        for (let l = 0; l < rows; l++) {
          const slope = slopes[l * n * d + row];
          out[row] -= residual[l] * slope;
          for (let s = 0; s < n; s++) out[into + s] -= (slope / rows) * influence[l * n + s];
        }
        for (let k = 0; k < d; k++) {
          const curvature = curvatures[row * d + k];
          const from = n * d + (i * d + k) * n;
          for (let s = 0; s < n; s++) out[into + s] -= curvature * state[from + s];
        }
      }
    },
    influenceAt(state) {
      load(state);
      respond(state);
      return influence;
    },
    unitsAt(state) {
      load(state);
      return units;
    },
  };
}

/** `sum_s m_s a_ks a_ls - (sum_s m_s a_ks)(sum_s m_s a_ls)`, for masses of sum 1; summed around the means. */
function weightedCovariance(values: Float64Array, masses: Float64Array, rows: number): Float64Array {
  const n = masses.length;
  const centered = values.slice();
  for (let l = 0; l < rows; l++) {
    let mean = 0;
    for (let s = 0; s < n; s++) mean += masses[s] * values[l * n + s];
    for (let s = 0; s < n; s++) centered[l * n + s] -= mean;
  }
  const out = new Float64Array(rows * rows);
  for (let k = 0; k < rows; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let s = 0; s < n; s++) sum += masses[s] * centered[k * n + s] * centered[l * n + s];
      out[k * rows + l] = out[l * rows + k] = sum;
    }
  }
  return out;
}

function addCombination(
  out: Float64Array,
  coefficients: readonly number[],
  stages: readonly Float64Array[],
  dt: number,
): void {
  for (const [s, coefficient] of coefficients.entries()) {
    const stage = stages[s];
    const factor = dt * coefficient;
    if (factor !== 0) for (let k = 0; k < out.length; k++) out[k] += factor * stage[k];
  }
}

function checkOptions({ inputs, targets, initial, dt }: FluctuationOptions, inputDim: number): void {
  if (!(Number.isInteger(inputDim) && inputDim >= 1)) {
    refuseShape(`${inputs.length} input numbers for ${targets.length} targets`, 'L >= 1 targets and L*d inputs');
  }
  if (dt > 0 && Number.isFinite(dt) && Math.abs(totalMass(initial) - 1) < 1e-9) return;
  fail({
    code: 'invalid-argument',
    where: 'fluctuations',
    problem: 'the start or the step size is not usable',
    got: `total mass ${show(totalMass(initial))}, dt ${show(dt)}`,
    expected: 'a probability measure and a finite dt > 0',
    fix: 'normalize the start, whose atoms stand for the law of one particle',
  });
}

function refuseShape(got: string, expected: string): never {
  return fail({
    code: 'shape-mismatch',
    where: 'fluctuations',
    problem: 'data, atoms and unit do not fit',
    got,
    expected,
    fix: 'pass one target per row of inputs, and atoms in the layout of the unit',
  });
}
