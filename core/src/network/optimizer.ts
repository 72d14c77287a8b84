import { fail, show } from '../errors.js';

/** A rule that turns gradients into steps. It keeps state between steps, so one belongs to one array of parameters. */
export interface Optimizer {
  /** One step in place; `rate` replaces the rate of the rule for this step. */
  step(parameters: Float64Array, gradient: Float64Array, rate?: number): void;
}

export interface AdamOptions {
  /** Step size, default 1e-3. */
  readonly rate?: number;
  /** Decay of the mean of gradients, default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of their squares, default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam: `m <- beta1 m + (1 - beta1) g`, `v <- beta2 v + (1 - beta2) g^2`,
 * `theta <- theta - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)`. O(size) a step, no allocation.
 * Source: [KingmaBa2015], algorithm 1.
 *
 * @param size - number of parameters.
 * @throws `invalid-argument` for a size, rate or decay out of range; a step, for arrays of another size.
 * @example
 * const rule = adam(2, { rate: 0.1 });
 * rule.step(parameters, gradient); // the first step moves every parameter by 0.1, against its gradient's sign
 */
export function adam(size: number, options: AdamOptions = {}): Optimizer {
  const { rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkSize('adam', size);
  checkRate('adam', rate);
  if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'adam',
      problem: 'a decay or epsilon is out of range',
      got: `beta1 ${show(beta1)}, beta2 ${show(beta2)}, epsilon ${show(epsilon)}`,
      expected: 'decays in [0, 1) and epsilon > 0',
      fix: 'leave them out for 0.9, 0.999 and 1e-8',
    });
  }
  const mean = new Float64Array(size);
  const square = new Float64Array(size);
  let [power1, power2] = [1, 1];
  return {
    step(parameters, gradient, stepRate = rate) {
      checkArrays('adam', size, parameters, gradient);
      power1 *= beta1;
      power2 *= beta2;
      const scale = stepRate / (1 - power1);
      const correction = 1 / (1 - power2);
      for (let i = 0; i < size; i++) {
        const g = gradient[i];
        const m = beta1 * mean[i] + (1 - beta1) * g;
        const v = beta2 * square[i] + (1 - beta2) * g * g;
        mean[i] = m;
        square[i] = v;
        parameters[i] -= (scale * m) / (Math.sqrt(v * correction) + epsilon);
      }
    },
  };
}

export interface GradientDescentOptions {
  /** Step size, default 1e-2. */
  readonly rate?: number;
  /** Heavy-ball momentum in [0, 1), default 0. */
  readonly momentum?: number;
}

/**
 * Gradient descent, with heavy-ball momentum if asked: `v <- momentum v + g`, `theta <- theta - rate v`. Fed with the
 * gradients of drawn rows it is stochastic gradient descent. O(size) a step, no allocation. Source: [Polyak1964].
 *
 * @param size - number of parameters.
 * @throws `invalid-argument` for a size, rate or momentum out of range; a step, for arrays of another size.
 */
export function gradientDescent(size: number, options: GradientDescentOptions = {}): Optimizer {
  const { rate = 1e-2, momentum = 0 } = options;
  checkSize('gradientDescent', size);
  checkRate('gradientDescent', rate);
  if (!(momentum >= 0 && momentum < 1)) {
    fail({
      code: 'invalid-argument',
      where: 'gradientDescent',
      problem: 'the momentum is out of range',
      got: show(momentum),
      expected: 'a number in [0, 1)',
      fix: 'leave it out for none, or pass for instance 0.9',
    });
  }
  const velocity = new Float64Array(size);
  return {
    step(parameters, gradient, stepRate = rate) {
      checkArrays('gradientDescent', size, parameters, gradient);
      for (let i = 0; i < size; i++) {
        const v = momentum * velocity[i] + gradient[i];
        velocity[i] = v;
        parameters[i] -= stepRate * v;
      }
    },
  };
}

function checkSize(where: string, size: number): void {
  if (Number.isSafeInteger(size) && size >= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the number of parameters is not usable',
    got: show(size),
    expected: 'a whole number from 1',
    fix: 'pass parameters.length',
  });
}

function checkRate(where: string, rate: number): void {
  if (rate > 0 && rate < Infinity) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the step size is not usable',
    got: show(rate),
    expected: 'a positive number',
    fix: 'pass for instance { rate: 1e-3 }',
  });
}

function checkArrays(where: string, size: number, parameters: Float64Array, gradient: Float64Array): void {
  if (parameters.length === size && gradient.length === size) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the arrays are not of the size that the rule was made for',
    got: `${parameters.length} parameters and a gradient of ${gradient.length}`,
    expected: `${size} of both`,
    fix: 'make one rule for each array of parameters',
  });
}
