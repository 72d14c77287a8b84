import {
  activationFormula,
  fail,
  formula,
  gradient,
  type Interval,
  type IntervalProgram,
  intervalExtension,
  parseFormula,
  show,
} from '@muflow/core';
import type { SetNetwork } from '../network/setNetwork.js';

/**
 * An upper bound L of the Lipschitz constant of a network in the Wasserstein distance W1 of the Euclidean norm:
 * `|f(mu) - f(nu)|_2 <= L W1(mu, nu)` for all mu and nu on the ball `|x| <= R`.
 *
 * Along `mu_t = (1 - t) nu + t mu` the derivative of an output is `int F_t d(mu - nu)` with
 * `grad F_t(x) = sum_i e_i sum_l E[inner'(z_i) | x_l = x] w_{i,l}` and `e_i = sum_j A_j outer'(<v_j, Phi>) V_ji`. Interval bounds of
 * both slopes, as middles and radii, bound this gradient, hence its integral against mu - nu by the duality of
 * Kantorovich and Rubinstein. Sharp for affine units, otherwise an overestimate. With log-mean-exp at temperature T the inner
 * slopes carry a factor up to `exp(range / T)`. Cost `m1 m2` times the outputs.
 *
 * @param parameters - `[W | V | A]`.
 * @param radius - R > 0.
 * @returns L, in units of f per unit of length; Infinity where a unit has no bounded slope. Source: [PeyreCuturi2019] for the duality.
 * @throws `unsupported` for sums, which are not functions of the measure alone, and maxima, which are not continuous;
 * `invalid-argument` for a radius that is no positive number, `shape-mismatch` for parameters of another length.
 * @example
 * import { lipschitzBound, setNetwork } from '@muflow/symmetric';
 * const network = setNetwork({ dim: 1, innerWidth: 1, outerWidth: 1, outer: 'z' });
 * const slope = lipschitzBound(network, Float64Array.of(3, 0, 2, 1), 1); // f(mu) = 2 E[relu(3 x)]
 * console.log(slope.toFixed(6)); // => 6.000000
 */
export function lipschitzBound(network: SetNetwork, parameters: Float64Array, radius: number): number {
  const { pooling, parts } = network;
  if (pooling === 'sum' || pooling === 'max') refusePooling(pooling);
  if (!(radius > 0 && radius < Infinity)) refuseRadius(radius);
  if (parameters.length !== network.parameterCount) refuseParameters(parameters.length, network.parameterCount);
  const rows = rowSums(network, parameters.subarray(...parts.inner));
  const inner = innerRanges(network, parameters.subarray(...parts.inner), rows, radius);
  const slopes = outerSlopes(network, parameters.subarray(...parts.middle), inner.values);
  let square = 0;
  for (let o = 0; o < network.outputs; o++) {
    const effects = effectOnFeatures(network, parameters, slopes, o);
    square += gradientBound(effects, inner.slopes, rows, network.dim) ** 2;
  }
  const bound = Math.sqrt(square) * (1 + 1e-9);
  return Number.isNaN(bound) ? Infinity : bound;
}

/** Numbers known up to a radius. */
interface Balls {
  readonly middle: Float64Array;
  readonly radius: Float64Array;
}

interface RowSums {
  /** m1*d, `sum_l w_{i,l}`. */
  readonly vectors: Float64Array;
  /** m1, `sum_l |w_{i,l}|`. */
  readonly sizes: Float64Array;
}

function rowSums({ innerWidth, order, dim }: SetNetwork, W: Float64Array): RowSums {
  const vectors = new Float64Array(innerWidth * dim);
  const sizes = new Float64Array(innerWidth);
  const length = order * dim + 1;
  for (let i = 0; i < innerWidth; i++) {
    for (let l = 0; l < order; l++) {
      let square = 0;
      for (let k = 0; k < dim; k++) {
        const w = W[i * length + l * dim + k];
        vectors[i * dim + k] += w;
        square += w * w;
      }
      sizes[i] += Math.sqrt(square);
    }
  }
  return { vectors, sizes };
}

/** Values and slopes of test functions on the ball. */
function innerRanges({ inner, pooling, order, dim }: SetNetwork, W: Float64Array, { sizes }: RowSums, radius: number) {
  const unit = unitRanges(inner);
  const [values, slopes] = [emptyBalls(sizes.length), emptyBalls(sizes.length)];
  for (let i = 0; i < sizes.length; i++) {
    const bias = W[(i + 1) * (order * dim + 1) - 1];
    const { value, slope } = unit(bias, radius * sizes[i]);
    setBall(values, i, value.lower, value.upper);
    // A mean that is tilted by exp(h / T) changes by at most this factor more.
    const tilt = typeof pooling === 'object' ? Math.exp((value.upper - value.lower) / pooling.logMeanExp) : 1;
    setBall(
      slopes,
      i,
      slope.lower * (slope.lower < 0 ? tilt : 1 / tilt),
      slope.upper * (slope.upper > 0 ? tilt : 1 / tilt),
    );
  }
  return { values, slopes };
}

