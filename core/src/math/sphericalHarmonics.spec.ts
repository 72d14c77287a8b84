import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussLegendre } from './quadrature.js';
import { randomKey, randomStream } from './random.js';
import { sphereInto } from './sampling.js';
import {
  funkHecke,
  harmonicCount,
  legendreInto,
  reluFunkHecke,
  sphereMarginal,
  sphereRule,
} from './sphericalHarmonics.js';

const relu = (t: number): number => Math.max(t, 0);
const legendre = (dim: number, degree: number, t: number): Float64Array => {
  const out = new Float64Array(degree + 1);
  legendreInto(out, dim, t);
  return out;
};
const binomial = (n: bigint, k: bigint): bigint => {
  let out = 1n;
  for (let j = 1n; j <= k; j++) out = (out * (n - k + j)) / j;
  return k < 0n ? 0n : out;
};

describe('harmonicCount', () => {
  test('is the difference of two binomials, exactly up to 2^53 and to some roundings beyond', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.integer({ min: 0, max: 300 }), (dim, degree) => {
        const [d, k] = [BigInt(dim), BigInt(degree)];
        const exact = Number(binomial(d + k - 1n, k) - (degree < 2 ? 0n : binomial(d + k - 3n, k - 2n)));
        const error = Math.abs(harmonicCount(dim, degree) - exact) / exact;
        expect(error).toBeLessThanOrEqual(exact < 2 ** 45 ? 0 : 3e-14);
      }),
      { seed: 1 },
    );
  });

  test('counts the harmonics of degree up to K: homogeneous polynomials of degree K and K - 1', () => {
    let sum = 0;
    for (let k = 0; k <= 9; k++) sum += harmonicCount(7, k);
    expect(sum).toBe(Number(binomial(15n, 9n) + binomial(14n, 8n)));
  });

  test.each([
    [1, 2],
    [2.5, 2],
    [3, -1],
  ])('refuses dimension %j and degree %j', (dim, degree) => {
    expect(() => harmonicCount(dim, degree)).toThrow(/\[harmonicCount\] there are no such harmonics/);
  });
});

describe('legendreInto', () => {
  test('is 1 at 1, alternates at -1, is cos(k theta) for d = 2 and Legendre for d = 3', () => {
    for (const dim of [2, 3, 10, 64]) {
      expect([...legendre(dim, 40, 1)]).toEqual(Array.from({ length: 41 }, () => 1));
      expect([...legendre(dim, 40, -1)]).toEqual(Array.from({ length: 41 }, (_, k) => (k % 2 === 0 ? 1 : -1)));
    }
    const chebyshev = legendre(2, 300, Math.cos(0.7));
    for (let k = 0; k <= 300; k++) expect(chebyshev[k]).toBeCloseTo(Math.cos(0.7 * k), 10);
    const third = legendre(3, 3, 0.3);
    expect(third[2]).toBeCloseTo((3 * 0.09 - 1) / 2, 14);
    expect(third[3]).toBeCloseTo((5 * 0.027 - 3 * 0.3) / 2, 14);
  });

  test.each([2, 3, 8, 24, 64])('orthogonality in dimension %i: E P_j P_k = delta_jk / N(d, k)', (dim) => {
    const degrees = [0, 1, 2, 3, 17, 64, 150, 300];
    const { nodes, weights } = sphereRule({ dim, degree: 600 });
    const products = new Float64Array(degrees.length ** 2);
    for (let i = 0; i < nodes.length; i++) {
      const values = legendre(dim, 300, nodes[i]);
      for (const [a, j] of degrees.entries()) {
        for (const [b, k] of degrees.entries()) {
          products[a * degrees.length + b] += weights[i] * values[j] * values[k];
        }
      }
    }
    for (const [a, j] of degrees.entries()) {
      for (const [b, k] of degrees.entries()) {
        const expected = j === k ? 1 / harmonicCount(dim, k) : 0;
        expect(Math.abs(products[a * degrees.length + b] - expected)).toBeLessThan(1e-13);
      }
    }
  });

  test('addition theorem: N(d, k) P_k is the reproducing kernel, so its square integrates to its diagonal', () => {
    const dim = 4;
    const degree = 6;
    const count = harmonicCount(dim, degree);
    // int K(x, z) K(z, y) dz = K(x, y) over a product rule on the sphere of R^4, exact for degree 12.
    const inner = sphereRule({ dim, degree: 12 });
    const second = sphereRule({ dim: 3, degree: 12 });
    const circle = 16;
    const x = [1, 0, 0, 0];
    const y = [0.5, Math.sqrt(0.5), -0.5, 0];
    let [reproduced, diagonal] = [0, 0];
    for (let a = 0; a < inner.nodes.length; a += 1) {
      const s = Math.sqrt(1 - inner.nodes[a] ** 2);
      for (let b = 0; b < second.nodes.length; b++) {
        const u = s * Math.sqrt(1 - second.nodes[b] ** 2);
        for (let c = 0; c < circle; c++) {
          const angle = (2 * Math.PI * c) / circle;
          const z = [inner.nodes[a], s * second.nodes[b], u * Math.cos(angle), u * Math.sin(angle)];
          const dot = (v: readonly number[]): number => v.reduce((sum, value, i) => sum + value * z[i], 0);
          const mass = (inner.weights[a] * second.weights[b]) / circle;
          const atX = count * legendre(dim, degree, dot(x))[degree];
          reproduced += mass * atX * count * legendre(dim, degree, dot(y))[degree];
          diagonal += mass * atX * atX;
        }
      }
    }
    expect(diagonal).toBeCloseTo(count, 9);
    expect(reproduced).toBeCloseTo(count * legendre(dim, degree, 0.5)[degree], 9);
  });
});

