import { describe, expect, test } from 'vitest';
import { parseFormula } from '../formula/parse.js';
import { randomOrthogonal, symmetricEigen } from '../math/linalg.js';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { sphere } from '../space/sphere.js';
import { certifiedMinimum } from './certifiedMinimum.js';
import { isPositiveSemidefinite } from './positiveDefinite.js';
import { type SphereQuadratic, sphereQuadraticMinimum } from './sphereQuadratic.js';

const normals = (n: number, random: RandomStream): Float64Array => Float64Array.from({ length: n }, random.normal);

function unitVector(d: number, random: RandomStream): Float64Array {
  const v = normals(d, random);
  const length = Math.hypot(...v);
  return v.map((x) => x / length);
}

/** Q diag(values) Q', symmetric to the last digit. */
function withSpectrum(values: readonly number[], random: RandomStream): Float64Array {
  const d = values.length;
  const q = randomOrthogonal(d, random);
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += q[i * d + k] * values[k] * q[j * d + k];
      out[i * d + j] = sum;
      out[j * d + i] = sum;
    }
  return out;
}

function valueAt({ dim: d, matrix, linear, constant }: SphereQuadratic, t: Float64Array): number {
  let value = constant;
  for (let i = 0; i < d; i++) {
    value += linear[i] * t[i];
    for (let j = 0; j < d; j++) value += matrix[i * d + j] * t[i] * t[j];
  }
  return value;
}

/** A quadratic with a minimizer chosen beforehand: `b = -2 (A - lambda I) t` with lambda at most the least eigenvalue. */
function planted(d: number, gap: number, random: RandomStream): { quadratic: SphereQuadratic; minimum: number } {
  const spectrum = Array.from({ length: d }, () => random.normal());
  const matrix = withSpectrum(spectrum, random);
  const lambda = Math.min(...spectrum) - gap;
  const t = unitVector(d, random);
  const linear = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    linear[i] = 2 * lambda * t[i];
    for (let j = 0; j < d; j++) linear[i] -= 2 * matrix[i * d + j] * t[j];
  }
  const quadratic = { dim: d, matrix, linear, constant: random.normal() };
  return { quadratic, minimum: valueAt(quadratic, t) };
}

describe('the minimum of a quadratic on the sphere lies in its enclosure', () => {
  test.each([2, 3, 5, 10, 30, 50])('at a planted minimizer, the hard case included, d = %i', (d) => {
    const random = randomStream(randomKey(d));
    for (const gap of [0, 1e-14, 1e-9, 1e-3, 1, 100]) {
      const { quadratic, minimum } = planted(d, gap, random);
      const { lower, upper } = sphereQuadraticMinimum(quadratic);
      // The planted value and the planted b are rounded.
      const rounding = 1e-15 * d * d * (1 + gap);
      expect(lower).toBeLessThanOrEqual(minimum + rounding);
      expect(upper).toBeGreaterThanOrEqual(minimum - rounding);
      expect(upper - lower).toBeLessThanOrEqual(1e-12 * d * d * (1 + gap));
    }
  });

  test('closed forms: linear functions, forms, constants, multiples of |t|^2', () => {
    const random = randomStream(randomKey(7));
    for (const d of [2, 3, 8, 20]) {
      const zero = new Float64Array(d * d);
      const linear = normals(d, random);
      const matrix = withSpectrum(Array.from(normals(d, random)), random);
      const twice = zero.map((_, at) => (at % (d + 1) === 0 ? 2 : 0));
      const none = new Float64Array(d);
      for (const [quadratic, expected] of [
        [{ dim: d, matrix: zero, linear, constant: 1 }, 1 - Math.hypot(...linear)],
        [{ dim: d, matrix, linear: none, constant: -2 }, symmetricEigen(matrix, d).values[0] - 2],
        [{ dim: d, matrix: zero, linear: none, constant: 3 }, 3],
        [{ dim: d, matrix: twice, linear, constant: 0 }, 2 - Math.hypot(...linear)],
      ] as const) {
        const { lower, upper } = sphereQuadraticMinimum(quadratic);
        expect(lower).toBeLessThanOrEqual(expected + 1e-14);
        expect(upper).toBeGreaterThanOrEqual(expected - 1e-14);
        expect(upper - lower).toBeLessThan(1e-10);
      }
    }
  });

  test('no random point is below it, and the point that is returned is on the sphere and within it', () => {
    const random = randomStream(randomKey(11));
    for (let k = 0; k < 40; k++) {
      const d = 2 + (k % 9);
      const matrix = withSpectrum(Array.from(normals(d, random)), random);
      const quadratic = { dim: d, matrix, linear: normals(d, random), constant: 0 };
      const { lower, upper, at } = sphereQuadraticMinimum(quadratic);
      expect(Math.abs(Math.hypot(...at) - 1)).toBeLessThan(1e-14);
      expect(valueAt(quadratic, at)).toBeLessThanOrEqual(upper);
      for (let i = 0; i < 200; i++) expect(valueAt(quadratic, unitVector(d, random))).toBeGreaterThan(lower);
    }
  });
});

