import { expect, test } from 'vitest';
import { isMuflowError } from '../errors.js';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import * as f from './build.js';
import { gradient } from './differentiate.js';
import { binaryOperations, type Expression } from './expression.js';
import { nodesOf } from './inspect.js';
import { type IntervalProgram, intervalExtension, rangeOf } from './interval.js';
import { intervalSlots } from './intervalArithmetic.js';
import { meanValueExtension, meanValueRange } from './intervalMeanValue.js';
import { binaryFunctions, unaryFunctions } from './operations.js';

/** Values in doubles: each operation once, sums in order; the reading whose results the bounds must hold. */
function computedValue(expression: Expression, at: Readonly<Record<string, readonly number[]>>): number[] {
  const values = new Map<Expression, number[]>();
  for (const node of nodesOf(expression)) {
    if (node.kind !== 'operation') {
      values.set(node, node.kind === 'constant' ? [node.value] : [...at[node.variable.name]]);
      continue;
    }
    const [a, b = []] = node.args.map((arg) => values.get(arg) as number[]);
    const entry = (list: readonly number[], k: number): number => (list.length === 1 ? list[0] : list[k]);
    const each = (rule: (k: number) => number): number[] => Array.from({ length: node.size }, (_, k) => rule(k));
    const total = (list: readonly number[]): number[] => [list.reduce((sum, x) => sum + x)];
    const { operation } = node;
    const parameter = node.parameter as number;
    const compute = (): number[] => {
      if (operation === 'power') return each((k) => entry(a, k) ** parameter);
      if (operation === 'dot') return total(a.map((x, k) => x * b[k]));
      if (operation === 'norm2') return total(a.map((x) => x * x));
      if (operation === 'sum') return total(a);
      if (operation === 'component') return [a[parameter]];
      if (operation === 'broadcast') return each(() => a[0]);
      if (operation === 'scatter') return each((k) => (k === parameter ? a[0] : 0));
      if (operation === 'pack') return node.args.map((arg) => (values.get(arg) as number[])[0]);
      if (operation in binaryFunctions) {
        return each((k) => binaryFunctions[operation as keyof typeof binaryFunctions](entry(a, k), entry(b, k)));
      }
      return each((k) => unaryFunctions[operation as keyof typeof unaryFunctions](entry(a, k)));
    };
    values.set(node, compute());
  }
  return values.get(expression) as number[];
}

const unaryBuilders = [
  ...[f.negate, f.exp, f.log, f.sqrt, f.sin, f.cos, f.tanh, f.sigmoid],
  ...[f.softplus, f.relu, f.abs, f.erf, f.sign, f.step],
];
const binaryBuilders = {
  add: f.add,
  subtract: f.subtract,
  multiply: f.multiply,
  divide: f.divide,
  min: f.minimum,
  max: f.maximum,
};
const exponents = [2, 2, 3, 4, -1, -2, 0.5, 1.5, -0.5];
const variables = [f.row('x'), f.column('y'), f.uniform('c'), f.row('w', 3), f.column('v', 3)];

const [x, y] = variables;

/** A random expression of the given size over {@link variables}, every operation of the graph included. */
function formula(random: RandomStream, depth: number, size: 1 | 3): Expression {
  if (depth === 0 || random.integer(12) === 0) {
    const kind = random.integer(4);
    if (kind === 0) return f.broadcast([0, 1, -1, 0.1, random.normal(), 3 * random.normal()][random.integer(6)], size);
    return size === 1 ? variables[random.integer(3)] : variables[3 + random.integer(2)];
  }
  const sub = (wanted: 1 | 3): Expression => formula(random, depth - 1, wanted);
  const kind = random.integer(10);
  if (kind < 4) return unaryBuilders[random.integer(unaryBuilders.length)](sub(size));
  if (kind < 7) {
    const build = binaryBuilders[binaryOperations[random.integer(binaryOperations.length)]];
    return build(sub(random.integer(4) === 0 ? 1 : size), sub(size));
  }
  if (kind === 7) return f.power(sub(size), exponents[random.integer(exponents.length)]);
  if (size === 3) {
    const structure = random.integer(3);
    if (structure === 0) return f.broadcast(sub(1), 3);
    return structure === 1 ? f.scatter(sub(1), random.integer(3), 3) : f.pack(sub(1), sub(1), sub(1));
  }
  const structure = random.integer(4);
  if (structure === 0) return f.dot(sub(3), sub(3));
  if (structure === 1) return f.norm2(sub(3));
  return structure === 2 ? f.sum(sub(3)) : f.component(sub(3), random.integer(3));
}

