import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cholesky,
  eigenSystem,
  leastSquares,
  matrixSquareRoot,
  qr,
  randomOrthogonal,
  singularValues,
  solve,
  solvePositiveDefinite,
  symmetricEigen,
} from './linalg.js';
import { fillNormal, randomKey, randomStream } from './random.js';

const of = (...values: number[]): Float64Array => Float64Array.of(...values);
const gaussian = (seed: number, count: number): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(seed));
  return out;
};

function multiply(a: Float64Array, b: Float64Array, rows: number, inner: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < inner; k++) out[i * columns + j] += a[i * inner + k] * b[k * columns + j];
    }
  }
  return out;
}

const transpose = (a: Float64Array, rows: number, columns: number): Float64Array =>
  Float64Array.from(a, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]);
const identity = (d: number): Float64Array =>
  Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));

/** `g g^T + I`, symmetric positive definite. */
function positiveDefinite(seed: number, d: number): Float64Array {
  const g = gaussian(seed, d * d);
  const unit = identity(d);
  return multiply(g, transpose(g, d, d), d, d, d).map((v, i) => v + unit[i]);
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(tolerance);
  });
}

const sizes = fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 12 }));
const over = (law: (seed: number, d: number) => void): void =>
  fc.assert(
    fc.property(sizes, ([seed, d]) => law(seed, d)),
    { seed: 8, numRuns: 60 },
  );

describe('positive definite systems', () => {
  test('L is lower triangular and L L^T = a', () =>
    over((seed, d) => {
      const a = positiveDefinite(seed, d);
      const l = cholesky(a, d);
      expectClose(multiply(l, transpose(l, d, d), d, d, d), a, 1e-12);
      for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) expect(l[i * d + j]).toBe(0);
    }));

  test('a x = b for several right-hand sides at once', () =>
    over((seed, d) => {
      const a = positiveDefinite(seed, d);
      const b = gaussian(seed + 1, d * 3);
      const x = solvePositiveDefinite(a, b, d, 3);
      expectClose(multiply(a, x, d, d, 3), b, 1e-11);
      expectClose(x, solve(a, b, d, 3), 1e-11);
    }));

  test('a 2 x 2 example', () => {
    expect(cholesky(of(4, 2, 2, 5), 2)).toEqual(of(2, 0, 1, 2));
    expectClose(solvePositiveDefinite(of(4, 2, 2, 5), of(6, 7), 2), of(1, 1), 1e-15);
  });

  test('asymmetry of rounding size is accepted, more is refused', () => {
    expect(cholesky(of(4, 2 + 1e-12, 2, 5), 2)).toEqual(of(2, 0, 1, 2));
    expect(() => cholesky(of(4, 2.1, 2, 5), 2)).toThrow(/\[cholesky\].*got entries 2 at \(1, 0\) and 2.1 at \(0, 1\)/);
  });

  test.each([
    ['indefinite', of(1, 2, 2, 1)],
    ['semidefinite', of(1, 1, 1, 1)],
    ['semidefinite up to rounding', of(0.1, 0.3, 0.3, 0.9)],
    ['negative', of(-1, 0, 0, -1)],
    ['zero', of(0, 0, 0, 0)],
  ])('refuses a matrix that is %s', (_, a) => {
    expect(() => cholesky(a, 2)).toThrow(/expected a symmetric positive definite matrix/);
    expect(() => solvePositiveDefinite(a, of(1, 1), 2)).toThrow(/\[solvePositiveDefinite\]/);
  });
});

describe('general systems', () => {
  test('a x = b', () =>
    over((seed, d) => {
      const a = gaussian(seed, d * d);
      const x = gaussian(seed + 1, d * 2);
      const found = solve(a, multiply(a, x, d, d, 2), d, 2);
      const condition = singularValues(a, d, d);
      expectClose(found, x, (1e-13 * condition[0]) / condition[d - 1]);
    }));

  test.each([
    ['equal rows', of(1, 2, 1, 2), 2],
    ['dependent rows, rounded', of(0.1, 0.2, 0.3, 0.6), 2],
    ['rank 2 of 3', of(1, 2, 3, 4, 5, 6, 7, 8, 9), 3],
    ['zero', of(0), 1],
  ])('refuses a singular matrix: %s', (_, a, d) => {
    expect(() => solve(a, new Float64Array(d).fill(1), d)).toThrow(/\[solve\].*singular/);
  });

  test('columns of very different sizes are no reason to refuse', () => {
    expectClose(solve(of(1, 0, 0, 1e-30), of(2, 3e-30), 2), of(2, 3), 1e-14);
  });
});

