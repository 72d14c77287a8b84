import { describe, expect, test } from 'vitest';
import * as f from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { substitute, variablesOf } from '../formula/inspect.js';
import { variableNode } from '../formula/intern.js';
import { randomKey, randomStream } from '../math/random.js';
import { isProportionalTo, scalarComponents } from './chebyshevScalar.js';
import { evaluateFormula } from './evaluate.js';

const [x, y, s, w] = [f.row('x', 2), f.column('y', 2), f.uniform('s'), f.column('w')];
const difference = f.subtract(x, y);

/** Gives scalar variables the names that may be evaluated: x0 for x[0]. */
const named = (part: Expression): Expression =>
  substitute(
    part,
    new Map(
      variablesOf(part).map((v) => {
        expect(v.size).toBe(1);
        return [variableNode(v), variableNode({ ...v, name: v.name.replace(/[[\]]/g, '') })];
      }),
    ),
  );

describe('scalar components', () => {
  test.each([
    ['a norm', f.exp(f.divide(f.negate(f.norm2(difference)), s))],
    ['a vector', f.multiply(f.exp(f.dot(x, y)), difference)],
    ['structure', f.add(f.pack(f.component(x, 1), s), f.scatter(f.sum(f.multiply(x, y)), 1, 2))],
    ['powers', f.power(f.add(f.power(x, 2), f.broadcast(s, 2)), 1.5)],
  ])('of %s have its values and only scalar variables', (_, expression) => {
    const random = randomStream(randomKey('scalar'));
    const parts = scalarComponents(expression);
    expect(parts.length).toBe(expression.size);
    for (let i = 0; i < 20; i++) {
      const [a, b] = [0, 1].map(() => [random.normal(), random.normal()]);
      const uniform = 1 + random.uniform();
      const at = { x0: a[0], x1: a[1], y0: b[0], y1: b[1], s: uniform };
      const whole = evaluateFormula(expression, { x: a, y: b, s: uniform });
      parts.forEach((part, k) => {
        expect(evaluateFormula(named(part), at)[0]).toBeCloseTo(whole[k], 12);
      });
    }
  });
});

describe('proportional to w', () => {
  const kernel = f.exp(f.norm2(difference));
  const yes: readonly (readonly [string, Expression])[] = [
    ['w k', f.multiply(w, kernel)],
    ['w k1 - w k2', f.subtract(f.multiply(w, kernel), f.divide(f.negate(w), s))],
    ['a vector', f.multiply(f.multiply(w, kernel), difference)],
    ['0', f.constant(0)],
  ];
  const no: readonly (readonly [string, Expression])[] = [
    ['k', kernel],
    ['w^2', f.multiply(w, f.multiply(w, s))],
    ['w + k', f.add(w, kernel)],
    ['exp(w)', f.exp(w)],
    ['k / w', f.divide(kernel, w)],
  ];
  test.each(yes)('is %s', (_, expression) => expect(isProportionalTo(expression, w)).toBe(true));
  test.each(no)('is not %s', (_, expression) => expect(isProportionalTo(expression, w)).toBe(false));
});
