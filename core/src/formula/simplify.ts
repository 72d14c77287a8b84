import type {
  BinaryOperation,
  ConstantNode,
  Expression,
  OperationName,
  OperationNode,
  UnaryOperation,
} from './expression.js';
import { constantNode, operationNode } from './intern.js';
import { binaryFunctions, unaryFunctions } from './operations.js';

/**
 * Nodes with algebraic identities applied where they are made: constants folded, neutral elements
 * dropped, structure undone (`component(pack(…))`), commutative arguments put in one order.
 * Identities hold over the reals: `0 * x` becomes 0 even where x could be infinite or NaN.
 * A constant is folded only into a finite value, so errors stay visible at evaluation.
 */

function isConstant<V extends number>(e: Expression, value?: V): e is ConstantNode & { readonly value: V } {
  return e.kind === 'constant' && (value === undefined || e.value === value);
}

function isOperation<O extends OperationName>(
  e: Expression,
  operation: O,
): e is OperationNode & { readonly operation: O } {
  return e.kind === 'operation' && e.operation === operation;
}

const zero = constantNode(0);
const one = constantNode(1);

/** Repeats a scalar to `size`; a vector of that size is returned as it is. */
export function makeBroadcast(s: Expression, size: number): Expression {
  return s.size === size ? s : operationNode('broadcast', [s], size);
}

export function makeUnary(operation: UnaryOperation, a: Expression): Expression {
  if (isConstant(a)) {
    const value = unaryFunctions[operation](a.value);
    if (Number.isFinite(value)) return constantNode(value);
  }
  if (isOperation(a, 'broadcast')) return makeBroadcast(makeUnary(operation, a.args[0]), a.size);
  if (isOperation(a, 'negate')) {
    const inner = a.args[0];
    if (operation === 'negate') return inner;
    if (operation === 'cos' || operation === 'abs') return makeUnary(operation, inner);
    if (operation === 'sin' || operation === 'tanh' || operation === 'erf' || operation === 'sign') {
      return makeUnary('negate', makeUnary(operation, inner));
    }
  }
  if (operation === 'negate' && isOperation(a, 'subtract')) return makeBinary('subtract', a.args[1], a.args[0]);
  if (operation === 'negate' && isOperation(a, 'multiply') && isConstant(a.args[0])) {
    return makeBinary('multiply', constantNode(-a.args[0].value), a.args[1]);
  }
  return operationNode(operation, [a], a.size);
}

export function makeBinary(operation: BinaryOperation, a: Expression, b: Expression): Expression {
  const size = Math.max(a.size, b.size);
  if (isConstant(a) && isConstant(b)) {
    const value = binaryFunctions[operation](a.value, b.value);
    if (Number.isFinite(value)) return constantNode(value);
  }
  // A broadcast argument of an elementwise operation may stay scalar: the operation broadcasts itself.
  if (isOperation(a, 'broadcast') && b.size === size) {
    return b.size === 1 || !isOperation(b, 'broadcast')
      ? makeBinary(operation, a.args[0], b)
      : makeBroadcast(makeBinary(operation, a.args[0], b.args[0]), size);
  }
  if (isOperation(b, 'broadcast') && a.size === size) return makeBinary(operation, a, b.args[0]);
  if (isOperation(a, 'broadcast')) return makeBroadcast(makeBinary(operation, a.args[0], b), size);
  if (isOperation(b, 'broadcast')) return makeBroadcast(makeBinary(operation, a, b.args[0]), size);
  switch (operation) {
    case 'add':
      return makeAdd(a, b, size);
    case 'subtract':
      return makeSubtract(a, b, size);
    case 'multiply':
      return makeMultiply(a, b, size);
    case 'divide':
      return makeDivide(a, b, size);
    default:
      return a === b ? a : ordered(operation, a, b, size);
  }
}

/** Commutative operations in one order: constants first, then by key. */
function ordered(operation: BinaryOperation, a: Expression, b: Expression, size: number): Expression {
  const swap = isConstant(b) ? !isConstant(a) : !isConstant(a) && b.key < a.key;
  return operationNode(operation, swap ? [b, a] : [a, b], size);
}

