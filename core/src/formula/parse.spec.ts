import { describe, expect, test } from 'vitest';
import { evaluateFormula } from '../compute/evaluate.js';
import { isMuflowError, type MuflowError } from '../errors.js';
import * as f from './build.js';
import { gradient } from './differentiate.js';
import { variablesOf } from './inspect.js';
import { parseFormula } from './parse.js';

const scope = {
  variables: {
    x: { role: 'row', size: 2 },
    y: { role: 'column', size: 2 },
    s: { role: 'row' },
    rate: { role: 'uniform' },
  },
  constants: { g: 9.81 },
} as const;
const given = { x: [1, -2], y: [4, 5], s: 0.5, rate: 3 };
const [x, y, s, rate] = [f.row('x', 2), f.column('y', 2), f.row('s'), f.uniform('rate')];
const parse = (text: string) => parseFormula(text, scope);
const valuesOf = (text: string): number[] => {
  const expression = parse(text);
  const names = variablesOf(expression).map(({ name }) => name as keyof typeof given);
  return [...evaluateFormula(expression, Object.fromEntries(names.map((name) => [name, given[name]])))];
};
const refusalOf = (text: string): MuflowError => {
  try {
    parse(text);
  } catch (error) {
    if (isMuflowError(error)) return error;
    throw error;
  }
  return expect.unreachable();
};

describe('values', () => {
  const right: readonly (readonly [string, number | number[]])[] = [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['8 - 3 - 2', 3],
    ['8 / 4 / 2', 1],
    ['2^3^2', 512],
    ['2**3', 8],
    ['-2^2', -4],
    ['(-2)^2', 4],
    ['2^-1', 0.5],
    ['2 * -3', -6],
    ['+3 - -3', 6],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['2.5E-1', 0.25],
    ['007', 7],
    ['pi', Math.PI],
    ['e', Math.E],
    ['2*g', 19.62],
    ['ln(e)', 1],
    ['tan(0.5)', Math.tan(0.5)],
    ['sinh(0.5)', Math.sinh(0.5)],
    ['cosh(0.5)', Math.cosh(0.5)],
    ['pow(2, 3)', 8],
    ['min(3, 1, 2) + max(3, 1, 2)', 4],
    ['[1, 2][1]', 2],
    ['x[0] + y[1]', 6],
    ['dot(x, y)', -6],
    ['x + s', [1.5, -1.5]],
    ['[s, rate] * 2', [1, 6]],
    ['\t s\n* rate ', 1.5],
  ];
  test.each(right)('%j is %j', (text, value) => {
    const expected = typeof value === 'number' ? [value] : value;
    valuesOf(text).forEach((entry, k) => {
      expect(entry).toBeCloseTo(expected[k], 12);
    });
    expect(valuesOf(text)).toHaveLength(expected.length);
  });

  test('a text is the same object as what functions build', () => {
    expect(parse('dot(x, y)*relu(s + rate)')).toBe(f.multiply(f.dot(x, y), f.relu(f.add(s, rate))));
    expect(parse('norm2(x - y)/2')).toBe(f.divide(f.norm2(f.subtract(x, y)), 2));
  });

  test('names keep the role of the scope', () => {
    expect(variablesOf(parse('s*rate + dot(x, y)'))).toEqual([
      { name: 'rate', role: 'uniform', size: 1 },
      { name: 's', role: 'row', size: 1 },
      { name: 'x', role: 'row', size: 2 },
      { name: 'y', role: 'column', size: 2 },
    ]);
  });

  test('a variable goes before a constant of its name', () => {
    const named = { variables: { e: { role: 'row' } }, constants: { pi: 3 } } as const;
    expect(parseFormula('e', named)).toBe(f.row('e'));
    expect(parseFormula('pi', named)).toBe(f.constant(3));
  });
});

