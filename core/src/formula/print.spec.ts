import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMuflowError } from '../errors.js';
import { formulaArbitrary } from '../testing/formulaArbitraries.js';
import * as f from './build.js';
import { gradient } from './differentiate.js';
import type { Expression } from './expression.js';
import { toLatex } from './latex.js';
import { parseFormula } from './parse.js';
import { toText } from './print.js';

const scope = {
  variables: {
    x: { role: 'row', size: 2 },
    y: { role: 'column', size: 2 },
    s: { role: 'row' },
    t: { role: 'uniform' },
  },
} as const;
const [x, y, s, t] = [f.row('x', 2), f.column('y', 2), f.row('s'), f.uniform('t')];
const readBack = (expression: Expression): Expression => parseFormula(toText(expression), scope);

describe('toText', () => {
  test('random formulas are read back as themselves', () => {
    fc.assert(
      fc.property(formulaArbitrary({ variables: [x, y, s, t] }), (expression) => {
        expect(readBack(expression)).toBe(expression);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });

  test('gradients of random formulas, vectors among them, are read back as themselves', () => {
    fc.assert(
      fc.property(formulaArbitrary({ variables: [x, s], depth: 3 }), fc.constantFrom(x, s), (expression, variable) => {
        const derivative = gradient(expression, variable);
        expect(readBack(derivative)).toBe(derivative);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test('brackets keep sums in sums and products in products apart', () => {
    const [a, b, c] = [f.sin(s), f.cos(s), f.exp(t)];
    const nested = [
      f.add(a, f.add(b, c)),
      f.add(f.add(a, b), c),
      f.add(f.subtract(a, b), f.subtract(c, b)),
      f.subtract(a, f.add(b, c)),
      f.subtract(a, f.subtract(b, c)),
      f.multiply(a, f.multiply(b, c)),
      f.multiply(f.divide(a, b), f.divide(c, b)),
      f.divide(a, f.multiply(b, c)),
      f.divide(a, f.divide(b, c)),
      f.power(f.negate(a), 2),
      f.power(f.power(a, 3), 2),
      f.power(a, -2),
      f.subtract(a, -2),
      f.multiply(-2, f.subtract(a, -2)),
      f.negate(f.add(a, b)),
      f.component(f.multiply(f.dot(x, y), x), 1),
      f.scatter(a, 1, 2),
      f.broadcast(a, 2),
      f.constant(1e-300),
      f.constant(-1.5e21),
    ];
    for (const expression of nested) expect(readBack(expression)).toBe(expression);
  });

  test('a graph that shares too much to be written out is refused, in LaTeX too', () => {
    let shared: Expression = s;
    for (let k = 0; k < 40; k++) shared = f.add(f.sin(shared), f.cos(shared));
    for (const write of [toText, toLatex]) {
      try {
        write(shared);
        expect.unreachable();
      } catch (error) {
        expect(isMuflowError(error) && error.code).toBe('unsupported');
        expect((error as Error).message).toMatch(/too long to be written out.*at most 1000000/);
      }
    }
  });
});
