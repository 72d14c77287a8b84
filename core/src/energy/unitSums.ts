import type { Backend } from '../compute/backend.js';
import { fail, show } from '../errors.js';
import * as f from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { variablesOf } from '../formula/inspect.js';
import { grown } from './checks.js';
import type { FirstVariation } from './energy.js';
import { isContinuous, readVectorFormula } from './formulas.js';
import { type HingeUnit, readHingeUnit } from './hingeRisk.js';
import {
  type Block,
  formulaPairSum,
  functionPairSum,
  namesOf,
  type PairSum,
  type Points,
  transposed,
  vectorSum,
  type WeightedPoints,
} from './pairKernel.js';
import { layoutBlocks, layoutSize, type Unit } from './units.js';

/** The two readings of one unit `Phi(x, u)` of c outputs, each a sum over pairs of a data row and an atom. */
export interface UnitSums {
  /** Numbers c that the unit puts out. */
  readonly outputs: number;
  readonly smooth: boolean;
  /** What the unit is as one of rectified inner products; null where it is none. */
  readonly hinge: HingeUnit | null;
  /** `out_l = sum_i m_i Phi(x_l, u_i)`, rows*c row-major. */
  predictInto(out: Float64Array, inputs: Points, atoms: WeightedPoints): void;
  /** `out_i = sum_l <r_l, Phi(x_l, u_i)>` for residuals r, rows*c row-major. */
  correlateInto(out: Float64Array, atoms: Points, inputs: Points, residuals: Float64Array): void;
  /** The same, with gradients in the atoms. */
  correlateBothInto(out: FirstVariation, atoms: Points, inputs: Points, residuals: Float64Array): void;
}

/**
 * Compiles a unit; a formula may be a vector of c outputs, functions in plain TypeScript have one.
 * Cost of each sum: n L evaluations of the unit, no n*L storage, no allocation after the first call of a size.
 *
 * @throws `parse` or `shape-mismatch` where a formula does not fit.
 */
export function unitSums(unit: Unit, inputDim: number, backend: Backend): UnitSums {
  const parts = layoutBlocks('risk unit', unit.atom);
  if (!('formula' in unit)) {
    const dim = layoutSize(unit.atom);
    const forward = functionPairSum(
      { value: (x, xStart, u, uStart) => unit.value(u, uStart, x, xStart) },
      inputDim,
      dim,
    );
    return scalarSums(forward, functionPairSum(unit, dim, inputDim), unit.gradientInto !== undefined);
  }
  const x = { name: 'x', size: inputDim };
  const blocks = { rows: parts, columns: [x] };
  const formula = readVectorFormula('risk unit', unit.formula, namesOf(blocks));
  checkSize(formula, unit.outputs);
  const predictions = transposed(formula, blocks);
  const predicted = { rows: [x], columns: parts };
  const smooth = isContinuous(formula, unit.fixed);
  if (formula.size > 1)
    return vectorSums({ formula, parts, x, smooth, forward: vectorSum(predictions, predicted, backend) }, backend);
  const hinge = readHingeUnit(formula, parts, inputDim);
  const backward = formulaPairSum(formula, blocks, backend);
  return { ...scalarSums(formulaPairSum(predictions, predicted, backend), backward, smooth), hinge };
}

function checkSize({ size }: Expression, outputs = 1): void {
  if (size === outputs) return;
  fail({
    code: 'shape-mismatch',
    where: 'risk unit',
    problem: outputs === 1 ? 'the unit is a vector' : 'the unit has another number of outputs',
    got: `size ${size}`,
    expected: outputs === 1 ? 'a scalar' : show(outputs),
    fix: 'state the number of outputs with the unit, or take a component',
  });
}

const noRows = (): { coordinates: Float64Array; count: number; weights: Float64Array } => ({
  coordinates: new Float64Array(0),
  count: 0,
  weights: new Float64Array(0),
});

/** One output: the residuals are the weights of the rows. */
function scalarSums(forward: PairSum, backward: PairSum, smooth: boolean): UnitSums {
  const weighted = noRows();
  const load = ({ coordinates, count }: Points, residuals: Float64Array): WeightedPoints => {
    weighted.coordinates = coordinates;
    weighted.count = count;
    weighted.weights = residuals;
    return weighted;
  };
  return {
    outputs: 1,
    smooth,
    hinge: null,
    predictInto: (out, inputs, atoms) => forward.valueInto(out, inputs, atoms),
    correlateInto: (out, atoms, inputs, residuals) => backward.valueInto(out, atoms, load(inputs, residuals)),
    correlateBothInto: (out, atoms, inputs, residuals) => backward.bothInto(out, atoms, load(inputs, residuals)),
  };
}

interface VectorUnit {
  readonly formula: Expression;
  readonly parts: readonly Block[];
  readonly x: Block;
  readonly smooth: boolean;
  readonly forward: Pick<PairSum, 'valueInto'>;
}

/** Several outputs: the residual of a row stands behind its input as one more vector, and the sum is of `<r, Phi>`. */
function vectorSums({ formula, parts, x, smooth, forward }: VectorUnit, backend: Backend): UnitSums {
  const outputs = formula.size;
  const taken = [...variablesOf(formula).map(({ name }) => name), ...parts.map(({ name }) => name), x.name];
  let name = 'residual';
  while (taken.includes(name)) name += '_';
  const backward = formulaPairSum(
    f.dot(f.column(name, outputs), formula),
    { rows: parts, columns: [x, { name, size: outputs }] },
    backend,
  );
  const width = x.size + outputs;
  const weighted = noRows();
  const load = ({ coordinates, count }: Points, residuals: Float64Array): WeightedPoints => {
    weighted.coordinates = grown(weighted.coordinates, count * width);
    if (weighted.weights.length < count) weighted.weights = new Float64Array(count).fill(1);
    weighted.count = count;
    for (let l = 0; l < count; l++) {
      for (let k = 0; k < x.size; k++) weighted.coordinates[l * width + k] = coordinates[l * x.size + k];
      for (let c = 0; c < outputs; c++) weighted.coordinates[l * width + x.size + c] = residuals[l * outputs + c];
    }
    return weighted;
  };
  return {
    outputs,
    smooth,
    hinge: null,
    predictInto: (out, inputs, atoms) => forward.valueInto(out, inputs, atoms),
    correlateInto: (out, atoms, inputs, residuals) => backward.valueInto(out, atoms, load(inputs, residuals)),
    correlateBothInto: (out, atoms, inputs, residuals) => backward.bothInto(out, atoms, load(inputs, residuals)),
  };
}