describe('refusals', () => {
  const wrong: readonly (readonly [string, number, RegExp])[] = [
    ['', 1, /ends too early.*the end of/],
    ['   ', 4, /ends too early/],
    ['1 +', 4, /ends too early/],
    ['* 2', 1, /a value is missing/],
    ['1 + * 2', 5, /a value is missing/],
    ['2 s', 3, /goes on after its end.*join the parts/],
    ['2s', 2, /goes on after its end/],
    ['0x10', 2, /goes on after its end/],
    ['1e', 2, /goes on after its end/],
    ['1.2.3', 4, /goes on after its end/],
    ['1_000', 2, /goes on after its end/],
    ['1e400', 1, /not finite \(Infinity\)/],
    ['s − 1', 3, /no meaning here.*write - for it/],
    ['2×s', 2, /write \* for it/],
    ['s²', 2, /write \^2 for it/],
    ['π', 1, /write pi for it/],
    ['s > 1', 3, /no meaning here.*step, sign, min or max/],
    ['s; 1', 2, /no meaning here/],
    ['(s + 1', 7, /opened at column 1 is not closed/],
    ['exp(s + 1', 10, /opened at column 4 is not closed/],
    ['s)', 2, /goes on after its end/],
    ['(s]', 3, /opened at column 1 is not closed/],
    ['()', 2, /a value is missing/],
    ['raet * s', 1, /"raet" is unknown.*one of x, y, s, rate, g, pi, e.*did you mean rate/],
    ['s + constructor', 5, /"constructor" is unknown/],
    ['s + __proto__', 5, /"__proto__" is unknown/],
    ['1 + sine(s)', 5, /function "sine" is unknown.*one of exp, log.*did you mean sin/],
    ['s(1)', 1, /function "s" is unknown/],
    ['toString(s)', 1, /function "toString" is unknown/],
    ['exp(s, 1)', 1, /exp takes 1 argument and has 2/],
    ['exp()', 1, /exp takes 1 argument and has 0/],
    ['min(s)', 1, /min takes two or more arguments and has 1/],
    ['dot(x)', 1, /dot takes 2 arguments and has 1/],
    ['1 + (x + [1, 2, 3])', 8, /sizes do not fit \(sizes 2 and 3\)/],
    ['dot(x, s)', 1, /sizes do not fit \(sizes 2 and 1\)/],
    ['x[2]', 3, /no such component \(index 2 of size 2\).*0 to 1/],
    ['x[-1]', 3, /not a whole number/],
    ['x[s]', 3, /not a whole number/],
    ['[x, s]', 1, /sizes do not fit/],
    ['[]', 1, /sizes do not fit/],
  ];
  // An operation is pointed at by its symbol, a call by its name, a component by its index.
  test.each(wrong)('%j is refused at column %i', (text, column, message) => {
    const error = refusalOf(text);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ code: 'parse', where: 'parseFormula', path: `column ${column}` });
    expect(error.details.column).toBe(column);
  });

  test('a snippet shows the place, in long texts too', () => {
    const text = `${'s + '.repeat(50)}oops + ${'s + '.repeat(50)}s`;
    const [piece, mark] = String(refusalOf(text).details.snippet).split('\n');
    expect(piece.slice(mark.indexOf('^')).startsWith('oops')).toBe(true);
    expect(piece.length).toBeLessThanOrEqual(60);
  });

  test('what is no text is refused', () => {
    for (const value of [undefined, null, 3, {}, ['s']])
      expect(() => parseFormula(value as unknown as string, scope)).toThrow(/the formula is not a text/);
  });
});

describe('size', () => {
  const levels = (open: string, close: string, count: number): string => `${open.repeat(count)}s${close.repeat(count)}`;

  test('90 levels are read, 10,000 are refused without overflowing the stack', () => {
    for (const [open, close] of [
      ['(', ')'],
      ['exp(', ')'],
      ['-', ''],
      ['2^', ''],
      ['tan(', ')'],
    ]) {
      expect(parse(levels(open, close, 90)).size).toBe(1);
      expect(refusalOf(levels(open, close, Math.floor(9000 / (open + close).length))).message).toMatch(
        /nested deeper than 200/,
      );
    }
    expect(refusalOf(levels('(', ')', 10_000)).message).toMatch(/20001 characters.*at most 10000/);
  });

  test('sums, products and lists of thousands of terms are read, and differentiate', () => {
    const sum = parse(Array.from({ length: 1200 }, (_, k) => `s*${k}`).join('+'));
    expect(evaluateFormula(sum, { s: 1 })[0]).toBe(719_400);
    expect(evaluateFormula(gradient(sum, s), {})[0]).toBe(719_400);
    expect(parse(new Array(4000).fill('s').join(',').replace(/^/, 'max(').concat(')'))).toBe(s);
    const vectors = parse(`(${new Array(4000).fill('x').join('+')})[1]`);
    expect(evaluateFormula(vectors, { x: [0, 0.5] })[0]).toBe(2000);
  });

  test('sums that functions build may have 10,000 terms', () => {
    let [total, vector] = [f.sin(s), f.exp(x)];
    for (let k = 1; k < 10_000; k++) {
      total = f.add(total, f.multiply(k, s));
      vector = f.subtract(vector, f.multiply(k, x));
    }
    expect(gradient(total, s).size).toBe(1);
    expect(gradient(f.component(vector, 0), x).size).toBe(2);
    expect(evaluateFormula(total, { s: 1 })[0]).toBeCloseTo(Math.sin(1) + 49_995_000, 6);
  });

  test('a component of a vector that shares its parts is taken once per part', () => {
    // Written out, the tangents have 2^60 parts: a walk over paths would never end.
    expect(parse(`${levels('tan(', ')', 60).replace('s', 'x')}[0]`).size).toBe(1);
  });
});
