import type { CellBound } from './cellBound.js';
import { above, below } from './derivativeSlots.js';
import { quadraticBound } from './quadraticBound.js';

/**
 * Lower bounds of a polynomial over cells of [-1, 1]^d from its own coefficients. They are moved to the middle of
 * the cell and scaled, so that `V(c + r s) = sum_a b_a s^a`, |s_j| <= 1; the bound is the better of
 * - the least Bernstein coefficient, sharp on cells where V is least at a corner;
 * - the least of the quadratic part, less the sizes of all b_a of order 3 and more that can be negative.
 * A cell on which V is monotone holds no minimizer, or is shrunk onto a wall of the box.
 * Source: [MooreKearfottCloud2009], chapters 5 and 6, for bounds by Taylor forms.
 */
export interface PolynomialBound extends CellBound {
  /** Takes new coefficients, dense and row-major by exponents, with a bound of their sum of sizes. */
  setCoefficients(coefficients: Float64Array): void;
}

/** Bounds for polynomials of the given degree in each coordinate. A cell costs O(d n N), N coefficients of degree n. */
export function polynomialBound(degrees: readonly number[]): PolynomialBound {
  const dim = degrees.length;
  const strides = degrees.map((_, j) => degrees.slice(j + 1).reduce((product, n) => product * (n + 1), 1));
  const count = degrees.reduce((product, n) => product * (n + 1), 1);
  const exponents = Array.from({ length: count }, (_, i) =>
    degrees.map((n, j) => Math.floor(i / strides[j]) % (n + 1)),
  );
  const order = Int32Array.from(exponents, (all) => all.reduce((sum, e) => sum + e, 0));
  const isEven = Uint8Array.from(exponents, (all) => (all.every((e) => e % 2 === 0) ? 1 : 0));
  const flat = Int32Array.from(exponents.flat());
  const conversions = degrees.map(bernsteinConversion);
  const coefficients = new Float64Array(count);
  const [moved, bernstein] = [new Float64Array(count), new Float64Array(count)];
  const line = new Float64Array(Math.max(...degrees) + 1);
  const from = new Float64Array(line.length);
  const [center, candidate, radius] = [0, 1, 2].map(() => new Float64Array(dim));
  const active = new Int32Array(dim);
  const quadratic = quadraticBound(dim);
  const totalDegree = degrees.reduce((sum, n) => sum + n, 0);
  const state = { size: 0, error: 0, centerUpper: 0, candidateValue: 0, split: 0 };

  /** Applies `change` to every line of an array along axis j. */
  const alongAxis = (array: Float64Array, j: number, change: (n: number) => void): void => {
    const n = degrees[j];
    const stride = strides[j];
    for (let outer = 0; outer < count; outer += stride * (n + 1)) {
      for (let inner = outer; inner < outer + stride; inner++) {
        for (let k = 0; k <= n; k++) line[k] = array[inner + k * stride];
        change(n);
        for (let k = 0; k <= n; k++) array[inner + k * stride] = line[k];
      }
    }
  };

  /** Coefficients at `c + r s` by repeated synthetic division; the sum of their errors is below `state.error`. */
  const move = (c: Float64Array, r: Float64Array): void => {
    moved.set(coefficients);
    for (let j = 0; j < dim; j++) {
      alongAxis(moved, j, (n) => {
        for (let k = 0; k < n; k++) for (let l = n - 1; l >= k; l--) line[l] += c[j] * line[l + 1];
        let scale = 1;
        for (let k = 1; k <= n; k++) {
          scale *= r[j];
          line[k] *= scale;
        }
      });
    }
  };

  const valueAt: CellBound['valueAt'] = (point) => {
    moved.set(coefficients);
    for (let j = 0; j < dim; j++) {
      alongAxis(moved, j, (n) => {
        let value = line[n];
        for (let k = n - 1; k >= 0; k--) value = value * point[j] + line[k];
        line.fill(0, 0, n + 1);
        line[0] = value;
      });
    }
    return { upper: above(moved[0] + state.error), width: 2 * state.error };
  };

  const measureCell = (lower: Float64Array, upper: Float64Array, start: number): number => {
    let m = 0;
    for (let j = 0; j < dim; j++) {
      const [p, q] = [lower[start + j], upper[start + j]];
      center[j] = p === q ? p : p / 2 + q / 2;
      candidate[j] = center[j];
      radius[j] = p === q ? 0 : above(Math.max(center[j] - p, q - center[j]));
      if (radius[j] > 0) active[m++] = j;
    }
    return m;
  };

  /** 0 where V has no sign of slope; 1 where the cell was shrunk onto a wall; -1 where it holds no minimizer. */
  const monotone = (lower: Float64Array, upper: Float64Array, start: number): number => {
    let shrunk = 0;
    for (let j = 0; j < dim; j++) {
      if (radius[j] === 0 || degrees[j] === 0) continue;
      const slope = moved[strides[j]];
      let change = degrees[j] * state.error;
      for (let i = 0; i < count; i++) if (order[i] > 1) change += flat[i * dim + j] * Math.abs(moved[i]);
      if (!(Math.abs(slope) > change * (1 + (count + 8) * 2 ** -52))) continue;
      const wall = slope > 0 ? lower[start + j] <= -1 : upper[start + j] >= 1;
      if (!wall) return -1;
      if (slope > 0) upper[start + j] = lower[start + j];
      else lower[start + j] = upper[start + j];
      shrunk = 1;
    }
    return shrunk;
  };

  /** The least of the quadratic part, less what higher orders can take. */
  const taylor = (m: number): number => {
    for (let i = 0; i < m; i++) {
      const j = active[i];
      quadratic.linear[i] = degrees[j] > 0 ? moved[strides[j]] : 0;
      for (let k = i; k < m; k++) {
        const l = active[k];
        const second = j === l ? (degrees[j] > 1 ? 2 * moved[2 * strides[j]] : 0) : crossTerm(j, l);
        quadratic.middle[i * m + k] = second;
        quadratic.middle[k * m + i] = second;
      }
    }
    const change = quadratic.least(m);
    let loss = 0;
    let size = 0;
    for (let i = 0; i < count; i++) {
      size += Math.abs(moved[i]);
      if (order[i] > 2) loss += isEven[i] === 1 ? Math.max(0, -moved[i]) : Math.abs(moved[i]);
    }
    state.size = size;
    state.candidateValue = moved[0] + change;
    for (let i = 0; i < m; i++) candidate[active[i]] = center[active[i]] + quadratic.minimizer[i] * radius[active[i]];
    return moved[0] + change - loss - size * (count + 4) * 2 ** -52;
  };

  const crossTerm = (j: number, l: number): number =>
    degrees[j] > 0 && degrees[l] > 0 ? moved[strides[j] + strides[l]] : 0;

  const leastBernstein = (): number => {
    bernstein.set(moved);
    for (let j = 0; j < dim; j++) {
      const conversion = conversions[j];
      alongAxis(bernstein, j, (n) => {
        for (let k = 0; k <= n; k++) from[k] = line[k];
        for (let i = 0; i <= n; i++) {
          let sum = 0;
          for (let k = 0; k <= n; k++) sum += conversion[i * (n + 1) + k] * from[k];
          line[i] = sum;
        }
      });
    }
    let least = Infinity;
    for (let i = 0; i < count; i++) least = Math.min(least, bernstein[i]);
    return least - state.size * (totalDegree + 4 * dim + 4) * 2 ** -51;
  };

  return {
    center,
    candidate,
    valueAt,
    centerUpper: () => state.centerUpper,
    candidateValue: () => state.candidateValue,
    split: () => state.split,
    setCoefficients(given) {
      coefficients.set(given);
      let size = 0;
      for (let i = 0; i < count; i++) size += Math.abs(coefficients[i]);
      state.error = size * (3 * totalDegree + 2 * dim + 8) * 2 ** -51 + 2 ** -1000;
    },
    bound(lower, upper, start) {
      let m = measureCell(lower, upper, start);
      move(center, radius);
      for (let turn = monotone(lower, upper, start); turn !== 0; turn = monotone(lower, upper, start)) {
        if (turn < 0) return Infinity;
        m = measureCell(lower, upper, start);
        move(center, radius);
      }
      state.centerUpper = above(moved[0] + state.error);
      state.candidateValue = state.centerUpper;
      if (m === 0) return below(moved[0] - state.error);
      const byTaylor = taylor(m);
      const byBernstein = leastBernstein();
      let most = -1;
      for (let i = 0; i < m; i++) {
        const j = active[i];
        let score = 0;
        for (let k = 0; k < count; k++) score += flat[k * dim + j] * Math.abs(moved[k]);
        if (score > most) {
          most = score;
          state.split = j;
        }
        candidate[j] = Math.min(upper[start + j], Math.max(lower[start + j], candidate[j]));
      }
      return below(Math.max(byTaylor, byBernstein) - state.error);
    },
  };
}

/**
 * Row i holds the Bernstein coefficients i of `s^0 … s^n` on [-1, 1]: `e_k(1 i times, -1 n - i times) / C(n, k)`, the
 * numerator being the coefficient of z^k in `(1 + z)^i (1 - z)^(n - i)`. Whole numbers below 2^53 for n <= 40, so
 * each entry is rounded once; none exceeds 1.
 */
function bernsteinConversion(n: number): Float64Array {
  const out = new Float64Array((n + 1) ** 2);
  for (let i = 0; i <= n; i++) {
    const product = new Float64Array(n + 1);
    product[0] = 1;
    for (let f = 0; f < n; f++) for (let k = f + 1; k >= 1; k--) product[k] += (f < i ? 1 : -1) * product[k - 1];
    let binomial = 1;
    for (let k = 0; k <= n; k++) {
      out[i * (n + 1) + k] = product[k] / binomial;
      binomial = (binomial * (n - k)) / (k + 1);
    }
  }
  return out;
}
