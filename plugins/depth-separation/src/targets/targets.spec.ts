import { randomKey, randomOrthogonal, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { oscillatoryTarget } from './oscillatory.js';
import { phaseTarget } from './phaseTarget.js';
import type { Target } from './target.js';

const valuesOf = (target: Target, points: Float64Array): Float64Array => {
  const count = points.length / target.dim;
  const out = new Float64Array(target.complex ? 2 * count : count);
  target.valuesInto(out, points, count);
  return out;
};
const stream = randomStream(randomKey('targets'));
const points = Float64Array.from({ length: 60 }, () => 3 * stream.normal());

describe('the oscillatory target', () => {
  test('is the product of its factors, coordinate by coordinate', () => {
    const target = oscillatoryTarget({ dim: 3, omega: [2, 5, 7], bias: [0.1, -0.2, 0] });
    const values = valuesOf(target, points);
    for (let i = 0; i < 20; i++) {
      let [re, im] = [1, 0];
      for (const [j, omega] of [2, 5, 7].entries()) {
        const phase = omega * Math.max(0, points[3 * i + j] + [0.1, -0.2, 0][j]);
        [re, im] = [re * Math.cos(phase) - im * Math.sin(phase), re * Math.sin(phase) + im * Math.cos(phase)];
      }
      expect(values[2 * i]).toBeCloseTo(re, 12);
      expect(values[2 * i + 1]).toBeCloseTo(im, 12);
    }
  });
  test('its real part is the real part', () => {
    const options = { dim: 3, omega: 4, bias: 0.3 };
    const complex = valuesOf(oscillatoryTarget(options), points);
    const real = valuesOf(oscillatoryTarget({ ...options, part: 'real' }), points);
    expect(real).toEqual(complex.filter((_, k) => k % 2 === 0));
  });
  test('with a rotation it is the plain target at U x', () => {
    const rotation = randomOrthogonal(3, randomStream(randomKey(8)));
    const turned = points.map((_, k) => {
      const [i, j] = [Math.floor(k / 3), k % 3];
      return [0, 1, 2].reduce((sum, l) => sum + rotation[3 * j + l] * points[3 * i + l], 0);
    });
    const plain = oscillatoryTarget({ dim: 3, omega: 4 });
    const rotated = oscillatoryTarget({ dim: 3, omega: 4, rotation });
    expect(valuesOf(rotated, points)).toEqual(valuesOf(plain, turned));
    expect(rotated.name).toBe('exp(i <omega, relu(U x)>)');
  });
  test('refuses what its theory excludes, with the hypothesis named', () => {
    expect(() => oscillatoryTarget({ dim: 0, omega: 1 })).toThrow(/hypothesis "d >= 1"/);
    expect(() => oscillatoryTarget({ dim: 2, omega: 0 })).toThrow(/hypothesis "omega > 0" is not met, got 0/);
    expect(() => oscillatoryTarget({ dim: 2, omega: [1, -3] })).toThrow(/"omega > 0" is not met, got -3/);
    expect(() => oscillatoryTarget({ dim: 2, omega: [1] })).toThrow(/omega has another length, got 1 numbers/);
    expect(() => oscillatoryTarget({ dim: 1, omega: 1, bias: Number.NaN })).toThrow(/biases are finite/);
    expect(() => oscillatoryTarget({ dim: 2, omega: 1, rotation: Float64Array.of(1, 0, 0, 2) })).toThrow(/orthogonal/);
  });
});

describe('a phase of the user', () => {
  test('gives the built-in target where the formula is that of it', () => {
    const phase = '2*relu(x[0] + 0.1) + 5*relu(x[1]) + 7*relu(x[2])';
    const built = oscillatoryTarget({ dim: 3, omega: [2, 5, 7], bias: [0.1, 0, 0] });
    const values = valuesOf(phaseTarget({ dim: 3, phase }), points);
    valuesOf(built, points).forEach((value, k) => {
      expect(values[k]).toBeCloseTo(value, 12);
    });
    expect(valuesOf(phaseTarget({ dim: 3, phase, part: 'real' }), points)).toEqual(
      values.filter((_, k) => k % 2 === 0),
    );
  });
  test('may be constant, and must be a finite number', () => {
    expect(valuesOf(phaseTarget({ dim: 2, phase: '0' }), Float64Array.of(1, 2))).toEqual(Float64Array.of(1, 0));
    expect(() => phaseTarget({ dim: 2, phase: 'x' })).toThrow(/not a number, got a vector of 2/);
    expect(() => phaseTarget({ dim: 2, phase: 'y' })).toThrow(/unknown/);
    expect(() => valuesOf(phaseTarget({ dim: 1, phase: 'log(x)' }), Float64Array.of(-1))).toThrow(/not finite/);
  });
});
