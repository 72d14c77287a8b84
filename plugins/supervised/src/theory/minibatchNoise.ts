import { type FormulaUnit, fail, type Measure, show, withPositions } from '@muflow/core';
import { type UnitJet, unitJet } from './unitJet.js';

export interface MinibatchNoiseOptions {
  /** A smooth unit: its second derivatives enter. */
  readonly unit: FormulaUnit;
  /** L*d inputs, row-major, and L targets of the square risk without penalty. */
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly initial: Measure;
  readonly dt: number;
  /** Rows b per batch, drawn without replacement: 1 to L. */
  readonly batch: number;
}

/** Euler steps of a risk flow, with the covariance that minibatches give to the places of the atoms. */
export interface MinibatchNoise {
  /** Takes steps of size dt. O(L n^2 D^2 + n^3 D^3) each. */
  advance(steps: number): void;
  /** The measure after Euler steps on all rows. */
  mean(): Measure;
  /** `(1/L) sum_l Var f(x_l)` to first order in the noise. */
  variance(): number;
}

/**
 * The noise of stochastic descent to first order, beside the steps that it disturbs. Batches of b of L rows add to the
 * gradients `G_i = grad V(u_i)` a noise of mean 0 and covariance
 *
 *     S = (L - b) / (b (L - 1)) (1/L) sum_l (G^l - G) (G^l - G)^T,
 *
 * G^l the gradients from row l alone, and the places of the atoms get the covariance
 *
 *     C_{k+1} = (I - dt H) C_k (I - dt H)^T + dt^2 S,   C_0 = 0,   H = dG/du,
 *
 * of order dt at a fixed time. Wasserstein flow, equal or unequal masses, which stand still. Memory O(n^2 D^2).
 * Source: [KloedenPlaten1992], section 4.4, for linear stochastic equations.
 *
 * @throws `shape-mismatch` for data or atoms that do not fit, `invalid-argument` for a step size or a batch that does not.
 * @example
 * const noise = minibatchNoise({ unit, inputs, targets, initial, dt: 0.05, batch: 4 });
 * noise.advance(40);
 * noise.variance(); // of the predictions after 40 stochastic steps
 */
export function minibatchNoise(options: MinibatchNoiseOptions): MinibatchNoise {
  const { unit, inputs, targets, initial, dt, batch } = options;
  const rows = targets.length;
  const inputDim = inputs.length / rows;
  checkOptions(options, inputDim);
  const derivatives = unitJet(unit, inputDim, 2);
  if (derivatives.dim !== initial.dim) refuseShape(`atoms of ${initial.dim} coordinates`, `${derivatives.dim}`);
  const size = initial.count * initial.dim;
  const local = linearization(derivatives, { inputs, targets, masses: initial.masses });
  const factor = rows > 1 ? (rows - batch) / (batch * (rows - 1)) : 0;
  const u = initial.positions.slice();
  const step = new Float64Array(size * size);
  const work = new Float64Array(size * size);
  let covariance = new Float64Array(size * size);
  const advanceOnce = (): void => {
    const { gradient, byRow, jacobian } = local.at(u);
    for (let k = 0; k < size * size; k++) step[k] = -dt * jacobian[k];
    for (let k = 0; k < size; k++) step[k * size + k] += 1;
    multiplyInto(work, step, covariance, size);
    const next = new Float64Array(size * size);
    multiplyTransposedInto(next, work, step, size);
    for (let l = 0; l < rows; l++) {
      for (let a = 0; a < size; a++) {
        const left = ((dt * dt * factor) / rows) * (byRow[l * size + a] - gradient[a]);
        for (let b = 0; b < size; b++) next[a * size + b] += left * (byRow[l * size + b] - gradient[b]);
      }
    }
    covariance = next;
    for (let k = 0; k < size; k++) u[k] -= dt * gradient[k];
  };
  return {
    advance(steps) {
      for (let k = 0; k < steps; k++) advanceOnce();
    },
    mean: () => withPositions(initial, u.slice()),
    variance() {
      const { response } = local.at(u);
      let sum = 0;
      for (let l = 0; l < rows; l++) {
        for (let a = 0; a < size; a++) {
          for (let b = 0; b < size; b++) {
            sum += response[l * size + a] * covariance[a * size + b] * response[l * size + b];
          }
        }
      }
      return sum / rows;
    },
  };
}

