import { expect, test } from 'vitest';
import { isMuflowError } from '../errors.js';
import { parseSpace, spaceToText } from './parse.js';

test.each([
  ['[-1,1]', '[-1,1]'],
  [' [ -1 , 1 ] , [0,2] ', '[-1,1],[0,2]'],
  ['[-pi/2, 2*pi]', `[${-Math.PI / 2},${2 * Math.PI}]`],
  ['[-1e-3,+.5]', '[-0.001,0.5]'],
  ['torus(2)', 'torus(2)'],
  ['torus( 2 , 2*pi )', `torus(2,${2 * Math.PI})`],
  ['torus(1, period = 3)', 'torus(1,3)'],
  ['torus(1, 1)', 'torus(1)'],
  ['sphere(3, radius=2.5)', 'sphere(3,2.5)'],
  ['simplex(4)', 'simplex(4)'],
  ['finite(7)', 'finite(7)'],
  ['euclidean(3)', 'euclidean(3)'],
  ['R', 'euclidean(1)'],
  ['R^3', 'euclidean(3)'],
  ['R x sphere(3)', 'product(euclidean(1) x sphere(3))'],
  ['sphere(3) × [0,1],[2,3] x simplex(2)', 'product(sphere(3) x [0,1],[2,3] x simplex(2))'],
  ['(R x torus(1)) x finite(2)', 'product(product(euclidean(1) x torus(1)) x finite(2))'],
  ['product(R x product(torus(1)))', 'product(euclidean(1) x product(torus(1)))'],
  ['(((R)))', 'euclidean(1)'],
])('%s reads as %s', (text, name) => {
  expect(spaceToText(parseSpace(text))).toBe(name);
  expect(spaceToText(parseSpace(name))).toBe(name);
});

test.each([
  ['', 1],
  ['   ', 4],
  ['[1,0]', 2],
  ['[0,1', 5],
  ['[0;1]', 3],
  ['[0,1]]', 6],
  ['[0,1],', 7],
  ['[0,NaN]', 4],
  ['[0,1e999]', 4],
  ['[0,1/0]', 4],
  ['torus(0)', 7],
  ['torus(2.5)', 8],
  ['torus(-1)', 7],
  ['torus()', 7],
  ['torus(2', 8],
  ['torus 2', 7],
  ['sphere(1)', 8],
  ['sphere(3, radius=0)', 18],
  ['sphere(3, period=1)', 11],
  ['simplex(3, 2)', 10],
  ['shpere(3)', 1],
  ['R^0', 3],
  ['R x', 4],
  ['R x shpere(3)', 5],
  ['product(R x shpere(3))', 13],
  ['product(R', 10],
  ['toString(2)', 1],
  ['(R', 3],
])('%j is refused at column %d', (text, column) => {
  let caught: unknown;
  try {
    parseSpace(text);
  } catch (error) {
    caught = error;
  }
  expect(isMuflowError(caught) && [caught.code, caught.path]).toEqual(['parse', `column ${column}`]);
});

test('a misspelled family is answered with the nearest name', () => {
  expect(() => parseSpace('shpere(3)')).toThrow(/at column 1, got "shpere".*did you mean sphere/s);
});

test.each([
  ['(-inf,1]', 1, '(-inf,1]'],
  ['[-inf,1]', 1, '[-inf,1]'],
  ['[0, Infinity)', 1, '[0, Infinity)'],
  ['[-∞, oo]', 1, '[-∞, oo]'],
  ['[-1,1], [0,+inf)', 9, '[0,+inf)'],
  ['sphere(3) x (-inf, 2*pi]', 13, '(-inf, 2*pi]'],
])('an interval without a bound is answered with the line: %s', (text, column, got) => {
  expect(() => parseSpace(text)).toThrow(
    `[parseSpace] the interval has no bound at column ${column}, got ${got}, expected a bounded interval such as ` +
      '[-1,1], or R^1, the whole line. Fix: write R^1, or two numbers in square brackets.',
  );
});

test.each(['(0,1)', '[0,1)', '( 0 , 2*pi ]', '[-1,1],(0,1]'])(
  'an open interval is answered with the closed one: %s',
  (text) => {
    expect(() => parseSpace(text)).toThrow(
      /the interval is not closed.*expected its ends included, as in \[0,(1|2\*pi)\]/,
    );
  },
);

test('deep nesting and long texts are refused', () => {
  expect(() => parseSpace(`${'('.repeat(200)}R${')'.repeat(200)}`)).toThrow(/nested too deeply/);
  expect(() => parseSpace(`R${' x R'.repeat(5000)}`)).toThrow(/too long/);
});
