import { bisect, fail, show } from '@muflow/core';
import type { DotKernel } from '../population/dotKernels.js';
import { activationKernel } from './activationKernel.js';

export interface SignalOptions {
  /** A name or a formula in z; or the Gaussian kernel of a unit. */
  readonly activation: string | DotKernel;
  /** tau_w^2. */
  readonly weightVariance: number;
  /** tau_b^2, default 0. */
  readonly biasVariance?: number;
  /** Hidden layers L >= 1. */
  readonly depth: number;
  /** `|x|^2/d` of both inputs, default 1. */
  readonly meanSquare?: number;
  /** Cosine of the two inputs, default 0.5. */
  readonly correlation?: number;
}

/** What becomes of two inputs and of the gradient in a network of infinite width; one number a layer, l = 1, ..., L. */
export interface SignalPropagation {
  /** `q_l = E z_l^2` of a neuron. */
  readonly squares: Float64Array;
  /** Correlation of `z_l(x)` and `z_l(x')`. */
  readonly correlations: Float64Array;
  /** `chi_l = tau_w^2 E[sigma'(z_l)^2]`, by which a layer multiplies squared gradients. */
  readonly slopes: Float64Array;
  /** `E |df/dz_l|^2`, of one output: `prod_{k >= l} chi_k`. */
  readonly gradients: Float64Array;
}

/**
 * How the length of a signal, the angle of two and the gradient go through a fully connected network at its start,
 *
 *     q_1 = tau_w^2 |x|^2/d + tau_b^2,   q_{l+1} = tau_w^2 E[sigma(sqrt(q_l) Z)^2] + tau_b^2,
 *     E|df/dz_l|^2 = prod_{k=l..L} chi_k,   chi_k = tau_w^2 E[sigma'(sqrt(q_k) Z)^2].
 *
 * With chi below 1 at the fixed point of q gradients vanish with depth and inputs become one (ordered), above 1 they
 * explode and inputs part (chaotic); between is the edge of chaos, `criticalWeightVariance`: for relu without bias, where
 * `chi = tau_w^2/2` and q is multiplied by the same, it is 2. O(depth).
 *
 * Source: [PooleEtAl2016], equations 3 and 5; [SchoenholzEtAl2017], equations 4 and 11.
 *
 * @throws `invalid-argument` for a depth below 1 or a correlation beyond 1.
 * @example
 * const { gradients } = signalPropagation({ activation: 'relu', weightVariance: 1, depth: 10 });
 * console.log(gradients[0].toFixed(6)); // => 0.000977
 */
export function signalPropagation(options: SignalOptions): SignalPropagation {
  const { activation, weightVariance, biasVariance = 0, depth, meanSquare = 1, correlation = 0.5 } = options;
  checkOptions(depth, meanSquare, correlation, [weightVariance, biasVariance]);
  const kernel = typeof activation === 'string' ? activationKernel(activation) : activation;
  const [squares, correlations, slopes, gradients] = [0, 0, 0, 0].map(() => new Float64Array(depth));
  const jet = new Float64Array(4);
  let square = weightVariance * meanSquare + biasVariance;
  let product = weightVariance * meanSquare * correlation + biasVariance;
  for (let l = 0; l < depth; l++) {
    squares[l] = square;
    correlations[l] = square > 0 ? product / square : 1;
    kernel.evaluateInto(jet, square, square, product);
    product = weightVariance * jet[0] + biasVariance;
    kernel.evaluateInto(jet, square, square, square);
    slopes[l] = weightVariance * jet[3];
    square = weightVariance * jet[0] + biasVariance;
  }
  let gradient = 1;
  for (let l = depth - 1; l >= 0; l--) {
    gradient *= slopes[l];
    gradients[l] = gradient;
  }
  return { squares, correlations, slopes, gradients };
}

/** The range in which a fixed point of the square is looked for, as its excess above the bias variance. */
const smallestSquare = 1e-8;
const largestSquare = 1e4;

/**
 * The weight variance at the edge of chaos: that with a fixed point q of the square at which `chi = 1`. With
 * `tau_w^2 = (q - tau_b^2)/E[sigma^2]` it is the zero in q of `(q - tau_b^2) E[sigma'^2]/E[sigma^2] - 1`. Without bias it is 2
 * for relu, and `1/sigma'(0)^2` for tanh and erf, at q = 0. About 50 evaluations of the kernel.
 *
 * Source: [SchoenholzEtAl2017], section 3.
 *
 * @throws `unsupported` without such a point for `q - tau_b^2` from 1e-8 to 1e4: relu with bias has it at q = infinity only.
 * @example
 * console.log(criticalWeightVariance('relu').toFixed(6)); // => 2.000000
 */
export function criticalWeightVariance(activation: string | DotKernel, biasVariance = 0): number {
  const kernel = typeof activation === 'string' ? activationKernel(activation) : activation;
  const jet = new Float64Array(4);
  const excess = (logarithm: number): number => {
    const above = Math.exp(logarithm);
    const square = biasVariance + above;
    kernel.evaluateInto(jet, square, square, square);
    return (above * jet[3]) / jet[0] - 1;
  };
  const [low, high] = [Math.log(smallestSquare), Math.log(largestSquare)];
  let root = low;
  // The fixed point 0 itself, for activations with sigma(0) = 0 and no bias.
  if (!(Math.abs(excess(low)) < 1e-6)) {
    if (!(excess(low) < 0 && excess(high) > 0)) refuseEdge(kernel.name, biasVariance);
    root = bisect(excess, low, high, 1e-12);
  }
  excess(root);
  return Math.exp(root) / jet[0];
}

function refuseEdge(name: string, biasVariance: number): never {
  return fail({
    code: 'unsupported',
    where: 'criticalWeightVariance',
    problem: 'there is no edge of chaos in the range',
    got: `${name}, biasVariance ${biasVariance}`,
    expected: `chi below 1 at a square of ${smallestSquare} and above 1 at ${largestSquare}, beyond the bias`,
    fix: 'look at the slopes of signalPropagation',
  });
}

function checkOptions(depth: number, meanSquare: number, correlation: number, variances: readonly number[]): void {
  const whole = Number.isInteger(depth) && depth >= 1;
  if (whole && meanSquare > 0 && Math.abs(correlation) <= 1 && variances.every((value) => value >= 0)) return;
  fail({
    code: 'invalid-argument',
    where: 'signalPropagation',
    problem: 'the network or the inputs are not usable',
    got: `depth ${show(depth)}, meanSquare ${show(meanSquare)}, correlation ${show(correlation)}, variances ${variances.join(', ')}`,
    expected: 'a whole depth from 1, a mean square > 0, a correlation from -1 to 1, variances >= 0',
    fix: "write { activation: 'relu', weightVariance: 2, depth: 10 }",
  });
}
