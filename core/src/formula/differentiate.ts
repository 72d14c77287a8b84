import { fail } from '../errors.js';
import * as f from './build.js';
import type { Expression, OperationNode } from './expression.js';
import { nodesOf } from './inspect.js';

type Local = (node: OperationNode, g: Expression) => readonly Expression[];

const twoOverRootPi = 2 / Math.sqrt(Math.PI);

/**
 * For each operation, the adjoints of its arguments from the adjoint `g` of its value. Kinks take a
 * one-sided value: relu' (0) = 0, |x|' (0) = 0, and at a tie min and max follow their second argument.
 */
const locals: Readonly<Record<OperationNode['operation'], Local>> = {
  negate: (_, g) => [f.negate(g)],
  exp: (node, g) => [f.multiply(g, node)],
  log: ({ args: [x] }, g) => [f.divide(g, x)],
  sqrt: (node, g) => [f.divide(g, f.multiply(2, node))],
  sin: ({ args: [x] }, g) => [f.multiply(g, f.cos(x))],
  cos: ({ args: [x] }, g) => [f.negate(f.multiply(g, f.sin(x)))],
  tanh: (node, g) => [f.multiply(g, f.subtract(1, f.power(node, 2)))],
  sigmoid: ({ args: [x] }, g) => [f.multiply(g, f.multiply(f.sigmoid(x), f.sigmoid(f.negate(x))))],
  softplus: ({ args: [x] }, g) => [f.multiply(g, f.sigmoid(x))],
  relu: ({ args: [x] }, g) => [f.multiply(g, f.step(x))],
  abs: ({ args: [x] }, g) => [f.multiply(g, f.sign(x))],
  erf: ({ args: [x] }, g) => [f.multiply(g, f.multiply(twoOverRootPi, f.exp(f.negate(f.power(x, 2)))))],
  sign: ({ args: [x] }) => [f.broadcast(0, x.size)],
  step: ({ args: [x] }) => [f.broadcast(0, x.size)],
  power: ({ args: [x], parameter }, g) => [
    f.multiply(g, f.multiply(parameter as number, f.power(x, (parameter as number) - 1))),
  ],
  add: (_, g) => [g, g],
  subtract: (_, g) => [g, f.negate(g)],
  multiply: ({ args: [x, y] }, g) => [f.multiply(g, y), f.multiply(g, x)],
  divide: (node, g) => [f.divide(g, node.args[1]), f.negate(f.divide(f.multiply(g, node), node.args[1]))],
  min: ({ args: [x, y] }, g) => chooseBy(f.step(f.subtract(y, x)), g),
  max: ({ args: [x, y] }, g) => chooseBy(f.step(f.subtract(x, y)), g),
  dot: ({ args: [x, y] }, g) => [f.multiply(g, y), f.multiply(g, x)],
  sum: ({ args: [x] }, g) => [f.broadcast(g, x.size)],
  norm2: ({ args: [x] }, g) => [f.multiply(f.multiply(2, g), x)],
  component: ({ args: [x], parameter }, g) => [f.scatter(g, parameter as number, x.size)],
  broadcast: (_, g) => [f.sum(g)],
  scatter: ({ parameter }, g) => [f.component(g, parameter as number)],
  pack: ({ args }, g) => args.map((_, k) => f.component(g, k)),
};

function chooseBy(first: Expression, g: Expression): readonly Expression[] {
  return [f.multiply(g, first), f.multiply(g, f.subtract(1, first))];
}

/**
 * Gradient of a scalar expression in a variable, as an expression of the variable's size, by the
 * reverse mode on the graph: shared work stays shared. Cost: a few times the size of the graph.
 * Source: [GriewankWalther2008], section 3.2.
 *
 * @throws `shape-mismatch` if the expression is a vector.
 * @example
 * const x = row('x', 2);
 * const g = gradient(exp(negate(norm2(x))), x); // -2 exp(-|x|^2) x
 */
export function gradient(expression: Expression, variable: Expression): Expression {
  if (expression.size !== 1 || variable.kind !== 'variable') {
    fail({
      code: 'shape-mismatch',
      where: 'gradient',
      problem: 'only a scalar expression has a gradient, and only in a variable',
      got: `an expression of size ${expression.size} and a ${variable.kind}`,
      expected: 'size 1 and a variable',
      fix: 'differentiate a component or a sum, in a node made by variable(…)',
    });
  }
  const order = nodesOf(expression);
  const relevant = reaching(order, variable);
  const adjoints = new Map<Expression, Expression>([[expression, f.constant(1)]]);
  for (let k = order.length - 1; k >= 0; k--) {
    const node = order[k];
    const g = adjoints.get(node);
    if (node.kind !== 'operation' || g === undefined || !relevant.has(node)) continue;
    const parts = locals[node.operation](node, g);
    node.args.forEach((arg, position) => {
      if (!relevant.has(arg)) return;
      // A scalar that was broadcast collects the adjoints of every component.
      const part = parts[position];
      const fitted = arg.size === 1 && part.size > 1 ? f.sum(part) : f.broadcast(part, arg.size);
      const known = adjoints.get(arg);
      adjoints.set(arg, known === undefined ? fitted : f.add(known, fitted));
    });
  }
  return f.broadcast(adjoints.get(variable) ?? f.constant(0), variable.size);
}

/** The nodes through which the variable is reached. */
function reaching(order: readonly Expression[], variable: Expression): Set<Expression> {
  const reached = new Set<Expression>();
  for (const node of order) {
    if (node === variable || (node.kind === 'operation' && node.args.some((arg) => reached.has(arg))))
      reached.add(node);
  }
  return reached;
}

/** Second derivatives: entry [i][j] is `d^2 / da_i db_j`, scalar expressions; `b` defaults to `a`. */
export function hessian(expression: Expression, a: Expression, b: Expression = a): Expression[][] {
  const first = gradient(expression, a);
  return Array.from({ length: a.size }, (_, i) => {
    const second = gradient(f.component(first, i), b);
    return Array.from({ length: b.size }, (_, j) => f.component(second, j));
  });
}
