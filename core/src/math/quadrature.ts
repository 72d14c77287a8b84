import { fail, show } from '../errors.js';

/** A quadrature rule `int f(x) w(x) dx ~ sum_i weights_i f(nodes_i)`, nodes ascending. Shared: do not write to it. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** An orthonormal family: `sqrt(b_{k+1}) p_{k+1} = (x - a_k) p_k - sqrt(b_k) p_{k-1}`, `p_0 = 1/sqrt(total)`. */
interface Family {
  readonly name: string;
  /** `int w(x) dx`. */
  readonly total: number;
  /** The largest number of nodes for which {@link decay} stays above underflow. */
  readonly limit: number;
  readonly symmetric: boolean;
  diagonal(k: number): number;
  square(k: number): number;
  /** A factor near `sqrt(w(x))` that keeps the recurrence from overflowing. */
  decay(x: number): number;
}

const legendre: Family = {
  name: 'gaussLegendre',
  total: 2,
  limit: 1000,
  symmetric: true,
  diagonal: () => 0,
  square: (k) => (k * k) / (4 * k * k - 1),
  decay: () => 1,
};
const hermite: Family = {
  name: 'gaussHermite',
  total: 1,
  limit: 700,
  symmetric: true,
  diagonal: () => 0,
  square: (k) => k,
  decay: (x) => Math.exp(-0.25 * x * x),
};
const laguerre: Family = {
  name: 'gaussLaguerre',
  total: 1,
  limit: 350,
  symmetric: false,
  diagonal: (k) => 2 * k + 1,
  square: (k) => k * k,
  decay: (x) => Math.exp(-0.5 * x),
};

/**
 * Gauss-Legendre: `int_{-1}^{1} f(x) dx`, exact for polynomials of degree up to 2n - 1. O(n^2) the first time,
 * then cached.
 *
 * @param n number of nodes, 1 to 1000.
 *
 * @example
 * const { nodes, weights } = gaussLegendre(5);
 * nodes.reduce((sum, x, i) => sum + weights[i] * x ** 8, 0); // 2/9
 */
export function gaussLegendre(n: number): Quadrature {
  return rule(legendre, n);
}

/**
 * Gauss-Hermite for the standard normal law: `E f(Z) ~ sum_i weights_i f(nodes_i)`, exact up to degree 2n - 1.
 * Weights below 1e-300 come out as 0.
 *
 * @param n number of nodes, 1 to 700.
 */
export function gaussHermite(n: number): Quadrature {
  return rule(hermite, n);
}

/**
 * Gauss-Laguerre for the standard exponential law: `int_0^inf f(x) e^-x dx`, exact up to degree 2n - 1.
 * Weights below 1e-300 come out as 0.
 *
 * @param n number of nodes, 1 to 350.
 */
export function gaussLaguerre(n: number): Quadrature {
  return rule(laguerre, n);
}

const cache = new Map<string, Quadrature>();

function rule(family: Family, n: number): Quadrature {
  if (!(Number.isInteger(n) && n >= 1 && n <= family.limit)) {
    fail({
      code: 'invalid-argument',
      where: family.name,
      problem: 'the number of nodes is not usable',
      got: show(n),
      expected: `an integer from 1 to ${family.limit}`,
      fix: 'pass the number of nodes wanted',
    });
  }
  const key = `${family.name} ${n}`;
  const known = cache.get(key);
  if (known) return known;
  const made = makeRule(family, n);
  cache.set(key, made);
  return made;
}

/**
 * Nodes are the eigenvalues of the Jacobi matrix [GolubWelsch1969], polished by Newton's method on p_n; weights are
 * `1 / sum_{k<n} p_k(x)^2`, which keeps small ones relatively accurate where squared eigenvectors do not.
 */
function makeRule(family: Family, n: number): Quadrature {
  const diagonal = Float64Array.from({ length: n }, (_, k) => family.diagonal(k));
  const roots = Float64Array.from({ length: n + 1 }, (_, k) => (k === 0 ? 0 : Math.sqrt(family.square(k))));
  const nodes = tridiagonalEigenvalues(diagonal.slice(), roots.slice(1, n));
  const weights = new Float64Array(n);
  const half = n >> 1;
  for (let i = 0; i < n; i++) {
    if (family.symmetric && i >= n - half) {
      nodes[i] = -nodes[n - 1 - i];
      weights[i] = weights[n - 1 - i];
      continue;
    }
    if (family.symmetric && n % 2 === 1 && i === half) nodes[i] = 0;
    else for (let k = 0; k < 2; k++) nodes[i] -= evaluate(nodes[i]).newton;
    weights[i] = evaluate(nodes[i]).weight;
  }
  return { nodes, weights };

  function evaluate(x: number): { readonly newton: number; readonly weight: number } {
    const start = family.decay(x) / Math.sqrt(family.total);
    let [before, value, slopeBefore, slope, squares] = [0, start, 0, 0, 0];
    for (let k = 0; k < n; k++) {
      squares += value * value;
      const next = ((x - diagonal[k]) * value - roots[k] * before) / roots[k + 1];
      const slopeNext = ((x - diagonal[k]) * slope + value - roots[k] * slopeBefore) / roots[k + 1];
      [before, value, slopeBefore, slope] = [value, next, slope, slopeNext];
    }
    return { newton: value / slope, weight: (start * start * family.total) / squares };
  }
}

/**
 * Eigenvalues, ascending, of the symmetric tridiagonal matrix with diagonal `d` (n, overwritten) and off-diagonal
 * `off` (n - 1), by the QL method with implicit Wilkinson shifts; O(n^2).
 */
function tridiagonalEigenvalues(d: Float64Array, off: Float64Array): Float64Array {
  const n = d.length;
  const e = new Float64Array(n);
  e.set(off);
  for (let low = 0; low < n; low++) {
    for (;;) {
      let high = low;
      while (high < n - 1 && Math.abs(e[high]) > Number.EPSILON * (Math.abs(d[high]) + Math.abs(d[high + 1]))) high++;
      if (high === low) break;
      sweep(d, e, low, high);
    }
  }
  return d.sort();
}

/** One implicit QL sweep on rows low..high: the bulge is chased upward by plane rotations (c, s). */
function sweep(d: Float64Array, e: Float64Array, low: number, high: number): void {
  const gap = (d[low + 1] - d[low]) / (2 * e[low]);
  const shift = d[low] - e[low] / (gap + Math.sign(gap || 1) * Math.hypot(gap, 1));
  let [g, s, c, moved] = [d[high] - shift, 1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const length = Math.hypot(f, g);
    e[i + 1] = length;
    if (length === 0) {
      d[i + 1] -= moved;
      e[high] = 0;
      return;
    }
    s = f / length;
    c = g / length;
    g = d[i + 1] - moved;
    const r = (d[i] - g) * s + 2 * c * b;
    moved = s * r;
    d[i + 1] = g + moved;
    g = c * r - b;
  }
  d[low] -= moved;
  e[low] = g;
  e[high] = 0;
}
