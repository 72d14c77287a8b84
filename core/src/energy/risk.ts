import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import { checkBuffers, checkDim, checkMeasure, grown, integrate, totalShrinkage } from './checks.js';
import type { Energy, FirstVariation } from './energy.js';
import { hingeRisk } from './hingeRisk.js';
import { type AnyLoss, readLoss } from './loss.js';
import { atomsOf } from './pairKernel.js';
import { compilePenalty, type Penalty } from './penalty.js';
import { checkData, checkSamples, type RiskData, rowGatherer } from './riskData.js';
import { type UnitSums, unitSums } from './unitSums.js';
import { layoutBlocks, layoutSize, type Unit } from './units.js';
import type { VectorLoss } from './vectorLoss.js';

export interface RiskOptions {
  /**
   * `Phi(x, u)`: a formula in the input `x` and the named parts of an atom, or functions. A formula may be a vector:
   * a network of c outputs, with targets of c numbers a row.
   */
  readonly unit: Unit;
  /** L*d inputs, row-major. */
  readonly inputs: Float64Array;
  /** L*c targets, row-major (labels +-1 for logistic and hinge, probabilities of classes for crossEntropy). */
  readonly targets: Float64Array;
  /** Default `square`. */
  readonly loss?: AnyLoss;
  /** One penalty, or several that add up. */
  readonly penalty?: Penalty | readonly Penalty[];
  readonly space?: Space;
  readonly backend?: Backend;
}

/** A lifted risk, which can also predict and be restricted to some of its rows. */
export interface Risk extends Energy {
  /** Number of data rows L. */
  readonly rowCount: number;
  /** Inputs per row d. */
  readonly inputDim: number;
  /** Numbers c that the network puts out. */
  readonly outputs: number;
  /** `f_mu(x)` at `count` inputs, count*c numbers (row-major, as the inputs). */
  predictInto(out: Float64Array, inputs: Float64Array, count: number, mu: Measure): void;
  /** The data part without penalty: mean over all rows of the loss (summed over outputs). */
  meanLoss(mu: Measure): number;
  /** First variation of the risk on some rows only: an unbiased estimate for rows drawn uniformly. */
  firstVariationOnRowsInto(out: FirstVariation, mu: Measure, rows: Uint32Array): void;
  /** First variation of the risk on other data: for samples drawn anew from a population. Longer buffers are read in part. */
  firstVariationOnSamplesInto(out: FirstVariation, mu: Measure, samples: RiskData): void;
  /** The risk on some rows of the data, which may repeat; nothing is compiled anew. */
  withRows(rows: ArrayLike<number>): Risk;
}

/**
 * Lifted risk of a shallow network, `F(mu) = (1/L) sum_l loss(f_mu(x_l), y_l) + lambda int v dmu` with
 * `f_mu(x) = int Phi(x, u) dmu(u)`; first variation
 * `V(u) = (1/L) sum_l loss'(f_mu(x_l), y_l) Phi(x_l, u) + lambda v(u)`.
 * With equal masses 1/n, `n grad_{u_i} F = grad V(u_i)`: particles move in mean-field time.
 * Cost n L units per evaluation, no n*L storage, no allocation after the first call of a size.
 *
 * Source: [ChizatBach2018], section 2.
 * @throws `shape-mismatch` for data that do not fit, `not-finite` for data that are not numbers,
 * `invalid-argument` for targets that are no labels of the loss.
 * @example
 * const unit = networkUnit({ activation: 'relu', inputs: 1 });
 * const energy = risk({ unit, inputs: Float64Array.of(0, 1), targets: Float64Array.of(1, 3) });
 */
export function risk(options: RiskOptions): Risk {
  const { unit, inputs, targets, space, backend = defaultBackend() } = options;
  const loss = readLoss(options.loss);
  const { outputs = 1 } = unit;
  const inputDim = checkData(inputs, targets, outputs, loss.name);
  layoutBlocks('risk unit', unit.atom);
  const dim = layoutSize(unit.atom);
  checkDim('risk', dim, space);
  const penalties = options.penalty === undefined ? [] : [options.penalty].flat();
  const charges = penalties
    .filter(({ lambda }) => lambda !== 0)
    .map((penalty) => compilePenalty(penalty, unit.atom, backend));
  const sums = unitSums(unit, inputDim, backend);
  const smooth = sums.smooth && charges.every((charge) => charge.smooth);
  const shrinkage = totalShrinkage(charges.map((charge) => charge.shrinkage));
  const common = {
    loss,
    charges,
    sums,
    backend,
    inputDim,
    dim,
    smooth,
    ...(shrinkage && { shrinkage }),
    ...(space && { space }),
  };
  return onData(common, { inputs: inputs.slice(), targets: targets.slice(), count: targets.length / outputs });
}

