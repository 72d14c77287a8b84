import { expect, test } from 'vitest';
import * as f from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { roundingBounds } from './chebyshevRounding.js';

/** A fraction of integers. */
interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

function rational(x: number): Rational {
  let scale = 0;
  let value = x;
  while (!Number.isInteger(value)) {
    value *= 2;
    scale++;
  }
  return { n: BigInt(value), d: 1n << BigInt(scale) };
}

const [x, y] = [f.row('x'), f.column('y')];
const axis = (variable: Expression, name: string) => ({ name, component: 0, size: 1, variable });
const axes = { rowAxes: [axis(x, 'x')], columnAxes: [axis(y, 'y')] };

function formula(random: RandomStream, depth: number): Expression {
  if (depth === 0) return [x, y, f.subtract(x, y), f.constant(random.normal())][random.integer(4)];
  const sub = (): Expression => formula(random, random.integer(depth));
  const kind = random.integer(6);
  if (kind === 0) return f.power(sub(), 2 + random.integer(3));
  if (kind === 1) return f.divide(sub(), f.add(1, f.power(sub(), 2)));
  return [f.add, f.subtract, f.multiply, f.multiply][kind - 2](sub(), sub());
}

/** The value in doubles and the exact one. */
function bothValues(
  expression: Expression,
  at: Readonly<Record<string, number>>,
): { computed: number; exact: Rational } {
  const values = new Map<Expression, { computed: number; exact: Rational }>();
  for (const node of nodesOf(expression)) {
    if (node.kind !== 'operation') {
      const computed = node.kind === 'constant' ? node.value : at[node.variable.name];
      values.set(node, { computed, exact: rational(computed) });
      continue;
    }
    const [a, b] = node.args.map((arg) => values.get(arg) as { computed: number; exact: Rational });
    const { n: p, d: q } = a.exact;
    const { n: r, d: s } = b === undefined ? { n: 1n, d: 1n } : b.exact;
    const made = (computed: number, n: bigint, d: bigint) => values.set(node, { computed, exact: { n, d } });
    const exponent = node.parameter as number;
    if (node.operation === 'add') made(a.computed + b.computed, p * s + r * q, q * s);
    else if (node.operation === 'subtract') made(a.computed - b.computed, p * s - r * q, q * s);
    else if (node.operation === 'multiply') made(a.computed * b.computed, p * r, q * s);
    else if (node.operation === 'divide') made(a.computed / b.computed, r < 0n ? -p * s : p * s, q * (r < 0n ? -r : r));
    else if (node.operation === 'negate') made(-a.computed, -p, q);
    else made(a.computed ** exponent, p ** BigInt(exponent), q ** BigInt(exponent));
  }
  return values.get(expression) as { computed: number; exact: Rational };
}

test('the value of a rational formula in doubles is off by less than its bound, and the bound is no wild guess', () => {
  const random = randomStream(randomKey('rounding'));
  let sharp = 0;
  let checked = 0;
  for (let i = 0; i < 400; i++) {
    const expression = formula(random, 1 + random.integer(3));
    if (expression.kind === 'constant') continue;
    const box = [0, 1].map(() => [random.normal(), random.exponential()]).map(([low, w]) => [low, low + w] as const);
    const [{ size, error }] = roundingBounds([expression], axes)([box[0]], [box[1]], {});
    for (let s = 0; s < 10; s++) {
      const [a, b] = box.map(([low, high]) => Math.min(high, low + random.uniform() * (high - low)));
      const { computed, exact } = bothValues(expression, { x: a, y: b });
      const value = rational(computed);
      const gap = value.n * exact.d - exact.n * value.d;
      // |gap| / (d d') <= error, without a division.
      const bound = rational(error);
      const within = (gap < 0n ? -gap : gap) * bound.d <= bound.n * value.d * exact.d;
      if (!within || Math.abs(computed) > size * (1 + 1e-12)) {
        throw new Error(`formula ${i} at ${a}, ${b}: ${computed}, error bound ${error}, size ${size}`);
      }
      checked++;
    }
    if (error < 1e3 * 2 ** -53 * (1 + size)) sharp++;
  }
  expect(checked).toBeGreaterThan(3_500);
  expect(sharp).toBeGreaterThan(250);
});

test('a formula that may be undefined on the box has no bound', () => {
  const bound = (expression: Expression) => roundingBounds([expression], axes)([[0, 1]], [[0, 1]], {})[0];
  expect(bound(f.divide(1, f.subtract(x, y)))).toEqual({ size: Infinity, error: Infinity });
  expect(bound(f.log(x)).error).toBe(Infinity);
  const gauss = bound(f.exp(f.negate(f.power(f.multiply(10, f.subtract(x, y)), 2))));
  expect(gauss.size).toBe(1);
  expect(gauss.error).toBeLessThan(3e-15);
});
