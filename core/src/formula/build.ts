import { fail, show } from '../errors.js';
import type { Expression, Role } from './expression.js';
import { constantNode, variableNode } from './intern.js';
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

/** An expression, or a number standing for a constant. */
export type Operand = Expression | number;

const lift = (operand: Operand): Expression => (typeof operand === 'number' ? constant(operand) : operand);

/** The constant expression of a finite number. */
export function constant(value: number): Expression {
  if (!Number.isFinite(value)) {
    fail({
      code: 'not-finite',
      where: 'formula',
      problem: 'a constant is not finite',
      got: show(value),
      expected: 'a finite number',
      fix: 'replace it by a uniform variable if it may be infinite',
    });
  }
  return constantNode(value);
}

const maxSize = 65_536;
const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A named input with its role; `size` 1 (default) is a scalar, above it a vector. */
export function variable(name: string, options: { readonly role: Role; readonly size?: number }): Expression {
  const { role, size = 1 } = options;
  if (!namePattern.test(name) || !(Number.isInteger(size) && size >= 1 && size <= maxSize)) {
    fail({
      code: 'invalid-argument',
      where: 'formula',
      problem: 'a variable is not usable',
      got: `name ${show(name)}, size ${show(size)}`,
      expected: `a name of letters, digits and _, and a size from 1 to ${maxSize}`,
      fix: 'rename the variable or give its number of components',
    });
  }
  return variableNode({ name, role, size });
}

export const row = (name: string, size = 1): Expression => variable(name, { role: 'row', size });
export const column = (name: string, size = 1): Expression => variable(name, { role: 'column', size });
export const uniform = (name: string, size = 1): Expression => variable(name, { role: 'uniform', size });

function mismatch(operation: string, sizes: readonly number[], expected: string): never {
  return fail({
    code: 'shape-mismatch',
    where: `formula ${operation}`,
    problem: 'the sizes do not fit',
    got: `sizes ${sizes.join(' and ')}`,
    expected,
    fix: 'use dot, sum, a component x[k], or vectors of one size',
  });
}

function pair(operation: string, a: Operand, b: Operand): [Expression, Expression] {
  const x = lift(a);
  const y = lift(b);
  if (x.size !== y.size && x.size !== 1 && y.size !== 1)
    mismatch(operation, [x.size, y.size], 'equal sizes, or one scalar');
  return [x, y];
}

export const add = (a: Operand, b: Operand): Expression => makeBinary('add', ...pair('+', a, b));
export const subtract = (a: Operand, b: Operand): Expression => makeBinary('subtract', ...pair('-', a, b));
export const multiply = (a: Operand, b: Operand): Expression => makeBinary('multiply', ...pair('*', a, b));
export const divide = (a: Operand, b: Operand): Expression => makeBinary('divide', ...pair('/', a, b));
export const minimum = (a: Operand, b: Operand): Expression => makeBinary('min', ...pair('min', a, b));
export const maximum = (a: Operand, b: Operand): Expression => makeBinary('max', ...pair('max', a, b));

export const negate = (a: Operand): Expression => makeUnary('negate', lift(a));
export const exp = (a: Operand): Expression => makeUnary('exp', lift(a));
export const log = (a: Operand): Expression => makeUnary('log', lift(a));
export const sqrt = (a: Operand): Expression => makeUnary('sqrt', lift(a));
export const sin = (a: Operand): Expression => makeUnary('sin', lift(a));
export const cos = (a: Operand): Expression => makeUnary('cos', lift(a));
export const tanh = (a: Operand): Expression => makeUnary('tanh', lift(a));
export const sigmoid = (a: Operand): Expression => makeUnary('sigmoid', lift(a));
export const softplus = (a: Operand): Expression => makeUnary('softplus', lift(a));
export const relu = (a: Operand): Expression => makeUnary('relu', lift(a));
export const abs = (a: Operand): Expression => makeUnary('abs', lift(a));
export const erf = (a: Operand): Expression => makeUnary('erf', lift(a));
/** -1, 0 or 1; its derivative counts as 0. */
export const sign = (a: Operand): Expression => makeUnary('sign', lift(a));
/** 1 above 0, else 0; its derivative counts as 0. */
export const step = (a: Operand): Expression => makeUnary('step', lift(a));

/** `base^exponent`: exact for a constant exponent, `exp(exponent log base)` (so base > 0) otherwise. */
export function power(base: Operand, exponent: Operand): Expression {
  const e = lift(exponent);
  if (e.kind === 'constant') return makePower(lift(base), e.value);
  return exp(multiply(e, log(base)));
}

export function dot(a: Operand, b: Operand): Expression {
  const x = lift(a);
  const y = lift(b);
  if (x.size !== y.size) mismatch('dot', [x.size, y.size], 'two vectors of one size');
  return makeDot(x, y);
}

/** Sum of the components. */
export const sum = (a: Operand): Expression => makeSum(lift(a));
/** Squared Euclidean norm `|a|^2`. */
export const norm2 = (a: Operand): Expression => makeNorm2(lift(a));
/** Euclidean norm `|a|`; not differentiable at 0, where its gradient is NaN. */
export const norm = (a: Operand): Expression => (lift(a).size === 1 ? abs(a) : sqrt(norm2(a)));

function checkIndex(operation: string, index: number, size: number): void {
  if (!(Number.isInteger(index) && index >= 0 && index < size)) {
    fail({
      code: 'shape-mismatch',
      where: `formula ${operation}`,
      problem: 'there is no such component',
      got: `index ${show(index)} of size ${size}`,
      expected: `an integer from 0 to ${size - 1}`,
      fix: 'components count from 0',
    });
  }
}

/** Component `index` (from 0) of a vector; a scalar is its own component 0. */
export function component(a: Operand, index: number): Expression {
  const x = lift(a);
  checkIndex('component', index, x.size);
  return makeComponent(x, index);
}

/** A vector that repeats a scalar. */
export function broadcast(s: Operand, size: number): Expression {
  const x = lift(s);
  if (x.size !== 1 && x.size !== size) mismatch('broadcast', [x.size, size], 'a scalar');
  return makeBroadcast(x, size);
}

/** The vector that is 0 but for the scalar `s` at `index`. */
export function scatter(s: Operand, index: number, size: number): Expression {
  const x = lift(s);
  if (x.size !== 1) mismatch('scatter', [x.size], 'a scalar');
  checkIndex('scatter', index, size);
  return makeScatter(x, index, size);
}

/** The vector of the given scalars. */
export function pack(...parts: readonly Operand[]): Expression {
  const list = parts.map(lift);
  if (list.length === 0 || list.some((part) => part.size !== 1))
    mismatch(
      'pack',
      list.map((part) => part.size),
      'one or more scalars',
    );
  return makePack(list);
}
