import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateFormula } from '../compute/evaluate.js';
import * as f from './build.js';
import type { Expression } from './expression.js';
import { binaryFunctions, unaryFunctions } from './operations.js';
import { toText } from './print.js';

const [s, t, x] = [f.row('s'), f.uniform('t'), f.row('x', 2)];

/** A formula as it was asked for, without identities: an operation and what it is applied to. */
type Tree =
  | { readonly leaf: 's' | 't' | number }
  | { readonly apply: keyof typeof builders; readonly to: readonly Tree[] };

const builders = {
  negate: f.negate,
  sin: f.sin,
  cos: f.cos,
  tanh: f.tanh,
  abs: f.abs,
  relu: f.relu,
  sign: f.sign,
  sigmoid: f.sigmoid,
  erf: f.erf,
  add: f.add,
  subtract: f.subtract,
  multiply: f.multiply,
  divide: f.divide,
  min: f.minimum,
  max: f.maximum,
} as const;
type UnaryName = 'negate' | 'sin' | 'cos' | 'tanh' | 'abs' | 'relu' | 'sign' | 'sigmoid' | 'erf';
const unaryNames: readonly UnaryName[] = ['negate', 'sin', 'cos', 'tanh', 'abs', 'relu', 'sign', 'sigmoid', 'erf'];
const binaryNames = ['add', 'subtract', 'multiply', 'divide', 'min', 'max'] as const;

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<Tree>({ leaf: 's' }, { leaf: 't' }, { leaf: 0 }, { leaf: 1 }, { leaf: -1 }, { leaf: 2.5 }),
    fc.record({ apply: fc.constantFrom(...unaryNames), to: fc.tuple(tie('tree')) }),
    fc.record({ apply: fc.constantFrom(...binaryNames), to: fc.tuple(tie('tree'), tie('tree')) }),
  ),
}));

function build(node: Tree): Expression {
  if ('leaf' in node) return node.leaf === 's' ? s : node.leaf === 't' ? t : f.constant(node.leaf);
  const [a, b] = node.to.map(build);
  return (builders[node.apply] as (first: Expression, second: Expression) => Expression)(a, b);
}

/** The value as asked for, the largest number met on the way, and whether rounding can decide a jump. */
function evaluate(node: Tree, at: { readonly s: number; readonly t: number }, seen: number[]): number {
  if ('leaf' in node) return typeof node.leaf === 'number' ? node.leaf : at[node.leaf];
  const [a, b] = node.to.map((part) => evaluate(part, at, seen));
  const value =
    node.to.length === 1
      ? unaryFunctions[node.apply as UnaryName](a)
      : binaryFunctions[node.apply as (typeof binaryNames)[number]](a, b);
  seen.push(Math.abs(value));
  // The slope of a quotient and the jump of a sign magnify rounding without bound near 0.
  if (node.apply === 'divide') seen.push(Math.abs(a / (b * b)), 1 / Math.abs(b));
  if (node.apply === 'sign' && Math.abs(a) < 1e-9) seen.push(Number.NaN);
  return value;
}

const operationsIn = (node: Tree): number =>
  'leaf' in node ? 0 : 1 + node.to.reduce((total, part) => total + operationsIn(part), 0);
const operationsOf = (node: Expression): number =>
  node.kind === 'operation' ? 1 + node.args.reduce((total, arg) => total + operationsOf(arg), 0) : 0;

describe('identities', () => {
  test('never change the value, within 1e-12 of the largest number met', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        tree,
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (node, a, b) => {
          const seen: number[] = [1];
          const expected = evaluate(node, { s: a, t: b }, seen);
          const scale = Math.max(...seen);
          // Beyond its domain a formula may be anything: 0 * (1/0) is 0 by the identities.
          if (!Number.isFinite(scale) || scale > 1e6) return;
          const expression = build(node);
          const given = Object.fromEntries(
            Object.entries({ s: a, t: b }).filter(([name]) => new RegExp(`\\b${name}\\b`).test(toText(expression))),
          );
          compared++;
          expect(Math.abs(evaluateFormula(expression, given)[0] - expected)).toBeLessThanOrEqual(1e-12 * scale);
        },
      ),
      { seed: 5, numRuns: 2000 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  test('never make a formula longer: at most as many operations as were asked for', () => {
    fc.assert(
      fc.property(tree, (node) => {
        expect(operationsOf(build(node))).toBeLessThanOrEqual(operationsIn(node));
      }),
      { seed: 6, numRuns: 3000 },
    );
  });

  const identities: readonly (readonly [string, Expression, Expression])[] = [
    ['s + 0 = s', f.add(s, 0), s],
    ['s - 0 = s', f.subtract(s, 0), s],
    ['0 - s = -s', f.subtract(0, s), f.negate(s)],
    ['1 * s = s', f.multiply(1, s), s],
    ['0 * s = 0', f.multiply(0, s), f.constant(0)],
    ['-1 * s = -s', f.multiply(-1, s), f.negate(s)],
    ['s / 1 = s', f.divide(s, 1), s],
    ['0 / s = 0', f.divide(0, s), f.constant(0)],
    ['s - s = 0', f.subtract(s, s), f.constant(0)],
    ['s + s = 2 s', f.add(s, s), f.multiply(2, s)],
    ['s * s = s^2', f.multiply(s, s), f.power(s, 2)],
    ['s^1 = s', f.power(s, 1), s],
    ['s^0 = 1', f.power(s, 0), f.constant(1)],
    ['s^0.5 = sqrt(s)', f.power(s, 0.5), f.sqrt(s)],
    ['-(-s) = s', f.negate(f.negate(s)), s],
    ['-(s - t) = t - s', f.negate(f.subtract(s, t)), f.subtract(t, s)],
    ['cos(-s) = cos(s)', f.cos(f.negate(s)), f.cos(s)],
    ['sin(-s) = -sin(s)', f.sin(f.negate(s)), f.negate(f.sin(s))],
    ['(-s)^3 = -(s^3)', f.power(f.negate(s), 3), f.negate(f.power(s, 3))],
    ['2 * (3 * s) = 6 s', f.multiply(2, f.multiply(3, s)), f.multiply(6, s)],
    ['max(s, s) = s', f.maximum(s, s), s],
    ['sum(-x) = -sum(x)', f.sum(f.negate(x)), f.negate(f.sum(x))],
    ['sum(s 1) = 2 s', f.sum(f.broadcast(s, 2)), f.multiply(2, s)],
    ['|s 1|^2 = 2 s^2', f.norm2(f.broadcast(s, 2)), f.multiply(2, f.power(s, 2))],
    ['<e_1, x> s = x_1 s', f.dot(f.scatter(s, 1, 2), x), f.multiply(s, f.component(x, 1))],
    ['exp(x)_0 = exp(x_0)', f.component(f.exp(x), 0), f.exp(f.component(x, 0))],
    ['[0, s] = s e_1', f.pack(0, s), f.scatter(s, 1, 2)],
    ['[s, s] = s 1', f.pack(s, s), f.broadcast(s, 2)],
    ['2 + 3 = 5', f.add(2, 3), f.constant(5)],
  ];
  test.each(identities)('%s', (_, made, plain) => {
    expect(made).toBe(plain);
  });

  test('a constant that is not finite is left to be seen at evaluation', () => {
    expect(f.divide(1, 0).kind).toBe('operation');
    expect(f.log(-1).kind).toBe('operation');
    expect(evaluateFormula(f.exp(1000), {})[0]).toBe(Number.POSITIVE_INFINITY);
  });
});
