import type { BinaryOperation, Expression, OperationNode, UnaryOperation } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import {
  addInto,
  divideInto,
  type IntervalSlots,
  intervalSlots,
  multiplyInto,
  negateInto,
  setInterval,
  squareInto,
  subtractInto,
} from '../formula/intervalArithmetic.js';
import { unaryIntervals } from '../formula/intervalElementary.js';
import {
  addDown,
  addUp,
  divideUp,
  multiplyDown,
  multiplyUp,
  sqrtUp,
  widenDown,
  widenUp,
} from '../formula/intervalRounding.js';

/** Operations that are not analytic anywhere that matters. */
const rough: ReadonlySet<string> = new Set(['relu', 'abs', 'sign', 'step', 'min', 'max']);

/** The first operation of the graphs that has a kink or a jump, or undefined. */
export function roughOperation(...expressions: readonly Expression[]): string | undefined {
  const found = nodesOf(...expressions).find((node) => node.kind === 'operation' && rough.has(node.operation));
  return found?.kind === 'operation' ? found.operation : undefined;
}

/** Bounds of scalar graphs whose variables range over rectangles of the complex plane. */
export interface AnalyticProgram {
  /** Names of the variables; input k has its real part in slot 2k and its imaginary part in slot 2k + 1. */
  readonly inputs: readonly string[];
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /**
   * Writes `sup |f|` for every root over the rectangles in the input slots, outward rounded, or Infinity where the
   * root is not proved analytic in a neighborhood of every point of them.
   */
  boundInto(out: Float64Array): void;
}

type Action = () => boolean;

/** Numbers of a slot program: complex node k has parts in slots 2k and 2k + 1; the last eight pairs are scratch. */
interface Context {
  readonly slots: IntervalSlots;
  readonly scratch: number;
}

/**
 * Natural extension of scalar graphs to rectangles in the complex plane, in outward rounded interval arithmetic: every
 * operation is replaced by a rectangle that holds its range, on the branch that is real on the real line. Logarithm
 * and fractional powers need arguments in the right half plane, divisors a distance from 0. Compiling is one pass
 * over the graphs, which have no vectors and no rough operation; a run takes about a microsecond per operation.
 *
 * Source: [MooreKearfottCloud2009], chapter 9.
 */
export function analyticProgram(roots: readonly Expression[]): AnalyticProgram {
  const order = nodesOf(...roots);
  const variables = order.filter((node) => node.kind === 'variable');
  const rest = order.filter((node) => node.kind !== 'variable');
  const all = [...variables, ...rest];
  const slots = intervalSlots(2 * (all.length + scratchPairs));
  const place = new Map(all.map((node, k) => [node, 2 * k]));
  const context: Context = { slots, scratch: 2 * all.length };
  const actions: { out: number; args: readonly number[]; run: Action }[] = [];
  for (const node of rest) {
    const out = place.get(node) as number;
    if (node.kind === 'constant') setInterval(slots, out, node.value, node.value);
    if (node.kind !== 'operation') continue;
    const args = node.args.map((arg) => place.get(arg) as number);
    actions.push({ out, args, run: actionOf(node, out, args, context) });
  }
  const analytic = new Uint8Array(2 * all.length).fill(1);
  return {
    inputs: variables.map((node) => (node.kind === 'variable' ? node.variable.name : '')),
    lower: slots.lower,
    upper: slots.upper,
    boundInto(out) {
      for (const { out: target, args, run } of actions) {
        let fine = 1;
        for (let k = 0; k < args.length; k++) fine &= analytic[args[k]];
        analytic[target] = fine === 1 && run() ? 1 : 0;
      }
      for (let k = 0; k < roots.length; k++) {
        const slot = place.get(roots[k]) as number;
        out[k] = analytic[slot] === 1 ? magnitude(slots, slot) : Infinity;
      }
    },
  };
}

const scratchPairs = 6;

/** `sup |z|` over the rectangle of a slot. */
function magnitude({ lower, upper }: IntervalSlots, z: number): number {
  const re = Math.max(upper[z], -lower[z]);
  const im = Math.max(upper[z + 1], -lower[z + 1]);
  return im === 0 ? re : sqrtUp(addUp(multiplyUp(re, re), multiplyUp(im, im)));
}

