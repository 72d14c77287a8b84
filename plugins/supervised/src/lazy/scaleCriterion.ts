import { type FormulaUnit, fail, type Measure } from '@muflow/core';
import { tangentKernel } from '../theory/tangentKernel.js';
import { unitJet } from '../theory/unitJet.js';
import { jointSpectralNorm, largestByPowers, type NormOptions } from './curvature.js';

/** A model to second order at one w_0: what the scale criterion is made of. */
export interface ModelScales {
  /** `h(w_0)` at the rows. */
  readonly values: Float64Array;
  /** `|Dh(w_0)|`. */
  readonly slopeNorm: number;
  /** `|D2h(w_0)|`, from below where it has several local maxima. */
  readonly curvatureNorm: number;
  /** False where an iteration ran out of rounds. */
  readonly converged: boolean;
}

/**
 * The scale criterion of lazy training,
 *
 *     kappa = |h(w_0) - h*| / |Dh(w_0)| * |D2h(w_0)| / |Dh(w_0)|:
 *
 * the relative change of Dh on the way to a fit, which takes `|w - w_0|` of about `|h(w_0) - h*| / |Dh|`. Where it is small, training
 * by the square loss follows the tangent model. Norms of values are root mean squares over the rows. A model multiplied by alpha
 * whose start is 0 has kappa / alpha; one that is homogeneous of degree p in w has `kappa / lambda^p` at `lambda w_0`; a sum
 * `alpha(m) sum_i phi(w_i)` of m independent neurons has `kappa ~ 1 / (m alpha(m))`. Source: [ChizatOyallonBach2019], section 1.1.
 *
 * @param scales - from `neuronScales` or `deepScales`.
 * @param targets - h* at the same rows.
 * @throws `shape-mismatch` for targets of another length; `invalid-argument` where no motion changes the model (Dh = 0).
 * @example
 * const unit = networkUnit({ activation: 'tanh', inputs: 1 });
 * const kappa = scaleCriterion(neuronScales({ unit, inputs, inputDim: 1 }, mu), targets);
 */
export function scaleCriterion({ values, slopeNorm, curvatureNorm }: ModelScales, targets: Float64Array): number {
  if (targets.length !== values.length) {
    fail({
      code: 'shape-mismatch',
      where: 'scaleCriterion',
      problem: 'the targets do not fit the model',
      got: `${targets.length} numbers`,
      expected: `${values.length}, one for each value of the model`,
      fix: 'pass the targets of the rows that the model was taken at',
    });
  }
  if (!(slopeNorm > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'scaleCriterion',
      problem: 'the model does not move',
      got: `|Dh| = ${slopeNorm}`,
      expected: 'a derivative other than 0',
      fix: 'start where some weight changes the model',
    });
  }
  let square = 0;
  for (let l = 0; l < values.length; l++) square += (values[l] - targets[l]) ** 2;
  return (Math.sqrt(square / values.length) * curvatureNorm) / slopeNorm ** 2;
}

export interface NeuronScalesOptions extends NormOptions {
  readonly unit: FormulaUnit;
  /** L*d, row-major. */
  readonly inputs: Float64Array;
  /** Coordinates d per input. */
  readonly inputDim: number;
}

/**
 * The scales of a network `h = sum_i m_i Phi(., u_i)` in the metric of Wasserstein, `|v|^2 = sum_i m_i |v_i|^2`:
 * `|Dh|^2` is the largest eigenvalue of the tangent kernel over L, and since atoms do not meet in the second derivative,
 * `|D2h| = max_i sup_{|n| = 1} |<n, D2Phi(., u_i) n>|`, found atom by atom. Where all masses agree, kappa is that of the
 * Euclidean metric too. At kinks the second derivative is taken without its Dirac part. Cost of n L units with D^2
 * derivatives, and O(L^2 D n).
 *
 * @throws `shape-mismatch` where the measure or the inputs do not fit the unit.
 */
export function neuronScales(options: NeuronScalesOptions, mu: Measure): ModelScales {
  const { unit, inputs, inputDim } = options;
  const rows = inputs.length / inputDim;
  const gram = tangentKernel({ unit, inputs, inputDim }, mu);
  const slope = largestByPowers(gram, rows, options);
  const jet = unitJet(unit, inputDim, 2);
  const { dim } = jet;
  const values = new Float64Array(rows);
  const hessians = new Float64Array(rows * dim * dim);
  let [curvatureNorm, converged] = [0, slope.converged];
  for (let i = 0; i < mu.count; i++) {
    if (mu.masses[i] === 0) continue;
    for (let l = 0; l < rows; l++) {
      jet.evaluate(mu.positions, i * dim, inputs, l * inputDim);
      values[l] += mu.masses[i] * jet.jet[0];
      hessians.set(jet.jet.subarray(1 + dim), l * dim * dim);
    }
    const norm = jointSpectralNorm(hessians, dim, options);
    curvatureNorm = Math.max(curvatureNorm, norm.value);
    converged &&= norm.converged;
  }
  return { values, slopeNorm: Math.sqrt(slope.value / rows), curvatureNorm, converged };
}
