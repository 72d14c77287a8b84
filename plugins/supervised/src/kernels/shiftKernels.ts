import { type Backend, deriveKey, fail, fillNormal, type RandomKey, randomStream, show } from '@muflow/core';
import type { FeatureMap } from '../baselines/ridge.js';
import { drawnFeatures } from './drawnUnits.js';
import { expOfNegative } from './elementary.js';
import type { FeatureKernel, KernelInto, Rows } from './featureKernel.js';
import { type ProductKernel, productGram } from './productKernel.js';

/** Kernels that depend on `x - x'`: their features are waves whose frequencies have the law that is the kernel's transform. */

export interface RadialBasisOptions {
  /** Length s > 0 over which functions vary; default 1. */
  readonly length?: number;
  readonly backend?: Backend;
}

/**
 * `k(x, x') = exp(-|x - x'|^2 / (2 s^2))`, the mean of `2 cos(<w, x> + b) cos(<w, x'> + b)` for w ~ N(0, I/s^2) and b uniform on
 * a turn. Source: [RahimiRecht2007], section 3.
 *
 * @throws `invalid-argument` for a dimension that is no count or a length that is not positive.
 *
 * @example
 * import { radialBasisKernel } from '@muflow/supervised';
 * const out = new Float64Array(1);
 * radialBasisKernel(1).gramInto(out, Float64Array.of(0), 1, Float64Array.of(2), 1);
 * console.log(Math.abs(out[0] - Math.exp(-2)) < 1e-15); // => true
 */
export function radialBasisKernel(inputDim: number, options: RadialBasisOptions = {}): FeatureKernel {
  const { length = 1, backend } = options;
  checkShift('radialBasisKernel', inputDim, { length });
  const scale = 1 / (length * length);
  const gramInto = productGram(exponential(scale), inputDim, backend);
  return {
    name: 'gaussian',
    inputDim,
    gramInto,
    diagonalInto: (out, { rows }) => void out.fill(1, 0, rows),
    gradientInto: gradientOfShifts(inputDim, {
      exponentOf: (difference) => -0.5 * scale * difference * difference,
      slopeOf: (difference) => -scale * difference,
    }),
    draw: (count, key) => {
      const weights = new Float64Array(count * inputDim);
      fillNormal(weights, deriveKey(key, 'frequencies'));
      for (let k = 0; k < weights.length; k++) weights[k] /= length;
      return waves(weights, { count, inputDim, key, ...(backend && { backend }) });
    },
  };
}

export interface PeriodicKernelOptions {
  /** Period p > 0 of every coordinate; default 1. */
  readonly period?: number;
  /** Length s >= 0.03, in units of the period over pi; default 1. */
  readonly length?: number;
  readonly backend?: Backend;
}

/**
 * `k(x, x') = exp(-(2/s^2) sum_k sin^2(pi (x_k - x'_k)/p))`, a kernel on the torus. With `beta = 1/s^2` its transform is
 * `e^-beta I_n(beta)` at the integer frequencies n of each coordinate: the law of the difference of two Poisson numbers of mean
 * beta/2. Inner products of `(cos, sin)(2 pi x/p)` are the sums of cosines, so Gram matrices are matrix products here too.
 * Source: [MacKay1998]; [RahimiRecht2007], section 3.
 *
 * @throws `invalid-argument` for a dimension that is no count, a period that is not positive or a length below 0.03.
 */
export function periodicKernel(inputDim: number, options: PeriodicKernelOptions = {}): FeatureKernel {
  const { period = 1, length = 1, backend } = options;
  checkShift('periodicKernel', inputDim, { period, length }, shortest);
  const beta = 1 / (length * length);
  const turn = (2 * Math.PI) / period;
  const onCircles = productGram(exponential(beta), 2 * inputDim, backend);
  const gramInto: KernelInto = (out, inputs, rows, others, otherRows) => {
    const own = circlesOf(inputs, rows * inputDim, turn);
    const isSame = inputs === others && rows === otherRows;
    onCircles(out, own, rows, isSame ? own : circlesOf(others, otherRows * inputDim, turn), otherRows);
  };
  return {
    name: 'periodic',
    inputDim,
    gramInto,
    diagonalInto: (out, { rows }) => void out.fill(1, 0, rows),
    gradientInto: gradientOfShifts(inputDim, {
      exponentOf: (difference) => beta * (Math.cos(turn * difference) - 1),
      slopeOf: (difference) => -beta * turn * Math.sin(turn * difference),
    }),
    draw: (count, key) => {
      const random = randomStream(deriveKey(key, 'frequencies'));
      const weights = new Float64Array(count * inputDim);
      for (let k = 0; k < weights.length; k++) {
        weights[k] = turn * (poisson(beta / 2, random.uniform()) - poisson(beta / 2, random.uniform()));
      }
      return waves(weights, { count, inputDim, key, ...(backend && { backend }) });
    },
  };
}

