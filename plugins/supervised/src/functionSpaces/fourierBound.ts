import { fail, gaussLegendre } from '@muflow/core';

/** A finite sum of waves `f(x) = sum_j c_j cos(<omega_j, x> + phi_j)` on the ball `|x| <= radius`. */
export interface WaveSum {
  readonly dim: number;
  readonly amplitudes: ArrayLike<number>;
  /** One row of `dim` numbers for each wave. */
  readonly frequencies: ArrayLike<number>;
  readonly phases: ArrayLike<number>;
  readonly radius: number;
}

/**
 * Bounds of the variation norm of a sum of waves over neurons `relu(<w, x> + b)` with `|(w, b)| = 1`. With W = |omega|
 * radius, Taylor's formula with its remainder on [-W, W] writes a wave as
 *
 *     cos(s + phi) = cos phi - s sin phi - int_0^W cos(t + phi) relu(s - t) dt - int_{-W}^0 cos(t + phi) relu(t - s) dt,
 *
 * the affine part as two neurons, and a neuron `relu(+-(<omega, x> - t))` has the norm `sqrt(|omega|^2 + t^2)`:
 *
 *     gamma(f) <= sum_j |c_j| (2 sqrt(cos^2 phi + |omega|^2 sin^2 phi) + int_{-W}^W |cos(t + phi)| sqrt(|omega|^2 + t^2) dt)
 *              <= 2 (1 + R sqrt(1 + R^2)) sum_j |c_j| (1 + |omega_j|)^2,   R = radius,
 *
 * the second end being the moment of the spectrum that bounds of Barron's kind are made of. The dimension does not
 * enter but by the frequencies. In the spirit of [Barron1993].
 *
 * @throws `shape-mismatch` for counts that do not fit.
 * @example
 * const wave = { dim: 1, amplitudes: [1], frequencies: [3], phases: [0], radius: 1 };
 * const { norm, moment } = fourierBound(wave);
 */
export function fourierBound({ dim, amplitudes, frequencies, phases, radius }: WaveSum): {
  /** The first bound, its integrals by quadrature between the zeros of the cosine. */
  readonly norm: number;
  /** The second. */
  readonly moment: number;
} {
  const count = amplitudes.length;
  if (!(phases.length === count && frequencies.length === count * dim && radius > 0)) {
    fail({
      code: 'shape-mismatch',
      where: 'fourierBound',
      problem: 'these are no waves on a ball',
      got: `${count} amplitudes, ${phases.length} phases, ${frequencies.length} frequencies, radius ${radius}`,
      expected: `as many phases, ${dim} frequencies for each and a positive radius`,
      fix: 'pass one amplitude, one phase and one row of frequencies for each wave',
    });
  }
  let [norm, moment] = [0, 0];
  for (let j = 0; j < count; j++) {
    let squares = 0;
    for (let k = 0; k < dim; k++) squares += frequencies[j * dim + k] ** 2;
    const affine = 2 * Math.sqrt(Math.cos(phases[j]) ** 2 + squares * Math.sin(phases[j]) ** 2);
    norm += Math.abs(amplitudes[j]) * (affine + curvatureIntegral(squares, phases[j], radius));
    moment += Math.abs(amplitudes[j]) * (1 + Math.sqrt(squares)) ** 2;
  }
  return { norm, moment: 2 * (1 + radius * Math.hypot(1, radius)) * moment };
}

const rule = gaussLegendre(20);

/** `int_{-W}^W |cos(t + phi)| sqrt(squares + t^2) dt`, W = sqrt(squares) radius, cut at the zeros of the cosine and at 0. */
function curvatureIntegral(squares: number, phase: number, radius: number): number {
  const end = Math.sqrt(squares) * radius;
  const cuts = [-end, 0, end];
  for (let k = Math.ceil((phase - end) / Math.PI - 0.5); (k + 0.5) * Math.PI - phase < end; k++) {
    const zero = (k + 0.5) * Math.PI - phase;
    if (zero > -end) cuts.push(zero);
  }
  cuts.sort((a, b) => a - b);
  let sum = 0;
  for (let piece = 1; piece < cuts.length; piece++) {
    const [middle, half] = [(cuts[piece] + cuts[piece - 1]) / 2, (cuts[piece] - cuts[piece - 1]) / 2];
    for (let k = 0; k < rule.nodes.length; k++) {
      const t = middle + half * rule.nodes[k];
      sum += half * rule.weights[k] * Math.abs(Math.cos(t + phase)) * Math.sqrt(squares + t * t);
    }
  }
  return sum;
}
