import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFunction, evaluateFormula } from '../compute/evaluate.js';
import { isMuflowError } from '../errors.js';
import { formulaArbitrary } from '../testing/formulaArbitraries.js';
import * as f from './build.js';
import { gradient, hessian } from './differentiate.js';
import type { Expression } from './expression.js';

const [x, y, s] = [f.row('x', 2), f.column('y', 2), f.row('s')];
const coordinates = [
  { name: 'x', size: 2 },
  { name: 'y', size: 2 },
  { name: 's', size: 1 },
];

/** Central difference with one Richardson step: error of order h^4. */
function slope(value: (h: number) => number, h = 1e-3): number {
  const central = (step: number): number => (value(step) - value(-step)) / (2 * step);
  return (4 * central(h / 2) - central(h)) / 3;
}

/** The largest difference of a gradient from differences of the value, relative to what was met. */
function gradientError(expression: Expression, at: readonly number[], h = 1e-3): number {
  const value = compileFunction(expression, coordinates);
  const parts = [x, y, s].flatMap((variable) => {
    const derivative = gradient(expression, variable);
    return Array.from({ length: variable.size }, (_, k) =>
      compileFunction(f.component(derivative, k), coordinates)(at),
    );
  });
  const errors = parts.map((part, k) => {
    const along = slope((step) => value(at.map((entry, j) => (j === k ? entry + step : entry))), h);
    return Math.abs(part - along) / Math.max(1, Math.abs(along), Math.abs(value(at)));
  });
  return Math.max(...errors);
}

const point = fc.array(fc.double({ min: -1.5, max: 1.5, noNaN: true }), { minLength: 5, maxLength: 5 });

