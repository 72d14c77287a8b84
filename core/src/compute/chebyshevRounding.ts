import type { Expression, OperationNode } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import { type SlotProgram, slotProgram } from '../formula/intervalProgram.js';
import {
  byDifferences,
  type Coordinate,
  coordinateRange,
  type Ranges,
  type SumStructure,
} from './chebyshevStructure.js';

/** Half a unit in the last place of 1. */
export const unitRoundoff = 2 ** -53;

/** A box of scalar variables by name. */
export type ScalarBox = Readonly<Record<string, readonly [lower: number, upper: number]>>;

/** What is known of a scalar graph on a box: `|f| <= size`, and a computed value is off by at most `error`. */
export interface RoundingBound {
  readonly size: number;
  readonly error: number;
}

/** Allowance for one elementary function in units in the last place; the specs of the backends hold them to 3. */
const functionUlps = 5;

/** Allowance for a power in units of roundoff: small integers multiply, others call a function. */
const powerUlps = (exponent: number): number =>
  exponent === 2 ? 1 : 4 * functionUlps + (Number.isInteger(exponent) ? Math.abs(exponent) : 0);

/** Into how many parts the range of each difference is cut, so that a large factor meets the small one: of one, of two. */
const pieces: readonly number[] = [1, 32, 8];

/**
 * First-order analysis of rounding, carried through scalar graphs in the order of evaluation: every operation passes
 * the errors of its arguments on by its derivative and adds its own. It holds for the reference interpreter and
 * for WebAssembly, with or without fused multiply-add. Both numbers are Infinity where a graph may be undefined on the box.
 * Compiling is one pass over the graphs, a call one for every piece of the differences, at most 64.
 */
export function roundingBounds(
  given: readonly Expression[],
  structure: Pick<SumStructure, 'rowAxes' | 'columnAxes'>,
): (rows: Ranges, columns: Ranges, uniforms: ScalarBox) => readonly RoundingBound[] {
  const { expressions, coordinates } = byDifferences(given, structure);
  const order = nodesOf(...expressions);
  const program = slotProgram(order);
  const index = new Map(order.map((node, k) => [node, k]));
  const targets = expressions.map((root) => index.get(root) as number);
  return (rows, columns, uniforms) => {
    const size = new Float64Array(targets.length);
    const error = new Float64Array(targets.length);
    const ranges = coordinates.map((one) => coordinateRange(one, rows, columns));
    const differences = coordinates.filter(isDifference).length;
    const counts = coordinates.map((one) => (isDifference(one) ? pieces[differences] : 1));
    const total = counts.reduce((product, count) => product * count, 1);
    for (let piece = 0; piece < total; piece++) {
      const box: Record<string, readonly [number, number]> = { ...uniforms };
      let rest = piece;
      coordinates.forEach(({ variable }, c) => {
        box[variable] = part(ranges[c], rest % counts[c], counts[c]);
        rest = Math.floor(rest / counts[c]);
      });
      const found = propagate(order, program, { box, index, isRounded: (name) => name.startsWith('difference:') });
      targets.forEach((target, k) => {
        size[k] = Math.max(size[k], found.size[target]);
        error[k] = Math.max(error[k], found.error[target]);
      });
    }
    // The analysis itself is in doubles: a millionth more covers its own roundings.
    return targets.map((_, k) => ({ size: size[k], error: 1.000001 * error[k] }));
  };
}

const isDifference = ({ row, column }: Coordinate): boolean => row !== undefined && column !== undefined;

/** One of `count` parts of an interval, overlapping a little. */
function part([low, high]: readonly [number, number], k: number, count: number): readonly [number, number] {
  const width = (high - low) / count;
  return [low + k * width, k + 1 === count ? high : low + (k + 1.0001) * width];
}

interface Setting {
  readonly box: ScalarBox;
  readonly index: ReadonlyMap<Expression, number>;
  /** Inputs that are themselves computed, by one operation. */
  readonly isRounded: (name: string) => boolean;
}