function makeAdd(a: Expression, b: Expression, size: number): Expression {
  if (isConstant(a, 0)) return makeBroadcast(b, size);
  if (isConstant(b, 0)) return makeBroadcast(a, size);
  if (isOperation(b, 'negate')) return makeBinary('subtract', a, b.args[0]);
  if (isOperation(a, 'negate')) return makeBinary('subtract', b, a.args[0]);
  if (a === b) return makeBinary('multiply', constantNode(2), a);
  return ordered('add', a, b, size);
}

function makeSubtract(a: Expression, b: Expression, size: number): Expression {
  if (a === b) return makeBroadcast(zero, size);
  if (isConstant(b, 0)) return makeBroadcast(a, size);
  if (isConstant(a, 0)) return makeBroadcast(makeUnary('negate', b), size);
  if (isOperation(b, 'negate')) return makeBinary('add', a, b.args[0]);
  return operationNode('subtract', [a, b], size);
}

function makeMultiply(a: Expression, b: Expression, size: number): Expression {
  if (isConstant(a, 0) || isConstant(b, 0)) return makeBroadcast(zero, size);
  if (isConstant(a, 1)) return makeBroadcast(b, size);
  if (isConstant(b, 1)) return makeBroadcast(a, size);
  if (isConstant(a, -1)) return makeBroadcast(makeUnary('negate', b), size);
  if (isConstant(b, -1)) return makeBroadcast(makeUnary('negate', a), size);
  if (isOperation(a, 'negate') && isOperation(b, 'negate')) return makeBinary('multiply', a.args[0], b.args[0]);
  if (isOperation(a, 'negate')) return makeUnary('negate', makeBinary('multiply', a.args[0], b));
  if (isOperation(b, 'negate')) return makeUnary('negate', makeBinary('multiply', a, b.args[0]));
  const [c, rest] = isConstant(a) ? [a, b] : [b, a];
  if (isConstant(c) && isOperation(rest, 'multiply') && isConstant(rest.args[0])) {
    const product = c.value * rest.args[0].value;
    if (Number.isFinite(product)) return makeBinary('multiply', constantNode(product), rest.args[1]);
  }
  if (a === b) return makePower(a, 2);
  return ordered('multiply', a, b, size);
}

function makeDivide(a: Expression, b: Expression, size: number): Expression {
  if (isConstant(b, 1)) return makeBroadcast(a, size);
  if (isConstant(a, 0) && !isConstant(b, 0)) return makeBroadcast(zero, size);
  if (isOperation(a, 'negate')) return makeUnary('negate', makeBinary('divide', a.args[0], b));
  if (isOperation(b, 'negate')) return makeUnary('negate', makeBinary('divide', a, b.args[0]));
  return operationNode('divide', [a, b], size);
}

export function makePower(a: Expression, exponent: number): Expression {
  if (exponent === 1) return a;
  if (exponent === 0) return makeBroadcast(one, a.size);
  if (exponent === 0.5) return makeUnary('sqrt', a);
  if (isConstant(a)) {
    const value = a.value ** exponent;
    if (Number.isFinite(value)) return constantNode(value);
  }
  if (isOperation(a, 'broadcast')) return makeBroadcast(makePower(a.args[0], exponent), a.size);
  if (isOperation(a, 'negate') && Number.isInteger(exponent)) {
    const power = makePower(a.args[0], exponent);
    return exponent % 2 === 0 ? power : makeUnary('negate', power);
  }
  return operationNode('power', [a], a.size, exponent);
}

export function makeSum(a: Expression): Expression {
  if (a.size === 1) return a;
  if (isOperation(a, 'broadcast')) return makeBinary('multiply', constantNode(a.size), a.args[0]);
  if (isOperation(a, 'scatter')) return a.args[0];
  if (isOperation(a, 'negate')) return makeUnary('negate', makeSum(a.args[0]));
  if (isOperation(a, 'pack')) return a.args.reduce((total, arg) => makeBinary('add', total, arg));
  if (isOperation(a, 'multiply')) {
    const [x, y] = a.args;
    if (x.size === 1) return makeBinary('multiply', x, makeSum(y));
    if (y.size === 1) return makeBinary('multiply', makeSum(x), y);
    return makeDot(x, y);
  }
  if (isOperation(a, 'power') && a.parameter === 2) return makeNorm2(a.args[0]);
  return operationNode('sum', [a], 1);
}

