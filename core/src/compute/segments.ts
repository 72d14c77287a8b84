import { fail, show } from '../errors.js';
import type { Variable } from '../formula/expression.js';
import { variablesOf } from '../formula/inspect.js';
import {
  type Backend,
  checkInputs,
  checkOutput,
  type Reduction,
  reductionVariables,
  type SegmentCall,
  type SegmentKernel,
  type SegmentMode,
  type SegmentOutput,
} from './backend.js';

/**
 * Sums over segments of the columns, `f_si = sum_{j in s} e(x_i, y_j)`, for every segment or added up with weights: what
 * functions of ragged sets of points are made of, without padding. By the backend in one kernel where it has a faster way, else
 * one call for each segment. Cost rows times columns pairs, and `rows` times segments numbers of outputs or weights.
 *
 * @throws `invalid-argument` as {@link Backend.compile}.
 * @example
 * import { parseFormula, segmentKernel, wasmBackend } from '@muflow/core';
 * const variables = { x: { role: 'row' }, y: { role: 'column' } } as const;
 * const expression = parseFormula('relu(x - y)', { variables });
 * const kernel = segmentKernel([{ name: 'f', expression }], 'each', wasmBackend());
 * const f = new Float64Array(2);
 * const inputs = { x: Float64Array.of(5), y: Float64Array.of(1, 3, 4) };
 * kernel.run({ rows: 1, columns: 3, inputs, out: { f }, offsets: Int32Array.of(0, 2, 3) });
 * console.log(f); // => Float64Array(2) [ 6, 1 ]
 */
export function segmentKernel(outputs: readonly SegmentOutput[], mode: SegmentMode, backend: Backend): SegmentKernel {
  return backend.compileSegments?.(outputs, mode) ?? segmentBySegment(outputs, mode, backend);
}

/** One call of a plain kernel for each segment. */
export function segmentBySegment(
  outputs: readonly SegmentOutput[],
  mode: SegmentMode,
  backend: Backend,
): SegmentKernel {
  const reduction: Reduction = { outputs: outputs.map((output) => ({ ...output, reduce: 'sum' })) };
  const variables = reductionVariables(reduction);
  const columnVariables = outputs
    .flatMap(({ expression }) => variablesOf(expression))
    .filter(({ role }) => role === 'column');
  const kernel = backend.compile(reduction);
  return {
    run(call) {
      checkSegmentCall(reduction, mode, variables, call);
      const { rows, offsets, out } = call;
      const sums: Record<string, Float64Array> = {};
      if (mode === 'weighted') {
        for (const { name, expression } of outputs) {
          sums[name] = new Float64Array(rows * expression.size);
          out[name].fill(0, 0, rows * expression.size);
        }
      }
      for (let s = 0; s < offsets.length - 1; s++) {
        const [first, end] = [offsets[s], offsets[s + 1]];
        const inputs: Record<string, Float64Array> = { ...call.inputs };
        for (const { name, size } of columnVariables)
          inputs[name] = call.inputs[name].subarray(first * size, end * size);
        if (mode === 'each') {
          for (const { name, expression } of outputs) {
            sums[name] = out[name].subarray(s * rows * expression.size, (s + 1) * rows * expression.size);
          }
        }
        kernel.run({ rows, columns: end - first, inputs, out: sums });
        if (mode === 'weighted') for (const output of outputs) addWeighted(call, sums[output.name], output, s);
      }
    },
  };
}

function addWeighted({ rows, weights, out }: SegmentCall, sums: Float64Array, output: SegmentOutput, s: number): void {
  const { size } = output.expression;
  const target = out[output.name];
  for (let i = 0; i < rows; i++) {
    const weight = (weights as Float64Array)[s * rows + i];
    for (let k = 0; k < size; k++) target[i * size + k] += weight * sums[i * size + k];
  }
}

/** Checks a call: inputs and outputs are long enough, segments are segments of the columns, and weights are there where they are asked for. */
export function checkSegmentCall(
  reduction: Reduction,
  mode: SegmentMode,
  variables: ReadonlyMap<string, Variable>,
  call: SegmentCall,
): void {
  const { rows, columns, offsets, weights } = call;
  checkInputs(variables, call);
  const segments = offsets.length - 1;
  const isCut = segments >= 0 && offsets[0] === 0 && offsets[segments] === columns;
  if (!isCut || offsets.some((offset, s) => s > 0 && offset < offsets[s - 1])) {
    refuse(`offsets from ${offsets[0]} to ${offsets[segments]}`, `offsets from 0 to ${columns} that do not decrease`);
  }
  for (const { name, expression } of reduction.outputs) {
    checkOutput(call, name, mode === 'each' ? segments * rows : rows, expression.size);
  }
  if (mode === 'weighted' && !(weights instanceof Float64Array && weights.length >= segments * rows)) {
    const got = weights instanceof Float64Array ? `weights of length ${weights.length}` : `weights ${show(weights)}`;
    refuse(got, `${segments * rows} = ${segments} x ${rows} weights`);
  }
}

function refuse(got: string, expected: string): never {
  return fail({
    code: 'shape-mismatch',
    where: 'SegmentKernel.run',
    problem: 'the segments do not fit the call',
    got,
    expected,
    fix: 'pass the offsets of the segments, and with weighted sums a weight for each of their rows',
  });
}
