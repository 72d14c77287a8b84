/** Sums `sum_j q_j K(y_i - z_j)` of the kernel `K(z) = N(z; 0, variance)` and their derivatives in y_i. */
export interface GaussianSum {
  /**
   * Fills `value` and `slope` at the n points `y`. The charges q sit at the same points.
   * Allocates only when n or the number of terms grows.
   */
  evaluate(y: Float64Array, charges: Float64Array, n: number, value: Float64Array, slope: Float64Array): void;
}

/** Largest number of terms tried; beyond it, or where it would not pay, pairs are summed directly. */
const mostTerms = 400;

/**
 * Chooses by range between direct summation (n^2 / 2 exponentials) and the expansion
 *
 *     exp(-(u - v)^2 / 2) = sum_k phi_k(u) phi_k(v),   phi_k(u) = e^(-u^2/2) u^k / sqrt(k!),
 *
 * which costs O(n K). Since `sum_k phi_k(u)^2 = 1`, the part left out after K terms is at most the tail
 * `P(Poisson(R^2) >= K)` for all |u|, |v| <= R: K is taken so that it lies below 1e-17, and both ways
 * agree to rounding.
 */
export function gaussianSum(variance: number): GaussianSum {
  const unit = 1 / Math.sqrt(variance);
  const scale = unit / Math.sqrt(2 * Math.PI);
  let moments = new Float64Array(0);
  return {
    evaluate(y, charges, n, value, slope) {
      let radius = 0;
      for (let i = 0; i < n; i++) radius = Math.max(radius, Math.abs(y[i]) * unit);
      const terms = termsFor(radius);
      if (terms === null || 4 * terms > n) {
        sumDirectly(y, charges, n, variance, scale, value, slope);
        return;
      }
      if (moments.length < terms + 1) moments = new Float64Array(terms + 1);
      sumByMoments(y, charges, n, { unit, scale, terms, moments }, value, slope);
    },
  };
}

/** Smallest K with `P(Poisson(R^2) >= K) < 1e-17`, or null if there is none up to the limit. */
export function termsFor(radius: number): number | null {
  const mean = radius * radius;
  if (!(mean < mostTerms)) return null;
  // Beyond twice the mean the tail is at most twice its first term.
  let logTerm = -mean;
  for (let k = 1; k <= mostTerms; k++) {
    logTerm += Math.log(mean === 0 ? Number.MIN_VALUE : mean) - Math.log(k);
    if (k >= 2 * mean && logTerm < Math.log(5e-18)) return k;
  }
  return null;
}

function sumDirectly(
  y: Float64Array,
  charges: Float64Array,
  n: number,
  variance: number,
  scale: number,
  value: Float64Array,
  slope: Float64Array,
): void {
  value.fill(0, 0, n);
  slope.fill(0, 0, n);
  for (let i = 0; i < n; i++) {
    let sum = charges[i] * scale;
    let derivative = 0;
    // The kernel is even, so each pair is used for both of its atoms.
    for (let j = 0; j < i; j++) {
      const z = y[i] - y[j];
      const k = scale * Math.exp((-z * z) / (2 * variance));
      const dk = (-z / variance) * k;
      sum += charges[j] * k;
      derivative += charges[j] * dk;
      value[j] += charges[i] * k;
      slope[j] -= charges[i] * dk;
    }
    value[i] += sum;
    slope[i] += derivative;
  }
}

interface Expansion {
  readonly unit: number;
  readonly scale: number;
  readonly terms: number;
  readonly moments: Float64Array;
}

/** Moments `M_k = sum_j q_j phi_k(v_j)`, then values `sum_k phi_k(u) M_k`; `phi_k' = sqrt(k) phi_{k-1} - u phi_k`. */
function sumByMoments(
  y: Float64Array,
  charges: Float64Array,
  n: number,
  expansion: Expansion,
  value: Float64Array,
  slope: Float64Array,
): void {
  const { unit, scale, terms, moments } = expansion;
  moments.fill(0);
  for (let j = 0; j < n; j++) {
    const v = y[j] * unit;
    let phi = charges[j] * Math.exp((-v * v) / 2);
    for (let k = 0; k <= terms; k++) {
      moments[k] += phi;
      phi *= v / Math.sqrt(k + 1);
    }
  }
  for (let i = 0; i < n; i++) {
    const u = y[i] * unit;
    let phi = Math.exp((-u * u) / 2);
    let sum = 0;
    let raised = 0;
    for (let k = 0; k < terms; k++) {
      const root = Math.sqrt(k + 1);
      sum += phi * moments[k];
      raised += phi * root * moments[k + 1];
      phi *= u / root;
    }
    value[i] = scale * sum;
    slope[i] = scale * unit * (raised - u * sum);
  }
}
