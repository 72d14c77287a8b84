import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateFormula } from '../compute/evaluate.js';
import { column, row, uniform } from '../formula/build.js';
import { gradient } from '../formula/differentiate.js';
import { nodesOf, variablesOf } from '../formula/inspect.js';
import { parseFormula } from '../formula/parse.js';
import { toText } from '../formula/print.js';
import { formulaArbitrary } from './formulaArbitraries.js';

const x = row('x', 2);
const a = row('a');
const y = column('y', 2);
const c = uniform('c');
const variables = [x, a, y, c];
const scope = {
  variables: {
    x: { role: 'row', size: 2 },
    a: { role: 'row' },
    y: { role: 'column', size: 2 },
    c: { role: 'uniform' },
  },
} as const;
const params = { seed: 1, numRuns: 500 };
const formulas = formulaArbitrary({ variables });
const point = fc.record({
  x: fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
  a: fc.double({ min: -3, max: 3, noNaN: true }),
  y: fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true })),
  c: fc.double({ min: -3, max: 3, noNaN: true }),
});

test('every generated formula parses from its printed text to the same node', () => {
  fc.assert(
    fc.property(formulas, (formula) => {
      expect(parseFormula(toText(formula), scope)).toBe(formula);
    }),
    params,
  );
});

test('every generated formula is a scalar in the given variables', () => {
  fc.assert(
    fc.property(formulas, (formula) => {
      expect(formula.size).toBe(1);
      expect(variablesOf(formula).filter(({ name }) => !(name in scope.variables))).toEqual([]);
    }),
    params,
  );
});

test('every variable and many operations occur', () => {
  const sample = fc.sample(formulas, params);
  const names = new Set(variablesOf(...sample).map(({ name }) => name));
  expect(names).toEqual(new Set(['x', 'a', 'y', 'c']));
  const operations = new Set(nodesOf(...sample).flatMap((node) => (node.kind === 'operation' ? [node.operation] : [])));
  for (const operation of ['add', 'multiply', 'exp', 'tanh', 'relu', 'min', 'dot', 'component', 'erf']) {
    expect(operations).toContain(operation);
  }
});

test('generated formulas stay below 1000 at points of size 3', () => {
  fc.assert(
    fc.property(formulas, point, (formula, at) => {
      expect(Math.abs(evaluateFormula(formula, at)[0])).toBeLessThan(1000);
    }),
    params,
  );
});

test('smooth formulas have the slope of their gradient at every point', () => {
  fc.assert(
    fc.property(formulaArbitrary({ variables, smooth: true }), point, (formula, at) => {
      const h = 1e-5;
      const along = (t: number): number => evaluateFormula(formula, { ...at, a: at.a + t })[0];
      const slope = (along(h) - along(-h)) / (2 * h);
      const expected = evaluateFormula(gradient(formula, a), at)[0];
      // Second differences of the formulas are below 10^4: a kink, of slope 1/4 at least, is far above.
      expect(Math.abs(slope - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
    }),
    params,
  );
});

test('depth bounds the nesting of operations', () => {
  const leaves = fc.sample(formulaArbitrary({ variables: [a], depth: 0 }), { seed: 1, numRuns: 50 });
  expect(leaves.every(({ kind }) => kind !== 'operation')).toBe(true);
});
