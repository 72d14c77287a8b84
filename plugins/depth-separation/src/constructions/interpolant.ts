import { fail, show } from '@muflow/core';

/** A function of one variable, linear between knots and constant outside them. */
export interface Interpolant {
  /** Ascending, two or more. */
  readonly knots: Float64Array;
  readonly values: Float64Array;
}

/**
 * The interpolant of a function at equally spaced knots. For a function with second derivative at most c it errs by at
 * most `c h^2 / 8` between the knots, h their distance.
 *
 * @param count - number of knots, 2 or more: as many rectifiers.
 * @throws `invalid-argument` for fewer knots, an interval that is none, or a value that is not finite.
 */
export function interpolate(f: (t: number) => number, low: number, high: number, count: number): Interpolant {
  if (!(Number.isInteger(count) && count >= 2 && low < high)) {
    refuse(`${show(count)} knots on [${show(low)}, ${show(high)}]`, 'two or more knots on an interval');
  }
  const knots = Float64Array.from({ length: count }, (_, j) => low + ((high - low) * j) / (count - 1));
  const values = knots.map(f);
  if (!values.every(Number.isFinite)) refuse(show(values), 'finite values at the knots');
  return { knots, values };
}

/** The interpolant at t, by bisection. */
export function interpolantAt({ knots, values }: Interpolant, t: number): number {
  const last = knots.length - 1;
  if (t <= knots[0]) return values[0];
  if (t >= knots[last]) return values[last];
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle] <= t) low = middle;
    else high = middle;
  }
  return values[low] + ((values[high] - values[low]) * (t - knots[low])) / (knots[high] - knots[low]);
}

/** The weights c_j of the interpolant as `values_0 + sum_j c_j relu(t - knots_j)`: changes of slope, one a knot. */
export function slopeChanges({ knots, values }: Interpolant): Float64Array {
  const last = knots.length - 1;
  const slope = (j: number): number =>
    j < 0 || j >= last ? 0 : (values[j + 1] - values[j]) / (knots[j + 1] - knots[j]);
  return knots.map((_, j) => slope(j) - slope(j - 1));
}

function refuse(got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: 'interpolate',
    problem: 'the interpolant is not usable',
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
