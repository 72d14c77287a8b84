import { fail, show } from '../errors.js';
import { symmetricEigen } from './linalg.js';

/** Nodes (ascending) and weights of a quadrature rule. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

const cache = new Map<string, Quadrature>();

/**
 * Gauss-Legendre on [-1, 1]: exact for polynomials of degree 2n - 1. Newton's method on the Legendre
 * polynomial from Chebyshev-like guesses; O(n^2) once, then cached.
 */
export function gaussLegendre(n: number): Quadrature {
  return cached(`legendre ${n}`, n, () => {
    const nodes = new Float64Array(n);
    const weights = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let x = Math.cos((Math.PI * (n - i - 0.25)) / (n + 0.5));
      let slope = 1;
      for (let k = 0; k < 100; k++) {
        const [value, derivative] = legendre(n, x);
        slope = derivative;
        const change = value / derivative;
        x -= change;
        if (Math.abs(change) <= 1e-16) break;
      }
      nodes[i] = 2 * i + 1 === n ? 0 : x;
      slope = legendre(n, nodes[i])[1];
      weights[i] = 2 / ((1 - nodes[i] * nodes[i]) * slope * slope);
    }
    return { nodes, weights };
  });
}

/** P_n and its derivative by the three-term recurrence. */
function legendre(n: number, x: number): readonly [number, number] {
  let previous = 1;
  let current = x;
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
    previous = current;
    current = next;
  }
  return [current, (n * (x * current - previous)) / (x * x - 1)];
}

/**
 * Gauss-Hermite for the standard normal law: `sum w_i f(x_i) ~ E f(Z)`, exact to degree 2n - 1.
 * Eigenvalues of the Jacobi matrix with off-diagonal sqrt(k). Source: [GolubWelsch1969].
 */
export function gaussHermite(n: number): Quadrature {
  return cached(`hermite ${n}`, n, () => {
    const jacobi = new Float64Array(n * n);
    for (let k = 1; k < n; k++) {
      jacobi[k * n + k - 1] = Math.sqrt(k);
      jacobi[(k - 1) * n + k] = Math.sqrt(k);
    }
    const { values, vectors } = symmetricEigen(jacobi, n);
    const weights = new Float64Array(n);
    for (let i = 0; i < n; i++) weights[i] = vectors[i] * vectors[i];
    return { nodes: values, weights };
  });
}

function cached(key: string, n: number, make: () => Quadrature): Quadrature {
  if (!(Number.isInteger(n) && n >= 1 && n <= 1000)) {
    fail({
      code: 'invalid-argument',
      where: 'quadrature',
      problem: 'the number of nodes is not usable',
      got: show(n),
      expected: 'an integer from 1 to 1000',
      fix: 'pass the number of nodes wanted',
    });
  }
  const known = cache.get(key);
  if (known) return known;
  const made = make();
  cache.set(key, made);
  return made;
}
