import type { OperationName } from '../../formula/expression.js';
import type { Assembly, Local } from './assembly.js';
import { type Angle, anyWaveOf, erf, exp, log, sigmoid, softplus, tanh, waveOf } from './elementary.js';

/** Functions of numbers that code calls lane by lane, by index among the imports. */
export const importedFunctions = ['sin', 'cos', 'pow'] as const;

const imported = (name: (typeof importedFunctions)[number]): number => importedFunctions.indexOf(name);

/** A mask of the lanes that are NaN. */
const isNaNMask = (asm: Assembly, x: Local): Local => asm.vector('ne', x, x);

const unary: Readonly<Partial<Record<OperationName, (asm: Assembly, x: Local) => Local>>> = {
  negate: (asm, x) => asm.vector('neg', x),
  exp,
  log,
  sqrt: (asm, x) => asm.vector('sqrt', x),
  tanh,
  sigmoid,
  softplus,
  // `max` is nine instructions for the sake of NaN and signed zeros; adding 0 makes -0 a 0 as well.
  relu: (asm, x) => asm.vector('add', asm.vector('pmax', x, asm.constant(0)), asm.constant(0)),
  abs: (asm, x) => asm.vector('abs', x),
  erf,
  sign(asm, x) {
    const above = asm.vector('and', asm.vector('gt', x, asm.constant(0)), asm.constant(1));
    const below = asm.vector('and', asm.vector('lt', x, asm.constant(0)), asm.constant(1));
    return asm.vector('select', x, asm.vector('sub', above, below), isNaNMask(asm, x));
  },
  step(asm, x) {
    const above = asm.vector('and', asm.vector('gt', x, asm.constant(0)), asm.constant(1));
    // All bits set are a NaN.
    return asm.vector('or', above, isNaNMask(asm, x));
  },
};

const binary: Readonly<Partial<Record<OperationName, (asm: Assembly, x: Local, y: Local) => Local>>> = {
  add: (asm, x, y) => asm.vector('add', x, y),
  subtract: (asm, x, y) => asm.vector('sub', x, y),
  multiply: (asm, x, y) => asm.vector('mul', x, y),
  divide: (asm, x, y) => asm.vector('div', x, y),
  min: (asm, x, y) => asm.vector('min', x, y),
  max: (asm, x, y) => asm.vector('max', x, y),
};

/** Code of the sine or the cosine of an angle; of any angle, or of one that is not large. */
export function wave(asm: Assembly, operation: 'sin' | 'cos', angle: Angle, size: 'any' | 'notLarge'): Local {
  const shift = operation === 'sin' ? 0 : 1;
  return size === 'any' ? anyWaveOf(asm, angle, shift, imported(operation)) : waveOf(asm, angle, shift);
}

/** Code of one elementwise operation, sine and cosine apart, on one vector; `parameter` is the exponent of `power`. */
export function elementwise(asm: Assembly, operation: OperationName, args: readonly Local[], parameter: number): Local {
  if (operation === 'power') return power(asm, args[0], parameter);
  const one = unary[operation];
  if (one !== undefined) return one(asm, args[0]);
  const two = binary[operation];
  if (two !== undefined) return two(asm, args[0], args[1]);
  throw new Error(`${operation} is not elementwise`);
}

/** Small whole exponents by multiplication, in the order of the reference; others by the imported function. */
function power(asm: Assembly, x: Local, exponent: number): Local {
  const square = (): Local => asm.vector('mul', x, x);
  switch (exponent) {
    case 1:
      return x;
    case 2:
      return square();
    case 3:
      return asm.vector('mul', square(), x);
    case 4: {
      const s = square();
      return asm.vector('mul', s, s);
    }
    case -1:
      return asm.vector('div', asm.constant(1), x);
    case -2:
      return asm.vector('div', asm.constant(1), square());
    default:
      return asm.callLanes(imported('pow'), x, asm.constant(exponent));
  }
}