interface Setting {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly masses: Float64Array;
}

/** What the steps need at one place; valid until the next call. */
interface Local {
  /** G (nD), and G^l row by row (L * nD). */
  readonly gradient: Float64Array;
  readonly byRow: Float64Array;
  /** H = dG/du (nD * nD). */
  readonly jacobian: Float64Array;
  /** `df(x_l)/du = m_i grad Phi(x_l, u_i)` (L * nD). */
  readonly response: Float64Array;
}

function linearization(derivatives: UnitJet, { inputs, targets, masses }: Setting): { at(u: Float64Array): Local } {
  const { dim: d, inputDim, jet } = derivatives;
  const [n, rows] = [masses.length, targets.length];
  const size = n * d;
  const slopes = new Float64Array(rows * size);
  const gradient = new Float64Array(size);
  const byRow = new Float64Array(rows * size);
  const jacobian = new Float64Array(size * size);
  const response = new Float64Array(rows * size);
  const loadRow = (u: Float64Array, l: number): void => {
    let residual = -targets[l];
    for (let i = 0; i < n; i++) {
      derivatives.evaluate(u, i * d, inputs, l * inputDim);
      residual += masses[i] * jet[0];
      for (let k = 0; k < d; k++) slopes[l * size + i * d + k] = jet[1 + k];
    }
    for (let i = 0; i < n; i++) {
      derivatives.evaluate(u, i * d, inputs, l * inputDim);
      for (let k = 0; k < d; k++) {
        const a = i * d + k;
        byRow[l * size + a] = residual * slopes[l * size + a];
        gradient[a] += byRow[l * size + a] / rows;
        response[l * size + a] = masses[i] * slopes[l * size + a];
        for (let m = 0; m < d; m++) jacobian[a * size + i * d + m] += (residual * jet[1 + d + k * d + m]) / rows;
      }
    }
  };
  return {
    at(u) {
      gradient.fill(0);
      jacobian.fill(0);
      for (let l = 0; l < rows; l++) {
        loadRow(u, l);
        for (let a = 0; a < size; a++) {
          const slope = slopes[l * size + a] / rows;
          for (let b = 0; b < size; b++) jacobian[a * size + b] += slope * response[l * size + b];
        }
      }
      return { gradient, byRow, jacobian, response };
    },
  };
}

/** `out = a b`, square matrices. */
function multiplyInto(out: Float64Array, a: Float64Array, b: Float64Array, size: number): void {
  out.fill(0);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k];
      for (let j = 0; j < size; j++) out[i * size + j] += factor * b[k * size + j];
    }
  }
}

/** `out = a b^T`. */
function multiplyTransposedInto(out: Float64Array, a: Float64Array, b: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k] * b[j * size + k];
      out[i * size + j] = sum;
    }
  }
}

function checkOptions({ inputs, targets, dt, batch }: MinibatchNoiseOptions, inputDim: number): void {
  if (!(Number.isInteger(inputDim) && inputDim >= 1)) {
    refuseShape(`${inputs.length} input numbers for ${targets.length} targets`, 'L >= 1 targets and L*d inputs');
  }
  if (dt > 0 && Number.isFinite(dt) && Number.isInteger(batch) && batch >= 1 && batch <= targets.length) return;
  fail({
    code: 'invalid-argument',
    where: 'minibatchNoise',
    problem: 'the step size or the batch is not usable',
    got: `dt ${show(dt)}, batches of ${show(batch)}`,
    expected: `a finite dt > 0 and batches of 1 to ${targets.length} rows`,
    fix: 'pass for instance { dt: 0.05, batch: 4 }',
  });
}

function refuseShape(got: string, expected: string): never {
  return fail({
    code: 'shape-mismatch',
    where: 'minibatchNoise',
    problem: 'data, atoms and unit do not fit',
    got,
    expected,
    fix: 'pass one target per row of inputs, and atoms in the layout of the unit',
  });
}
