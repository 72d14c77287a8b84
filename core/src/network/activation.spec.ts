import { describe, expect, test } from 'vitest';
import { compileActivation } from './activation.js';

const points = Float64Array.of(-2.3, -0.7, -1e-3, 2e-3, 0.4, 1.9);

describe.each([
  'relu',
  'leaky-relu',
  'squared-relu',
  'tanh',
  'sigmoid',
  'erf',
  'softplus',
  'z * sigmoid(z)',
  'cos',
  '1 + 0 * z',
])('%s', (name) => {
  const n = points.length;
  const activation = compileActivation(name);
  const make = () => ({ value: new Float64Array(n), slope: new Float64Array(n), curvature: new Float64Array(n) });

  test('the slope and the curvature are those of the values, by central differences', () => {
    const h = 1e-4;
    const at = (shift: number) => {
      const jet = make();
      activation.curvatureInto(
        jet,
        points.map((z) => z + shift),
        n,
      );
      return jet;
    };
    const [left, middle, right] = [at(-h), at(0), at(h)];
    for (let i = 0; i < n; i++) {
      expect((right.value[i] - left.value[i]) / (2 * h)).toBeCloseTo(middle.slope[i], 7);
      expect((right.slope[i] - left.slope[i]) / (2 * h)).toBeCloseTo(middle.curvature[i], 7);
    }
  });

  test('every order gives the same values, in place too', () => {
    const jet = make();
    activation.curvatureInto(jet, points, n);
    const value = points.slice();
    activation.valueInto(value, value, n);
    const slope = new Float64Array(n);
    const other = points.slice();
    activation.slopeInto(other, slope, other, n);
    for (let i = 0; i < n; i++) {
      expect(value[i]).toBeCloseTo(jet.value[i], 14);
      expect(other[i]).toBeCloseTo(jet.value[i], 14);
      expect(slope[i]).toBeCloseTo(jet.slope[i], 14);
    }
  });
});

test('known values', () => {
  const value = new Float64Array(1);
  const slope = new Float64Array(1);
  compileActivation('tanh').slopeInto(value, slope, Float64Array.of(0.5), 1);
  expect(value[0]).toBeCloseTo(Math.tanh(0.5), 14);
  expect(slope[0]).toBeCloseTo(1 - Math.tanh(0.5) ** 2, 14);
  compileActivation('relu').slopeInto(value, slope, Float64Array.of(-0.5), 1);
  expect([value[0], slope[0]]).toEqual([0, 0]);
  expect(() => compileActivation('rellu')).toThrow(/did you mean relu/);
});
