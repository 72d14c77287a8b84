import { describe, expect, test } from 'vitest';
import { sphere } from '../space/sphere.js';
import { draw } from './initialLaws.js';
import type { Measure } from './measure.js';
import { ballLaw, halfShellLaw, shellLaw } from './roundLaws.js';
import { covariance, mean } from './statistics.js';

const n = 4000;
const radii = ({ count, dim, positions }: Measure): number[] =>
  Array.from({ length: count }, (_, i) => Math.hypot(...positions.slice(i * dim, (i + 1) * dim)));

describe('laws of spheres and balls', () => {
  // Coordinates are bounded by the radius: a mean or covariance is off by 6 standard errors with probability < 1e-8.
  test.each([1, 2, 5])('of dimension %i have the radius, mean and covariance of uniform laws', (dim) => {
    const shell = draw(shellLaw({ dim, radius: 3 }), n, 1);
    for (const r of radii(shell)) expect(r).toBeCloseTo(3, 14);
    const ball = draw(ballLaw({ dim, radius: 3 }), n, 2);
    expect(Math.max(...radii(ball))).toBeLessThanOrEqual(3);
    for (const [mu, variance] of [
      [shell, 9 / dim],
      [ball, 9 / (dim + 2)],
    ] as const) {
      const found = covariance(mu);
      for (let k = 0; k < dim; k++) {
        expect(Math.abs(mean(mu)[k])).toBeLessThan(6 * Math.sqrt(variance / n));
        expect(Math.abs(found[k * dim + k] - variance)).toBeLessThan((6 * 9) / Math.sqrt(n));
      }
    }
  });

  test('the share of a ball within r is (r / R)^d', () => {
    const inner = radii(draw(ballLaw({ dim: 3, radius: 2 }), n, 3)).filter((r) => r <= 1.4).length / n;
    // Six standard deviations of a binomial share: false alarm 2e-9.
    expect(Math.abs(inner - 0.7 ** 3)).toBeLessThan(6 * Math.sqrt((0.343 * 0.657) / n));
  });

  test('half a sphere is the sphere folded over; on the space of the sphere atoms stay on it', () => {
    const half = draw(halfShellLaw({ dim: 3, space: sphere(3) }), 200, 4);
    expect(half.space.name).toBe(sphere(3).name);
    const whole = draw(shellLaw({ dim: 3 }), 200, 4);
    whole.positions.forEach((value, k) => {
      expect(half.positions[k]).toBeCloseTo(k % 3 === 0 ? Math.abs(value) : value, 15);
    });
  });

  test('sizes and radii that are none are refused', () => {
    expect(() => shellLaw({ dim: 0 })).toThrow(/\[shellLaw\] the dimension is not usable/);
    expect(() => ballLaw({ dim: 2, radius: 0 })).toThrow(/\[ballLaw\] the radius is not usable, got 0/);
    expect(() => halfShellLaw({ dim: 2, space: sphere(3) })).toThrow(/dim 2 on/);
  });
});
