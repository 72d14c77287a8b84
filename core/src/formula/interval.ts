import { fail, show } from '../errors.js';
import type { Expression } from './expression.js';
import { domainNames, type IntervalDomain, type IntervalSlots, intervalSlots } from './intervalArithmetic.js';
import { type IntervalInput, slotProgram } from './intervalProgram.js';

/** Bounds of one number over a box. Empty, `lower = Infinity` and `upper = -Infinity`, where the domain is `outside`. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** Whether the expression is defined on the whole box, possibly on a part of it, or nowhere. */
  readonly domain: IntervalDomain;
}

/** The box of one variable: a number for each bound, or one per component. */
export interface IntervalBox {
  readonly lower: number | ArrayLike<number>;
  readonly upper: number | ArrayLike<number>;
}

/** Boxes by the name of the variable; names that the expression does not use are ignored. */
export type IntervalBoxes = Readonly<Record<string, IntervalBox>>;

/** An expression ready to be bounded over many boxes. It works in its own buffers: one evaluation at a time. */
export interface IntervalProgram {
  /** The layout of a flat box: variables by name, in alphabetical order. */
  readonly inputs: readonly IntervalInput[];
  readonly inputSize: number;
  /** Number of components of the expression. */
  readonly size: number;
  /** Bounds of a scalar expression. */
  evaluate(boxes: IntervalBoxes): Interval;
  /** Bounds of every component. */
  evaluateVector(boxes: IntervalBoxes): Interval[];
  /**
   * Bounds over the flat box `lower[start …], upper[start …]` of `inputSize` numbers, unchecked and without
   * allocation: for branch and bound. `out` has at least `size` slots; `domain` holds codes of `domainCode`.
   */
  evaluateInto(out: IntervalSlots, lower: Float64Array, upper: Float64Array, start?: number): void;
}

/**
 * The natural interval extension of an expression, outward rounded: for every box X,
 * `{ f(x) : x in X, f defined at x }` lies in `[lower, upper]`. Every operation is replaced by its range,
 * so what a variable contributes twice is bounded as if it were two variables; squares (`x^2`, `x*x`,
 * `norm2(x)`, `dot(x, x)`) are known to be non-negative and `x - x` to be 0. The overestimate shrinks
 * linearly with the width of the box; {@link meanValueExtension} shrinks quadratically.
 *
 * The bound holds for the real value of the graph, whose constants are the doubles it stores, and for its
 * value computed in doubles as well, wherever every intermediate value is defined.
 * Cost: compiling is one pass over the graph; an evaluation takes about 50 to 100 ns per operation.
 * Source: [MooreKearfottCloud2009], theorem 5.1.
 *
 * @throws `not-finite` for a constant that is not finite; `shape-mismatch` for two sizes under one name.
 * @example
 * const x = row('x');
 * const program = intervalExtension(add(power(x, 2), sin(x)));
 * program.evaluate({ x: { lower: -1, upper: 1 } }); // lower -0.8415, upper 1.8415, domain 'inside'
 */
export function intervalExtension(expression: Expression): IntervalProgram {
  const { inputs, inputSize, slots, roots, run } = slotProgram([expression]);
  const [root] = roots;
  const size = expression.size;
  return intervalProgram({ inputs, inputSize, size }, (out, lower, upper, start = 0) => {
    for (let k = 0; k < inputSize; k++) {
      slots.lower[k] = lower[start + k];
      slots.upper[k] = upper[start + k];
    }
    run();
    for (let k = 0; k < size; k++) {
      const slot = root.start + k * root.stride;
      out.lower[k] = slots.lower[slot];
      out.upper[k] = slots.upper[slot];
      out.domain[k] = slots.domain[slot];
    }
  });
}

/** Bounds of a scalar expression over boxes; compile with {@link intervalExtension} to bound it more than once. */
export function rangeOf(expression: Expression, boxes: IntervalBoxes): Interval {
  return intervalExtension(expression).evaluate(boxes);
}

/** Puts the checked, allocating readings of a program around its bare evaluation. */
export function intervalProgram(
  shape: Pick<IntervalProgram, 'inputs' | 'inputSize' | 'size'>,
  evaluateInto: IntervalProgram['evaluateInto'],
): IntervalProgram {
  const { inputs, inputSize, size } = shape;
  const evaluateVector = (boxes: IntervalBoxes): Interval[] => {
    const lower = new Float64Array(inputSize);
    const upper = new Float64Array(inputSize);
    for (const input of inputs) readBox(boxes, input, { lower, upper });
    const out = intervalSlots(size);
    evaluateInto(out, lower, upper);
    // Adding 0 turns -0, which outward rounding may leave, into 0.
    return Array.from({ length: size }, (_, k) => ({
      lower: out.lower[k] + 0,
      upper: out.upper[k] + 0,
      domain: domainNames[out.domain[k]],
    }));
  };
  const evaluate = (boxes: IntervalBoxes): Interval => {
    if (size !== 1) {
      fail({
        code: 'shape-mismatch',
        where: 'IntervalProgram.evaluate',
        problem: 'the expression is not a scalar',
        got: `size ${size}`,
        expected: 'size 1',
        fix: 'call evaluateVector',
      });
    }
    return evaluateVector(boxes)[0];
  };
  return { inputs, inputSize, size, evaluate, evaluateVector, evaluateInto };
}

function readBox(boxes: IntervalBoxes, input: IntervalInput, flat: { lower: Float64Array; upper: Float64Array }): void {
  const { name, size, offset } = input;
  const box = boxes[name];
  const sides =
    box === undefined
      ? []
      : [box.lower, box.upper].map((side) => (typeof side === 'number' ? [side] : Array.from(side)));
  if (sides.length === 0 || sides.some((side) => side.length !== size)) {
    fail({
      code: 'shape-mismatch',
      where: 'IntervalProgram.evaluate',
      problem: `the box of variable ${show(name)} is not usable`,
      got: box === undefined ? 'none' : `${sides[0].length} lower and ${sides[1].length} upper bounds`,
      expected: `${size} lower and ${size} upper bounds`,
      fix: `pass { ${name}: { lower, upper } } with ${size === 1 ? 'numbers' : `arrays of ${size} numbers`}`,
    });
  }
  for (let k = 0; k < size; k++) {
    const low = sides[0][k];
    const high = sides[1][k];
    if (!(low <= high && low < Infinity && high > -Infinity)) {
      fail({
        code: 'invalid-argument',
        where: 'IntervalProgram.evaluate',
        problem: `component ${k} of the box of ${show(name)} holds no number`,
        got: `[${low}, ${high}]`,
        expected: 'lower <= upper, neither NaN, lower < Infinity, upper > -Infinity',
        fix: 'order the bounds',
      });
    }
    flat.lower[offset + k] = low;
    flat.upper[offset + k] = high;
  }
}
