import { describe, expect, test } from 'vitest';
import { evaluateFormula } from '../compute/evaluate.js';
import { add, broadcast, multiply } from './build.js';
import type { Expression } from './expression.js';
import { variablesOf } from './inspect.js';
import { parseFormula } from './parse.js';
import { separate } from './separate.js';

const variables = {
  x: { role: 'row' },
  y: { role: 'column' },
  p: { role: 'row', size: 3 },
  q: { role: 'column', size: 3 },
  c: { role: 'uniform' },
} as const;
const parse = (text: string): Expression => parseFormula(text, { variables });
const point = { x: 0.7, y: -1.3, p: [0.2, -0.4, 1.1], q: [0.9, 0.3, -0.8], c: 1.7 };

describe('separate', () => {
  test.each([
    ['x*y', 1],
    ['x*y + x^2 - y^3 + 2', 3],
    ['(x + 2*y)*(1 - c*x)', 2],
    ['x*y + x*sin(y)', 1],
    ['cos(2*pi*(x - y))', 2],
    ['sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))', 4],
    ['sin(x*c + y + 1)*y', 2],
    ['dot(p, q) + x/y', 4],
    ['dot(p - q, q)', 4],
    ['exp(x)*log(1 + y^2)/c', 1],
    ['sum(p*q)', 3],
    ['p*y + q', 2],
    ['exp(x)*q*cos(p[1])', 1],
    ['sum(cos(p)*sin(q))', 3],
    ['c', 1],
  ])('%s has %d terms, free of the other side, that sum to it', (text, count) => {
    const expression = parse(text);
    const terms = separate(expression);
    expect(terms?.length).toBe(count);
    for (const { left, right } of terms ?? []) {
      expect(variablesOf(left).filter(({ role }) => role === 'column')).toEqual([]);
      expect(variablesOf(right).filter(({ role }) => role === 'row')).toEqual([]);
    }
    const products = (terms ?? []).map(({ left, right }) => broadcast(multiply(left, right), expression.size));
    const found = evaluateFormula(
      products.reduce((a, b) => add(a, b)),
      point,
    );
    evaluateFormula(expression, point).forEach((value, k) => {
      expect(Math.abs(found[k] - value)).toBeLessThan(1e-14);
    });
  });

  test.each([
    ['exp(-(x - y)^2)'],
    ['(x - y)^2'],
    ['relu(x*y)'],
    ['cos(x*y)'],
    ['x/(x + y)'],
    ['norm2(p - q)'],
    ['abs(x - y) + x*y'],
  ])('%s is left alone', (text) => {
    expect(separate(parse(text))).toBe(null);
  });

  test('an exponential of a sum is split only where that is asked for', () => {
    for (const text of ['x*exp(-(x^2 + y^2)/c)', 'exp(y - x) + c']) {
      const expression = parse(text);
      expect(separate(expression)).toBe(null);
      const terms = separate(expression, { exponentials: true }) ?? [];
      const found = terms.map(({ left, right }) => multiply(left, right)).reduce((a, b) => add(a, b));
      expect(terms.length).toBeLessThanOrEqual(2);
      expect(evaluateFormula(found, point)[0]).toBeCloseTo(evaluateFormula(expression, point)[0], 14);
    }
    expect(separate(parse('exp(x*y)'), { exponentials: true })).toBe(null);
  });

  test('too many terms are not worth it', () => {
    const long = { a: { role: 'row', size: 40 }, b: { role: 'column', size: 40 } } as const;
    expect(separate(parseFormula('dot(a, b)', { variables: long }))).toBe(null);
  });
});
