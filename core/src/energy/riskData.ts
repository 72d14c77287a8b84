import { fail, show } from '../errors.js';
import { grown } from './checks.js';

/** Rows of data: count*d inputs and count*c targets, row-major. */
export interface RiskData {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly count: number;
}

/** Numbers d of a row of inputs and c of its target. */
export interface RowShape {
  readonly inputDim: number;
  readonly outputs: number;
}

/**
 * Refuses data that do not fit a network of so many outputs, are not finite, or are no targets of the loss.
 * @returns the number d of inputs per row.
 */
export function checkData(inputs: Float64Array, targets: Float64Array, outputs: number, loss: string): number {
  const rows = targets.length / outputs;
  const inputDim = inputs.length / rows;
  if (targets.length === 0 || !Number.isInteger(rows) || !Number.isInteger(inputDim) || inputDim < 1) {
    fail({
      code: 'shape-mismatch',
      where: 'risk',
      problem: 'inputs and targets do not fit',
      got: `${inputs.length} input numbers for ${targets.length} targets${outputs > 1 ? ` in rows of ${outputs}` : ''}`,
      expected: `L >= 1 ${outputs > 1 ? `rows of ${outputs} ` : ''}targets and L times d input numbers`,
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
  checkTargets(targets, outputs, loss);
  return inputDim;
}

/** Refuses targets that are no labels +-1, or no probabilities of classes, where the loss takes these. */
function checkTargets(targets: Float64Array, outputs: number, loss: string): void {
  const refuse = (at: number, got: string, expected: string, fix: string): never =>
    fail({
      code: 'invalid-argument',
      where: 'risk',
      problem: `target ${at} is not a label of the ${loss} loss`,
      got,
      expected,
      fix,
    });
  if (loss === 'logistic' || loss === 'hinge') {
    const label = targets.findIndex((y) => y !== 1 && y !== -1);
    if (label >= 0) refuse(label, show(targets[label]), '1 or -1', 'recode the classes as 1 and -1');
  }
  if (loss !== 'cross-entropy') return;
  for (let l = 0; l < targets.length / outputs; l++) {
    const row = targets.subarray(l * outputs, (l + 1) * outputs);
    const sum = row.reduce((total, y) => total + y, 0);
    if (outputs < 2 || row.some((y) => y < 0) || Math.abs(sum - 1) > 1e-9) {
      refuse(
        l,
        show(row),
        'c >= 2 numbers >= 0 that add up to 1',
        'give a unit several outputs and write class k as 1 at place k, 0 elsewhere',
      );
    }
  }
}

/** Refuses samples whose buffers are too short for their count. */
export function checkSamples({ inputs, targets, count }: RiskData, { inputDim, outputs }: RowShape): void {
  if (count >= 1 && inputs.length >= count * inputDim && targets.length >= count * outputs) return;
  fail({
    code: 'shape-mismatch',
    where: 'risk',
    problem: 'the samples do not fit',
    got: `${count} rows in ${inputs.length} input and ${targets.length} target numbers`,
    expected: `at least one row, ${inputDim} input and ${outputs} target numbers for each`,
    fix: 'fill buffers of that length',
  });
}

/** Copies chosen rows of the data into buffers that are used again. */
export function rowGatherer(
  data: RiskData,
  { inputDim: d, outputs: c }: RowShape,
): (rows: ArrayLike<number>) => RiskData {
  let inputs: Float64Array = new Float64Array(0);
  let targets: Float64Array = new Float64Array(0);
  return (rows) => {
    const count = rows.length;
    inputs = grown(inputs, count * d);
    targets = grown(targets, count * c);
    for (let l = 0; l < count; l++) {
      const row = rows[l];
      if (!(Number.isInteger(row) && row >= 0 && row < data.count)) wrongRow(row, l, data.count);
      for (let k = 0; k < c; k++) targets[l * c + k] = data.targets[row * c + k];
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
