import { randomKey } from '@muflow/core';
import { expect, test } from 'vitest';
import { threeSpin, wideSphere } from './threeSpin.js';

test('f is the cubic form of its couplings, an odd function of degree 3', () => {
  const f = threeSpin(2, randomKey(3));
  const x = Float64Array.of(0.3, -1.2);
  let expected = 0;
  for (let k = 0; k < 8; k++) expected += (f.couplings[k] * x[k >> 2] * x[(k >> 1) & 1] * x[k & 1]) / 2;
  const points = Float64Array.of(...x, ...x.map((value) => -2 * value));
  const values = new Float64Array(2);
  f.valuesInto(values, points, 2);
  expect(values[0]).toBeCloseTo(expected, 14);
  expect(values[1]).toBeCloseTo(-8 * expected, 13);
});

test('inputs have length sqrt(d)', () => {
  const x = wideSphere(5, 50, randomKey(1));
  for (let l = 0; l < 50; l++) expect(Math.hypot(...x.subarray(5 * l, 5 * l + 5))).toBeCloseTo(Math.sqrt(5), 14);
});

// At one point f ~ N(0, d) over the couplings: a mean of 4000 squares is within 5 sqrt(2/4000) of d but once in 10^6.
test('the mean square over the couplings is d', () => {
  const d = 4;
  const x = wideSphere(d, 1, randomKey(9));
  const value = new Float64Array(1);
  let squares = 0;
  for (let k = 0; k < 4000; k++) {
    threeSpin(d, randomKey(`couplings ${k}`)).valuesInto(value, x, 1);
    squares += value[0] ** 2 / 4000;
  }
  expect(Math.abs(squares / d - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
});

test('a form is that of its key; a wrong dimension is refused', () => {
  expect(threeSpin(3, randomKey(1)).couplings).toEqual(threeSpin(3, randomKey(1)).couplings);
  expect(threeSpin(3, randomKey(1)).couplings).not.toEqual(threeSpin(3, randomKey(2)).couplings);
  expect(() => threeSpin(0, randomKey(1))).toThrow('[threeSpin] the number of inputs is not usable');
});