/** One side of a box: points, widths over many scales, ends at 0, symmetric and unbounded-looking boxes. */
function side(random: RandomStream): [number, number] {
  const center = [0, 1, random.normal(), 3 * random.normal(), 100 * random.normal()][random.integer(5)];
  const width = [0, 2 ** (-50 * random.uniform()), random.exponential(), 100 * random.uniform()][random.integer(4)];
  const ends: [number, number][] = [
    [center, center + width],
    [center - width, center],
    [center - width, center + width],
  ];
  return ends[random.integer(3)];
}

type Side = [number, number];

function flatBox(program: IntervalProgram, draw: () => Side): { lower: Float64Array; upper: Float64Array } {
  const sides = Array.from({ length: program.inputSize }, draw);
  return { lower: Float64Array.from(sides, ([low]) => low), upper: Float64Array.from(sides, ([, high]) => high) };
}

/** Corners first, then uniform points of the box. */
function pointOf(
  random: RandomStream,
  { lower, upper }: { lower: Float64Array; upper: Float64Array },
  corner: boolean,
): Float64Array {
  return lower.map((low, k) => {
    if (corner) return random.integer(2) === 0 ? low : upper[k];
    return Math.min(upper[k], low + random.uniform() * (upper[k] - low));
  });
}

const named = (program: IntervalProgram, point: Float64Array): Record<string, number[]> =>
  Object.fromEntries(
    program.inputs.map(({ name, size, offset }) => [name, Array.from(point.subarray(offset, offset + size))]),
  );

/**
 * What is right to ask. The bound holds the real value f(x). The computed value carries roundings, but every
 * operation of the extension is widened by at least twice the error of the computed operation, so by induction
 * over the graph the computed value lies in the bound at the point and in the bound on the box, without any
 * tolerance. A point is skipped where f is not proven to be defined there (the computed value then means nothing).
 */
test('over 10,000 random formulas and boxes no sampled value leaves its bound', () => {
  const random = randomStream(randomKey('interval acceptance'));
  let checked = 0;
  let bounded = 0;
  for (let i = 0; i < 10_000; i++) {
    const expression = formula(random, 1 + random.integer(5), 1);
    const program = intervalExtension(expression);
    const box = flatBox(program, () => side(random));
    const [bound, atPoint] = [intervalSlots(1), intervalSlots(1)];
    program.evaluateInto(bound, box.lower, box.upper);
    const [low, high, domain] = [bound.lower[0], bound.upper[0], bound.domain[0]];
    expect(domain === 2 ? low > high : low <= high && low < Infinity && high > -Infinity).toBe(true);
    if (domain === 0 && high - low < 1e6) bounded++;
    for (let s = 0; s < 8; s++) {
      const point = pointOf(random, box, s < 3);
      program.evaluateInto(atPoint, point, point);
      if (atPoint.domain[0] !== 0) {
        // A formula proven to be defined on the box is defined at each of its points.
        expect(domain).not.toBe(0);
        continue;
      }
      const [value] = computedValue(expression, named(program, point));
      // Overflow in between (Infinity - Infinity) leaves no value to compare.
      if (Number.isNaN(value)) continue;
      checked++;
      const inPoint = atPoint.lower[0] <= value && value <= atPoint.upper[0];
      if (
        !(
          domain !== 2 &&
          inPoint &&
          low <= value &&
          value <= high &&
          atPoint.lower[0] <= high &&
          low <= atPoint.upper[0]
        )
      ) {
        throw new Error(
          `formula ${i} at ${point}: ${value}, at the point [${atPoint.lower[0]}, ${atPoint.upper[0]}], on the box [${low}, ${high}]`,
        );
      }
    }
  }
  // Most formulas are defined on most of their box, and many bounds say something.
  expect(checked).toBeGreaterThan(40_000);
  expect(bounded).toBeGreaterThan(4_000);
});

test('every component of a vector formula stays in its bound', () => {
  const random = randomStream(randomKey('interval vectors'));
  let checked = 0;
  for (let i = 0; i < 1_000; i++) {
    const expression = formula(random, 3, 3);
    const program = intervalExtension(expression);
    const box = flatBox(program, () => side(random));
    const out = intervalSlots(3);
    program.evaluateInto(out, box.lower, box.upper);
    const point = pointOf(random, box, false);
    const at = intervalSlots(3);
    program.evaluateInto(at, point, point);
    computedValue(expression, named(program, point)).forEach((value, k) => {
      if (at.domain[k] !== 0 || Number.isNaN(value)) return;
      checked++;
      expect(out.lower[k] <= value && value <= out.upper[k]).toBe(true);
    });
  }
  expect(checked).toBeGreaterThan(1_500);
});