/** What does not depend on the data. */
interface Model {
  readonly loss: VectorLoss;
  readonly charges: readonly ReturnType<typeof compilePenalty>[];
  readonly sums: UnitSums;
  readonly backend: Backend;
  readonly inputDim: number;
  readonly dim: number;
  readonly smooth: boolean;
  readonly shrinkage?: Float64Array;
  readonly space?: Space;
}

function onData(model: Model, data: RiskData): Risk {
  const { loss, charges, sums, inputDim, dim, smooth, shrinkage, space } = model;
  const { outputs } = sums;
  const hinges = sums.hinge && hingeRisk(sums.hinge, data, model.backend);
  let predictions: Float64Array = new Float64Array(0);
  let residuals: Float64Array = new Float64Array(0);
  let charged: Float64Array = new Float64Array(0);
  const gather = rowGatherer(data, { inputDim, outputs });
  // Written anew by every evaluation and kept, so that none allocates.
  const rows = { coordinates: data.inputs, count: 0 };

  const predictInto: Risk['predictInto'] = (out, x, count, mu) => {
    checkMeasure('risk', mu, dim);
    rows.coordinates = x;
    rows.count = count;
    sums.predictInto(out, rows, atomsOf(mu));
  };

  const meanLoss = (mu: Measure): number => {
    predictions = grown(predictions, data.count * outputs);
    predictInto(predictions, data.inputs, data.count, mu);
    return loss.total(predictions, data.targets, data.count, outputs) / data.count;
  };

  /** Leaves `loss'(f(x_l), y_l) / L` in `residuals`, for the predictions of the data. */
  const residualsOf = ({ targets, count }: RiskData): void => {
    const size = count * outputs;
    loss.derivativesInto(residuals, predictions, targets, { rows: count, outputs });
    for (let k = 0; k < size; k++) residuals[k] /= count;
  };

  const prepare = ({ count }: RiskData): void => {
    predictions = grown(predictions, count * outputs);
    residuals = grown(residuals, count * outputs);
  };

  /** Leaves the residuals of the data and the inputs in `rows`. */
  const differentiate = (on: RiskData, mu: Measure): void => {
    prepare(on);
    predictInto(predictions, on.inputs, on.count, mu);
    residualsOf(on);
  };

  /** The data part by signs, where the unit and the sizes allow; rows chosen anew each time have none to keep. */
  const throughHinges = (out: FirstVariation, on: RiskData, mu: Measure): boolean => {
    if (hinges === null || on !== data) return false;
    checkMeasure('risk', mu, dim);
    prepare(on);
    if (!hinges.predictInto(predictions, mu)) return false;
    residualsOf(on);
    hinges.correlateInto(out, mu, residuals);
    return true;
  };

  const backward = (out: FirstVariation, on: RiskData, mu: Measure): void => {
    checkBuffers('risk', out, mu);
    const atoms = atomsOf(mu);
    if (!throughHinges(out, on, mu)) {
      differentiate(on, mu);
      sums.correlateBothInto(out, atoms, rows, residuals);
    }
    for (const charge of charges) charge.addInto(out, atoms);
  };

  return {
    name: `${loss.name} risk`,
    dim,
    ...(space && { space }),
    smooth,
    ...(shrinkage && { shrinkage }),
    rowCount: data.count,
    inputDim,
    outputs,
    predictInto,
    meanLoss,
    value(mu) {
      const dataPart = meanLoss(mu);
      if (charges.length === 0) return dataPart;
      charged = grown(charged, mu.count).fill(0, 0, mu.count);
      for (const charge of charges) charge.addInto({ potential: charged, gradient: null }, atomsOf(mu));
      return dataPart + integrate(mu, charged);
    },
    firstVariationInto: (out, mu) => backward(out, data, mu),
    firstVariationOnRowsInto: (out, mu, chosen) => backward(out, gather(chosen), mu),
    firstVariationOnSamplesInto(out, mu, samples) {
      checkSamples(samples, { inputDim, outputs });
      backward(out, samples, mu);
    },
    potentialAt(out, points, count, mu) {
      differentiate(data, mu);
      const at = { coordinates: points, count };
      sums.correlateInto(out, at, rows, residuals);
      for (const charge of charges) charge.addInto({ potential: out, gradient: null }, at);
    },
    withRows(chosen) {
      const { inputs, targets, count } = gather(chosen);
      const kept = { inputs: inputs.slice(0, count * inputDim), targets: targets.slice(0, count * outputs), count };
      return onData(model, kept);
    },
  };
}
