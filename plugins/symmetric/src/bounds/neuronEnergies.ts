import { fail, reluFunkHecke, show } from '@muflow/core';

/** Energies of one neuron on the sphere by degree, where they are not 0. */
export interface NeuronEnergies {
  /** Degrees k with `lambda_k != 0`, ascending. */
  readonly degrees: Int32Array;
  /** `lambda_k^2 = E[sigma(t) P_k(t)]^2`, 0 where below 1e-308. */
  readonly multipliers: Float64Array;
  /** `lambda_k^2 N(d, k)`: the part of `E sigma(<w, x>)^2` in degree k. */
  readonly energies: Float64Array;
  /** `E sigma(<w, x>)^2` in all degrees, in closed form. */
  readonly total: number;
  /** What lies in degrees above K: the total less the sum of the energies. */
  readonly tail: number;
}

/**
 * The sum rule of one neuron `relu(<w, x>)^p`, |w| = 1, on the unit sphere of R^d: its L2 energy by degree,
 *
 *     e_k = lambda_k^2 N(d, k),   sum_k e_k = E relu(t)^(2p) = (1/2) E t^(2p)   (1/(2d) for relu, 3/(2 d (d + 2)) for its square).
 *
 * Every energy comes from the one two degrees below, `e_{k+2}/e_k = ((k - p)/(k + d + p))^2 N(d, k+2)/N(d, k)`, so that
 * nothing overflows in any dimension. O(K).
 *
 * @param dim - d >= 2.
 * @param options - degree K (default 4096) and power p: 1 for relu (default), 2 for squared relu.
 * @throws `invalid-argument` for a dimension below 2, a degree below 1 or a power below 1.
 * @example
 * const { energies, tail } = neuronEnergies(10);
 * console.log((energies.reduce((sum, e) => sum + e, 0) + tail).toFixed(12)); // => 0.050000000000
 */
export function neuronEnergies(
  dim: number,
  { degree = 4096, power = 1 }: { readonly degree?: number; readonly power?: number } = {},
): NeuronEnergies {
  const counts = [dim, degree, power];
  if (!(counts.every(Number.isInteger) && dim >= 2 && degree >= 1 && power >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'neuronEnergies',
      problem: 'there is no such neuron',
      got: `dimension ${show(dim)}, degree ${show(degree)}, power ${show(power)}`,
      expected: 'integers: dimension >= 2, degree >= 1, power >= 1',
      fix: 'pass for instance neuronEnergies(10, { power: 2 })',
    });
  }
  const lambda = reluFunkHecke(dim, degree, power);
  const all = new Float64Array(degree + 1);
  all[0] = lambda[0] ** 2;
  all[1] = lambda[1] ** 2 * dim;
  for (let k = 0; k + 2 <= degree; k++) {
    all[k + 2] = all[k] * ((k - power) / (k + dim + power)) ** 2 * countRatio(dim, k);
  }
  const degrees = Int32Array.from(all.keys()).filter((k) => all[k] !== 0);
  const energies = Float64Array.from(degrees, (k) => all[k]);
  const total = evenMoment(dim, power) / 2;
  // Small ones first; below rounding the tail is not told from 0.
  const tail = Math.max(0, total - energies.reduceRight((sum, energy) => sum + energy, 0));
  return { degrees, multipliers: Float64Array.from(degrees, (k) => lambda[k] ** 2), energies, total, tail };
}

/** `N(d, k + 2)/N(d, k)`, without either of them. */
function countRatio(dim: number, k: number): number {
  if (k === 0) return ((dim + 2) * (dim - 1)) / 2;
  return (((2 * k + dim + 2) / (2 * k + dim - 2)) * ((k + dim - 1) * (k + dim - 2))) / ((k + 2) * (k + 1));
}

/** `E t^(2p) = (1 3 5 ... (2p - 1)) / (d (d + 2) ... (d + 2p - 2))`. */
function evenMoment(dim: number, power: number): number {
  let moment = 1;
  for (let p = 0; p < power; p++) moment *= (2 * p + 1) / (dim + 2 * p);
  return moment;
}