describe('least squares', () => {
  test('the residual is orthogonal to every column', () =>
    over((seed, d) => {
      const rows = d + 4;
      const a = gaussian(seed, rows * d);
      const b = gaussian(seed + 1, rows);
      const fitted = multiply(a, leastSquares(a, b, rows, d), rows, d, 1);
      const residual = b.map((v, i) => v - fitted[i]);
      expectClose(multiply(transpose(a, rows, d), residual, d, rows, 1), new Float64Array(d), 1e-11);
    }));

  test('with more unknowns than equations it solves them, by the shortest vector', () => {
    const x = leastSquares(of(1, 1, 0, 0, 0, 2), of(2, 4), 2, 3);
    expectClose(x, of(1, 1, 2), 1e-14);
  });

  test('with dependent columns it takes the shortest vector too', () => {
    expectClose(leastSquares(of(1, 1, 2, 2, 3, 3), of(2, 4, 6), 3, 2), of(1, 1), 1e-13);
    expectClose(leastSquares(of(0, 0, 0, 0), of(1, 1), 2, 2), of(0, 0), 0);
  });
});

describe('spectra', () => {
  test('a = V diag(values) V^T, V orthogonal, values ascending', () =>
    over((seed, d) => {
      const g = gaussian(seed, d * d);
      const a = g.map((v, i) => (v + g[(i % d) * d + Math.floor(i / d)]) / 2);
      const { values, vectors } = symmetricEigen(a, d);
      const scaled = vectors.map((v, i) => v * values[i % d]);
      expectClose(multiply(scaled, transpose(vectors, d, d), d, d, d), a, 1e-12);
      expectClose(multiply(transpose(vectors, d, d), vectors, d, d, d), identity(d), 1e-12);
      for (let k = 1; k < d; k++) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
    }));

  test('the second difference has eigenvalues 2 - 2 cos(k pi / (d + 1))', () => {
    const d = 9;
    const a = Float64Array.from({ length: d * d }, (_, i) => [2, -1][Math.abs((i % d) - Math.floor(i / d))] ?? 0);
    expectClose(
      symmetricEigen(a, d).values,
      Float64Array.from({ length: d }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (d + 1))),
      1e-14,
    );
  });

  test('squared singular values are the eigenvalues of a a^T, for wide and tall matrices alike', () =>
    over((seed, d) => {
      const a = gaussian(seed, d * (d + 2));
      const { values } = symmetricEigen(multiply(a, transpose(a, d, d + 2), d, d + 2, d), d);
      const wide = singularValues(a, d, d + 2);
      expectClose(wide.map((s) => s * s).reverse(), values, 1e-11);
      expectClose(singularValues(transpose(a, d, d + 2), d + 2, d), wide, 1e-12);
    }));

  test('the square root squares to the matrix and is symmetric', () =>
    over((seed, d) => {
      const a = positiveDefinite(seed, d);
      const root = matrixSquareRoot(a, d);
      expectClose(multiply(root, root, d, d, d), a, 1e-11);
      expect(transpose(root, d, d)).toEqual(root);
    }));

  test('the square root of a projection is the projection', () => {
    expectClose(matrixSquareRoot(of(0.5, 0.5, 0.5, 0.5), 2), of(0.5, 0.5, 0.5, 0.5), 1e-7);
    expect(() => matrixSquareRoot(of(1, 2, 2, 1), 2)).toThrow(/\[matrixSquareRoot\].*got an eigenvalue -(1|0\.9{12})/);
    expect(() => symmetricEigen(of(1, 2, 0, 1), 2)).toThrow(/expected a symmetric matrix/);
  });
});

