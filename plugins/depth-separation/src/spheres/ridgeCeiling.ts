import { gaussLegendre, harmonicCount, legendreInto, solvePositiveDefinite } from '@muflow/core';
import type { HarmonicEnergies } from './harmonicEnergies.js';

/** What ridge neurons `psi(<w, x> + <w, x'>)` averaged over w can do, by the budget they need. */
export interface RidgeCeiling {
  /** The least budget over |g| that comes within a relative L2 error; infinite below what `degree` leaves out. */
  budget(error: number): number;
  /** The least relative squared error within a budget over |g|. */
  error(budget: number): number;
  /** The neuron that spends least within a relative L2 error. */
  neuron(error: number): RidgeNeuron;
  /** The largest degree of harmonics used. */
  readonly degree: number;
}

/** A neuron whose average over directions is the approximation of g/|g|. */
export interface RidgeNeuron {
  /** Its length in the mean square, the budget it spends. */
  readonly budget: number;
  /** psi(u), `u = <w, x> + <w, x'>` from -2 to 2; not yet split into halves by parity. */
  valueAt(u: number): number;
  /** Parity of the degrees of g: the neuron is `(psi(s + s') + parity psi(s - s'))/2`, or psi(s + s') where it is 0. */
  readonly parity: -1 | 0 | 1;
}

/** Energy over the whole that may be left out above the largest degree. */
const left = 1e-8;
/** Degrees of psi beyond twice the largest degree of harmonics. */
const beyond = 24;

/**
 * The least norm budget that averages of one ridge function need for g = h(<x, x'>): a ceiling to the floor of pair
 * products, within the class of ridge neurons with any psi and infinite width.
 *
 * `f(x, x') = B E_w psi(<w, x> + <w, x'>)`, w uniform on the sphere and psi of unit length in the law of `u = s + s'`,
 * depends on <x, x'> alone and has the coefficient `B <psi, q_k> / sqrt(N(d, k))` on the unit function h_k, where
 * `q_k(u) = E[N(d, k) P_k(s) P_k(s') | s + s' = u]`. Where g has degrees of one parity, `psi(s + s')` and
 * `+-psi(s - s')` by halves clear the other. With `G = <q_j, q_k>` and D = diag(1/sqrt(N)) the least error within B is
 * that of a ridge regression: `(D G D + t) y = a`, error `t |y|`, `B^2 = <y, D G D y>`. psi is a polynomial of degree
 * at most 2K + 24 here, so that budgets are those of a network, not bounds on the best one. O(K^4).
 * Derived here.
 */
export function ridgeCeiling(energies: HarmonicEnergies): RidgeCeiling {
  const { dim, square, byDegree, signs } = energies;
  const degree = lastDegree(energies);
  const { degrees, parity } = usedDegrees(byDegree, degree);
  const target = Float64Array.from(degrees, (k) => signs[k] * Math.sqrt(byDegree[k] / square));
  const rest = Math.max(0, 1 - target.reduce((sum, a) => sum + a * a, 0));
  const projections = pairProjections(dim, degrees);
  const gram = gramOf(projections.rows);
  const n = degrees.length;
  const at = (t: number): State => {
    const matrix = gram.slice();
    for (let i = 0; i < n; i++) matrix[i * n + i] += t;
    const y = solvePositiveDefinite(matrix, target, n);
    let [length2, budget2] = [0, 0];
    for (let i = 0; i < n; i++) {
      length2 += y[i] * y[i];
      for (let j = 0; j < n; j++) budget2 += y[i] * gram[i * n + j] * y[j];
    }
    return { y, error2: t * t * length2 + rest, budget2 };
  };
  /** The state of the largest t whose states hold a condition; it holds below some t. */
  const search = (holds: (state: State) => boolean): State => {
    let [low, high] = [Math.log(gram[gram.length - 1]) - 12, 4];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (holds(at(Math.exp(middle)))) low = middle;
      else high = middle;
    }
    return at(Math.exp(low));
  };
  const within = (error: number): State => search((state) => state.error2 <= error * error);
  return {
    degree,
    budget(error) {
      if (error >= 1) return 0;
      const { error2, budget2 } = within(error);
      return error2 <= error * error * (1 + 1e-9) ? Math.sqrt(budget2) : Infinity;
    },
    error: (budget) => search((state) => state.budget2 >= budget * budget).error2,
    neuron(error) {
      const { y, budget2 } = within(error);
      return { budget: Math.sqrt(budget2), parity, valueAt: polynomialOf(projections, y) };
    },
  };
}

/** The solution of the ridge regression at one penalty. */
interface State {
  readonly y: Float64Array;
  readonly error2: number;
  readonly budget2: number;
}

function lastDegree({ byDegree, square }: HarmonicEnergies): number {
  let [degree, tail] = [byDegree.length - 1, 0];
  while (degree > 1 && tail + byDegree[degree] < left * square) tail += byDegree[degree--];
  return degree;
}

