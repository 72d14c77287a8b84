import { column, constant, multiply, negate, subtract } from '../formula/build.js';
import type { Expression, Variable } from '../formula/expression.js';
import { dependsOn, nodesOf, substitute } from '../formula/inspect.js';
import { variableNode } from '../formula/intern.js';
import { type SeparableTerm, separate } from '../formula/separate.js';
import { type Reduction, reductionVariables } from './backend.js';
import { roughOperation } from './chebyshevAnalytic.js';
import { isProportionalTo, scalarComponents, scalarVariable } from './chebyshevScalar.js';

/** One coordinate of the points: where it is read, and the scalar variable that it is in formulas. */
export interface PointAxis {
  readonly name: string;
  readonly component: number;
  readonly size: number;
  readonly variable: Expression;
}

/** Component `component` of output `output`, without its weight, as a scalar graph. */
export interface KernelComponent {
  readonly output: number;
  readonly component: number;
  readonly expression: Expression;
  /** The same with its weight, as it is computed: where the weight stands decides how a cancellation rounds. */
  readonly weighted: Expression;
  /** `sum_t left_t(x_0, y_0) right_t(x_1, y_1)` for points in the plane, null where that is not found. */
  readonly factors: readonly SeparableTerm[] | null;
}

/** A weighted sum `out_i = sum_j w_j k(x_i, y_j)` taken apart. */
export interface SumStructure {
  readonly variables: ReadonlyMap<string, Variable>;
  readonly rowAxes: readonly PointAxis[];
  readonly columnAxes: readonly PointAxis[];
  /** The column variable that holds the weights; undefined where they are all 1. */
  readonly weight: string | undefined;
  /** The reduction with its weights under `weightName`, to be run from node to node. */
  readonly weighted: Reduction;
  readonly weightName: string;
  readonly components: readonly KernelComponent[];
}

/** Takes a reduction apart, or says in a few words why it is no smooth sum over points of a line or a plane. */
export function sumStructure(reduction: Reduction, weight: string | undefined): SumStructure | string {
  const variables = reductionVariables(reduction);
  const { outputs } = reduction;
  const named = weight === undefined ? undefined : variables.get(weight);
  if (weight !== undefined && (named?.role !== 'column' || named.size !== 1)) {
    return `no formula has a column variable of size 1 called ${weight}`;
  }
  const axes = (role: Variable['role']): PointAxis[] =>
    [...variables.values()]
      .filter((variable) => variable.role === role && variable !== named)
      .flatMap((variable) =>
        Array.from({ length: Math.min(variable.size, 3) }, (_, component) => ({
          name: variable.name,
          component,
          size: variable.size,
          variable: scalarVariable(variable, component),
        })),
      );
  const [rowAxes, columnAxes] = [axes('row'), axes('column')];
  const reason = refusal(reduction, { rowAxes, columnAxes, weight: named });
  if (reason !== null) return reason;
  const weightName = weight ?? freshName(variables);
  const weighted =
    weight === undefined
      ? { outputs: outputs.map((o) => ({ ...o, expression: multiply(column(weightName), o.expression) })) }
      : reduction;
  const unit = new Map(named === undefined ? [] : [[variableNode(named), constant(1)] as const]);
  const components = outputs.flatMap(({ expression }, output) => {
    const withWeight = scalarComponents(weighted.outputs[output].expression);
    return scalarComponents(substitute(expression, unit)).map((part, component) => ({
      output,
      component,
      expression: part,
      weighted: withWeight[component],
      factors: factorsOf(part, rowAxes, columnAxes),
    }));
  });
  return { variables, rowAxes, columnAxes, weight, weighted, weightName, components };
}

function freshName(variables: ReadonlyMap<string, unknown>): string {
  let name = 'weight';
  while (variables.has(name)) name += '_';
  return name;
}

interface Sides {
  readonly rowAxes: readonly PointAxis[];
  readonly columnAxes: readonly PointAxis[];
  readonly weight: Variable | undefined;
}

