import { constant } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { substitute, variablesOf } from '../formula/inspect.js';
import { variableNode } from '../formula/intern.js';
import type { Backend, Kernel } from './backend.js';
import type { Plane } from './chebyshevGrid.js';
import type { PointAxis, SumStructure } from './chebyshevStructure.js';

/** Where the sum from node to node takes its nodes, weights and uniforms, and leaves its values. */
export interface NodeCall {
  readonly rows: Plane;
  readonly columns: Plane;
  /** By nodes of the column plane. */
  readonly weights: Float64Array;
  readonly inputs: Readonly<Record<string, Float64Array>>;
}

/** Sums from node to node: for every component the values at the row nodes. */
export type NodeSum = (call: NodeCall) => readonly Float64Array[];

/** The sum over all pairs of nodes, by the compiled kernel itself: `U_p = sum_q K(x_p, y_q) W_q`. */
export function pairwiseNodeSum(structure: SumStructure, kernel: Kernel): NodeSum {
  const { outputs } = structure.weighted;
  return ({ rows, columns, weights, inputs }) => {
    const rowCount = rows[0].nodes.length * rows[1].nodes.length;
    const columnCount = columns[0].nodes.length * columns[1].nodes.length;
    const out = Object.fromEntries(
      outputs.map(({ name, expression }) => [name, new Float64Array(rowCount * expression.size)]),
    );
    kernel.run({
      rows: rowCount,
      columns: columnCount,
      inputs: {
        ...inputs,
        ...nodeInputs(structure.rowAxes, rows),
        ...nodeInputs(structure.columnAxes, columns),
        [structure.weightName]: weights,
      },
      out,
    });
    return structure.components.map(({ output, component }) => {
      const { name, expression } = outputs[output];
      return expression.size === 1 ? out[name] : out[name].filter((_, i) => i % expression.size === component);
    });
  };
}

/** The variables of a point at every node of the plane, the second axis running faster. */
function nodeInputs(axes: readonly PointAxis[], [first, second]: Plane): Record<string, Float64Array> {
  const count = first.nodes.length * second.nodes.length;
  const inputs: Record<string, Float64Array> = {};
  axes.forEach(({ name, component, size }, k) => {
    const values = inputs[name] ?? new Float64Array(count * size);
    inputs[name] = values;
    for (let p = 0, i = 0; p < first.nodes.length; p++) {
      for (let q = 0; q < second.nodes.length; q++, i++) {
        values[i * size + component] = k === 0 ? first.nodes[p] : second.nodes[q];
      }
    }
  });
  return inputs;
}

/**
 * The sum between planes of a kernel that is a sum of products over the two axes:
 * `U = sum_t L_t W R_t^T` with `L_t = left_t(x_0, y_0)` and `R_t = right_t(x_1, y_1)` at the nodes. Cost of the
 * products: nodes of an axis to the third power, instead of to the fourth.
 */
export function factoredNodeSum(structure: SumStructure, backend: Backend): NodeSum {
  const expressions = structure.components.flatMap(({ factors }) =>
    (factors ?? []).flatMap(({ left, right }) => [left, right]),
  );
  const distinct = [...new Set(expressions)];
  const tables = distinct.map((expression) => factorTable(expression, structure, backend));
  return ({ rows, columns, weights, inputs }) => {
    // A factor that mentions no point is a table on either axis.
    const known = [new Map<Expression, Float64Array>(), new Map<Expression, Float64Array>()];
    const tableOf = (expression: Expression, axis: 0 | 1): Float64Array => {
      const found = known[axis].get(expression);
      if (found !== undefined) return found;
      const table = tables[distinct.indexOf(expression)](rows[axis].nodes, columns[axis].nodes, inputs);
      known[axis].set(expression, table);
      return table;
    };
    const [r0, r1] = [rows[0].nodes.length, rows[1].nodes.length];
    const [c0, c1] = [columns[0].nodes.length, columns[1].nodes.length];
    const half = new Float64Array(r0 * c1);
    const part = new Float64Array(r0 * r1);
    return structure.components.map(({ factors }) => {
      const total = new Float64Array(r0 * r1);
      for (const { left, right } of factors ?? []) {
        backend.matmulInto(half, tableOf(left, 0), weights, { n: r0, k: c0, m: c1 });
        backend.matmulInto(part, half, tableOf(right, 1), { n: r0, k: c1, m: r1, transposeB: true });
        for (let i = 0; i < total.length; i++) total[i] += part[i];
      }
      return total;
    });
  };
}

type FactorTable = (x: Float64Array, y: Float64Array, inputs: NodeCall['inputs']) => Float64Array;

/** Compiles one factor into a table over all pairs of nodes of one axis. */
function factorTable(expression: Expression, structure: SumStructure, backend: Backend): FactorTable {
  const used = variablesOf(expression);
  // Both points vary over rows here: a row for every pair, and nothing to sum.
  const asRows = substitute(
    expression,
    new Map(used.map((v) => [variableNode(v), variableNode({ ...v, role: v.role === 'uniform' ? 'uniform' : 'row' })])),
  );
  const kernel = backend.compile({ outputs: [{ name: 'value', expression: asRows, reduce: 'sum' }] });
  const names = (axes: readonly PointAxis[]): Set<string> =>
    new Set(axes.map(({ variable }) => (variable.kind === 'variable' ? variable.variable.name : '')));
  const [rowNames, columnNames] = [names(structure.rowAxes), names(structure.columnAxes)];
  return (x, y, inputs) => {
    const count = x.length * y.length;
    const given: Record<string, Float64Array> = { ...inputs };
    for (const { name } of used) {
      const isRow = rowNames.has(name);
      if (!(isRow || columnNames.has(name))) continue;
      const values = new Float64Array(count);
      for (let p = 0, i = 0; p < x.length; p++) {
        for (let q = 0; q < y.length; q++) values[i++] = isRow ? x[p] : y[q];
      }
      given[name] = values;
    }
    const value = new Float64Array(count);
    if (expression === constant(1)) return value.fill(1);
    kernel.run({ rows: count, columns: 1, inputs: given, out: { value } });
    return value;
  };
}
