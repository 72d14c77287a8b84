import { describe, expect, test } from 'vitest';
import { adam, gradientDescent } from './optimizer.js';

/** `f(x) = (1/2) sum_i c_i x_i^2`. */
const curvatures = Float64Array.of(1, 4, 0.25);
const gradientAt = (x: Float64Array): Float64Array => x.map((value, i) => curvatures[i] * value);

describe('adam', () => {
  test('the first step moves every parameter by the rate, against the sign of its gradient', () => {
    const x = Float64Array.of(1, -2, 3);
    adam(3, { rate: 0.1 }).step(x, gradientAt(x));
    [0.9, -1.9, 2.9].forEach((value, i) => {
      expect(x[i]).toBeCloseTo(value, 7);
    });
  });

  test('three steps are those of the sums written out', () => {
    const [rate, b1, b2, epsilon] = [0.05, 0.8, 0.95, 1e-6];
    const gradients = [0.7, -0.2, 1.3];
    const rule = adam(1, { rate, beta1: b1, beta2: b2, epsilon });
    const x = Float64Array.of(0.4);
    let expected = 0.4;
    gradients.forEach((g, t) => {
      rule.step(x, Float64Array.of(g));
      let [mean, square] = [0, 0];
      for (let s = 0; s <= t; s++) {
        mean += (1 - b1) * b1 ** (t - s) * gradients[s];
        square += (1 - b2) * b2 ** (t - s) * gradients[s] ** 2;
      }
      expected -= (rate * (mean / (1 - b1 ** (t + 1)))) / (Math.sqrt(square / (1 - b2 ** (t + 1))) + epsilon);
      expect(x[0]).toBeCloseTo(expected, 13);
    });
  });

  test('steps do not depend on the scale of the gradient, up to epsilon', () => {
    const [a, b] = [Float64Array.of(1, 1, 1), Float64Array.of(1, 1, 1)];
    const [small, large] = [adam(3, { epsilon: 1e-300 }), adam(3, { epsilon: 1e-300 })];
    for (let t = 0; t < 20; t++) {
      small.step(a, gradientAt(a));
      large.step(
        b,
        gradientAt(b).map((g) => 1024 * g),
      );
    }
    for (let i = 0; i < 3; i++) expect(a[i]).toBeCloseTo(b[i], 13);
  });
});

describe('gradient descent', () => {
  test('a step is x - rate g, and a rate given for a step replaces it', () => {
    const x = Float64Array.of(1, -2, 3);
    gradientDescent(3, { rate: 0.5 }).step(x, Float64Array.of(1, 1, 1), 0.25);
    expect([...x]).toEqual([0.75, -2.25, 2.75]);
  });

  test('with momentum on a quadratic it is the linear recurrence of its curvature', () => {
    const [rate, momentum] = [0.1, 0.7];
    const rule = gradientDescent(3, { rate, momentum });
    const x = Float64Array.of(1, 1, 1);
    const previous = [1, 1, 1];
    const current = [1, 1, 1];
    for (let t = 0; t < 12; t++) {
      rule.step(x, gradientAt(x));
      curvatures.forEach((c, i) => {
        const next = current[i] - rate * c * current[i] + momentum * (current[i] - previous[i]);
        previous[i] = current[i];
        current[i] = next;
      });
    }
    for (let i = 0; i < 3; i++) expect(x[i]).toBeCloseTo(current[i], 12);
  });
});

test.each([
  [() => adam(0), /\[adam\] the number of parameters is not usable, got 0/],
  [() => adam(2, { rate: Number.NaN }), /\[adam\] the step size is not usable, got NaN/],
  [() => adam(2, { beta1: 1 }), /beta1 1, beta2 0.999/],
  [() => gradientDescent(2, { momentum: -0.1 }), /the momentum is out of range, got -0.1/],
  [() => adam(2).step(new Float64Array(3), new Float64Array(2)), /got 3 parameters and a gradient of 2, expected 2/],
])('bad input %# is refused at the door', (make, message) => {
  expect(make).toThrow(message);
});