function propagate(
  order: readonly Expression[],
  { inputs, slots, roots, run }: SlotProgram,
  { box, index, isRounded }: Setting,
): { readonly size: Float64Array; readonly error: Float64Array } {
  for (const { name, offset } of inputs) {
    const [low, high] = box[name];
    slots.lower[offset] = low;
    slots.upper[offset] = high;
  }
  run();
  const ranges = roots.map(({ start }) => ({ low: slots.lower[start], high: slots.upper[start] }));
  const error = new Float64Array(order.length);
  const size = Float64Array.from(ranges, (range) => magnitude(range));
  for (let k = 0; k < order.length; k++) {
    const node = order[k];
    if (node.kind === 'variable' && isRounded(node.variable.name)) error[k] = unitRoundoff * size[k];
    if (slots.domain[roots[k].start] !== 0) {
      size[k] = Infinity;
      error[k] = Infinity;
    } else if (node.kind === 'operation') {
      const args = node.args.map((arg) => index.get(arg) as number);
      const made = errorOf(node, { args, ranges, errors: error, self: ranges[k] });
      error[k] = Number.isNaN(made) ? Infinity : made;
    }
  }
  return { size, error };
}

interface Range {
  readonly low: number;
  readonly high: number;
}

interface Known {
  readonly args: readonly number[];
  readonly ranges: readonly Range[];
  readonly errors: Float64Array;
  readonly self: Range;
}

const magnitude = ({ low, high }: Range): number => Math.max(Math.abs(low), Math.abs(high));

function errorOf(node: OperationNode, { args, ranges, errors, self }: Known): number {
  const [a, b = a] = args;
  const [ea, eb] = [errors[a], errors[b]];
  const size = magnitude(self);
  const own = unitRoundoff * size + Number.MIN_VALUE;
  switch (node.operation) {
    case 'add':
    case 'subtract':
      return (ea + eb) * (1 + unitRoundoff) + own;
    case 'multiply': {
      const [p, q] = [magnitude(ranges[a]), magnitude(ranges[b])];
      return (p * eb + q * ea + ea * eb) * (1 + unitRoundoff) + own;
    }
    case 'divide': {
      const least = distanceToZero(ranges[b]) - eb;
      return least > 0 ? ((ea + size * eb) / least) * (1 + unitRoundoff) + own : Infinity;
    }
    case 'negate':
      return ea;
    case 'min':
    case 'max':
      return Math.max(ea, eb);
    case 'power':
      return powerError(node.parameter as number, ranges[a], ea) + powerUlps(node.parameter as number) * own;
    default: {
      const passed = ea === 0 ? 0 : passedOn(node.operation, { range: ranges[a], error: ea, size });
      return passed + 2 * functionUlps * own;
    }
  }
}

const distanceToZero = ({ low, high }: Range): number => (low > 0 ? low : high < 0 ? -high : 0);

/** `|p| sup |x|^(p-1)` times the error of x. */
function powerError(exponent: number, range: Range, error: number): number {
  if (error === 0) return 0;
  const nearest = distanceToZero(range) - error;
  const base = exponent >= 1 ? magnitude(range) + error : nearest;
  return base > 0 ? Math.abs(exponent) * base ** (exponent - 1) * error : Infinity;
}

/** How far an error of the argument moves the value of an elementary function. */
function passedOn(operation: string, { range, error, size }: { range: Range; error: number; size: number }): number {
  const { low, high } = range;
  switch (operation) {
    case 'exp':
      return size * Math.expm1(Math.min(error, 700));
    case 'log':
      return low - error > 0 ? error / (low - error) : Infinity;
    case 'sqrt':
      return low - error > 0 ? error / (2 * Math.sqrt(low - error)) : Math.sqrt(error);
    case 'erf':
      return 1.1284 * error;
    case 'sigmoid':
      return error / 4;
    case 'sign':
    case 'step':
      return low - error > 0 || high + error < 0 ? 0 : 2;
    default:
      // sin, cos, tanh, softplus, relu and abs move by no more than their argument.
      return error;
  }
}