/** `outer'` over all that `<v_j, Phi>` can be. */
function outerSlopes({ outer, innerWidth: m1, outerWidth: m2 }: SetNetwork, V: Float64Array, values: Balls): Balls {
  const unit = unitRanges(outer);
  const slopes = emptyBalls(m2);
  for (let j = 0; j < m2; j++) {
    let [middle, radius] = [0, 0];
    for (let i = 0; i < m1; i++) {
      middle += V[j * m1 + i] * values.middle[i];
      radius += Math.abs(V[j * m1 + i]) * values.radius[i];
    }
    const { lower, upper } = unit(middle, radius).slope;
    setBall(slopes, j, lower, upper);
  }
  return slopes;
}

/** `e_i = sum_j A_jo outer'_j V_ji` for output o. */
function effectOnFeatures(
  { parts, innerWidth: m1, outerWidth: m2, outputs }: SetNetwork,
  parameters: Float64Array,
  slopes: Balls,
  o: number,
): Balls {
  const out = emptyBalls(m1);
  for (let j = 0; j < m2; j++) {
    const a = parameters[parts.outer[0] + j * outputs + o];
    const [middle, radius] = [a * slopes.middle[j], Math.abs(a) * slopes.radius[j]];
    const from = parts.middle[0] + j * m1;
    for (let i = 0; i < m1; i++) {
      out.middle[i] += middle * parameters[from + i];
      out.radius[i] += radius * Math.abs(parameters[from + i]);
    }
  }
  return out;
}

/** `|sum_i q_i w_i|` over all `q_i` in the products of effects and slopes. */
function gradientBound(effects: Balls, slopes: Balls, { vectors, sizes }: RowSums, dim: number): number {
  const sum = new Float64Array(dim);
  let rest = 0;
  for (let i = 0; i < sizes.length; i++) {
    const [e, f] = [effects.middle[i], effects.radius[i]];
    const [s, t] = [slopes.middle[i], slopes.radius[i]];
    const corners = [(e - f) * (s - t), (e - f) * (s + t), (e + f) * (s - t), (e + f) * (s + t)];
    const [lower, upper] = [Math.min(...corners), Math.max(...corners)];
    for (let k = 0; k < dim; k++) sum[k] += ((lower + upper) / 2) * vectors[i * dim + k];
    rest += ((upper - lower) / 2) * sizes[i];
  }
  return Math.hypot(...sum) + rest;
}

/** Values and slopes of a unit on the interval `middle +- radius`, widened by far more than the rounding of a sum. */
function unitRanges(unit: string) {
  const value = parseFormula(activationFormula(unit), { variables: { z: { role: 'row' } } });
  const programs = [value, gradient(value, formula.row('z'))].map(intervalExtension);
  return (middle: number, radius: number): { readonly value: Interval; readonly slope: Interval } => {
    const slack = 1e-10 * (Math.abs(middle) + radius);
    const z = { lower: middle - radius - slack, upper: middle + radius + slack };
    const [range, slope] = programs.map((program) => onWholeDomain(program, z));
    return { value: range, slope };
  };
}

/** Everything where a unit is not defined on the whole interval. */
function onWholeDomain(program: IntervalProgram, z: { readonly lower: number; readonly upper: number }): Interval {
  const range = program.evaluate({ z });
  return range.domain === 'inside' ? range : { lower: -Infinity, upper: Infinity, domain: range.domain };
}

const emptyBalls = (count: number): Balls => ({ middle: new Float64Array(count), radius: new Float64Array(count) });

function setBall({ middle, radius }: Balls, i: number, lower: number, upper: number): void {
  middle[i] = (lower + upper) / 2;
  radius[i] = (upper - lower) / 2;
}

function refusePooling(pooling: 'sum' | 'max'): never {
  const why =
    pooling === 'sum' ? 'a sum is no function of the probability measure' : 'a maximum is not continuous in it';
  return fail({
    code: 'unsupported',
    where: 'lipschitzBound',
    problem: `there is no Lipschitz constant: ${why}`,
    got: `pooling ${show(pooling)}`,
    expected: "'mean' or { logMeanExp: T }",
    fix: 'use one of these',
  });
}

function refuseRadius(radius: number): never {
  return fail({
    code: 'invalid-argument',
    where: 'lipschitzBound',
    problem: 'the radius is not usable',
    got: show(radius),
    expected: 'a finite number > 0',
    fix: 'pass the norm of the farthest point',
  });
}

function refuseParameters(length: number, expected: number): never {
  return fail({
    code: 'shape-mismatch',
    where: 'lipschitzBound',
    problem: 'the length of the parameters is wrong',
    got: String(length),
    expected: String(expected),
    fix: 'pass the parameters of this network',
  });
}
