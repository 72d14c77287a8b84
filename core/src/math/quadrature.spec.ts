import { describe, expect, test } from 'vitest';
import { gaussHermite, gaussLaguerre, gaussLegendre, type Quadrature } from './quadrature.js';

const doubleFactorial = (k: number): number => (k <= 1 ? 1 : k * doubleFactorial(k - 2));
const factorial = (k: number): number => (k <= 1 ? 1 : k * factorial(k - 1));

const rules = [
  { name: 'Legendre', rule: gaussLegendre, moment: (k: number) => (k % 2 ? 0 : 2 / (k + 1)), limit: 1000 },
  { name: 'Hermite', rule: gaussHermite, moment: (k: number) => (k % 2 ? 0 : doubleFactorial(k - 1)), limit: 700 },
  { name: 'Laguerre', rule: gaussLaguerre, moment: factorial, limit: 350 },
];
const integrate = ({ nodes, weights }: Quadrature, f: (x: number) => number): number =>
  nodes.reduce((sum, x, i) => sum + weights[i] * f(x), 0);

describe.each(rules)('Gauss-$name', ({ rule, moment, limit }) => {
  test.each([1, 2, 3, 5, 8, 13, 20])('with %i nodes is exact for every power up to 2n - 1, and not for 2n', (n) => {
    for (let k = 0; k <= 2 * n; k++) {
      const computed = integrate(rule(n), (x) => x ** k);
      const scale = integrate(rule(n), (x) => Math.abs(x ** k));
      if (k < 2 * n) expect(Math.abs(computed - moment(k))).toBeLessThanOrEqual(2e-14 * (k + 1) * scale);
      else if (n <= 5) expect(Math.abs(computed - moment(k))).toBeGreaterThan(1e-4 * moment(k));
    }
  });

  test('nodes ascend strictly, weights are not negative and sum to the total', () => {
    for (const n of [1, 2, 7, 40, 150, limit]) {
      const { nodes, weights } = rule(n);
      for (let i = 1; i < n; i++) expect(nodes[i]).toBeGreaterThan(nodes[i - 1]);
      expect(weights.every((w) => w >= 0)).toBe(true);
      expect(Math.abs(weights.reduce((s, w) => s + w, 0) / moment(0) - 1)).toBeLessThanOrEqual(2e-13);
    }
  });

  test('the same rule comes back from the cache', () => {
    expect(rule(9)).toBe(rule(9));
  });

  test.each([0, 1.5, limit + 1, Number.NaN])('refuses %s nodes', (n) => {
    expect(() => rule(n)).toThrow(/the number of nodes is not usable/);
  });
});

test('known nodes and weights', () => {
  const legendre = gaussLegendre(3);
  expect(legendre.nodes[2]).toBeCloseTo(Math.sqrt(3 / 5), 15);
  expect(legendre.nodes[1]).toBe(0);
  expect(legendre.weights[1]).toBeCloseTo(8 / 9, 15);
  const hermite = gaussHermite(3);
  expect(hermite.nodes[2]).toBeCloseTo(Math.sqrt(3), 15);
  expect(hermite.weights[2]).toBeCloseTo(1 / 6, 15);
  const laguerre = gaussLaguerre(2);
  expect(laguerre.nodes[0]).toBeCloseTo(2 - Math.SQRT2, 15);
  expect(laguerre.weights[0]).toBeCloseTo((2 + Math.SQRT2) / 4, 15);
});

test('small outer weights keep their relative accuracy', () => {
  // H_20 at its largest zero: node and weight from 40-digit arithmetic.
  const { nodes, weights } = gaussHermite(20);
  expect(Math.abs(nodes[19] / 7.619048541679758 - 1)).toBeLessThan(1e-15);
  expect(Math.abs(weights[19] / 1.257800672437927e-13 - 1)).toBeLessThan(1e-13);
});

test('smooth integrands converge to rounding', () => {
  expect(integrate(gaussLegendre(16), Math.exp)).toBeCloseTo(Math.E - 1 / Math.E, 14);
  expect(integrate(gaussHermite(30), Math.cos)).toBeCloseTo(Math.exp(-0.5), 14);
  expect(integrate(gaussLaguerre(40), (x) => Math.exp(-x))).toBeCloseTo(0.5, 14);
});
