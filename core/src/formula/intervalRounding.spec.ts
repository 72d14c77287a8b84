import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { row } from './build.js';
import type { Expression, OperationName } from './expression.js';
import { intervalExtension } from './interval.js';
import {
  addDown,
  addUp,
  divideDown,
  divideUp,
  multiplyDown,
  multiplyUp,
  nextDown,
  nextUp,
  sqrtDown,
  sqrtUp,
  widenDown,
  widenUp,
} from './intervalRounding.js';

const random = randomStream(randomKey('interval rounding'));
const view = new DataView(new ArrayBuffer(8));

/** The neighbor by counting bit patterns: doubles of one sign are ordered like their patterns. */
function nextUpByBits(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** A finite double with a random bit pattern: all exponents are equally likely. */
function anyDouble(): number {
  for (;;) {
    view.setUint32(0, random.integer(2 ** 32));
    view.setUint32(4, random.integer(2 ** 32));
    const x = view.getFloat64(0);
    if (Number.isFinite(x)) return x;
  }
}

/** Doubles on which rounding goes wrong first, and random ones of moderate and of any size. */
const hard = [
  0,
  -0,
  5e-324,
  -5e-324,
  2 ** -1022,
  -(2 ** -1022),
  2 ** -1021,
  -(2 ** -1021),
  2 ** -969,
  1,
  -1,
  1 / 3,
  0.1,
];
const harder = [
  ...hard,
  2 ** 53,
  -(2 ** 53),
  1e16,
  1e200,
  -1e200,
  1e-200,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  1 + 2 ** -52,
];

function someDouble(): number {
  const kind = random.integer(4);
  if (kind === 0) return harder[random.integer(harder.length)];
  if (kind === 1) return anyDouble();
  if (kind === 2) return random.integer(2001) - 1000;
  return random.normal() * 2 ** (random.integer(60) - 30);
}

/** An exact rational number: n / d with d > 0. */
interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

function rational(x: number): Rational {
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 2047n);
  const significand = (bits & (2n ** 52n - 1n)) | (field === 0 ? 0n : 2n ** 52n);
  const n = x < 0 || Object.is(x, -0) ? -significand : significand;
  const exponent = Math.max(field, 1) - 1075;
  return exponent >= 0 ? { n: n << BigInt(exponent), d: 1n } : { n, d: 1n << BigInt(-exponent) };
}

/** True if the double (or infinity) x is at most the rational r. */
function atMost(x: number, r: Rational): boolean {
  if (!Number.isFinite(x)) return x < 0;
  const a = rational(x);
  return a.n * r.d <= r.n * a.d;
}
const atLeast = (x: number, r: Rational): boolean => atMost(-x, { n: -r.n, d: r.d });

const positive = (n: bigint, d: bigint): Rational => (d < 0n ? { n: -n, d: -d } : { n, d });
const exact = {
  add: (a: Rational, b: Rational): Rational => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d }),
  multiply: (a: Rational, b: Rational): Rational => ({ n: a.n * b.n, d: a.d * b.d }),
  divide: (a: Rational, b: Rational): Rational => positive(a.n * b.d, a.d * b.n),
};

test('nextUp and nextDown are the neighbors by bit pattern', () => {
  for (let i = 0; i < 100_000; i++) {
    const x = i < harder.length ? harder[i] : anyDouble();
    expect(nextUp(x) + 0).toBe(nextUpByBits(x) + 0);
    expect(nextDown(x) + 0).toBe(-nextUpByBits(-x) + 0);
  }
  expect([nextUp(Infinity), nextUp(-Infinity), nextDown(Infinity), nextDown(-Infinity)]).toEqual([
    Infinity,
    -Number.MAX_VALUE,
    Number.MAX_VALUE,
    -Infinity,
  ]);
});

test.each([
  ['sum', addDown, addUp, exact.add],
  ['product', multiplyDown, multiplyUp, exact.multiply],
  ['quotient', divideDown, divideUp, exact.divide],
] as const)('the directed %s encloses the exact rational and is at most two doubles wide', (_, down, up, reference) => {
  for (let i = 0; i < 20_000; i++) {
    const a = someDouble();
    const b = someDouble();
    if (reference === exact.divide && b === 0) continue;
    const low = down(a, b);
    const high = up(a, b);
    const truth = reference(rational(a), rational(b));
    if (!(atMost(low, truth) && atLeast(high, truth))) throw new Error(`${a} and ${b} give [${low}, ${high}]`);
    expect(low <= high && high <= nextUp(nextUp(low))).toBe(true);
  }
});

test('a representable result of moderate size is returned as it is', () => {
  for (let i = 0; i < 2_000; i++) {
    const a = random.integer(2 ** 26) - 2 ** 25;
    const b = random.integer(2 ** 26) - 2 ** 25 || 1;
    expect([addDown(a, b), addUp(a, b)]).toEqual([a + b, a + b]);
    expect([multiplyDown(a, b) + 0, multiplyUp(a, b) + 0]).toEqual([a * b + 0, a * b + 0]);
    expect([divideDown(a * b, b) + 0, divideUp(a * b, b) + 0]).toEqual([a + 0, a + 0]);
    expect([sqrtDown(a * a), sqrtUp(a * a)]).toEqual([Math.abs(a), Math.abs(a)]);
  }
});

