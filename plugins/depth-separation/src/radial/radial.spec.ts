import { gaussLegendre, randomKey, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { bandLimitedRadialData, radiusBelow } from './bandLimitedRadial.js';
import { lineShare, radialWave, shellFloor, shellTarget, shellUnits } from './shellFloor.js';
import { sphericalBessel } from './sphericalBessel.js';

describe('spherical Bessel functions', () => {
  test('of order 0 to 2 are elementary, and meet at the border of the two recurrences', () => {
    for (const x of [0.3, 0.9, 1.5, 2.5, 7, 40]) {
      const [s, c] = [Math.sin(x), Math.cos(x)];
      expect(sphericalBessel(0, x)).toBeCloseTo(s / x, 14);
      expect(sphericalBessel(1, x)).toBeCloseTo(s / x ** 2 - c / x, 13);
      expect(sphericalBessel(2, x)).toBeCloseTo((3 / x ** 3 - 1 / x) * s - (3 * c) / x ** 2, 12);
    }
    for (const n of [5, 16, 60]) {
      const [below, above] = [sphericalBessel(n, n * (1 - 1e-12)), sphericalBessel(n, n * (1 + 1e-12))];
      expect(below / above).toBeCloseTo(1, 9);
    }
    expect(sphericalBessel(3, 0)).toBe(0);
    // x^n / (2n + 1)!! near 0.
    expect(sphericalBessel(4, 1e-3) / (1e-12 / 945)).toBeCloseTo(1, 6);
  });

  test('stay below the bounds that the sampler proposes from', () => {
    for (const n of [1, 4, 16, 60]) {
      for (let k = 1; k < 4000; k++) {
        const x = (k * (n + 1)) / 200;
        // |J_nu(x)| <= c x^(-1/3).
        expect(Math.sqrt((2 * x) / Math.PI) * Math.abs(sphericalBessel(n, x))).toBeLessThan(0.785747 * x ** (-1 / 3));
      }
    }
  });
});

describe('the band-limited radial law', () => {
  const { nodes, weights } = gaussLegendre(40);

  test.each([3, 9, 21])('has the distribution of its density, d = %i', (dim) => {
    // 4000 radii: Kolmogorov's distance exceeds 1.95/sqrt(4000) with probability 1e-3; fixed seed.
    const count = 4000;
    const points = new Float64Array(count * dim);
    bandLimitedRadialData({ dim, band: 0.5 }).sampleInto(points, randomStream(randomKey(dim)));
    const radii = Float64Array.from({ length: count }, (_, l) =>
      Math.hypot(...points.subarray(l * dim, (l + 1) * dim)),
    ).sort();
    let worst = 0;
    for (let l = 0; l < count; l += 37) {
      if (radii[l] > 400) break;
      worst = Math.max(worst, Math.abs(radiusBelow(dim, 0.5 * radii[l], nodes, weights) - (l + 0.5) / count));
    }
    expect(worst).toBeLessThan(1.95 / Math.sqrt(count));
    // Directions: the mean of x_0^2/|x|^2 is 1/d, with a standard error below sqrt(2)/d/sqrt(n).
    let mean = 0;
    for (let l = 0; l < count; l++) {
      let squares = 0;
      for (let k = 0; k < dim; k++) squares += points[l * dim + k] ** 2;
      mean += points[l * dim] ** 2 / squares / count;
    }
    expect(Math.abs(mean * dim - 1)).toBeLessThan((5 * Math.SQRT2) / Math.sqrt(count));
  });

  test('tails are d/(pi s), and the density is that of a probability', () => {
    for (const dim of [3, 15]) {
      expect((1 - radiusBelow(dim, 2000, nodes, weights)) / (dim / (2000 * Math.PI))).toBeCloseTo(1, 2);
    }
  });

  test('even dimensions are refused by the name of the hypothesis', () => {
    expect(() => bandLimitedRadialData({ dim: 4 })).toThrow(/hypothesis "d is odd"/);
    expect(() => bandLimitedRadialData({ dim: 3, band: 0 })).toThrow(/r > 0/);
  });
});

test('targets constant on shells have their values there and 0 beyond', () => {
  const target = shellTarget({ dim: 2, name: 'bump', radii: [1, 2], values: [0, 3] });
  const out = new Float64Array(4);
  target.valuesInto(out, Float64Array.of(0.5, 0, 0, -1.5, 1.2, 1.6, 3, 4), 4);
  expect([...out]).toEqual([0, 3, 3, 0]);
});

describe('the floor of radial waves', () => {
  test('the share of a sphere near a line is that of its density, and 1 - cos in R^3', () => {
    for (const sine of [0.05, 0.3, 0.9]) {
      expect(lineShare(3, sine)).toBeCloseTo(1 - Math.sqrt(1 - sine * sine), 9);
      for (const dim of [5, 12, 33]) {
        const { nodes, weights } = gaussLegendre(200);
        const integral = (top: number): number =>
          nodes.reduce((sum, x, i) => sum + ((weights[i] * top) / 2) * Math.sin(((x + 1) / 2) * top) ** (dim - 2), 0);
        expect(lineShare(dim, sine) / (integral(Math.asin(sine)) / integral(Math.PI / 2))).toBeCloseTo(1, 9);
      }
    }
  });

  test.each([3, 5, 9])('the transform of the wave times phi is 0 inside the shell and outside it, d = %i', (dim) => {
    // F(rho) ~ rho^(1 - d/2) int cos(kappa s) J_{d/2}(s) J_{d/2-1}(rho s) ds, damped by exp(-(s/L)^2) to converge: the
    // damping spreads the shell by some 1/L.
    const [kappa, long] = [4, 40];
    const n = (dim - 1) / 2;
    const at = (rho: number): number => {
      let sum = 0;
      const step = 0.02;
      for (let s = step / 2; s < 4 * long; s += step) {
        const wave = Math.cos(kappa * s) * Math.exp(-((s / long) ** 2));
        sum += step * wave * s * sphericalBessel(n, s) * sphericalBessel(n - 1, rho * s) * (2 / Math.PI);
      }
      return Math.abs(sum) * rho ** (1.5 - dim / 2) * rho ** (dim / 2 - 0.5);
    };
    const inside = Math.max(...[3.3, 3.7, 4.2, 4.6].map(at));
    for (const rho of [0.3, 1, 2, 2.7, 5.3, 6]) expect(at(rho)).toBeLessThan(1e-6 * inside);
  });

  test('falls by the share of a tube for every unit, and asks for odd d and kappa > 2r', () => {
    const options = { dim: 9, rate: 4 };
    const share = lineShare(9, 1 / 3);
    expect(shellFloor(options, 1000).value).toBeCloseTo(1 - 1000 * share, 12);
    expect(shellFloor(options, Math.ceil(2 * shellUnits(options))).value).toBe(0);
    expect(shellFloor({ ...options, dim: 63 }, 1e12).value).toBeGreaterThan(0.999);
    expect(() => shellFloor({ dim: 8, rate: 4 }, 1)).toThrow(/hypothesis "d is odd"/);
    expect(() => shellFloor({ dim: 9, rate: 2 }, 1)).toThrow(/hypothesis "kappa > 2r"/);
    expect(() => radialWave({ dim: 3, rate: 0 })).toThrow(/kappa > 0/);
  });
});