test('a matrix with a negative eigenvalue is never proven semidefinite, however small it is', () => {
  const random = randomStream(randomKey(3));
  for (let k = 0; k < 100; k++) {
    const d = 2 + (k % 12);
    const spectrum = Array.from({ length: d }, (_, i) => (i === 0 ? -(10 ** -(k % 15)) : random.uniform()));
    const matrix = withSpectrum(spectrum, random);
    expect(isPositiveSemidefinite(matrix, new Float64Array(d * d), d, 0)).toBe(false);
    expect(isPositiveSemidefinite(matrix, new Float64Array(d * d), d, 1.01)).toBe(true);
  }
});

describe('potentials on spheres', () => {
  const payoff = (d: number): string => {
    const parts = Array.from({ length: d }, (_, k) => `${k + 1}*x[${k}]*y[${(k + 1) % d}] + y[${k}]*x[${k}]^2`);
    return `${parts.join(' + ')} + 2*x[0]*x[1] - x[1]`;
  };
  const problem = (text: string, d: number, radius: number) => {
    const random = randomStream(randomKey(d));
    const space = sphere(d, { radius });
    const points = Array.from({ length: 4 }, () => Array.from(unitVector(d, random), (t) => radius * t)).flat();
    const formula = parseFormula(text, {
      variables: { x: { role: 'row', size: d }, y: { role: 'column', size: d } },
    });
    return {
      formula,
      space,
      variables: [{ name: 'x', size: d }],
      against: {
        variables: [{ name: 'y', size: d }],
        over: measure({ space, positions: points, masses: [0.1, 0.2, 0.3, 0.4] }),
      },
    };
  };

  test('that are quadratic are enclosed by duality as by branch and bound', () => {
    for (const radius of [1, 1.7]) {
      const exact = certifiedMinimum(problem(payoff(3), 3, radius));
      // The same function, in a form that is not read as a polynomial.
      const searched = certifiedMinimum(problem(`(${payoff(3)})*(cos(x[2])^2 + sin(x[2])^2)`, 3, radius), {
        tolerance: 1e-4,
      });
      expect([exact.method, exact.status, searched.method]).toEqual(['quadratic', 'certified', 'interval']);
      expect(exact.lower).toBeGreaterThanOrEqual(searched.lower - 1e-12);
      expect(exact.upper).toBeLessThanOrEqual(searched.upper + 1e-12);
      expect(sphere(3, { radius }).contains(exact.at)).toBe(true);
    }
  });

  test.each([5, 20, 50])('are enclosed to 1e-9 in dimension %i', (d) => {
    const { status, upper, lower, method } = certifiedMinimum(problem(payoff(d), d, 1));
    expect([method, status]).toEqual(['quadratic', 'certified']);
    expect(upper - lower).toBeLessThan(1e-9);
  });

  test('of third degree are left to branch and bound', () => {
    const { method } = certifiedMinimum(problem('x[0]^3 + x[1]*y[0]', 3, 1), { tolerance: 1e-3 });
    expect(method).toBe('interval');
  });
});