test('the directed root encloses the exact root', () => {
  for (let i = 0; i < 20_000; i++) {
    const x = Math.abs(someDouble());
    const low = rational(sqrtDown(x));
    const high = rational(sqrtUp(x));
    const truth = rational(x);
    expect(
      low.n * low.n * truth.d <= truth.n * low.d * low.d && high.n * high.n * truth.d >= truth.n * high.d * high.d,
    ).toBe(true);
    expect(sqrtUp(x) <= nextUp(nextUp(sqrtDown(x)))).toBe(true);
  }
});

test('infinite sides stay on their side and no bound is NaN', () => {
  expect(addDown(-Infinity, 1e308)).toBe(-Infinity);
  expect(addDown(1e308, 1e308)).toBe(Number.MAX_VALUE);
  expect(addUp(-1e308, -1e308)).toBe(-Number.MAX_VALUE);
  expect([multiplyDown(0, Infinity), multiplyDown(-Infinity, 0)]).toEqual([0, 0]);
  expect(multiplyDown(1e308, 10)).toBe(Number.MAX_VALUE);
  expect(multiplyUp(1e308, 10)).toBe(Infinity);
  expect(multiplyDown(1e-200, 1e-200)).toBe(0);
  expect(multiplyUp(1e-200, 1e-200)).toBe(5e-324);
  expect([divideDown(1, Infinity), divideDown(1, 5e-324), divideUp(1, 5e-324)]).toEqual([
    0,
    Number.MAX_VALUE,
    Infinity,
  ]);
  expect([widenDown(Infinity, 4) < Infinity, widenUp(-Infinity, 4) > -Infinity]).toEqual([true, true]);
});

test('widening by k units passes at least k neighbors', () => {
  for (let i = 0; i < 20_000; i++) {
    const x = someDouble();
    let neighbor = x;
    for (let k = 0; k < 4; k++) neighbor = nextUp(neighbor);
    expect(widenUp(x, 4)).toBeGreaterThanOrEqual(neighbor);
    expect(widenDown(-x, 4)).toBeLessThanOrEqual(-neighbor);
  }
});

/** A bare node: the builders fold constants, which rounds, and the exact value would be that of another formula. */
function bare(operation: OperationName, args: readonly Expression[], parameter?: number): Expression {
  return { kind: 'operation', operation, args, parameter, size: 1, key: '' };
}

type Rule = (a: Rational, b: Rational) => Rational;
const rules: readonly (readonly [OperationName, Rule])[] = [
  ['add', exact.add],
  ['subtract', (a, b) => exact.add(a, { n: -b.n, d: b.d })],
  ['multiply', exact.multiply],
  ['divide', exact.divide],
];

interface Known {
  readonly node: Expression;
  /** The exact value; null where it divides by 0. */
  readonly at: (x: Rational) => Rational | null;
}

function rationalFormula(depth: number, x: Expression): Known {
  if (depth === 0) {
    if (random.integer(3) > 0) return { node: x, at: (value) => value };
    const value = random.integer(2) === 0 ? random.normal() : someDouble() % 1e100;
    return { node: { kind: 'constant', value, size: 1, key: '' }, at: () => rational(value) };
  }
  const a = rationalFormula(random.integer(depth), x);
  const b = rationalFormula(random.integer(depth), x);
  const kind = random.integer(5);
  if (kind === 4) return { node: bare('power', [a.node], 2), at: (v) => lift(a.at(v), a.at(v), exact.multiply) };
  const [operation, rule] = rules[kind];
  return {
    node: bare(operation, [a.node, b.node]),
    at: (v) => {
      const q = b.at(v);
      return operation === 'divide' && q?.n === 0n ? null : lift(a.at(v), q, rule);
    },
  };
}

function lift(a: Rational | null, b: Rational | null, rule: Rule): Rational | null {
  return a === null || b === null ? null : rule(a, b);
}

test('the exact value of a rational formula lies in its bound', () => {
  let checked = 0;
  for (let i = 0; i < 3_000; i++) {
    const x = row('x');
    const { node, at } = rationalFormula(1 + random.integer(4), x);
    const center = random.normal() * 3;
    const width = random.integer(2) * 2 ** (random.integer(20) - 18);
    const bound = intervalExtension(node).evaluate({ x: { lower: center, upper: center + width } });
    for (const t of [0, 0.37, 1]) {
      const value = at(rational(Math.min(center + width, center + t * width)));
      if (value === null) continue;
      checked++;
      if (!(atMost(bound.lower, value) && atLeast(bound.upper, value))) {
        throw new Error(`formula ${i} at ${center} + ${t * width}: [${bound.lower}, ${bound.upper}]`);
      }
    }
  }
  expect(checked).toBeGreaterThan(6_000);
});
