import { unaryFunctions } from '../formula/operations.js';
import type { BinaryOperation, UnaryOperation } from '../formula/expression.js';

/**
 * Loops of the reference interpreter over lanes: consecutive numbers of one block. The switch stays
 * outside the loop, so that each loop is monomorphic and free of calls where arithmetic allows.
 */

/** `out[oo + l] = operation(a[ao + l])` for l < lanes. */
export function unaryLanes(operation: UnaryOperation, a: Float64Array, ao: number, out: Float64Array, oo: number, lanes: number): void {
  switch (operation) {
    case 'negate':
      for (let l = 0; l < lanes; l++) out[oo + l] = -a[ao + l];
      return;
    case 'exp':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.exp(a[ao + l]);
      return;
    case 'sqrt':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.sqrt(a[ao + l]);
      return;
    case 'sin':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.sin(a[ao + l]);
      return;
    case 'cos':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.cos(a[ao + l]);
      return;
    case 'tanh':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.tanh(a[ao + l]);
      return;
    case 'relu':
      // NaN fails the comparison and passes through, as in the scalar function.
      for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] <= 0 ? 0 : a[ao + l];
      return;
    case 'step':
      for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] > 0 ? 1 : a[ao + l] <= 0 ? 0 : Number.NaN;
      return;
    case 'abs':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.abs(a[ao + l]);
      return;
    default: {
      const apply = unaryFunctions[operation];
      for (let l = 0; l < lanes; l++) out[oo + l] = apply(a[ao + l]);
    }
  }
}

/** `out[oo + l] = a[ao + l]^exponent`, with the small integers multiplied out. */
export function powerLanes(exponent: number, a: Float64Array, ao: number, out: Float64Array, oo: number, lanes: number): void {
  if (exponent === 2) for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] * a[ao + l];
  else if (exponent === 3) for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] * a[ao + l] * a[ao + l];
  else if (exponent === -1) for (let l = 0; l < lanes; l++) out[oo + l] = 1 / a[ao + l];
  else for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] ** exponent;
}

/** `out[oo + l] = a[ao + l] (operation) b[bo + l]` for l < lanes. */
export function binaryLanes(
  operation: BinaryOperation,
  a: Float64Array,
  ao: number,
  b: Float64Array,
  bo: number,
  out: Float64Array,
  oo: number,
  lanes: number,
): void {
  switch (operation) {
    case 'add':
      for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] + b[bo + l];
      return;
    case 'subtract':
      for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] - b[bo + l];
      return;
    case 'multiply':
      for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] * b[bo + l];
      return;
    case 'divide':
      for (let l = 0; l < lanes; l++) out[oo + l] = a[ao + l] / b[bo + l];
      return;
    case 'min':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.min(a[ao + l], b[bo + l]);
      return;
    case 'max':
      for (let l = 0; l < lanes; l++) out[oo + l] = Math.max(a[ao + l], b[bo + l]);
  }
}

/** `out[oo + l] += a[ao + l] * b[bo + l]`. */
export function multiplyAddLanes(a: Float64Array, ao: number, b: Float64Array, bo: number, out: Float64Array, oo: number, lanes: number): void {
  for (let l = 0; l < lanes; l++) out[oo + l] += a[ao + l] * b[bo + l];
}

/** `out[oo + l] += s * b[bo + l]`. */
export function scaleAddLanes(s: number, b: Float64Array, bo: number, out: Float64Array, oo: number, lanes: number): void {
  for (let l = 0; l < lanes; l++) out[oo + l] += s * b[bo + l];
}
