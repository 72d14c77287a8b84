import { bisect, fail, show } from '@muflow/core';
import { type NeuronEnergies, neuronEnergies } from './neuronEnergies.js';

export interface NeuronF2Options {
  /** d >= 2, of the sphere in R^d. */
  readonly dim: number;
  /** 1 for relu (default), 2 for squared relu. */
  readonly power?: number;
  /** Degrees up to this are resolved, default 4096; what lies above is bounded. */
  readonly degree?: number;
}

/** How far one neuron is from a ball of F2, between two bounds that differ by the degrees left out. */
export interface NeuronF2Distance {
  /** That of a function in the ball: an upper bound. */
  readonly distance: number;
  /** The distance within the degrees resolved: a lower bound. */
  readonly lower: number;
  /** `distance / |sigma(<w, .>)|`, the norm in L2. */
  readonly relative: number;
}

/**
 * Distance in L2 of the unit sphere of R^d from one neuron `sigma(<w, .>)`, of norm 1 in F1, to the ball of radius delta
 * of F2, the space with the kernel `E_w sigma(<w, x>) sigma(<w, y>)`, w uniform on the sphere, without bias:
 *
 *     min { sum_k e_k (1 - s_k)^2 : sum_k N(d, k) s_k^2 <= delta^2 },   s_k = lambda_k^2 / (lambda_k^2 + t),
 *
 * with `e_k = lambda_k^2 N(d, k)` and the multiplier t > 0 that makes the constraint tight. For functions of F2 are
 * `E_w c(w) sigma(<w, x>)`, degree k of c is multiplied by lambda_k, and the neuron is the c that is a Dirac at w, with
 * N(d, k) in degree k. Derived here; the setting is that of [Bach2017]. Cost O(degree) times some 60 bisections.
 *
 * The distance is in L2. In the largest value over the sphere it is no smaller; see `classSeparationFloor`.
 *
 * @param delta - radius of the ball, > 0.
 * @throws `invalid-argument` for a radius that is not positive; see {@link neuronEnergies}.
 * @example
 * console.log(neuronF2Distance(10, { dim: 10 }).relative.toFixed(3)); // => 0.107
 */
export function neuronF2Distance(delta: number, options: NeuronF2Options): NeuronF2Distance {
  checkPositive('neuronF2Distance', 'radius', delta);
  const neuron = neuronEnergies(options.dim, options);
  const log = multiplierWhere(neuron, ({ radius2 }) => Math.log(radius2) - 2 * Math.log(delta));
  const { error2 } = shrunk(neuron, log);
  const distance = Math.sqrt(error2 + neuron.tail);
  return { distance, lower: Math.sqrt(error2), relative: distance / Math.sqrt(neuron.total) };
}

/** The radius of the ball of F2 that one neuron needs, between two bounds that differ by the degrees left out. */
export interface NeuronF2Budget {
  /** A function of this norm is as near as asked: an upper bound. */
  readonly delta: number;
  /** None of a smaller norm is: a lower bound. */
  readonly lower: number;
}

/**
 * The inverse of {@link neuronF2Distance}: the radius of the smallest ball of F2 that comes within `distance` of one
 * neuron in L2 of the sphere; 0 where the function 0 does.
 *
 * @param distance - > 0, absolute; the neuron itself has norm `1/sqrt(2d)` for relu.
 * @throws `invalid-argument` for a distance that is not positive, or below what lies above the degrees resolved.
 * @example
 * console.log(neuronF2Budget(1 / 40, { dim: 10 }).delta.toFixed(1)); // => 9.2
 */
export function neuronF2Budget(distance: number, options: NeuronF2Options): NeuronF2Budget {
  checkPositive('neuronF2Budget', 'distance', distance);
  const neuron = neuronEnergies(options.dim, options);
  if (distance ** 2 >= neuron.total) return { delta: 0, lower: 0 };
  const left = distance ** 2 - neuron.tail;
  if (!(left > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'neuronF2Budget',
      problem: 'the distance is below what lies above the degrees resolved',
      got: show(distance),
      expected: `more than ${show(Math.sqrt(neuron.tail))}`,
      fix: 'pass a larger degree or a larger distance',
    });
  }
  const radiusAt = (square: number): number => {
    const log = multiplierWhere(neuron, ({ error2 }) => Math.log(square) - Math.log(error2));
    return Math.sqrt(shrunk(neuron, log).radius2);
  };
  return { delta: radiusAt(left), lower: radiusAt(distance ** 2) };
}

/** Squares of the error and of the norm after shrinking with `t = e^log`; the error rises in t, the norm falls. */
function shrunk(
  { degrees, multipliers, energies }: NeuronEnergies,
  log: number,
): { readonly error2: number; readonly radius2: number } {
  const t = Math.exp(log);
  let [error2, radius2] = [0, 0];
  for (let i = degrees.length - 1; i >= 0; i--) {
    const sum = multipliers[i] + t;
    error2 += energies[i] * (t / sum) ** 2;
    // N s^2 = e lambda^2 / (lambda^2 + t)^2, in an order in which nothing overflows.
    radius2 += (energies[i] / sum) * (multipliers[i] / sum);
  }
  return { error2, radius2 };
}

/** `log t` where a quantity that falls in t crosses 0; the end of the range where none does. */
function multiplierWhere(neuron: NeuronEnergies, quantity: (at: ReturnType<typeof shrunk>) => number): number {
  const [low, high] = [-690, 690];
  const at = (log: number): number => quantity(shrunk(neuron, log));
  if (!(at(low) > 0)) return low;
  if (!(at(high) < 0)) return high;
  return bisect(at, low, high);
}

function checkPositive(where: string, name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the ${name} is not usable`,
    got: show(value),
    expected: 'a finite number > 0',
    fix: `pass a positive ${name}`,
  });
}
