import { type Activation, gaussHermite, type Quadrature } from '@muflow/core';

/** Coefficients `a_k = E[g(s Z) h_k(Z)]`, k below `count`, of g = sigma, sigma', sigma'' at one scale s = sqrt(q). */
export interface HermiteRow {
  /** Index into the ladder of numbers of terms. */
  readonly level: number;
  readonly count: number;
  /** 3*count: those of sigma, then of sigma', then of sigma''. */
  readonly coefficients: Float64Array;
  /** The terms left out are below rounding in every kernel between rows of this level. */
  readonly resolved: boolean;
}

/**
 * Terms kept. Below the highest level Gauss-Hermite rules of 3/2 as many nodes are exact on products of terms. The highest
 * takes the trapezoidal rule, whose step resolves 1536 terms times functions that bend within 0.3 of the line.
 */
const termsOfLevel = [16, 32, 64, 128, 256, 448, 1536] as const;
const highestLevel = termsOfLevel.length - 1;
const trapezoidStep = 0.05;

/**
 * Terms of a resolved row end below this share of its size: their products are then below 1e-14 and, for the last two levels,
 * where the next one is dear or absent, below 1e-11 and 1e-10.
 */
const shareOfLevel = [1e-7, 1e-7, 1e-7, 1e-7, 1e-7, 3e-6, 1e-5] as const;
/** Beyond, `h_k(z) exp(-z^2/2)` is below 1e-18 for every k: the nodes there bring nothing. */
const farthestNode = 13;

/** The half of a rule at z > 0: the other one follows from `h_k(-z) = (-1)^k h_k(z)`. */
interface Table {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
  readonly terms: number;
  /** `w_i h_k(z_i)`, terms*nodes, h_k the orthonormal Hermite polynomials. */
  readonly products: Float64Array;
}

const tables: (Table | undefined)[] = [];

function tableOf(level: number): Table {
  const known = tables[level];
  if (known !== undefined) return known;
  const terms = termsOfLevel[level];
  const rule = level === highestLevel ? trapezoid() : gaussHermite((3 * terms) / 2);
  const near = Array.from(rule.nodes.keys()).filter((i) => rule.nodes[i] > 0 && rule.nodes[i] < farthestNode);
  const nodes = Float64Array.from(near, (i) => rule.nodes[i]);
  const weights = Float64Array.from(near, (i) => rule.weights[i]);
  const n = nodes.length;
  const products = new Float64Array(terms * n);
  products.set(weights);
  for (let k = 1; k < terms; k++) {
    for (let i = 0; i < n; i++) {
      const before = k > 1 ? Math.sqrt(k - 1) * products[(k - 2) * n + i] : 0;
      products[k * n + i] = (nodes[i] * products[(k - 1) * n + i] - before) / Math.sqrt(k);
    }
  }
  const table = { nodes, weights, terms, products };
  tables[level] = table;
  return table;
}

/** For the standard normal law, on z > 0; symmetric with its mirror image. */
function trapezoid(): Quadrature {
  const nodes = Float64Array.from({ length: farthestNode / trapezoidStep }, (_, i) => (i + 0.5) * trapezoidStep);
  const scale = trapezoidStep / Math.sqrt(2 * Math.PI);
  return { nodes, weights: nodes.map((z) => scale * Math.exp(-0.5 * z * z)) };
}

/** The row at scale `Math.sqrt(q)` of one level. O(terms nodes): 2 us at the lowest level, 3 ms at the highest. */
export function hermiteRow(activation: Activation, q: number, level: number): HermiteRow {
  const { nodes, weights, terms: count, products } = tableOf(level);
  const n = nodes.length;
  const points = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    points[i] = Math.sqrt(q) * nodes[i];
    points[n + i] = -points[i];
  }
  const jet = { value: new Float64Array(2 * n), slope: new Float64Array(2 * n), curvature: new Float64Array(2 * n) };
  activation.curvatureInto(jet, points, 2 * n);
  const parts = [jet.value, jet.slope, jet.curvature];
  let squares = 0;
  for (const values of parts) {
    for (let i = 0; i < n; i++) squares += weights[i] * (values[i] * values[i] + values[n + i] * values[n + i]);
  }
  const [even, odd] = [1, -1].map((sign) => parts.map((values) => folded(values, sign)));
  const coefficients = new Float64Array(3 * count);
  for (let k = 0; k < count; k++) {
    const [value, slope, curvature] = k % 2 === 0 ? even : odd;
    let [ofValue, ofSlope, ofCurvature] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const product = products[k * n + i];
      ofValue += product * value[i];
      ofSlope += product * slope[i];
      ofCurvature += product * curvature[i];
    }
    coefficients[k] = ofValue;
    coefficients[count + k] = ofSlope;
    coefficients[2 * count + k] = ofCurvature;
  }
  const bound = shareOfLevel[level] * Math.sqrt(squares);
  return { level, count, coefficients, resolved: isResolved(coefficients, count, bound) };
}

/** `g(z_i) + sign g(-z_i)`. */
function folded(values: Float64Array, sign: number): Float64Array {
  const n = values.length / 2;
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = values[i] + sign * values[n + i];
  return out;
}

function isResolved(coefficients: Float64Array, count: number, bound: number): boolean {
  for (let p = 0; p < 3; p++) {
    for (let k = (3 * count) / 4; k < count; k++) {
      if (!(Math.abs(coefficients[p * count + k]) <= bound)) return false;
    }
  }
  return true;
}

/** The row of the lowest level that resolves sigma at this q; an unresolved one without terms where none does. */
export function resolvedRow(activation: Activation, q: number): HermiteRow {
  let row = hermiteRow(activation, q, 0);
  while (!row.resolved && row.level < highestLevel) row = hermiteRow(activation, q, row.level + 1);
  return row.resolved ? row : { ...row, count: 0, coefficients: new Float64Array(0) };
}

/**
 * `[K, 2 dK/dq11, 2 dK/dq22, dK/dq12]` from two rows of one level, with r the correlation: by Mehler's formula
 * `K = sum_k a_k a'_k r^k`, and the derivatives are `E[sigma'' sigma]`, `E[sigma sigma'']`, `E[sigma' sigma']`.
 */
export function mehlerInto(out: Float64Array, first: HermiteRow, second: HermiteRow, r: number): void {
  const { count, coefficients: a } = first;
  const b = second.coefficients;
  let value = 0;
  let left = 0;
  let right = 0;
  let cross = 0;
  let power = 1;
  for (let k = 0; k < count; k++) {
    value += power * a[k] * b[k];
    cross += power * a[count + k] * b[count + k];
    left += power * a[2 * count + k] * b[k];
    right += power * a[k] * b[2 * count + k];
    power *= r;
    // The rest is below rounding whatever the coefficients.
    if (power < 1e-18 && power > -1e-18) break;
  }
  out[0] = value;
  out[1] = left;
  out[2] = right;
  out[3] = cross;
}