describe('sphereMarginal', () => {
  test('second and fourth moments of a coordinate: 1/d and 3/(d (d + 2))', () => {
    for (const dim of [2, 3, 10, 64]) {
      expect(sphereMarginal(dim, (t) => t * t) * dim).toBeCloseTo(1, 12);
      expect((sphereMarginal(dim, (t) => t ** 4) * dim * (dim + 2)) / 3).toBeCloseTo(1, 12);
    }
  });

  test('d = 3 is the uniform law on [-1, 1]', () => {
    const { nodes, weights } = gaussLegendre(60);
    const direct = nodes.reduce((sum, t, i) => sum + (weights[i] / 2) * Math.exp(Math.sin(3 * t)), 0);
    expect(sphereMarginal(3, (t) => Math.exp(Math.sin(3 * t)))).toBeCloseTo(direct, 13);
  });

  test('agrees with uniform points on the sphere', () => {
    // 20 000 points: 5 standard errors, false-alarm rate 6e-7.
    const [dim, count] = [5, 20_000];
    const point = new Float64Array(dim);
    const stream = randomStream(randomKey(3));
    let [sum, squares] = [0, 0];
    for (let i = 0; i < count; i++) {
      sphereInto(point, 0, dim, stream);
      const value = relu(point[0] - 0.2);
      sum += value;
      squares += value * value;
    }
    const mean = sum / count;
    const error = Math.sqrt((squares / count - mean * mean) / count);
    expect(Math.abs(mean - sphereMarginal(dim, (t) => relu(t - 0.2), [0.2]))).toBeLessThan(5 * error);
  });

  test('refuses a kink that is no cosine', () => {
    expect(() => sphereMarginal(3, relu, [2])).toThrow(/\[sphereRule\] a kink lies outside/);
  });
});

describe('Funk-Hecke numbers', () => {
  test.each([0, 1, 2, 3])('relu^%i by quadrature and in closed form agree', (power) => {
    for (const dim of [2, 3, 4, 9, 24, 64]) {
      const closed = reluFunkHecke(dim, 200, power);
      const found = funkHecke((t) => (t > 0 ? t ** power : 0), { dim, degree: 200, kinks: [0] });
      for (let k = 0; k <= 200; k++) expect(Math.abs(found[k] - closed[k])).toBeLessThan(1e-14);
    }
  });

  test('sum rule: the energies of relu in all degrees add up to E relu(t)^2 = 1/(2d)', () => {
    for (let dim = 3; dim <= 64; dim++) {
      const lambda = reluFunkHecke(dim, 1200);
      let sum = 0;
      for (let k = 0; k <= 1200; k++) sum += lambda[k] ** 2 * harmonicCount(dim, k);
      const missing = 1 - sum * 2 * dim;
      expect(missing).toBeGreaterThan(-1e-13);
      expect(missing).toBeLessThan(1e-5);
    }
  });

  test('convolution: sum_k N lambda_k mu_k P_k(<x, y>) = E sigma(<x, z>) tau(<z, y>) for polynomials', () => {
    // E <x, z>^2 <y, z>^2 = (1 + 2 <x, y>^2)/(d (d + 2)).
    const dim = 6;
    const square = funkHecke((t) => t * t, { dim, degree: 4 });
    const zonal = legendre(dim, 4, 0.4);
    let sum = 0;
    for (let k = 0; k <= 4; k++) sum += harmonicCount(dim, k) * square[k] ** 2 * zonal[k];
    expect(sum).toBeCloseTo((1 + 2 * 0.16) / (dim * (dim + 2)), 13);
  });

  test('odd degrees above 1 vanish for relu, even degrees above 2 for its square', () => {
    const [first, second] = [reluFunkHecke(7, 20), reluFunkHecke(7, 20, 2)];
    for (let k = 3; k <= 20; k++) {
      expect(first[k] === 0).toBe(k % 2 === 1);
      expect(second[k] === 0).toBe(k % 2 === 0);
    }
  });

  test('refuses a power that is no count', () => {
    expect(() => reluFunkHecke(3, 4, -1)).toThrow(/\[reluFunkHecke\]/);
  });
});
