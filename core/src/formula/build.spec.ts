import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateFormula } from '../compute/evaluate.js';
import type { MuflowError } from '../errors.js';
import * as f from './build.js';
import type { Expression } from './expression.js';

const x = f.row('x', 3);
const y = f.column('y', 3);
const s = f.row('s');

describe('hash-consing', () => {
  const build = (): Expression[] => [
    f.variable('q', { role: 'uniform', size: 2 }),
    f.constant(0.1),
    f.add(f.multiply(s, 2), f.sin(s)),
    f.dot(f.exp(x), y),
    f.power(s, 3),
    f.component(x, 1),
    f.broadcast(s, 3),
    f.scatter(s, 1, 3),
    f.pack(s, 1, f.cos(s)),
    f.minimum(f.norm2(x), f.sum(y)),
  ];

  test('equal structure is the same object, different structure is not', () => {
    const [once, again] = [build(), build()];
    once.forEach((expression, k) => {
      expect(again[k]).toBe(expression);
    });
    expect(new Set(once).size).toBe(once.length);
    expect(new Set(once.map(({ key }) => key)).size).toBe(once.length);
  });

  test('name, role, size, exponent and index all count', () => {
    const different = [
      f.row('a'),
      f.row('b'),
      f.column('a'),
      f.uniform('a'),
      f.row('a', 2),
      f.power(s, 2),
      f.power(s, 3),
      f.component(x, 0),
      f.component(x, 1),
      f.scatter(s, 0, 3),
      f.scatter(s, 0, 4),
    ];
    expect(new Set(different).size).toBe(different.length);
  });

  test('the order of what commutes does not count, that of what does not commute does', () => {
    const [a, b] = [f.row('a'), f.row('b')];
    for (const make of [f.add, f.multiply, f.minimum, f.maximum, f.dot]) expect(make(a, b)).toBe(make(b, a));
    for (const make of [f.subtract, f.divide]) expect(make(a, b)).not.toBe(make(b, a));
  });

  test('minus zero is zero, and nodes cannot be written to', () => {
    expect(f.constant(-0)).toBe(f.constant(0));
    const sum = f.add(x, y);
    expect(Object.isFrozen(sum) && sum.kind === 'operation' && Object.isFrozen(sum.args)).toBe(true);
  });
});

describe('vectors', () => {
  const given = { x: [1, -2, 3], y: [4, 5, -6], s: 0.5 };
  const value = (expression: Expression): number[] => [...evaluateFormula(expression, given)];

  test('a scalar meets a vector by broadcasting, from either side', () => {
    expect(value(f.multiply(s, x))).toEqual([0.5, -1, 1.5]);
    expect(value(f.subtract(1, x))).toEqual([0, 3, -2]);
    expect(value(f.power(x, 2))).toEqual([1, 4, 9]);
  });

  test('dot, sum, norm2, norm and components are what they are called', () => {
    expect(value(f.dot(x, y))).toEqual([4 - 10 - 18]);
    expect(value(f.sum(x))).toEqual([2]);
    expect(value(f.norm2(x))).toEqual([14]);
    expect(value(f.norm(x))).toEqual([Math.sqrt(14)]);
    expect(value(f.norm(f.subtract(s, 2)))).toEqual([1.5]);
    expect(value(f.component(y, 2))).toEqual([-6]);
    expect(value(f.scatter(s, 1, 3))).toEqual([0, 0.5, 0]);
    expect(value(f.pack(s, f.component(x, 0), 2))).toEqual([0.5, 1, 2]);
  });

  test('norm2(a) = dot(a, a) = sum(a * a) are one node, and pack undoes components', () => {
    expect(f.norm2(x)).toBe(f.dot(x, x));
    expect(f.norm2(x)).toBe(f.sum(f.multiply(x, x)));
    expect(f.pack(...[0, 1, 2].map((k) => f.component(x, k)))).toBe(x);
  });

  test('a general power is exp(exponent log base)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (a, b) => {
        const [result] = evaluateFormula(f.power(f.row('a'), f.row('b')), { a, b });
        expect(Math.abs(result - a ** b)).toBeLessThanOrEqual(1e-14 * Math.max(1, a ** b) * 10);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('misuse', () => {
  const wrong: readonly (readonly [string, () => unknown, string, RegExp])[] = [
    ['an infinite constant', () => f.constant(Number.POSITIVE_INFINITY), 'not-finite', /constant.*got Infinity/],
    ['a constant that is NaN', () => f.constant(Number.NaN), 'not-finite', /NaN/],
    ['a name with a blank', () => f.row('a b'), 'invalid-argument', /name "a b"/],
    ['an empty name', () => f.row(''), 'invalid-argument', /name ""/],
    ['a size of 0', () => f.row('a', 0), 'invalid-argument', /size 0/],
    ['a size of a half', () => f.row('a', 0.5), 'invalid-argument', /size 0.5/],
    ['a huge size', () => f.row('a', 1e9), 'invalid-argument', /from 1 to 65536/],
    ['vectors of two sizes', () => f.add(x, f.row('u', 2)), 'shape-mismatch', /formula \+\].*sizes 3 and 2/],
    ['a product of two sizes', () => f.multiply(x, f.row('u', 2)), 'shape-mismatch', /formula \*/],
    ['a dot product of two sizes', () => f.dot(x, s), 'shape-mismatch', /formula dot.*sizes 3 and 1/],
    ['a component too far', () => f.component(x, 3), 'shape-mismatch', /index 3 of size 3.*0 to 2/],
    ['a negative component', () => f.component(x, -1), 'shape-mismatch', /index -1/],
    ['a broadcast of a vector', () => f.broadcast(x, 4), 'shape-mismatch', /sizes 3 and 4/],
    ['a scatter of a vector', () => f.scatter(x, 0, 4), 'shape-mismatch', /formula scatter/],
    ['a scatter beyond its end', () => f.scatter(s, 4, 4), 'shape-mismatch', /index 4 of size 4/],
    ['an empty vector', () => f.pack(), 'shape-mismatch', /formula pack/],
    ['a vector of vectors', () => f.pack(s, x), 'shape-mismatch', /sizes 1 and 3/],
  ];
  test.each(wrong)('%s is refused', (_, make, code, message) => {
    try {
      make();
    } catch (error) {
      expect((error as MuflowError).code).toBe(code);
      expect((error as MuflowError).message).toMatch(message);
      return;
    }
    expect.unreachable();
  });
});
