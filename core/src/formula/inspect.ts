import type { BinaryOperation, Expression, UnaryOperation, Variable } from './expression.js';
import { constantNode, variableNode } from './intern.js';
import { binaryFunctions } from './operations.js';
import {
  makeBinary,
  makeBroadcast,
  makeComponent,
  makeDot,
  makeNorm2,
  makePack,
  makePower,
  makeScatter,
  makeSum,
  makeUnary,
} from './simplify.js';

/** Every node below the given ones, each once, arguments before what uses them; the order depends on structure only. */
export function nodesOf(...expressions: readonly Expression[]): Expression[] {
  const order: Expression[] = [];
  const seen = new Set<Expression>();
  const stack: { node: Expression; ready: boolean }[] = [...expressions]
    .reverse()
    .map((node) => ({ node, ready: false }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, ready } = top;
    if (ready) {
      order.push(node);
    } else if (!seen.has(node)) {
      seen.add(node);
      stack.push({ node, ready: true });
      if (node.kind === 'operation') {
        for (let k = node.args.length - 1; k >= 0; k--) {
          if (!seen.has(node.args[k])) stack.push({ node: node.args[k], ready: false });
        }
      }
    }
  }
  return order;
}

/** The variables an expression mentions, sorted by name. */
export function variablesOf(...expressions: readonly Expression[]): Variable[] {
  return nodesOf(...expressions)
    .flatMap((node) => (node.kind === 'variable' ? [node.variable] : []))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function dependsOn(expression: Expression, variable: Expression): boolean {
  return nodesOf(expression).includes(variable);
}

/** Rebuilds one operation node on other arguments, identities applied. */
export function rebuild(node: Extract<Expression, { kind: 'operation' }>, args: readonly Expression[]): Expression {
  const parameter = node.parameter as number;
  switch (node.operation) {
    case 'dot':
      return makeDot(args[0], args[1]);
    case 'sum':
      return makeSum(args[0]);
    case 'norm2':
      return makeNorm2(args[0]);
    case 'component':
      return makeComponent(args[0], parameter);
    case 'broadcast':
      return makeBroadcast(args[0], node.size);
    case 'scatter':
      return makeScatter(args[0], parameter, node.size);
    case 'pack':
      return makePack(args);
    case 'power':
      return makePower(args[0], parameter);
    default:
      return node.operation in binaryFunctions
        ? makeBroadcast(makeBinary(node.operation as BinaryOperation, args[0], args[1]), node.size)
        : makeUnary(node.operation as UnaryOperation, args[0]);
  }
}

/**
 * Replaces nodes (usually variables) by others of the same size, everywhere at once.
 * Sizes are the caller's duty: a replacement keeps the size of what it replaces.
 */
export function substitute(expression: Expression, replacements: ReadonlyMap<Expression, Expression>): Expression {
  const done = new Map<Expression, Expression>();
  for (const node of nodesOf(expression)) {
    const replacement = replacements.get(node);
    if (replacement !== undefined) done.set(node, replacement);
    else if (node.kind === 'operation')
      done.set(
        node,
        rebuild(
          node,
          node.args.map((arg) => done.get(arg) as Expression),
        ),
      );
    else if (node.kind === 'constant') done.set(node, constantNode(node.value));
    else done.set(node, variableNode(node.variable));
  }
  return done.get(expression) as Expression;
}
