import type { Variable } from '../formula/expression.js';
import { type Backend, checkCall, checkReduction, type Kernel, type Reduction, reductionVariables } from './backend.js';
import { buildMachine, type Machine, runMachine } from './machine.js';
import { referenceMatmul } from './matmul.js';
import { blockLanes, compileProgram } from './program.js';

/** Compiled kernels that one backend keeps; the one used longest ago leaves first. */
const cacheSize = 256;

/**
 * The reference backend: an interpreter over blocks of 256 lanes on typed arrays, one thread.
 *
 * What depends on rows only is computed once per row, on columns only once per column, on neither once per call;
 * the rest runs lane by lane along the axis that fills its blocks better. Each output takes its columns in their
 * order, so its bits depend neither on the blocks, nor on that choice, nor on the other rows of the call.
 * Time O(rows * columns * pair operations); memory O(rows + columns), never rows * columns; buffers
 * are kept and grow with the largest call, and nothing is allocated per row, column or pair. Compiling the same structure
 * again returns the same kernel.
 *
 * @example
 * const formula = parseFormula('exp(-norm2(x - y))', {
 *   variables: { x: { role: 'row', size: 2 }, y: { role: 'column', size: 2 } },
 * });
 * const kernel = referenceBackend().compile({ outputs: [{ name: 'f', expression: formula, reduce: 'sum' }] });
 * const f = new Float64Array(1);
 * kernel.run({ rows: 1, columns: 2, inputs: { x: Float64Array.of(0, 0), y: Float64Array.of(0, 0, 1, 0) }, out: { f } });
 * // f[0] = 1 + exp(-1)
 */
export function referenceBackend(): Backend {
  const cache = new Map<string, Kernel>();
  return {
    name: 'reference',
    matmulInto: referenceMatmul,
    compile(reduction) {
      checkReduction(reduction);
      const key = JSON.stringify(
        reduction.outputs.map(({ name, reduce, expression }) => [name, reduce, expression.key]),
      );
      const kernel = cache.get(key) ?? compileKernel(reduction);
      cache.delete(key);
      cache.set(key, kernel);
      if (cache.size > cacheSize) cache.delete(cache.keys().next().value as string);
      return kernel;
    },
  };
}

function compileKernel(reduction: Reduction): Kernel {
  const variables: ReadonlyMap<string, Variable> = reductionVariables(reduction);
  const program = compileProgram(reduction);
  const machines: { row?: Machine; column?: Machine } = {};
  return {
    reduction,
    run(call) {
      checkCall(reduction, variables, call);
      const { rows, columns } = call;
      const alongRows = Math.ceil(rows / blockLanes) * columns <= Math.ceil(columns / blockLanes) * rows;
      const lanes = alongRows ? 'row' : 'column';
      machines[lanes] ??= buildMachine(reduction, program, lanes);
      runMachine(machines[lanes], call);
    },
  };
}
