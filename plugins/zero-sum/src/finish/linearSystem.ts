/** Dense linear systems with iterative refinement: the residual is summed in twice the working precision. */

/** `P a = L U` of a square matrix, in one array. */
export interface Factors {
  readonly size: number;
  readonly entries: Float64Array;
  readonly order: Int32Array;
}

/** Gaussian elimination with partial pivoting; null where a pivot vanishes. Cost `d^3 / 3`. */
export function factorize(a: Float64Array, d: number): Factors | null {
  const entries = a.slice();
  const order = Int32Array.from({ length: d }, (_, i) => i);
  for (let k = 0; k < d; k++) {
    let best = k;
    for (let i = k + 1; i < d; i++) if (Math.abs(entries[i * d + k]) > Math.abs(entries[best * d + k])) best = i;
    const pivot = entries[best * d + k];
    if (!(Math.abs(pivot) > 1e-14)) return null;
    if (best !== k) exchangeRows(entries, order, { d, k, best });
    for (let i = k + 1; i < d; i++) {
      const factor = entries[i * d + k] / pivot;
      entries[i * d + k] = factor;
      if (factor === 0) continue;
      for (let j = k + 1; j < d; j++) entries[i * d + j] -= factor * entries[k * d + j];
    }
  }
  return { size: d, entries, order };
}

function exchangeRows(
  entries: Float64Array,
  order: Int32Array,
  { d, k, best }: { d: number; k: number; best: number },
): void {
  for (let j = 0; j < d; j++) {
    const held = entries[k * d + j];
    entries[k * d + j] = entries[best * d + j];
    entries[best * d + j] = held;
  }
  const held = order[k];
  order[k] = order[best];
  order[best] = held;
}

/** Solves `a x = b` from the factors of a. */
export function solveFactored({ size: d, entries, order }: Factors, b: Float64Array): Float64Array {
  const x = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    let sum = b[order[i]];
    for (let j = 0; j < i; j++) sum -= entries[i * d + j] * x[j];
    x[i] = sum;
  }
  for (let i = d - 1; i >= 0; i--) {
    let sum = x[i];
    for (let j = i + 1; j < d; j++) sum -= entries[i * d + j] * x[j];
    x[i] = sum / entries[i * d + i];
  }
  return x;
}

/** Solves `a x = b`, refined twice; null for a singular matrix. @param a d*d, entries of size about 1. */
export function solveRefined(a: Float64Array, b: Float64Array, d: number): Float64Array | null {
  const factors = factorize(a, d);
  if (factors === null) return null;
  const x = solveFactored(factors, b);
  const residual = new Float64Array(d);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < d; i++) residual[i] = residualOf(a, x, { start: i * d, d, b: b[i] });
    const correction = solveFactored(factors, residual);
    for (let i = 0; i < d; i++) x[i] += correction[i];
  }
  return x;
}

/** `b - sum_j a_j x_j` as if in twice the precision [OgitaRumpOishi2005, algorithm 5.3]. */
function residualOf(
  a: Float64Array,
  x: Float64Array,
  { start, d, b }: { start: number; d: number; b: number },
): number {
  let sum = b;
  let error = 0;
  for (let j = 0; j < d; j++) {
    const u = -a[start + j];
    const v = x[j];
    const product = u * v;
    const splitU = 134217729 * u;
    const highU = splitU - (splitU - u);
    const lowU = u - highU;
    const splitV = 134217729 * v;
    const highV = splitV - (splitV - v);
    const lowV = v - highV;
    const next = sum + product;
    const tail = next - sum;
    error +=
      sum - (next - tail) + (product - tail) + (highU * highV - product + highU * lowV + lowU * highV + lowU * lowV);
    sum = next;
  }
  return sum + error;
}