describe('gradient', () => {
  const at = [0.7, -0.4, 1.1, 0.3, 0.6];
  const [a, b] = [f.component(x, 0), s];
  const operations: readonly (readonly [string, Expression])[] = [
    ['negate', f.negate(a)],
    ['exp', f.exp(f.multiply(a, b))],
    ['log', f.log(f.add(a, f.power(b, 2)))],
    ['sqrt', f.sqrt(f.multiply(a, b))],
    ['sin', f.sin(f.multiply(a, b))],
    ['cos', f.cos(f.multiply(a, b))],
    ['tanh', f.tanh(f.multiply(a, b))],
    ['sigmoid', f.sigmoid(f.multiply(a, b))],
    ['softplus', f.softplus(f.multiply(a, b))],
    ['relu, above 0', f.relu(f.multiply(a, b))],
    ['relu, below 0', f.relu(f.subtract(f.multiply(a, b), 5))],
    ['abs', f.abs(f.subtract(f.multiply(a, b), 5))],
    ['erf', f.erf(f.multiply(a, b))],
    ['sign', f.multiply(f.sign(a), b)],
    ['step', f.multiply(f.step(a), b)],
    ['square', f.power(f.multiply(a, b), 2)],
    ['inverse power', f.power(f.multiply(a, b), -1.5)],
    ['general power', f.power(a, b)],
    ['add', f.add(f.power(a, 2), f.sin(b))],
    ['subtract', f.subtract(f.power(a, 2), f.sin(b))],
    ['multiply', f.multiply(f.power(a, 2), f.sin(b))],
    ['divide', f.divide(f.power(a, 2), f.add(b, 2))],
    ['min', f.minimum(f.power(a, 2), f.multiply(3, b))],
    ['max', f.maximum(f.power(a, 2), f.multiply(3, b))],
    ['dot', f.sin(f.dot(x, y))],
    ['sum', f.sum(f.exp(f.multiply(x, y)))],
    ['norm2', f.norm2(f.subtract(x, f.multiply(s, y)))],
    ['norm', f.norm(f.subtract(x, y))],
    ['component', f.multiply(f.component(f.tanh(x), 1), s)],
    ['broadcast', f.dot(f.add(x, s), f.multiply(y, s))],
    ['scatter', f.norm2(f.add(f.scatter(f.power(s, 2), 1, 2), x))],
    ['pack', f.dot(f.pack(f.multiply(s, a), f.sin(s)), y)],
  ];
  test.each(operations)('of %s is that of differences', (_, expression) => {
    expect(gradientError(expression, at)).toBeLessThan(1e-9);
  });

  test('of random smooth formulas is that of differences: the chain and product rules', () => {
    const formulas = formulaArbitrary({ variables: [x, y, s], smooth: true });
    fc.assert(
      fc.property(formulas, point, (expression, where) => {
        expect(gradientError(expression, where)).toBeLessThan(1e-6);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('obeys the product rule and the quotient rule on random pairs', () => {
    const formulas = formulaArbitrary({ variables: [x, s], depth: 3, smooth: true });
    const names = coordinates.filter(({ name }) => name !== 'y');
    const value = (expression: Expression, where: readonly number[]): number =>
      compileFunction(expression, names)(where);
    fc.assert(
      fc.property(formulas, formulas, point, (u, v, [p, q, r]) => {
        const where = [p, q, r];
        const [du, dv] = [gradient(u, s), gradient(v, s)];
        const product = f.add(f.multiply(du, v), f.multiply(u, dv));
        const [left, right] = [value(gradient(f.multiply(u, v), s), where), value(product, where)];
        expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(right)));
        const positive = f.add(2, f.tanh(v));
        const quotient = f.divide(
          f.subtract(f.multiply(du, positive), f.multiply(u, gradient(positive, s))),
          f.power(positive, 2),
        );
        const [one, other] = [value(gradient(f.divide(u, positive), s), where), value(quotient, where)];
        expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(other)));
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  test('is 0 in a variable that does not occur, and of that variable size', () => {
    expect(gradient(f.sin(s), x)).toBe(f.broadcast(0, 2));
    expect(gradient(f.constant(3), s)).toBe(f.constant(0));
  });

  test('takes the stated sides at kinks', () => {
    const at0 = (expression: Expression): number =>
      compileFunction(gradient(expression, s), [{ name: 's', size: 1 }])([0]);
    expect(at0(f.relu(s))).toBe(0);
    expect(at0(f.abs(s))).toBe(0);
    expect(at0(f.minimum(s, f.multiply(3, s)))).toBe(at0(f.maximum(s, f.multiply(3, s))));
  });

  test('of a vector, or in what is no variable, is refused', () => {
    for (const wrong of [() => gradient(x, x), () => gradient(s, f.sin(s))]) {
      expect(wrong).toThrow(/\[gradient\].*only a scalar expression.*expected size 1 and a variable/);
      try {
        wrong();
      } catch (error) {
        expect(isMuflowError(error) && error.code).toBe('shape-mismatch');
      }
    }
  });
});

describe('hessian', () => {
  test('of random smooth formulas is symmetric and is that of differences of the gradient', () => {
    const formulas = formulaArbitrary({ variables: [x, y, s], depth: 3, smooth: true });
    fc.assert(
      fc.property(formulas, point, (expression, where) => {
        const second = hessian(expression, x).map((row) =>
          row.map((entry) => compileFunction(entry, coordinates)(where)),
        );
        const first = gradient(expression, x);
        for (let i = 0; i < 2; i++) {
          const value = compileFunction(f.component(first, i), coordinates);
          for (let j = 0; j < 2; j++) {
            const along = slope((step) => value(where.map((entry, k) => (k === j ? entry + step : entry))));
            const scale = Math.max(1, Math.abs(along), Math.abs(value(where)));
            expect(Math.abs(second[i][j] - along)).toBeLessThan(1e-6 * scale);
            expect(Math.abs(second[i][j] - second[j][i])).toBeLessThanOrEqual(1e-11 * scale);
          }
        }
      }),
      { seed: 9, numRuns: 150 },
    );
  });

  test('of a quadratic form is its matrix, and mixed ones cross variables', () => {
    const form = f.add(f.norm2(x), f.multiply(3, f.multiply(f.component(x, 0), f.component(x, 1))));
    expect(hessian(form, x).flat()).toEqual([2, 3, 3, 2].map((value) => f.constant(value)));
    const mixed = hessian(f.dot(x, y), x, y).flat();
    expect(mixed).toEqual([1, 0, 0, 1].map((value) => f.constant(value)));
    expect(evaluateFormula(hessian(f.power(s, 3), s)[0][0], { s: 2 })[0]).toBe(12);
  });
});