/** The mean-value bound can be narrower than the rounding of a computed value: what must meet it is the bound at the point. */
test('the mean-value form holds the true value at every sampled point and lies in the natural bound', () => {
  const random = randomStream(randomKey('mean value'));
  const names = ['x', 'y', 'w'];
  let tighter = 0;
  let checked = 0;
  for (let i = 0; i < 3_000; i++) {
    // Products of formulas over few variables repeat them, which is what the mean-value form repairs.
    const part = (): Expression => formula(random, 1 + random.integer(3), 1);
    const expression = f.subtract(f.multiply(part(), f.add(part(), x)), f.multiply(part(), f.add(f.sin(x), y)));
    const natural = intervalExtension(expression);
    const inputs = natural.inputs.filter(({ name }) => names.includes(name));
    const slopes = Object.fromEntries(
      inputs.map(({ name }) => [
        name,
        gradient(expression, variables.find((v) => v.kind === 'variable' && v.variable.name === name) ?? variables[0]),
      ]),
    );
    const program = meanValueExtension(expression, slopes);
    expect(program.inputSize).toBe(natural.inputSize);
    const scale = 2 ** (-2 - 8 * random.uniform());
    const box = flatBox(program, () => {
      const center = random.integer(3) === 0 ? 0 : random.normal();
      return [center - scale * random.uniform(), center + scale * random.uniform()];
    });
    const [mean, plain, atPoint] = [intervalSlots(1), intervalSlots(1), intervalSlots(1)];
    program.evaluateInto(mean, box.lower, box.upper);
    natural.evaluateInto(plain, box.lower, box.upper);
    expect(mean.domain[0]).toBe(plain.domain[0]);
    expect(mean.lower[0] >= plain.lower[0] && mean.upper[0] <= plain.upper[0]).toBe(true);
    if (plain.domain[0] === 0 && mean.upper[0] - mean.lower[0] < 0.9 * (plain.upper[0] - plain.lower[0])) tighter++;
    for (let s = 0; s < 8; s++) {
      const point = pointOf(random, box, s < 3);
      natural.evaluateInto(atPoint, point, point);
      if (atPoint.domain[0] === 2) continue;
      checked++;
      if (!(atPoint.lower[0] <= mean.upper[0] && mean.lower[0] <= atPoint.upper[0])) {
        throw new Error(
          `formula ${i} at ${point}: [${atPoint.lower[0]}, ${atPoint.upper[0]}] misses [${mean.lower[0]}, ${mean.upper[0]}]`,
        );
      }
    }
  }
  expect(checked).toBeGreaterThan(15_000);
  expect(tighter).toBeGreaterThan(200);
});

test('the natural overestimate shrinks with the width of the box, the mean-value one with its square', () => {
  const expression = f.subtract(x, f.multiply(f.sin(x), f.exp(x)));
  const program = meanValueExtension(expression, { x: gradient(expression, x) });
  const widths = [2 ** -4, 2 ** -6, 2 ** -8, 2 ** -10];
  // At 0.7 the function is monotone (derivative -1.84), so its true range is the gap between its end values.
  const excess = (bounds: { lower: number; upper: number }, h: number): number => {
    const [a] = computedValue(expression, { x: [0.7] });
    const [b] = computedValue(expression, { x: [0.7 + h] });
    return bounds.upper - bounds.lower - Math.abs(b - a);
  };
  const slope = (measure: (h: number) => number): number => Math.log2(measure(widths[0]) / measure(widths[3])) / 6;
  expect(slope((h) => excess(rangeOf(expression, { x: { lower: 0.7, upper: 0.7 + h } }), h))).toBeCloseTo(1, 1);
  expect(slope((h) => excess(program.evaluate({ x: { lower: 0.7, upper: 0.7 + h } }), h))).toBeCloseTo(2, 1);
});

test('an argument that occurs once is bounded exactly, up to rounding', () => {
  const box = { x: { lower: -1, upper: 1 }, y: { lower: 2, upper: 3 } };
  const range = (expression: Expression): number[] => [rangeOf(expression, box).lower, rangeOf(expression, box).upper];
  expect(range(f.subtract(1, f.power(x, 2)))).toEqual([0, 1]);
  expect(range(f.multiply(x, y))).toEqual([-3, 3]);
  expect(range(f.divide(x, y))).toEqual([-0.5, 0.5]);
  expect(range(f.minimum(f.abs(x), y))).toEqual([0, 1]);
  expect(range(f.relu(f.add(x, y)))).toEqual([1, 4]);
  const [low, high] = range(f.exp(f.negate(f.power(x, 2))));
  expect([low, high]).toEqual([expect.closeTo(Math.exp(-1), 14), 1]);
});

