import type { BinaryOperation, UnaryOperation } from '../formula/expression.js';
import { unaryFunctions } from '../formula/operations.js';

/**
 * Loops of the reference interpreter over lanes, consecutive numbers of one block. One small function for each
 * operation, so that each is compiled for itself; arithmetic has no calls inside.
 */

/** `out[oo + l] = f(a[ao + l])` for l < lanes; `out` may be `a` at the same offset. */
export type UnaryLoop = (a: Float64Array, ao: number, out: Float64Array, oo: number, lanes: number) => void;

/** `out[oo + l] = f(a[ao + l], b)` for l < lanes, with `b[bo + l]` or the one number `b[bo]`, as the table says. */
export type BinaryLoop = (
  a: Float64Array,
  ao: number,
  b: Float64Array,
  bo: number,
  out: Float64Array,
  oo: number,
  lanes: number,
) => void;

const mapLoop =
  (apply: (x: number) => number): UnaryLoop =>
  (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = apply(a[ao + l]);
  };

/** Loops of the functions of one argument. */
export const unaryLoops: Readonly<Record<UnaryOperation, UnaryLoop>> = {
  negate: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = -a[ao + l];
  },
  exp: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.exp(a[ao + l]);
  },
  log: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.log(a[ao + l]);
  },
  sqrt: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.sqrt(a[ao + l]);
  },
  sin: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.sin(a[ao + l]);
  },
  cos: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.cos(a[ao + l]);
  },
  tanh: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.tanh(a[ao + l]);
  },
  sigmoid: mapLoop(unaryFunctions.sigmoid),
  softplus: mapLoop(unaryFunctions.softplus),
  relu: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.max(a[ao + l], 0);
  },
  abs: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.abs(a[ao + l]);
  },
  erf: mapLoop(unaryFunctions.erf),
  sign: mapLoop(unaryFunctions.sign),
  step: (a, ao, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) {
      const x = a[ao + l];
      out[oo + l] = x > 0 ? 1 : Number.isNaN(x) ? x : 0;
    }
  },
};

const powerLoops: ReadonlyMap<number, UnaryLoop> = new Map([
  [2, mapLoop((x) => x * x)],
  [3, mapLoop((x) => x * x * x)],
  [4, mapLoop((x) => x * x * (x * x))],
  [-1, mapLoop((x) => 1 / x)],
  [-2, mapLoop((x) => 1 / (x * x))],
]);

/** The loop of `a^exponent`; exponents 2, 3, 4, -1 and -2 are multiplied out, `(x x)(x x)` for 4. */
export function powerLoop(exponent: number): UnaryLoop {
  return powerLoops.get(exponent) ?? mapLoop((x) => x ** exponent);
}

/** Loops of the functions of two arguments that both have lanes. */
export const binaryLoops: Readonly<Record<BinaryOperation, BinaryLoop>> = {
  add: (a, ao, b, bo, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] + b[bo + l];
  },
  subtract: (a, ao, b, bo, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] - b[bo + l];
  },
  multiply: (a, ao, b, bo, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] * b[bo + l];
  },
  divide: (a, ao, b, bo, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] / b[bo + l];
  },
  min: (a, ao, b, bo, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.min(a[ao + l], b[bo + l]);
  },
  max: (a, ao, b, bo, out, oo, lanes) => {
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.max(a[ao + l], b[bo + l]);
  },
};

/** The same where the second argument is one number for all lanes. */
export const scalarRightLoops: Readonly<Record<BinaryOperation, BinaryLoop>> = {
  add: (a, ao, b, bo, out, oo, lanes) => {
    const s = b[bo];
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] + s;
  },
  subtract: (a, ao, b, bo, out, oo, lanes) => {
    const s = b[bo];
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] - s;
  },
  multiply: (a, ao, b, bo, out, oo, lanes) => {
    const s = b[bo];
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] * s;
  },
  divide: (a, ao, b, bo, out, oo, lanes) => {
    const s = b[bo];
    for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] / s;
  },
  min: (a, ao, b, bo, out, oo, lanes) => {
    const s = b[bo];
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.min(a[ao + l], s);
  },
  max: (a, ao, b, bo, out, oo, lanes) => {
    const s = b[bo];
    for (let l = 0; l < lanes; l++) out[oo + l] = Math.max(a[ao + l], s);
  },
};

/** The same where the first argument is one number `a[ao]`; commutative operations swap their arguments. */
export const scalarLeftLoops: Readonly<Record<BinaryOperation, BinaryLoop>> = {
  add: (a, ao, b, bo, out, oo, lanes) => scalarRightLoops.add(b, bo, a, ao, out, oo, lanes),
  subtract: (a, ao, b, bo, out, oo, lanes) => {
    const s = a[ao];
    for (let l = 0; l < lanes; l++) out[oo + l] = s - b[bo + l];
  },
  multiply: (a, ao, b, bo, out, oo, lanes) => scalarRightLoops.multiply(b, bo, a, ao, out, oo, lanes),
  divide: (a, ao, b, bo, out, oo, lanes) => {
    const s = a[ao];
    for (let l = 0; l < lanes; l++) out[oo + l] = s / b[bo + l];
  },
  min: (a, ao, b, bo, out, oo, lanes) => scalarRightLoops.min(b, bo, a, ao, out, oo, lanes),
  max: (a, ao, b, bo, out, oo, lanes) => scalarRightLoops.max(b, bo, a, ao, out, oo, lanes),
};