function actionOf(node: OperationNode, out: number, args: readonly number[], context: Context): Action {
  const { slots } = context;
  const [a, b] = args;
  const { operation } = node;
  switch (operation as BinaryOperation | UnaryOperation | 'power') {
    case 'add':
      return always(() => both(addInto, slots, out, a, b));
    case 'subtract':
      return always(() => both(subtractInto, slots, out, a, b));
    case 'multiply':
      return a === b ? always(() => square(context, out, a)) : always(() => product(context, out, a, b));
    case 'divide': {
      const inverse = context.scratch + 10;
      return () => {
        if (!reciprocal(context, inverse, b)) return false;
        product(context, out, a, inverse);
        return true;
      };
    }
    case 'negate':
      return always(() => {
        negateInto(slots, out, a);
        negateInto(slots, out + 1, a + 1);
      });
    case 'power':
      return powerAction(node.parameter as number, out, a, context);
    default:
      return functionAction(operation as UnaryOperation, out, a, context);
  }
}

const always =
  (run: () => void): Action =>
  () => {
    run();
    return true;
  };

function both(apply: typeof addInto, slots: IntervalSlots, out: number, a: number, b: number): void {
  apply(slots, out, a, b);
  apply(slots, out + 1, a + 1, b + 1);
}

/** `(p + iq)(r + is) = (pr - qs) + i(ps + qr)`; `out` is none of the arguments. */
function product({ slots, scratch: t }: Context, out: number, a: number, b: number): void {
  multiplyInto(slots, t, a, b);
  multiplyInto(slots, t + 1, a + 1, b + 1);
  subtractInto(slots, out, t, t + 1);
  multiplyInto(slots, t, a, b + 1);
  multiplyInto(slots, t + 1, a + 1, b);
  addInto(slots, out + 1, t, t + 1);
}

/** `(p + iq)^2 = (p^2 - q^2) + 2ipq`; `out` may be the argument. */
function square({ slots, scratch: t }: Context, out: number, a: number): void {
  squareInto(slots, t, a);
  squareInto(slots, t + 1, a + 1);
  multiplyInto(slots, out + 1, a, a + 1);
  addInto(slots, out + 1, out + 1, out + 1);
  subtractInto(slots, out, t, t + 1);
}

/**
 * `1/z`: the parts of `conj(z)/|z|^2`, and not beyond the inverse of the distance to 0, which stays sharp on
 * rectangles that are long. False where 0 may lie inside.
 */
function reciprocal({ slots, scratch: t }: Context, out: number, a: number): boolean {
  squareInto(slots, t, a);
  squareInto(slots, t + 1, a + 1);
  addInto(slots, t, t, t + 1);
  const nearest = slots.lower[t];
  if (!(nearest > 0)) return false;
  const most = sqrtUp(divideUp(1, nearest));
  divideInto(slots, out, a, t);
  divideInto(slots, t + 1, a + 1, t);
  negateInto(slots, out + 1, t + 1);
  for (const part of [out, out + 1]) {
    setInterval(slots, part, Math.max(slots.lower[part], -most), Math.min(slots.upper[part], most));
  }
  return true;
}

function powerAction(exponent: number, out: number, a: number, context: Context): Action {
  const { slots, scratch } = context;
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 64) return realPowerAction(exponent, out, a, context);
  const times = Math.abs(exponent);
  const [factor, other] = [scratch + 6, scratch + 8];
  /** Binary powers: squares of `out` from the leading digit on. */
  const raise = (target: number): void => {
    copy(slots, target, a);
    for (let bit = 2 ** (Math.floor(Math.log2(times)) - 1); bit >= 1; bit /= 2) {
      square(context, target, target);
      if (Math.floor(times / bit) % 2 === 1) {
        copy(slots, other, target);
        product(context, target, other, a);
      }
    }
  };
  if (exponent > 0) return always(() => raise(out));
  return () => {
    raise(factor);
    return reciprocal(context, out, factor);
  };
}

function copy({ lower, upper }: IntervalSlots, out: number, a: number): void {
  for (let k = 0; k < 2; k++) {
    lower[out + k] = lower[a + k];
    upper[out + k] = upper[a + k];
  }
}

/** `z^p = exp(p log z)` in the right half plane. */
function realPowerAction(exponent: number, out: number, a: number, context: Context): Action {
  const { slots, scratch } = context;
  const [logarithm, constant] = [scratch + 6, scratch + 8];
  return () => {
    if (!log(context, logarithm, a)) return false;
    setInterval(slots, constant, exponent, exponent);
    multiplyInto(slots, logarithm, logarithm, constant);
    multiplyInto(slots, logarithm + 1, logarithm + 1, constant);
    exp(context, out, logarithm);
    return true;
  };
}