function refusal({ outputs }: Reduction, { rowAxes, columnAxes, weight }: Sides): string | null {
  const expressions = outputs.map(({ expression }) => expression);
  const other = outputs.find(({ reduce }) => reduce !== 'sum');
  if (other !== undefined) return `output ${other.name} is no sum but ${other.reduce}`;
  if (rowAxes.length === 0 || columnAxes.length === 0) return 'the formulas do not couple row points and column points';
  if (rowAxes.length > 2 || columnAxes.length > 2) return 'the points have more than two coordinates';
  const rough = roughOperation(...expressions);
  if (rough !== undefined) return `${rough} is not smooth`;
  if (weight !== undefined && !expressions.every((e) => isProportionalTo(e, variableNode(weight)))) {
    return `an output is not seen to be proportional to ${weight.name}`;
  }
  if (expressions.every((e) => separate(e) !== null)) return 'the formulas separate exactly, the direct sum is fast';
  return null;
}

/** Splits a scalar graph between the first and the second coordinates of both points. */
function factorsOf(
  expression: Expression,
  rowAxes: readonly PointAxis[],
  columnAxes: readonly PointAxis[],
): readonly SeparableTerm[] | null {
  if (rowAxes.length < 2 || columnAxes.length < 2) return null;
  const roles = (['row', 'column'] as const).flatMap((role, k) =>
    [rowAxes[k], columnAxes[k]].map(({ variable }) => [variable, role] as const),
  );
  const marked = new Map(roles.map(([node, role]) => [node, marker(node, role)]));
  const back = new Map([...marked].map(([node, other]) => [other, node]));
  return (
    separate(substitute(expression, marked), { exponentials: true })?.map(({ left, right }) => ({
      left: substitute(left, back),
      right: substitute(right, back),
    })) ?? null
  );
}

/** A stand-in for a variable in another role, under a name that no variable has. */
function marker(node: Expression, role: 'row' | 'column'): Expression {
  const name = node.kind === 'variable' ? `${node.variable.role}:${node.variable.name}` : '';
  return variableNode({ name, role, size: 1 });
}

/** One real coordinate on which graphs are analytic: a coordinate of a point, or the difference of two. */
export interface Coordinate {
  readonly variable: string;
  /** Axes of the row and the column point that move it. */
  readonly row: number | undefined;
  readonly column: number | undefined;
}

/** Graphs in coordinates, and what the coordinates are. */
export interface InCoordinates {
  readonly expressions: readonly Expression[];
  readonly coordinates: readonly Coordinate[];
}

/**
 * Rewrites graphs by the differences `u_k = x_k - y_k` wherever a pair of coordinates enters all of them by its difference
 * only: bounds over a box then know that, and hold for all cells at once.
 */
export function byDifferences(
  given: readonly Expression[],
  { rowAxes, columnAxes }: Pick<SumStructure, 'rowAxes' | 'columnAxes'>,
): InCoordinates {
  let expressions = given;
  const coordinates: Coordinate[] = [];
  for (let k = 0; k < Math.max(rowAxes.length, columnAxes.length); k++) {
    const x = rowAxes.at(k)?.variable;
    const y = columnAxes.at(k)?.variable;
    if (x !== undefined && y !== undefined) {
      const name = `difference:${k}`;
      const u = variableNode({ name, role: 'row', size: 1 });
      const rules = new Map([
        [subtract(x, y), u],
        [subtract(y, x), negate(u)],
      ]);
      const rewritten = expressions.map((e) => substitute(e, rules));
      if (!rewritten.some((e) => dependsOn(e, x) || dependsOn(e, y))) {
        expressions = rewritten;
        coordinates.push({ variable: name, row: k, column: k });
        continue;
      }
    }
    if (x !== undefined) coordinates.push({ variable: nameOf(x), row: k, column: undefined });
    if (y !== undefined) coordinates.push({ variable: nameOf(y), row: undefined, column: k });
  }
  const used = new Set(nodesOf(...expressions).map(nameOf));
  return { expressions, coordinates: coordinates.filter(({ variable }) => used.has(variable)) };
}

/** An interval of each axis. */
export type Ranges = readonly (readonly [number, number])[];

/** The real range of a coordinate where points lie in boxes, a little wider than it. */
export function coordinateRange(
  { row, column }: Coordinate,
  rows: Ranges,
  columns: Ranges,
): readonly [low: number, high: number] {
  const x = row === undefined ? undefined : rows[row];
  const y = column === undefined ? undefined : columns[column];
  const [low, high] = x !== undefined && y !== undefined ? [x[0] - y[1], x[1] - y[0]] : (x ?? y ?? [0, 0]);
  const more = 1e-5 * (high - low);
  return [low - more, high + more];
}

/** The name of a variable node, empty for others. */
export const nameOf = (node: Expression): string => (node.kind === 'variable' ? node.variable.name : '');
