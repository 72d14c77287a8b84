import type { SetClass, SetNetwork } from '../network/setNetwork.js';
import { degreeOfUnit } from './degreeOfUnit.js';

/** A function of the parameters of a network, with a subgradient. */
export interface ParameterNorm {
  /** @param parameters - `[W | V | A]`. */
  value(parameters: Float64Array): number;
  /** Fills `out`, one number a parameter: 0 for frozen ones and at kinks. Returns the value. */
  subgradientInto(out: Float64Array, parameters: Float64Array): number;
}

/**
 * The norm that belongs to a class: {@link pathNorm} for S1, {@link groupNorm} for S2, {@link densityNorm} for S3.
 *
 * @param as - the class whose norm is meant, default that of the network. A network of a smaller class read as one of a
 * larger has, its frozen rows being unit, `path <= group <= sqrt(m1) density`.
 * @example
 * import { setNetwork, setNorm } from '@muflow/symmetric';
 * const network = setNetwork({ dim: 1, innerWidth: 1, outerWidth: 1 });
 * console.log(setNorm(network).value(Float64Array.of(3, 4, 2, -1))); // => 10
 */
export function setNorm(network: SetNetwork, as: SetClass = network.class): ParameterNorm {
  return { S1: pathNorm, S2: groupNorm, S3: densityNorm }[as](network);
}

/**
 * The path norm `sum_jk |A_j| |V_jk| |w_k|^p` with Euclidean norms of the rows `A_j` and `w_k`: an upper bound of the
 * variation norm over test functions of variation norm 1. The power p is the degree of homogeneity of the inner unit (1
 * for relu, 2 for squared-relu), 1 where it has none; the norm then does not change when a factor moves between layers.
 * Cost O(m1 m2). Source: [ZweigBruna2021].
 */
export function pathNorm(network: SetNetwork): ParameterNorm {
  const { innerWidth: m1, outerWidth: m2, parts } = network;
  const p = degreeOfUnit(network.inner) ?? 1;
  const length = network.order * network.dim + 1;
  const w = new Float64Array(m1);
  const a = new Float64Array(m2);
  const take = (parameters: Float64Array): void => {
    rowNorms(w, parameters.subarray(...parts.inner));
    rowNorms(a, parameters.subarray(...parts.outer));
  };
  return {
    value(parameters) {
      take(parameters);
      let sum = 0;
      for (let j = 0, at = parts.middle[0]; j < m2; j++) {
        let row = 0;
        for (let k = 0; k < m1; k++, at++) row += Math.abs(parameters[at]) * w[k] ** p;
        sum += a[j] * row;
      }
      return sum;
    },
    subgradientInto(out, parameters) {
      take(parameters);
      const through = new Float64Array(m1);
      const rows = new Float64Array(m2);
      for (let j = 0, at = parts.middle[0]; j < m2; j++) {
        for (let k = 0; k < m1; k++, at++) {
          const [size, power] = [Math.abs(parameters[at]), w[k] ** p];
          rows[j] += size * power;
          through[k] += a[j] * size;
          out[at] = a[j] * power * Math.sign(parameters[at]);
        }
      }
      for (let k = 0, at = 0; k < m1; k++) {
        const factor = w[k] > 0 ? through[k] * p * w[k] ** (p - 2) : 0;
        for (let l = 0; l < length; l++, at++) out[at] = factor * parameters[at];
      }
      directionsInto(out, parameters, network, { norms: a, factors: rows });
      out.fill(0, 0, network.trainedFrom);
      return dot(a, rows);
    },
  };
}

/**
 * The group norm `sum_j |A_j| sqrt(m1) |V_j|_2`, the variation norm over a finite set of test functions measured in the space
 * of m1 random features: as means over features those have the coefficients `m1 V_jk`, of root mean square `sqrt(m1) |V_j|`.
 * So it does not change when every feature is there twice with half its coefficient. Rows of W are taken to be unit.
 * Cost O(m1 m2). Source: [ZweigBruna2021].
 */
export function groupNorm(network: SetNetwork): ParameterNorm {
  const { innerWidth: m1, outerWidth: m2, parts } = network;
  const v = new Float64Array(m2);
  const a = new Float64Array(m2);
  const take = (parameters: Float64Array): number => {
    rowNorms(v, parameters.subarray(...parts.middle));
    rowNorms(a, parameters.subarray(...parts.outer));
    return Math.sqrt(m1) * dot(a, v);
  };
  return {
    value: take,
    subgradientInto(out, parameters) {
      const value = take(parameters);
      for (let j = 0, at = parts.middle[0]; j < m2; j++) {
        const factor = v[j] > 0 ? (Math.sqrt(m1) * a[j]) / v[j] : 0;
        for (let k = 0; k < m1; k++, at++) out[at] = factor * parameters[at];
        v[j] *= Math.sqrt(m1);
      }
      directionsInto(out, parameters, network, { norms: a, factors: v });
      out.fill(0, 0, Math.max(network.trainedFrom, parts.middle[0]));
      return value;
    },
  };
}

/**
 * The density norm `sqrt(m2) |A|_2`: as a mean over neurons the network has the coefficients `m2 A_j`, of root mean square
 * `sqrt(m2) |A|`. Rows of W and V are taken to be unit. Cost O(m2). Source: [ZweigBruna2021].
 */
export function densityNorm({ outerWidth: m2, parts }: SetNetwork): ParameterNorm {
  const [start, end] = parts.outer;
  const value = (parameters: Float64Array): number => {
    let square = 0;
    for (let i = start; i < end; i++) square += parameters[i] * parameters[i];
    return Math.sqrt(m2 * square);
  };
  return {
    value,
    subgradientInto(out, parameters) {
      const norm = value(parameters);
      out.fill(0, 0, start);
      for (let i = start; i < end; i++) out[i] = norm > 0 ? (m2 * parameters[i]) / norm : 0;
      return norm;
    },
  };
}

/** The part of A: `f_j A_j / |A_j|`, and 0 where `A_j` is. */
function directionsInto(
  out: Float64Array,
  parameters: Float64Array,
  { parts, outerWidth, outputs }: SetNetwork,
  { norms, factors }: { readonly norms: Float64Array; readonly factors: Float64Array },
): void {
  for (let j = 0, at = parts.outer[0]; j < outerWidth; j++) {
    const factor = norms[j] > 0 ? factors[j] / norms[j] : 0;
    for (let o = 0; o < outputs; o++, at++) out[at] = factor * parameters[at];
  }
}

/** Euclidean norms of the rows of a matrix, as many as `out` has numbers. */
function rowNorms(out: Float64Array, matrix: Float64Array): void {
  const length = matrix.length / out.length;
  for (let i = 0, at = 0; i < out.length; i++) {
    let square = 0;
    for (let k = 0; k < length; k++, at++) square += matrix[at] * matrix[at];
    out[i] = Math.sqrt(square);
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
