import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail, show } from '../errors.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import { checkBuffers, checkDim, checkMeasure, grown, integrate } from './checks.js';
import type { Energy, FirstVariation } from './energy.js';
import { isContinuous, readFormula } from './formulas.js';
import { type Loss, losses } from './loss.js';
import {
  atomsOf,
  type Block,
  formulaPairSum,
  functionPairSum,
  namesOf,
  type PairSum,
  transposed,
} from './pairKernel.js';
import { compilePenalty, type Penalty } from './penalty.js';
import { layoutBlocks, layoutSize, type Unit } from './units.js';

export interface RiskOptions {
  /** `Phi(x, u)`: a formula in the input `x` and the named parts of an atom, or functions. */
  readonly unit: Unit;
  /** L*d inputs, row-major. */
  readonly inputs: Float64Array;
  /** L targets (labels +-1 for logistic and hinge). */
  readonly targets: Float64Array;
  /** Default `square`. */
  readonly loss?: keyof typeof losses | Loss;
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
  /** `f_mu(x)` at `count` inputs (row-major). */
  predictInto(out: Float64Array, inputs: Float64Array, count: number, mu: Measure): void;
  /** The data part without penalty: mean loss over all rows. */
  meanLoss(mu: Measure): number;
  /** First variation of the risk on some rows only: an unbiased estimate for rows drawn uniformly. */
  firstVariationOnRowsInto(out: FirstVariation, mu: Measure, rows: Uint32Array): void;
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
  const loss = typeof options.loss === 'object' ? options.loss : losses[options.loss ?? 'square'];
  const inputDim = checkData(inputs, targets, loss.name);
  const parts = layoutBlocks('risk unit', unit.atom);
  const dim = layoutSize(unit.atom);
  checkDim('risk', dim, space);
  const penalties = options.penalty === undefined ? [] : [options.penalty].flat();
  const charges = penalties
    .filter(({ lambda }) => lambda !== 0)
    .map((penalty) => compilePenalty(penalty, unit.atom, backend));
  const sums = compileUnit(unit, parts, inputDim, backend);
  const smooth = sums.smooth && charges.every((charge) => charge.smooth);
  const common = { loss, charges, sums, inputDim, dim, smooth, ...(space && { space }) };
  return onData(common, { inputs: inputs.slice(), targets: targets.slice(), count: targets.length });
}

/** What does not depend on the data. */
interface Model {
  readonly loss: Loss;
  readonly charges: readonly ReturnType<typeof compilePenalty>[];
  readonly sums: UnitSums;
  readonly inputDim: number;
  readonly dim: number;
  readonly smooth: boolean;
  readonly space?: Space;
}

interface Data {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly count: number;
}

function onData(model: Model, data: Data): Risk {
  const { loss, charges, sums, inputDim, dim, smooth, space } = model;
  let predictions: Float64Array = new Float64Array(0);
  let residuals: Float64Array = new Float64Array(0);
  let charged: Float64Array = new Float64Array(0);
  const gather = rowGatherer(data, inputDim);
  const weighted = { coordinates: data.inputs, count: 0, weights: residuals };
  const points = { coordinates: data.inputs, count: 0 };

  const predictInto: Risk['predictInto'] = (out, x, count, mu) => {
    checkMeasure('risk', mu, dim);
    points.coordinates = x;
    points.count = count;
    sums.forward.valueInto(out, points, atomsOf(mu));
  };

  const meanLoss = (mu: Measure): number => {
    predictions = grown(predictions, data.count);
    predictInto(predictions, data.inputs, data.count, mu);
    let sum = 0;
    for (let l = 0; l < data.count; l++) sum += loss.value(predictions[l], data.targets[l]);
    return sum / data.count;
  };

  /** The rows weighted by `loss'(f(x_l), y_l) / L`, in an object that the next call writes anew. */
  const residualsOf = ({ inputs, targets, count }: Data, mu: Measure) => {
    predictions = grown(predictions, count);
    residuals = grown(residuals, count);
    predictInto(predictions, inputs, count, mu);
    for (let l = 0; l < count; l++) residuals[l] = loss.derivative(predictions[l], targets[l]) / count;
    weighted.coordinates = inputs;
    weighted.count = count;
    weighted.weights = residuals;
    return weighted;
  };

  const backward = (out: FirstVariation, rows: Data, mu: Measure): void => {
    checkBuffers('risk', out, mu);
    const atoms = atomsOf(mu);
    sums.backward.bothInto(out, atoms, residualsOf(rows, mu));
    for (const charge of charges) charge.addInto(out, atoms);
  };

  return {
    name: `${loss.name} risk`,
    dim,
    ...(space && { space }),
    smooth,
    rowCount: data.count,
    inputDim,
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
    firstVariationOnRowsInto: (out, mu, rows) => backward(out, gather(rows), mu),
    potentialAt(out, points, count, mu) {
      const at = { coordinates: points, count };
      sums.backward.valueInto(out, at, residualsOf(data, mu));
      for (const charge of charges) charge.addInto({ potential: out, gradient: null }, at);
    },
    withRows(rows) {
      const { inputs, targets, count } = gather(rows);
      return onData(model, { inputs: inputs.slice(0, count * inputDim), targets: targets.slice(0, count), count });
    },
  };
}

