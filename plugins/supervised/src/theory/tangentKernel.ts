import {
  allocateFirstVariation,
  allocateTangent,
  type Backend,
  defaultBackend,
  type FormulaUnit,
  fail,
  type Measure,
  type Metric,
  wasserstein,
} from '@muflow/core';
import { unitJet } from './unitJet.js';

export interface TangentKernelOptions {
  readonly unit: FormulaUnit;
  /** L*d inputs x', row-major: those that the flow sees. */
  readonly inputs: Float64Array;
  /** P*d inputs x at which the network is watched; default those above. */
  readonly at?: Float64Array;
  /** Coordinates d per input, default 1. */
  readonly inputDim?: number;
  /** Default `wasserstein()`. */
  readonly metric?: Metric;
  readonly backend?: Backend;
}

/** Inputs whose motions are multiplied at once. */
const blockRows = 64;

/**
 * The tangent kernel of a measure (P*L, row-major): how the function of the network answers to a residual,
 *
 *     M([mu], x, x') = gamma int <grad_u Phi(x, u), grad_u Phi(x', u)> dmu
 *                    + alpha (int Phi(x, u) Phi(x', u) dmu - f_mu(x) f_mu(x')),
 *
 * the second line for metrics that react, its last term on probability measures alone; frozen coordinates and tangent
 * spaces as the metric has them. Along the flow of a risk without penalty
 *
 *     d/dt f_t(x) = -(1/L) sum_l M([mu_t], x, x_l) loss'(f_t(x_l), y_l).
 *
 * It is symmetric and positive semidefinite where both lists of inputs agree. Cost O(n D L P), as products of
 * matrices, and n evaluations of the unit per input; P n D numbers are kept. Source: [RotskoffVandenEijnden2018]; [JacotGabrielHongler2018] for the kernel at the start.
 *
 * @throws `shape-mismatch` for inputs or atoms that do not fit the unit.
 * @example
 * const unit = networkUnit({ activation: 'tanh', inputs: 1 });
 * const kernel = tangentKernel({ unit, inputs: Float64Array.of(-1, 0, 1) }, mu); // 3 x 3
 */
export function tangentKernel(options: TangentKernelOptions, mu: Measure): Float64Array {
  const { unit, inputs, at = inputs, inputDim = 1, metric = wasserstein(), backend = defaultBackend() } = options;
  const derivatives = unitJet(unit, inputDim, 1);
  const { dim } = derivatives;
  checkFit(dim, inputDim, mu, [inputs, at]);
  const { count: n, positions } = mu;
  const watched = at.length / inputDim;
  const seen = inputs.length / inputDim;
  // A row for each watched input: what it answers to growth, where there is any, and to velocity of every atom.
  const share = (metric.reacts ? 1 : 0) + dim;
  const width = n * share;
  const answers = new Float64Array(watched * width);
  for (let p = 0; p < watched; p++) {
    for (let i = 0; i < n; i++) {
      derivatives.evaluate(positions, i * dim, at, p * inputDim);
      const start = p * width + i * share;
      for (let k = 0; k < share; k++) answers[start + k] = derivatives.jet[1 + dim - share + k];
    }
  }
  const variation = allocateFirstVariation(n, dim);
  const tangent = allocateTangent(metric.transports, metric.reacts, n, dim);
  const kernel = new Float64Array(watched * seen);
  const motions = new Float64Array(Math.min(seen, blockRows) * width);
  for (let first = 0; first < seen; first += blockRows) {
    const count = Math.min(blockRows, seen - first);
    for (let l = 0; l < count; l++) {
      for (let i = 0; i < n; i++) {
        derivatives.evaluate(positions, i * dim, inputs, (first + l) * inputDim);
        variation.potential[i] = derivatives.jet[0];
        for (let k = 0; k < dim; k++) variation.gradient[i * dim + k] = derivatives.jet[1 + k];
      }
      // The motion that a unit residual at x_l alone would cause, seen at every x.
      metric.descendInto(tangent, variation, mu);
      for (let i = 0; i < n; i++) {
        const start = l * width + i * share;
        const own = start + share - dim;
        if (tangent.growth !== null) motions[start] = -mu.masses[i] * tangent.growth[i];
        for (let k = 0; k < dim; k++) {
          motions[own + k] = tangent.velocity === null ? 0 : -mu.masses[i] * tangent.velocity[i * dim + k];
        }
      }
    }
    const part = new Float64Array(watched * count);
    backend.matmulInto(part, answers, motions.subarray(0, count * width), {
      n: watched,
      k: width,
      m: count,
      transposeB: true,
    });
    for (let p = 0; p < watched; p++) kernel.set(part.subarray(p * count, (p + 1) * count), p * seen + first);
  }
  return kernel;
}

function checkFit(dim: number, inputDim: number, mu: Measure, lists: readonly Float64Array[]): void {
  if (mu.dim === dim && lists.every((list) => list.length > 0 && list.length % inputDim === 0)) return;
  fail({
    code: 'shape-mismatch',
    where: 'tangentKernel',
    problem: 'the measure or the inputs do not fit the unit',
    got: `atoms of ${mu.dim} coordinates, ${lists.map(({ length }) => length).join(' and ')} numbers of inputs`,
    expected: `atoms of ${dim} coordinates and whole rows of ${inputDim} inputs, at least one`,
    fix: 'pass the measure of this unit and inputDim as the length of a row',
  });
}