/** A function of one coordinate of a difference, and its derivative. */
interface Exponent {
  exponentOf(difference: number): number;
  slopeOf(difference: number): number;
}

/** Gradients of sums of kernels `exp(sum_k e(x_k - x'_k))`. */
function gradientOfShifts(d: number, { exponentOf, slopeOf }: Exponent): NonNullable<FeatureKernel['gradientInto']> {
  const differences = new Float64Array(d);
  return (out, points: Rows, others: Rows, coefficients) => {
    out.fill(0, 0, points.rows * d);
    for (let l = 0; l < points.rows; l++) {
      for (let j = 0; j < others.rows; j++) {
        let exponent = 0;
        for (let k = 0; k < d; k++) {
          differences[k] = points.inputs[l * d + k] - others.inputs[j * d + k];
          exponent += exponentOf(differences[k]);
        }
        const factor = coefficients[j] * Math.exp(exponent);
        for (let k = 0; k < d; k++) out[l * d + k] += factor * slopeOf(differences[k]);
      }
    }
  };
}

/** The Poisson laws of shorter lengths begin below the least number. */
const shortest = 0.03;

/** `exp(scale (q12 - (q11 + q22)/2))`. */
const exponential = (scale: number): ProductKernel => ({
  coordinates: (d) => d,
  placeInto(out, at, inputs, from, { d, q }) {
    const root = Math.sqrt(scale);
    for (let k = 0; k < d; k++) out[at + k] = root * inputs[from + k];
    return 0.5 * scale * q;
  },
  atEqual: () => 1,
  formula: 'exp(min(0, t - p - q))',
  applyTo({ products, from, values, at, count, own, others }) {
    for (let j = 0; j < count; j++) {
      values[at + j] = expOfNegative(Math.min(0, products[from + j] - own - others[j]));
    }
  },
});

/** `(cos, sin)` of every coordinate in turns. */
function circlesOf(inputs: Float64Array, count: number, turn: number): Float64Array {
  const out = new Float64Array(2 * count);
  for (let k = 0; k < count; k++) {
    out[2 * k] = Math.cos(turn * inputs[k]);
    out[2 * k + 1] = Math.sin(turn * inputs[k]);
  }
  return out;
}

/** Features `sqrt(2) cos(<w, x> + b)` with b uniform on a turn. */
function waves(
  weights: Float64Array,
  { count, inputDim, key, backend }: { count: number; inputDim: number; key: RandomKey; backend?: Backend },
): FeatureMap {
  const random = randomStream(deriveKey(key, 'phases'));
  const biases = Float64Array.from({ length: count }, () => 2 * Math.PI * random.uniform());
  return drawnFeatures({ weights, biases, count, inputDim, ...(backend && { backend }) }, (values, size) => {
    for (let k = 0; k < size; k++) values[k] = Math.SQRT2 * Math.cos(values[k]);
  });
}

/** The quantile at u of the Poisson law. */
function poisson(mean: number, u: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  let n = 0;
  // Beyond this many the rest of the law is below rounding.
  const most = mean + 40 * Math.sqrt(mean) + 40;
  while (u > sum && n < most) {
    n++;
    term *= mean / n;
    sum += term;
  }
  return n;
}

function checkShift(where: string, inputDim: number, scales: Readonly<Record<string, number>>, lengths = 0): void {
  const isCount = Number.isSafeInteger(inputDim) && inputDim >= 1;
  const arePositive = Object.values(scales).every((value) => value > 0 && value < Infinity);
  if (isCount && arePositive && scales.length >= lengths) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the kernel has no such scale',
    got: [
      `inputDim ${show(inputDim)}`,
      ...Object.entries(scales).map(([name, value]) => `${name} ${show(value)}`),
    ].join(', '),
    expected: `a dimension of at least 1, positive numbers${lengths > 0 ? ` and a length of at least ${lengths}` : ''}`,
    fix: 'pass the dimension of the inputs and positive lengths',
  });
}
