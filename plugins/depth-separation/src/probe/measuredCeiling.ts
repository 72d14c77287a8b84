import { fail, show, special } from '@muflow/core';
import type { Ceiling } from './bounds.js';

/** Options of {@link measuredCeiling}. */
export interface MeasuredCeilingOptions {
  /** `|f(x_i) - g(x_i)|^2` on n independent points. */
  readonly squaredErrors: Float64Array;
  /** `|g(x_i)|^2` on the same points, or the known number `E|g|^2`. */
  readonly squaredTargets: Float64Array | number;
  readonly method: string;
  readonly units: number;
  readonly problem?: string | undefined;
}

/**
 * The relative squared error `R = mean |f - g|^2 / mean |g|^2` on independent points, with its band of 99 %.
 *
 * The band is `R +- 2.576 s / sqrt(n)`, s the standard deviation of the residuals `(e_i - R t_i) / mean t` of the
 * ratio (delta method), cut at 0. It is asymptotic in n and assumes points that neither fitting nor any choice
 * among networks has seen. Cost: O(n).
 *
 * @throws `shape-mismatch` unless both arrays hold the same number, at least two, of points;
 * `invalid-argument` if a number is negative or not finite, or the target vanishes.
 *
 * @example
 * measuredCeiling({ squaredErrors: errors, squaredTargets: 1, method: 'random features', units: 512 });
 */
export function measuredCeiling(options: MeasuredCeilingOptions): Ceiling {
  const { squaredErrors, squaredTargets, ...rest } = options;
  const n = squaredErrors.length;
  const energies = typeof squaredTargets === 'number' ? null : squaredTargets;
  if (n < 2 || (energies !== null && energies.length !== n)) {
    fail({
      code: 'shape-mismatch',
      where: 'measuredCeiling',
      problem: 'errors and targets are not of the same points',
      got: `${n} errors and ${energies === null ? 'one' : energies.length} target sizes`,
      expected: 'two or more errors and as many target sizes, or one known mean',
      fix: 'measure both on the same independent points',
    });
  }
  const energy = energies === null ? checkedMean(Float64Array.of(squaredTargets as number)) : checkedMean(energies);
  if (!(energy > 0)) refuse(show(energy), 'a target of positive mean square');
  const value = checkedMean(squaredErrors) / energy;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    const residual = squaredErrors[i] / energy - value * (energies === null ? 1 : energies[i] / energy);
    spread += residual * residual;
  }
  const reach = special.normalQuantile(0.995) * Math.sqrt(spread / (n - 1) / n);
  return { value, low: Math.max(0, value - reach), high: value + reach, ...rest };
}

function checkedMean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) {
    if (!(value >= 0 && value < Infinity)) refuse(show(value), 'finite squares, 0 or more');
    sum += value;
  }
  return sum / values.length;
}

function refuse(got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: 'measuredCeiling',
    problem: 'a squared error or target is not usable',
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
