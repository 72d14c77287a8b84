import { fail } from '../errors.js';
import type { BinaryOperation, Expression, OperationNode, UnaryOperation } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';

/** What a scalar node depends on: nothing, the free point, the atoms of the measure, or both. */
export const depends = { none: 0, free: 1, atoms: 2, both: 3 } as const;

export type ScalarOperation = UnaryOperation | BinaryOperation | 'power' | 'constant' | 'free' | 'atom';

/** One scalar operation; arguments are indices of earlier nodes. */
export interface ScalarNode {
  readonly operation: ScalarOperation;
  /** First and second argument, -1 where there is none. */
  readonly a: number;
  readonly b: number;
  /** Value of a constant, number of an input's coordinate, exponent of a power. */
  readonly parameter: number;
  readonly depends: number;
}

/**
 * A list of scalar operations, arguments first, equal ones once. Unlike the formula graph it never folds constants:
 * identities used here are exact for real numbers, so what is proven of the list is proven of the formula.
 */
export interface ScalarGraph {
  readonly nodes: readonly ScalarNode[];
  constant(value: number): number;
  /** Coordinate k of the free point. */
  free(k: number): number;
  /** Coordinate k of an atom. */
  atom(k: number): number;
  unary(operation: UnaryOperation, a: number): number;
  binary(operation: BinaryOperation, a: number, b: number): number;
  power(a: number, exponent: number): number;
}

/** An empty list. */
export function scalarGraph(): ScalarGraph {
  const nodes: ScalarNode[] = [];
  const known = new Map<string, number>();
  const put = (operation: ScalarOperation, a: number, b: number, parameter: number, dependence: number): number => {
    const key = `${operation} ${a} ${b} ${parameter}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, nodes.length);
    nodes.push({ operation, a, b, parameter, depends: dependence });
    return nodes.length - 1;
  };
  const isConstant = (k: number, value: number): boolean =>
    nodes[k].operation === 'constant' && nodes[k].parameter === value;
  const constant = (value: number): number => put('constant', -1, -1, value + 0, depends.none);
  const unary = (operation: UnaryOperation, a: number): number => {
    if (operation === 'negate') {
      if (nodes[a].operation === 'constant') return constant(-nodes[a].parameter);
      if (nodes[a].operation === 'negate') return nodes[a].a;
    }
    return put(operation, a, -1, 0, nodes[a].depends);
  };
  const power = (a: number, exponent: number): number => {
    if (exponent === 1) return a;
    return exponent === 0 ? constant(1) : put('power', a, -1, exponent, nodes[a].depends);
  };
  const binary = (operation: BinaryOperation, a: number, b: number): number => {
    if (operation === 'add' && isConstant(a, 0)) return b;
    if ((operation === 'add' || operation === 'subtract') && isConstant(b, 0)) return a;
    if (operation === 'subtract' && isConstant(a, 0)) return unary('negate', b);
    if (operation === 'subtract' && a === b) return constant(0);
    if (operation === 'multiply') {
      if (isConstant(a, 0) || isConstant(b, 0)) return constant(0);
      if (isConstant(a, 1)) return b;
      if (isConstant(b, 1)) return a;
      if (isConstant(a, -1)) return unary('negate', b);
      if (isConstant(b, -1)) return unary('negate', a);
      if (a === b) return power(a, 2);
    }
    if (operation === 'divide' && isConstant(b, 1)) return a;
    const swap = (operation === 'add' || operation === 'multiply') && b < a;
    return put(operation, swap ? b : a, swap ? a : b, 0, nodes[a].depends | nodes[b].depends);
  };
  return {
    nodes,
    constant,
    free: (k) => put('free', -1, -1, k, depends.free),
    atom: (k) => put('atom', -1, -1, k, depends.atoms),
    unary,
    binary,
    power,
  };
}

/** Sum of nodes in order; 0 of none. */
export function sumOf(graph: ScalarGraph, nodes: readonly number[]): number {
  return nodes.length === 0 ? graph.constant(0) : nodes.reduce((sum, node) => graph.binary('add', sum, node));
}

/**
 * Writes a scalar formula as scalar operations; `bindings` gives the nodes that stand for the components of each
 * variable, so that a chart is put in place of a point.
 * @throws `unknown-id` for a variable without a binding.
 */
export function scalarize(
  graph: ScalarGraph,
  formula: Expression,
  bindings: Readonly<Record<string, readonly number[]>>,
): number {
  const parts = new Map<Expression, readonly number[]>();
  for (const node of nodesOf(formula)) {
    if (node.kind === 'constant') parts.set(node, [graph.constant(node.value)]);
    else if (node.kind === 'variable') parts.set(node, bound(node.variable.name, node.size, bindings));
    else
      parts.set(
        node,
        operate(
          graph,
          node,
          node.args.map((arg) => parts.get(arg) as readonly number[]),
        ),
      );
  }
  return (parts.get(formula) as readonly number[])[0];
}

function bound(name: string, size: number, bindings: Readonly<Record<string, readonly number[]>>): readonly number[] {
  const found = Object.hasOwn(bindings, name) ? bindings[name] : undefined;
  if (found !== undefined && found.length === size) return found;
  return fail({
    code: 'unknown-id',
    where: 'certifiedMinimum',
    problem: `the variable ${JSON.stringify(name)} of the formula stands for nothing`,
    got: found === undefined ? `names ${Object.keys(bindings).join(', ')}` : `${found.length} coordinates`,
    expected: `${name} with ${size} coordinates among the variables`,
    fix: 'name every variable of the formula',
  });
}

/** The components of one operation node from those of its arguments. */
function operate(graph: ScalarGraph, node: OperationNode, args: readonly (readonly number[])[]): readonly number[] {
  const at = (arg: readonly number[], k: number): number => arg[arg.length === 1 ? 0 : k];
  const each = (size: number, make: (k: number) => number): number[] => Array.from({ length: size }, (_, k) => make(k));
  const [a, b] = args;
  const parameter = node.parameter as number;
  switch (node.operation) {
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'min':
    case 'max': {
      const { operation } = node;
      return each(node.size, (k) => graph.binary(operation, at(a, k), at(b, k)));
    }
    case 'power':
      return each(node.size, (k) => graph.power(at(a, k), parameter));
    case 'norm2':
      return [
        sumOf(
          graph,
          a.map((part) => graph.power(part, 2)),
        ),
      ];
    case 'dot':
      return [
        sumOf(
          graph,
          each(Math.max(a.length, b.length), (k) => graph.binary('multiply', at(a, k), at(b, k))),
        ),
      ];
    case 'sum':
      return [
        sumOf(
          graph,
          each(node.args[0].size, (k) => at(a, k)),
        ),
      ];
    case 'component':
      return [at(a, parameter)];
    case 'broadcast':
      return each(node.size, () => a[0]);
    case 'scatter':
      return each(node.size, (k) => (k === parameter ? a[0] : graph.constant(0)));
    case 'pack':
      return args.map((arg) => arg[0]);
    default: {
      const { operation } = node;
      return each(node.size, (k) => graph.unary(operation, at(a, k)));
    }
  }
}