/** `log z = (1/2) log(p^2 + q^2) + i atan(q/p)` for `p > 0`. */
function log({ slots, scratch: t }: Context, out: number, a: number): boolean {
  if (!(slots.lower[a] > 0)) return false;
  squareInto(slots, t, a);
  squareInto(slots, t + 1, a + 1);
  addInto(slots, t, t, t + 1);
  unaryIntervals.log(slots, t, t);
  divideInto(slots, t + 1, a + 1, a);
  const { lower, upper } = slots;
  setInterval(slots, out, lower[t] / 2, upper[t] / 2);
  const low = lower[t + 1] === 0 ? 0 : widenDown(Math.atan(lower[t + 1]), 8);
  setInterval(slots, out + 1, low, upper[t + 1] === 0 ? 0 : widenUp(Math.atan(upper[t + 1]), 8));
  return true;
}

/** `exp(p + iq) = e^p (cos q + i sin q)`; `out` may be the argument. */
function exp({ slots, scratch: t }: Context, out: number, a: number): void {
  unaryIntervals.exp(slots, t, a);
  unaryIntervals.cos(slots, t + 1, a + 1);
  unaryIntervals.sin(slots, out + 1, a + 1);
  multiplyInto(slots, out + 1, out + 1, t);
  multiplyInto(slots, out, t, t + 1);
}

/** `sin z = sin p cosh q + i cos p sinh q`, `cos z = cos p cosh q - i sin p sinh q`. */
function wave({ slots, scratch: t }: Context, out: number, a: number, isSine: boolean): void {
  const { sin, cos } = unaryIntervals;
  const low = slots.lower[a + 1];
  const high = slots.upper[a + 1];
  const near = low > 0 ? low : high < 0 ? -high : 0;
  const cosh = Math.max(1, widenDown(Math.cosh(near), 8));
  setInterval(slots, t, cosh, widenUp(Math.cosh(Math.max(-low, high)), 8));
  (isSine ? sin : cos)(slots, t + 1, a);
  multiplyInto(slots, out, t, t + 1);
  const least = low === 0 ? 0 : widenDown(Math.sinh(low), 8);
  setInterval(slots, t, least, high === 0 ? 0 : widenUp(Math.sinh(high), 8));
  (isSine ? cos : sin)(slots, t + 1, a);
  multiplyInto(slots, out + 1, t, t + 1);
  if (!isSine) negateInto(slots, out + 1, out + 1);
}

/** `1/(1 + e^{-z})`; false where the divisor may vanish. */
function sigmoid(context: Context, out: number, a: number): boolean {
  const { slots, scratch } = context;
  const divisor = scratch + 8;
  negateInto(slots, divisor, a);
  negateInto(slots, divisor + 1, a + 1);
  onePlusExp(context, divisor);
  return reciprocal(context, out, divisor);
}

/** `z <- 1 + e^z`. */
function onePlusExp(context: Context, z: number): void {
  const { slots, scratch } = context;
  exp(context, z, z);
  setInterval(slots, scratch, 1, 1);
  addInto(slots, z, z, scratch);
}

/** `|erf(p + iq) - erf(p)| <= (2/sqrt(pi)) |q| e^{q^2 - p^2}`, the length of the path times the largest integrand. */
function erf({ slots }: Context, out: number, a: number): void {
  const { lower, upper } = slots;
  const far = Math.max(-lower[a + 1], upper[a + 1]);
  const near = lower[a] > 0 ? lower[a] : upper[a] < 0 ? -upper[a] : 0;
  const growth = widenUp(Math.exp(addUp(multiplyUp(far, far), -multiplyDown(near, near))), 8);
  const reach = far === 0 ? 0 : multiplyUp(multiplyUp(1.1283791670955128, far), growth);
  unaryIntervals.erf(slots, out, a);
  setInterval(slots, out, addDown(lower[out], -reach), addUp(upper[out], reach));
  setInterval(slots, out + 1, -reach, reach);
}

function functionAction(operation: UnaryOperation, out: number, a: number, context: Context): Action {
  const { slots, scratch } = context;
  const argument = scratch + 6;
  switch (operation) {
    case 'exp':
      return always(() => exp(context, out, a));
    case 'log':
      return () => log(context, out, a);
    case 'sqrt':
      return realPowerAction(0.5, out, a, context);
    case 'sin':
    case 'cos':
      return always(() => wave(context, out, a, operation === 'sin'));
    case 'sigmoid':
      return () => sigmoid(context, out, a);
    case 'tanh':
      // tanh z = 2 sigmoid(2z) - 1.
      return () => {
        both(addInto, slots, argument, a, a);
        if (!sigmoid(context, out, argument)) return false;
        both(addInto, slots, out, out, out);
        setInterval(slots, scratch, 1, 1);
        subtractInto(slots, out, out, scratch);
        return true;
      };
    case 'softplus':
      return () => {
        copy(slots, argument, a);
        onePlusExp(context, argument);
        return log(context, out, argument);
      };
    case 'erf':
      return always(() => erf(context, out, a));
    default:
      return () => false;
  }
}