/** Degrees of one parity where the function has no other, all of them otherwise. */
function usedDegrees(
  byDegree: Float64Array,
  degree: number,
): { readonly degrees: readonly number[]; readonly parity: -1 | 0 | 1 } {
  const all = Array.from({ length: degree + 1 }, (_, k) => k);
  const has = (parity: number): boolean => all.some((k) => k % 2 === parity && byDegree[k] > 0);
  if (has(0) && has(1)) return { degrees: all, parity: 0 };
  const odd = has(1);
  return { degrees: all.filter((k) => k % 2 === (odd ? 1 : 0)), parity: odd ? -1 : 1 };
}

/** `sqrt(N_k) E[P_k(s) P_k(s') r_m(s + s')]` in the orthonormal polynomials r_m of the law of s + s'. */
interface PairProjections {
  /** One row a degree, m = 0, 1, ... */
  readonly rows: readonly Float64Array[];
  /** c_m of `c_{m+1} r_{m+1} = u r_m - c_m r_{m-1}`, m = 1, 2, ... */
  readonly couplings: Float64Array;
}

function pairProjections(dim: number, degrees: readonly number[]): PairProjections {
  const top = degrees[degrees.length - 1];
  const order = 2 * top + beyond;
  const { nodes, weights } = angleRule(dim, order + top);
  const zonal = degrees.map(() => new Float64Array(nodes.length));
  const values = new Float64Array(top + 1);
  nodes.forEach((t, i) => {
    legendreInto(values, dim, t);
    degrees.forEach((k, a) => {
      zonal[a][i] = values[k];
    });
  });
  const rows = degrees.map(() => new Float64Array(order + 1));
  const couplings = eachPolynomial(nodes, weights, order, (polynomial, m) => {
    // r_m has the parity of m, and P_k(s) P_k(s') pairs with degrees m >= 2k of s + s' alone.
    if (m % 2 === 1) return;
    degrees.forEach((k, a) => {
      if (2 * k <= m) rows[a][m] = Math.sqrt(harmonicCount(dim, k)) * pairMean(polynomial, zonal[a], weights);
    });
  });
  return { rows, couplings };
}

const gramOf = (rows: readonly Float64Array[]): Float64Array =>
  Float64Array.from(rows.flatMap((a) => rows.map((b) => a.reduce((sum, value, m) => sum + value * b[m], 0))));

/** `sum_m c_m r_m(u)` with `c = sum_k sign_k y_k row_k`. */
function polynomialOf({ rows, couplings }: PairProjections, y: Float64Array): (u: number) => number {
  const coefficients = new Float64Array(couplings.length);
  rows.forEach((row, a) => {
    for (let m = 0; m < coefficients.length; m++) coefficients[m] += y[a] * row[m];
  });
  return (u) => {
    let [before, current, sum] = [0, 1, coefficients[0]];
    for (let m = 1; m < coefficients.length; m++) {
      [before, current] = [current, (u * current - (m > 1 ? couplings[m - 1] : 0) * before) / couplings[m]];
      sum += coefficients[m] * current;
    }
    return sum;
  };
}

/** Nodes and masses of a coordinate on the sphere: Gauss-Legendre in the angle, for polynomials up to a degree. */
function angleRule(dim: number, degree: number): { readonly nodes: Float64Array; readonly weights: Float64Array } {
  const { nodes, weights } = gaussLegendre(Math.ceil(0.9 * degree + 0.5 * dim) + 30);
  const angles = nodes.map((x) => (Math.PI / 2) * (x + 1));
  const masses = weights.map((weight, i) => weight * Math.sin(angles[i]) ** (dim - 2));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return { nodes: angles.map(Math.cos), weights: masses.map((mass) => mass / total) };
}

/** `r_0, r_1, ..., r_order` at all sums of two nodes (n*n), by Stieltjes' recurrence; the law of s + s' is even. */
function eachPolynomial(
  nodes: Float64Array,
  weights: Float64Array,
  order: number,
  use: (polynomial: Float64Array, m: number) => void,
): Float64Array {
  const n = nodes.length;
  let before = new Float64Array(n * n);
  let current = new Float64Array(n * n).fill(1);
  const couplings = new Float64Array(order + 1);
  for (let m = 0; ; m++) {
    use(current, m);
    if (m === order) return couplings;
    let square = 0;
    // In place of the polynomial before: it is not needed again.
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const at = i * n + j;
        const next = (nodes[i] + nodes[j]) * current[at] - couplings[m] * before[at];
        before[at] = next;
        square += weights[i] * weights[j] * next * next;
      }
    }
    couplings[m + 1] = Math.sqrt(square);
    for (let at = 0; at < n * n; at++) before[at] /= couplings[m + 1];
    [before, current] = [current, before];
  }
}

/** `E r(s + s') P(s) P(s')` over independent nodes. */
function pairMean(polynomial: Float64Array, zonal: Float64Array, weights: Float64Array): number {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let inner = 0;
    for (let j = 0; j < n; j++) inner += weights[j] * polynomial[i * n + j] * zonal[j];
    sum += weights[i] * zonal[i] * inner;
  }
  return sum;
}
