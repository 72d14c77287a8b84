import { erf, sigmoid, softplus } from '../math/special.js';
import type { BinaryOperation, UnaryOperation } from './expression.js';

/** Values of the elementwise functions of one argument. */
export const unaryFunctions: Readonly<Record<UnaryOperation, (x: number) => number>> = {
  negate: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid,
  softplus,
  relu: (x) => (x > 0 ? x : Number.isNaN(x) ? x : 0),
  abs: Math.abs,
  erf,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : Number.isNaN(x) ? x : 0),
  step: (x) => (x > 0 ? 1 : Number.isNaN(x) ? x : 0),
};

/** Values of the elementwise functions of two arguments. */
export const binaryFunctions: Readonly<Record<BinaryOperation, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  min: Math.min,
  max: Math.max,
};

/** Names that a formula text may call, with the number of arguments (-1: two or more). */
export const callable: Readonly<Record<string, number>> = {
  exp: 1,
  log: 1,
  ln: 1,
  sqrt: 1,
  sin: 1,
  cos: 1,
  tan: 1,
  sinh: 1,
  cosh: 1,
  tanh: 1,
  sigmoid: 1,
  softplus: 1,
  relu: 1,
  abs: 1,
  erf: 1,
  sign: 1,
  step: 1,
  min: -1,
  max: -1,
  pow: 2,
  dot: 2,
  sum: 1,
  norm: 1,
  norm2: 1,
};