test('one expression met twice counts as one number', () => {
  const w = variables[3];
  const box = { x: { lower: -1, upper: 2 }, w: { lower: [-1, 0, -2], upper: [1, 1, -1] } };
  expect(rangeOf(f.multiply(x, x), box)).toEqual({ lower: 0, upper: 4, domain: 'inside' });
  expect(rangeOf(f.dot(w, w), box)).toEqual({ lower: 1, upper: 6, domain: 'inside' });
  expect(rangeOf(f.norm2(w), box)).toEqual({ lower: 1, upper: 6, domain: 'inside' });
  const twice = (operation: 'subtract' | 'divide' | 'multiply'): Expression => {
    const node = f.exp(x);
    return { kind: 'operation', operation, args: [node, node], parameter: undefined, size: 1, key: '' };
  };
  expect(rangeOf(twice('subtract'), box)).toEqual({ lower: 0, upper: 0, domain: 'inside' });
  expect(rangeOf(twice('divide'), box)).toEqual({ lower: 1, upper: 1, domain: 'inside' });
  expect(rangeOf(twice('multiply'), box).lower).toBeGreaterThan(0);
});

test('a formula says whether it is defined on the box', () => {
  const at = (expression: Expression, lower: number, upper: number): string =>
    rangeOf(expression, { x: { lower, upper } }).domain;
  const distance = f.sqrt(f.subtract(1, f.power(x, 2)));
  expect([at(distance, -1, 1), at(distance, -1, 1.1), at(distance, 1.1, 2)]).toEqual(['inside', 'partial', 'outside']);
  expect(rangeOf(f.add(f.log(x), 1), { x: { lower: -2, upper: -1 } })).toEqual({
    lower: Infinity,
    upper: -Infinity,
    domain: 'outside',
  });
  expect([at(f.divide(1, x), 1, 2), at(f.divide(1, x), -1, 2), at(f.divide(1, x), 0, 0)]).toEqual([
    'inside',
    'partial',
    'outside',
  ]);
});

test('unbounded boxes and overflow give bounds that are never NaN', () => {
  const whole = { lower: -Infinity, upper: Infinity };
  expect(rangeOf(f.multiply(f.exp(f.negate(f.power(x, 2))), f.sin(y)), { x: whole, y: whole })).toEqual({
    lower: -1,
    upper: 1,
    domain: 'inside',
  });
  const huge = rangeOf(f.subtract(f.exp(x), f.exp(y)), {
    x: { lower: 800, upper: 900 },
    y: { lower: 800, upper: 900 },
  });
  expect(huge).toEqual({ lower: -Infinity, upper: Infinity, domain: 'inside' });
  expect(meanValueRange(f.power(x, 2), { x: f.multiply(2, x) }, { x: whole })).toEqual({
    lower: 0,
    upper: Infinity,
    domain: 'inside',
  });
});

test('the mean-value form leaves jumps alone and trusts kinks', () => {
  const jump = f.add(f.step(x), f.multiply(0.001, x));
  const box = { x: { lower: -1, upper: 1 } };
  expect(meanValueRange(jump, { x: gradient(jump, x) }, box).upper).toBeGreaterThan(1);
  // At the tie max follows one argument only; the set-valued step keeps the other slope.
  const tie = f.maximum(f.multiply(2, x), f.multiply(x, f.add(x, 2)));
  const range = meanValueRange(tie, { x: gradient(tie, x) }, { x: { lower: 0, upper: 1 } });
  expect(range.lower <= 0 && range.upper >= 3).toBe(true);
});

test('a flat box may start anywhere in a longer array', () => {
  const program = intervalExtension(f.subtract(x, y));
  expect(program.inputs).toEqual([
    { name: 'x', size: 1, offset: 0 },
    { name: 'y', size: 1, offset: 1 },
  ]);
  const out = intervalSlots(1);
  program.evaluateInto(out, Float64Array.of(9, 9, 1, 2), Float64Array.of(9, 9, 3, 4), 2);
  expect([out.lower[0], out.upper[0]]).toEqual([-3, 1]);
});

test.each([
  ['a missing box', () => rangeOf(x, {}), 'shape-mismatch'],
  ['a box of another size', () => rangeOf(f.sum(variables[3]), { w: { lower: 0, upper: 1 } }), 'shape-mismatch'],
  ['bounds in the wrong order', () => rangeOf(x, { x: { lower: 1, upper: 0 } }), 'invalid-argument'],
  ['a bound that is NaN', () => rangeOf(x, { x: { lower: Number.NaN, upper: 0 } }), 'invalid-argument'],
  [
    'a vector where a scalar is asked',
    () => rangeOf(variables[3], { w: { lower: [0, 0, 0], upper: [1, 1, 1] } }),
    'shape-mismatch',
  ],
  ['two sizes under one name', () => intervalExtension(f.add(x, f.sum(f.row('x', 2)))), 'shape-mismatch'],
  ['a gradient of an unknown variable', () => meanValueExtension(x, { z: y }), 'unknown-id'],
  ['a gradient of another size', () => meanValueExtension(x, { x: variables[3] }), 'shape-mismatch'],
])('%s is refused', (_, action, code) => {
  let caught: unknown;
  try {
    action();
  } catch (error) {
    caught = error;
  }
  expect(isMuflowError(caught) && caught.code).toBe(code);
});
