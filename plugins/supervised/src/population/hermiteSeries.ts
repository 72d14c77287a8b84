import { gaussHermite } from '@muflow/core';
import type { Activation } from '../deep/activation.js';

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

/** Nodes of the rule; 2/3 as many terms, so that the rule is exact on products of the terms kept. */
const nodesOfLevel = [24, 48, 96, 192, 384, 672] as const;
export const highestLevel = nodesOfLevel.length - 1;

/**
 * Terms of a resolved row end below this share of its size, so that their products are below 1e-14; those of the highest
 * level, where there is no next one, below the second, and their products below 1e-11.
 */
const resolvedShare = 1e-7;
const lastShare = 3e-6;
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
  const rule = gaussHermite(nodesOfLevel[level]);
  const near = Array.from(rule.nodes.keys()).filter((i) => rule.nodes[i] > 0 && rule.nodes[i] < farthestNode);
  const nodes = Float64Array.from(near, (i) => rule.nodes[i]);
  const weights = Float64Array.from(near, (i) => rule.weights[i]);
  const n = nodes.length;
  const terms = (2 * nodesOfLevel[level]) / 3;
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

/** The row at scale `Math.sqrt(q)` of one level. O(terms nodes): 2 us at the lowest level, 0.3 ms at the highest. */
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
  const bound = (level === highestLevel ? lastShare : resolvedShare) * Math.sqrt(squares);
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

/** The lowest level that resolves sigma at this q, or the highest where none does. */
export function resolvedRow(activation: Activation, q: number): HermiteRow {
  let row = hermiteRow(activation, q, 0);
  while (!row.resolved && row.level < highestLevel) row = hermiteRow(activation, q, row.level + 1);
  return row;
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