describe('eigenvalues of any real matrix', () => {
  test('a rotation with growth beside a decay: pairs above the axis first, the largest modulus first', () => {
    const { real, imaginary } = eigenSystem(Float64Array.of(0.5, 0, 0, 0, 1, -2, 0, 2, 1), 3);
    expect(Array.from(real)).toEqual([1, 1, 0.5].map((x) => expect.closeTo(x, 14)));
    expect(Array.from(imaginary)).toEqual([2, -2, 0].map((x) => expect.closeTo(x, 14)));
  });

  test('every column satisfies its equation: a v = lambda v, on 20 random matrices of 1 to 9 rows', () => {
    const random = randomStream(randomKey('eigen'));
    for (let round = 0; round < 20; round++) {
      const d = 1 + (round % 9);
      const a = Float64Array.from({ length: d * d }, () => random.normal());
      const { real, imaginary, vectors } = eigenSystem(a, d);
      let trace = 0;
      for (let k = 0; k < d; k++) {
        trace += real[k] - a[k * d + k];
        // For the first of a pair: a u = re u - im v and a v = im u + re v, u + i v the eigenvector.
        const partner = imaginary[k] > 0 ? k + 1 : k - 1;
        for (let i = 0; i < d; i++) {
          let product = 0;
          for (let j = 0; j < d; j++) product += a[i * d + j] * vectors[j * d + k];
          const other = imaginary[k] === 0 ? 0 : vectors[i * d + partner];
          expect(product).toBeCloseTo(real[k] * vectors[i * d + k] - imaginary[k] * other, 11);
        }
      }
      expect(trace).toBeCloseTo(0, 11);
    }
  });
});

describe('orthogonal matrices', () => {
  test('q has orthonormal columns, r is upper triangular with a positive diagonal, and q r = a', () =>
    over((seed, d) => {
      const rows = d + 2;
      const a = gaussian(seed, rows * d);
      const { q, r } = qr(a, rows, d);
      expectClose(multiply(q, r, rows, d, d), a, 1e-12);
      expectClose(multiply(transpose(q, rows, d), q, d, rows, d), identity(d), 1e-12);
      for (let i = 0; i < d; i++) {
        expect(r[i * d + i]).toBeGreaterThan(0);
        for (let j = 0; j < i; j++) expect(r[i * d + j]).toBe(0);
      }
    }));

  test('dependent columns and wide matrices are refused', () => {
    expect(() => qr(of(1, 2, 2, 4), 2, 2)).toThrow(/\[qr\].*column 1 of 2 x 2 depends/);
    expect(() => qr(of(1, 2), 1, 2)).toThrow(/got a 1 x 2 matrix/);
  });

  test('a random orthogonal matrix is orthogonal', () => {
    const q = randomOrthogonal(7, randomStream(randomKey(1)));
    expectClose(multiply(transpose(q, 7, 7), q, 7, 7, 7), identity(7), 1e-13);
  });

  test('its law is uniform: in the plane, a uniform angle and a fair reflection', () => {
    const random = randomStream(randomKey('haar'));
    const n = 10_000;
    const angles = new Float64Array(n);
    let reflections = 0;
    for (let k = 0; k < n; k++) {
      const [a, b, c, d] = randomOrthogonal(2, random);
      angles[k] = Math.atan2(c, a) / (2 * Math.PI) + 0.5;
      if (a * d - b * c < 0) reflections++;
    }
    angles.sort();
    const distance = angles.reduce((s, u, i) => Math.max(s, (i + 1) / n - u, u - i / n), 0);
    // Kolmogorov-Smirnov, false alarm 9.3e-7; five standard deviations of a fair coin, 5.7e-7.
    expect(distance * Math.sqrt(n)).toBeLessThan(2.7);
    expect(Math.abs(reflections - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });
});

describe('refusals', () => {
  test.each([
    ['cholesky', () => cholesky(of(1, 2, 3), 2), /got 3 entries for 2 x 2, expected 4 entries, row by row/],
    ['solve', () => solve(of(1, 0, 0, 1), of(1, 2, 3), 2), /got 3 entries for 2 x 1/],
    ['symmetricEigen', () => symmetricEigen(of(1, 0, 0, Number.NaN), 2), /entry \(1, 1\) is not finite, got NaN/],
    [
      'leastSquares',
      () => leastSquares(of(1, 2), of(1, Number.POSITIVE_INFINITY), 2, 1),
      /entry \(1, 0\) is not finite/,
    ],
    ['singularValues', () => singularValues(of(), 0, 2), /at least one row and one column/],
  ])('%s says what is wrong', (where, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(`[${where}]`);
  });
});
