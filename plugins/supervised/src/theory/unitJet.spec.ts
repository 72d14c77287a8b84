import { networkUnit } from '@muflow/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unitJet } from './unitJet.js';

const coordinate = fc.double({ min: -2, max: 2, noNaN: true });

test('a tanh unit has the derivatives of a tanh(w x + b)', () => {
  const { jet, evaluate, dim } = unitJet(networkUnit({ activation: 'tanh', inputs: 1 }), 1, 2);
  expect(dim).toBe(3);
  fc.assert(
    fc.property(coordinate, coordinate, coordinate, coordinate, (a, w, b, x) => {
      evaluate(Float64Array.of(7, a, w, b), 1, Float64Array.of(7, 7, x), 2);
      const t = Math.tanh(w * x + b);
      const s = 1 - t * t;
      const c = -2 * t * s;
      const expected = [a * t, t, a * s * x, a * s, 0, s * x, s, s * x, a * c * x * x, a * c * x, s, a * c * x, a * c];
      for (const [k, value] of expected.entries()) expect(jet[k]).toBeCloseTo(value, 12);
    }),
    { seed: 1 },
  );
});

test('parts that a formula lacks have no slope', () => {
  const { jet, evaluate } = unitJet({ formula: 'w[1] * x', atom: { s: 1, w: 2 } }, 1, 1);
  evaluate(Float64Array.of(5, 6, 7), 0, Float64Array.of(3), 0);
  expect([...jet]).toEqual([21, 0, 0, 3]);
});

test('inputs that are no number of coordinates are refused', () => {
  expect(() => unitJet(networkUnit({ activation: 'tanh', inputs: 1 }), 0, 1)).toThrow('[unitJet]');
});
