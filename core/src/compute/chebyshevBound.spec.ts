import { expect, test } from 'vitest';
import * as f from '../formula/build.js';
import { gradient } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { randomKey, randomStream } from '../math/random.js';
import { ellipseBounder, interpolationErrors, lebesgue } from './chebyshevBound.js';
import { basisInto, cellOf, chebyshevAxis } from './chebyshevGrid.js';
import { sumStructure } from './chebyshevStructure.js';
import { pointFunction } from './evaluate.js';

const [x, y] = [f.row('x'), f.column('y')];
const difference = f.subtract(x, y);
const kernels: readonly (readonly [string, Expression])[] = [
  ['a Gaussian', f.exp(f.negate(f.power(f.multiply(2, difference), 2)))],
  ['its derivative', gradient(f.exp(f.negate(f.power(f.multiply(2, difference), 2))), x)],
  ['an inverse multiquadric', f.power(f.add(1, f.power(difference, 2)), -0.5)],
  ['no function of the difference', f.exp(f.multiply(f.sin(x), y))],
  ['a logarithm', f.log(f.add(f.add(2, x), f.power(y, 2)))],
];

/** The largest sampled error of tensor interpolation of order n on so many cells. */
function sampledError(expression: Expression, cells: number, order: number): number {
  const random = randomStream(randomKey('interpolation'));
  const k = pointFunction(expression);
  const value = (a: number, b: number): number => {
    k.inputs.x[0] = a;
    k.inputs.y[0] = b;
    k.run();
    return k.value[0];
  };
  const axis = chebyshevAxis([-1, 1], cells, order);
  const [p, q] = [new Float64Array(order), new Float64Array(order)];
  let worst = 0;
  for (let s = 0; s < 300; s++) {
    const [a, b] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    const [c, d] = [cellOf(axis, a), cellOf(axis, b)];
    basisInto(p, 0, axis, a);
    basisInto(q, 0, axis, b);
    let sum = 0;
    for (let i = 0; i < order; i++) {
      for (let j = 0; j < order; j++) sum += p[i] * q[j] * value(axis.nodes[c * order + i], axis.nodes[d * order + j]);
    }
    worst = Math.max(worst, Math.abs(sum - value(a, b)));
  }
  return worst;
}

test.each(kernels)('the error of interpolating %s is below its bound, and falls as fast', (_, expression) => {
  const structure = sumStructure({ outputs: [{ name: 'k', expression, reduce: 'sum' }] }, undefined);
  if (typeof structure === 'string') throw new Error(structure);
  const bounder = ellipseBounder(structure);
  for (const cells of [1, 3]) {
    const sides = [{ range: [-1, 1] as const, cells }];
    const bounds = bounder.bound(sides, sides, {});
    const orders = [4, 6, 8, 12, 16, 20];
    const measured = orders.map((order) => sampledError(expression, cells, order));
    const proved = orders.map((order) => interpolationErrors(bounds, order, 1)[0]);
    orders.forEach((_, i) => {
      // What falls below 1e-14 is rounding, which is bounded elsewhere.
      if (measured[i] > 1e-14) expect(measured[i]).toBeLessThanOrEqual(proved[i]);
    });
    // Digits gained from 4 to 12 nodes: at least half as many are proved.
    const gained = (errors: readonly number[]): number => Math.log10(errors[0] / errors[3]);
    expect(gained(proved)).toBeGreaterThan(0.5 * gained(measured));
  }
});

test('the norm of interpolation is not above what is used', () => {
  for (const order of [2, 3, 5, 10, 20, 40]) {
    const axis = chebyshevAxis([0, 1], 1, order);
    const basis = new Float64Array(order);
    let most = 0;
    for (let i = 0; i <= 2000; i++) {
      basisInto(basis, 0, axis, i / 2000);
      most = Math.max(
        most,
        basis.reduce((sum, value) => sum + Math.abs(value), 0),
      );
    }
    expect(most).toBeLessThanOrEqual(lebesgue(order));
    expect(most).toBeGreaterThan(0.8 * lebesgue(order));
  }
});