export function makeDot(a: Expression, b: Expression): Expression {
  if (a.size === 1 && b.size === 1) return makeBinary('multiply', a, b);
  if (a === b) return makeNorm2(a);
  if (isOperation(a, 'broadcast')) return makeBinary('multiply', a.args[0], makeSum(b));
  if (isOperation(b, 'broadcast')) return makeBinary('multiply', b.args[0], makeSum(a));
  if (isOperation(a, 'negate')) return makeUnary('negate', makeDot(a.args[0], b));
  if (isOperation(b, 'negate')) return makeUnary('negate', makeDot(a, b.args[0]));
  if (isOperation(a, 'scatter')) return makeBinary('multiply', a.args[0], makeComponent(b, a.parameter as number));
  if (isOperation(b, 'scatter')) return makeBinary('multiply', b.args[0], makeComponent(a, b.parameter as number));
  return operationNode('dot', b.key < a.key ? [b, a] : [a, b], 1);
}

export function makeNorm2(a: Expression): Expression {
  if (a.size === 1) return makePower(a, 2);
  if (isOperation(a, 'negate')) return makeNorm2(a.args[0]);
  if (isOperation(a, 'broadcast')) return makeBinary('multiply', constantNode(a.size), makePower(a.args[0], 2));
  return operationNode('norm2', [a], 1);
}

/**
 * Components already taken: without this a shared argument would be walked once per path to it, which is exponential.
 */
const taken = new WeakMap<Expression, Map<number, Expression>>();

function takenFrom(a: Expression, index: number): Expression | undefined {
  return a.size === 1 ? a : taken.get(a)?.get(index);
}

/** Arguments of elementwise operations first, with a stack of our own: a sum of thousands of vectors is that deep. */
export function makeComponent(a: Expression, index: number): Expression {
  const stack = [a];
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const args = node.kind === 'operation' && isElementwise(node.operation) ? node.args : [];
    const waiting = args.filter((arg) => takenFrom(arg, index) === undefined);
    if (waiting.length > 0 && takenFrom(node, index) === undefined) {
      stack.push(...waiting);
    } else {
      stack.pop();
      if (takenFrom(node, index) !== undefined) continue;
      const known = taken.get(node) ?? new Map<number, Expression>();
      taken.set(node, known.set(index, componentOf(node, index)));
    }
  }
  return takenFrom(a, index) as Expression;
}

const isElementwise = (operation: OperationName): boolean =>
  operation === 'power' || operation in unaryFunctions || operation in binaryFunctions;

function componentOf(a: Expression, index: number): Expression {
  if (a.kind !== 'operation') return operationNode('component', [a], 1, index);
  const at = (arg: Expression): Expression => takenFrom(arg, index) as Expression;
  switch (a.operation) {
    case 'broadcast':
      return a.args[0];
    case 'pack':
      return a.args[index];
    case 'scatter':
      return a.parameter === index ? a.args[0] : zero;
    case 'power':
      return makePower(at(a.args[0]), a.parameter as number);
    default:
      if (a.operation in unaryFunctions) return makeUnary(a.operation as UnaryOperation, at(a.args[0]));
      if (a.operation in binaryFunctions)
        return makeBinary(a.operation as BinaryOperation, at(a.args[0]), at(a.args[1]));
      return operationNode('component', [a], 1, index);
  }
}

export function makeScatter(s: Expression, index: number, size: number): Expression {
  if (size === 1) return s;
  if (isConstant(s, 0)) return makeBroadcast(zero, size);
  return operationNode('scatter', [s], size, index);
}

export function makePack(parts: readonly Expression[]): Expression {
  if (parts.length === 1) return parts[0];
  if (parts.every((part) => part === parts[0])) return makeBroadcast(parts[0], parts.length);
  const filled = parts.findIndex((part) => !isConstant(part, 0));
  if (parts.every((part, k) => k === filled || isConstant(part, 0)))
    return makeScatter(parts[filled], filled, parts.length);
  const [first] = parts;
  if (isOperation(first, 'component') && first.args[0].size === parts.length) {
    const whole = first.args[0];
    if (parts.every((part, k) => part === makeComponent(whole, k))) return whole;
  }
  return operationNode('pack', parts, parts.length);
}
