import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formulaArbitrary } from '../testing/formulaArbitraries.js';
import * as f from './build.js';
import { toLatex } from './latex.js';
import { parseFormula } from './parse.js';

const scope = {
  variables: {
    x: { role: 'row', size: 2 },
    y: { role: 'column', size: 2 },
    s: { role: 'row' },
    t: { role: 'uniform' },
    lambda: { role: 'uniform' },
    step_size: { role: 'uniform' },
  },
} as const;

const table: readonly (readonly [string, string])[] = [
  ['s', 's'],
  ['lambda', '\\lambda'],
  ['step_size', '\\mathrm{step}_{size}'],
  ['pi', '\\pi'],
  ['1e-7', '1 \\cdot 10^{-7}'],
  ['1.5', '1.5'],
  ['exp(s)', 'e^{s}'],
  ['sqrt(s)', '\\sqrt{s}'],
  ['abs(s)', '\\left|s\\right|'],
  ['sin(s)', '\\sin\\left(s\\right)'],
  ['relu(s)', '\\operatorname{relu}\\left(s\\right)'],
  ['norm2(x)', '\\left\\|x\\right\\|^{2}'],
  ['x[1]', '{x}_{1}'],
  ['s^3', '{s}^{3}'],
  ['(sin(s))^2', '{\\sin\\left(s\\right)}^{2}'],
  ['s / t', '\\frac{s}{t}'],
  ['-s', '-s'],
  ['2 * s', '2 \\, s'],
  ['2 * (s - 1)', '2 \\, \\left(s - 1\\right)'],
  ['s - (t - 1)', 's - \\left(t - 1\\right)'],
  ['(s - 1)^2', '{\\left(s - 1\\right)}^{2}'],
];

test.each(table)('%s is set as %s', (text, latex) => {
  expect(toLatex(parseFormula(text, scope))).toBe(latex);
});

test('a dot product stands in angle brackets, whichever argument comes first', () => {
  expect(toLatex(parseFormula('dot(x, y)', scope))).toMatch(/^\\left\\langle [xy], [xy] \\right\\rangle$/);
});

/** Depth of braces at the end, or -1 where one closes what is not open. */
function balance(text: string): number {
  let depth = 0;
  for (const sign of text.replace(/\\\\|\\[{}]/g, '')) {
    if (sign === '{') depth++;
    if (sign === '}' && --depth < 0) return -1;
  }
  return depth;
}

test('braces and \\left \\right are balanced on random formulas', () => {
  const variables = [f.row('x', 2), f.column('y', 2), f.row('s')];
  fc.assert(
    fc.property(formulaArbitrary({ variables }), (expression) => {
      const latex = toLatex(expression);
      expect(balance(latex)).toBe(0);
      expect(latex.match(/\\left\b/g)?.length ?? 0).toBe(latex.match(/\\right\b/g)?.length ?? 0);
    }),
    { seed: 4, numRuns: 1000 },
  );
});