interface UnitSums {
  /** Predictions: rows are data, columns are atoms with their masses. */
  readonly forward: PairSum;
  /** Potential and gradients: rows are atoms, columns are data with their residuals. */
  readonly backward: PairSum;
  readonly smooth: boolean;
}

/** The two readings of one unit. */
function compileUnit(unit: Unit, parts: readonly Block[], inputDim: number, backend: Backend): UnitSums {
  if (!('formula' in unit)) {
    const dim = layoutSize(unit.atom);
    const forward = functionPairSum(
      { value: (x, xStart, u, uStart) => unit.value(u, uStart, x, xStart) },
      inputDim,
      dim,
    );
    return { forward, backward: functionPairSum(unit, dim, inputDim), smooth: unit.gradientInto !== undefined };
  }
  const x = { name: 'x', size: inputDim };
  const blocks = { rows: parts, columns: [x] };
  const formula = readFormula('risk unit', unit.formula, namesOf(blocks));
  return {
    forward: formulaPairSum(transposed(formula, blocks), { rows: [x], columns: parts }, backend),
    backward: formulaPairSum(formula, blocks, backend),
    smooth: isContinuous(formula),
  };
}

function checkData(inputs: Float64Array, targets: Float64Array, loss: string): number {
  const inputDim = inputs.length / targets.length;
  if (targets.length === 0 || !Number.isInteger(inputDim) || inputDim < 1) {
    fail({
      code: 'shape-mismatch',
      where: 'risk',
      problem: 'inputs and targets do not fit',
      got: `${inputs.length} input numbers for ${targets.length} targets`,
      expected: 'L >= 1 targets and L times d input numbers',
      fix: 'pass the inputs row by row, as many rows as targets',
    });
  }
  for (const [name, values] of [
    ['inputs', inputs],
    ['targets', targets],
  ] as const) {
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      fail({
        code: 'not-finite',
        where: 'risk',
        problem: `${name} entry ${wrong} is not finite`,
        got: show(values[wrong]),
        expected: 'finite numbers',
        fix: 'remove the row or fill in the value',
      });
    }
  }
  const label = loss === 'logistic' || loss === 'hinge' ? targets.findIndex((y) => y !== 1 && y !== -1) : -1;
  if (label >= 0) {
    fail({
      code: 'invalid-argument',
      where: 'risk',
      problem: `target ${label} is not a label of the ${loss} loss`,
      got: show(targets[label]),
      expected: '1 or -1',
      fix: 'recode the classes as 1 and -1',
    });
  }
  return inputDim;
}

/** Copies chosen rows of the data into buffers that are used again. */
function rowGatherer(data: Data, d: number): (rows: ArrayLike<number>) => Data {
  let inputs: Float64Array = new Float64Array(0);
  let targets: Float64Array = new Float64Array(0);
  return (rows) => {
    const count = rows.length;
    inputs = grown(inputs, count * d);
    targets = grown(targets, count);
    for (let l = 0; l < count; l++) {
      const row = rows[l];
      if (!(Number.isInteger(row) && row >= 0 && row < data.count)) wrongRow(row, l, data.count);
      targets[l] = data.targets[row];
      for (let k = 0; k < d; k++) inputs[l * d + k] = data.inputs[row * d + k];
    }
    if (count === 0) wrongRow(Number.NaN, 0, data.count);
    return { inputs, targets, count };
  };
}

function wrongRow(row: number, at: number, count: number): never {
  fail({
    code: 'invalid-argument',
    where: 'risk',
    problem: Number.isNaN(row) ? 'no rows are chosen' : `chosen row ${at} is not in the data`,
    got: Number.isNaN(row) ? '0 rows' : show(row),
    expected: `at least one row index from 0 to ${count - 1}`,
    fix: 'draw row indices below rowCount',
  });
}
