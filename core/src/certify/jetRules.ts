import type { UnaryOperation } from '../formula/expression.js';
import {
  divideInto,
  domainCode,
  type IntervalSlots,
  multiplyInto,
  negateInto,
  setInterval,
  squareInto,
  subtractInto,
} from '../formula/intervalArithmetic.js';
import { powerInto, unaryIntervals } from '../formula/intervalElementary.js';
import { above, below } from './derivativeSlots.js';

/**
 * First and second derivative of the functions of one argument over an interval. `at` is the slot of the argument,
 * `value` that of the function, `first` and `second` those to be written; `work` and `spare` are free slots.
 */
export interface RuleSlots {
  readonly at: number;
  readonly value: number;
  readonly first: number;
  readonly second: number;
  readonly work: number;
  readonly spare: number;
}

/** How far the derivatives can be trusted on a box. */
export const smoothness = {
  /** Twice differentiable. */
  smooth: 0,
  /** Lipschitz: the first derivative is a generalized one, the second means nothing. */
  kink: 1,
  /** It may jump: values only. */
  jump: 2,
} as const;

type Rule = (slots: IntervalSlots, at: RuleSlots) => number;

const set = (slots: IntervalSlots, k: number, lower: number, upper: number): void => {
  setInterval(slots, k, lower, upper);
  slots.domain[k] = domainCode.inside;
};
const minusOf = (slots: IntervalSlots, out: number, from: number): void => negateInto(slots, out, from);

/** A function with a corner at 0: exact on either side. */
function corner(left: number, right: number): Rule {
  return (slots, { at, first, second }) => {
    set(slots, second, 0, 0);
    if (slots.lower[at] > 0) set(slots, first, right, right);
    else if (slots.upper[at] < 0) set(slots, first, left, left);
    else {
      set(slots, first, left, right);
      return smoothness.kink;
    }
    return smoothness.smooth;
  };
}

/** A function that jumps at 0 and is constant elsewhere. */
const jump: Rule = (slots, { at, first, second }) => {
  set(slots, first, 0, 0);
  set(slots, second, 0, 0);
  return slots.lower[at] > 0 || slots.upper[at] < 0 ? smoothness.smooth : smoothness.jump;
};

/** Rules by operation. A constant factor is a double rounded to either side where it is not exact. */
export const unaryRules: Readonly<Record<UnaryOperation, Rule>> = {
  negate: (slots, { first, second }) => {
    set(slots, first, -1, -1);
    set(slots, second, 0, 0);
    return smoothness.smooth;
  },
  exp: (slots, { value, first, second }) => {
    set(slots, first, slots.lower[value], slots.upper[value]);
    set(slots, second, slots.lower[value], slots.upper[value]);
    return smoothness.smooth;
  },
  log: (slots, { at, first, second, work }) => {
    set(slots, work, 1, 1);
    divideInto(slots, first, work, at);
    squareInto(slots, work, first);
    minusOf(slots, second, work);
    return smoothness.smooth;
  },
  // (sqrt u)' = 1 / (2 sqrt u), (sqrt u)'' = -(sqrt u)' / (2 u).
  sqrt: (slots, { at, value, first, second, work }) => {
    set(slots, work, 0.5, 0.5);
    divideInto(slots, first, work, value);
    multiplyInto(slots, second, first, work);
    divideInto(slots, work, second, at);
    minusOf(slots, second, work);
    return slots.lower[at] > 0 ? smoothness.smooth : smoothness.jump;
  },
  sin: (slots, { at, value, first, second }) => {
    unaryIntervals.cos(slots, first, at);
    minusOf(slots, second, value);
    return smoothness.smooth;
  },
  cos: (slots, { at, value, first, second, work }) => {
    unaryIntervals.sin(slots, work, at);
    minusOf(slots, first, work);
    minusOf(slots, second, value);
    return smoothness.smooth;
  },
  // t' = 1 - t^2, t'' = -2 t t'.
  tanh: (slots, { value, first, second, work, spare }) => {
    squareInto(slots, spare, value);
    set(slots, work, 1, 1);
    subtractInto(slots, first, work, spare);
    set(slots, work, -2, -2);
    multiplyInto(slots, spare, work, value);
    multiplyInto(slots, second, spare, first);
    return smoothness.smooth;
  },
  sigmoid: sigmoidRule,
  // softplus' = sigmoid, softplus'' = sigmoid'.
  softplus: (slots, { at, first, second, work, spare }) => {
    unaryIntervals.sigmoid(slots, first, at);
    minusOf(slots, spare, at);
    unaryIntervals.sigmoid(slots, work, spare);
    multiplyInto(slots, second, first, work);
    return smoothness.smooth;
  },
  relu: corner(0, 1),
  abs: corner(-1, 1),
  // erf' = 2 / sqrt(pi) exp(-u^2), erf'' = -2 u erf'.
  erf: (slots, { at, first, second, work, spare }) => {
    squareInto(slots, spare, at);
    minusOf(slots, second, spare);
    unaryIntervals.exp(slots, work, second);
    set(slots, spare, 1.1283791670955123, 1.1283791670955128);
    multiplyInto(slots, first, work, spare);
    set(slots, work, -2, -2);
    multiplyInto(slots, spare, work, at);
    multiplyInto(slots, second, spare, first);
    return smoothness.smooth;
  },
  sign: jump,
  step: jump,
};

/** s' = s (1 - s), s'' = s' (1 - 2 s); 1 - s is the sigmoid of -u. */
function sigmoidRule(slots: IntervalSlots, { at, value, first, second, work, spare }: RuleSlots): number {
  minusOf(slots, spare, at);
  unaryIntervals.sigmoid(slots, work, spare);
  multiplyInto(slots, first, value, work);
  subtractInto(slots, spare, work, value);
  multiplyInto(slots, second, first, spare);
  return smoothness.smooth;
}

/** Derivatives of `u^exponent`: `e u^(e - 1)` and `e (e - 1) u^(e - 2)`. */
export function powerRule(slots: IntervalSlots, { at, first, second, work }: RuleSlots, exponent: number): number {
  powerInto(slots, work, at, exponent - 1);
  set(slots, second, exponent, exponent);
  multiplyInto(slots, first, second, work);
  const factor = exponent * (exponent - 1);
  if (exponent === 2) set(slots, second, factor, factor);
  else {
    powerInto(slots, work, at, exponent - 2);
    // Exact for a whole exponent below 2^26; a fraction is rounded twice.
    const exact = Number.isInteger(exponent) && Math.abs(exponent) < 2 ** 26;
    set(slots, second, exact ? factor : below(below(factor)), exact ? factor : above(above(factor)));
    multiplyInto(slots, second, second, work);
  }
  return smoothness.smooth;
}
