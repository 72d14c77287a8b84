import { fail, show } from '../errors.js';
import type { RandomKey } from '../math/random.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { measure } from './createMeasure.js';
import { boxLaw, checkCount, checkSize, draw, gaussianLaw, uniformLaw } from './initialLaws.js';
import type { Measure, MeasureKind } from './measure.js';

type Key = RandomKey | number | string;

/** n independent uniform atoms of equal mass on a space of finite volume. */
export function uniformOn(space: Space, n: number, key: Key): Measure {
  return draw(uniformLaw(space), n, key);
}

/** n independent Gaussian atoms of equal mass; see {@link gaussianLaw} for `mean`, `std` and `space`. */
export function gaussian(
  options: Parameters<typeof gaussianLaw>[0] & { readonly n: number; readonly key: Key },
): Measure {
  return draw(gaussianLaw(options), options.n, options.key);
}

/** n independent uniform atoms of equal mass in a box of a larger space (default R^d). */
export function uniformBox(options: {
  readonly intervals: readonly (readonly [number, number])[];
  readonly n: number;
  readonly key: Key;
  readonly space?: Space;
}): Measure {
  return draw(boxLaw(options.intervals, options.space), options.n, options.key);
}

/** n independent uniform atoms of equal mass on the unit sphere of R^d. */
export function onSphere(d: number, n: number, key: Key): Measure {
  return uniformOn(sphere(d), n, key);
}

/**
 * Equal masses on the product grid of a box, a torus, a finite space, or a product of these.
 *
 * @param perAxis - points per coordinate, one number or one per coordinate.
 * @param placement - `centers` of equal cells (default), or `ends`: both ends of a box axis, 0 on a torus axis.
 * @throws `unsupported` on spaces that are no products of intervals and circles.
 */
export function grid(
  space: Space,
  perAxis: number | readonly number[],
  placement: 'centers' | 'ends' = 'centers',
): Measure {
  const axes = axesOf(space);
  const counts = typeof perAxis === 'number' ? axes.map(() => perAxis) : perAxis;
  if (counts.length !== axes.length) {
    fail({
      code: 'shape-mismatch',
      where: 'grid',
      problem: 'the number of axes is wrong',
      got: `${counts.length} counts`,
      expected: `${axes.length}, one per coordinate of ${space.name}`,
      fix: 'pass one number for all axes or one per axis',
    });
  }
  for (const count of counts) checkCount('grid', count);
  const total = counts.reduce((product, count) => product * count, 1);
  checkSize('grid', total, axes.length);
  const positions = new Float64Array(total * axes.length);
  for (let i = 0; i < total; i++) {
    let rest = i;
    for (let k = axes.length - 1; k >= 0; k--) {
      positions[i * axes.length + k] = pointOf(axes[k], rest % counts[k], counts[k], placement);
      rest = Math.floor(rest / counts[k]);
    }
  }
  return measure({ space, positions });
}

/**
 * The measure `sum_i m_i delta_{x_i}` from a list of points.
 *
 * @param points - rows of coordinates, or numbers on the line.
 * @param masses - default equal masses 1/n.
 * @param options - space (default R^d) and kind (default `probability`).
 */
export function diracs(
  points: readonly (number | readonly number[])[],
  masses?: ArrayLike<number>,
  options: { readonly space?: Space; readonly kind?: MeasureKind } = {},
): Measure {
  const rows = points.map((point) => (typeof point === 'number' ? [point] : point));
  const dim = options.space?.dim ?? rows[0]?.length ?? 1;
  const wrong = rows.findIndex((row) => row.length !== dim);
  if (rows.length === 0 || wrong >= 0) {
    fail({
      code: 'shape-mismatch',
      where: 'diracs',
      problem: rows.length === 0 ? 'there are no points' : `point ${wrong} has another number of coordinates`,
      got: rows.length === 0 ? '0 points' : show(rows[wrong]),
      expected: `rows of ${dim} numbers`,
      fix: 'pass one row of coordinates per atom',
    });
  }
  const { space = euclidean(dim), kind = 'probability' } = options;
  return measure({ space, kind, positions: rows.flat(), ...(masses && { masses }) });
}

/**
 * Every atom doubled: half its mass where it is, half with the coordinate of its sign negated, so that
 * `int a mu(da, .)` is zero and a network starts at the zero function. Atom i and i + n are a pair; ids start anew.
 *
 * @param coordinate - which coordinate carries the sign, default the first.
 */
export function symmetrized(mu: Measure, coordinate = 0): Measure {
  const { count, dim, space, kind } = mu;
  if (!(Number.isInteger(coordinate) && coordinate >= 0 && coordinate < dim)) {
    fail({
      code: 'invalid-argument',
      where: 'symmetrized',
      problem: 'there is no such coordinate',
      got: show(coordinate),
      expected: `an integer from 0 to ${dim - 1}`,
      fix: 'pass the index of the coordinate that carries the sign',
    });
  }
  const positions = new Float64Array(2 * count * dim);
  const logMasses = new Float64Array(2 * count);
  positions.set(mu.positions);
  positions.set(mu.positions, count * dim);
  for (let i = 0; i < count; i++) {
    positions[(count + i) * dim + coordinate] *= -1;
    logMasses[i] = logMasses[count + i] = mu.logMasses[i] - Math.LN2;
  }
  return measure({ space, kind, positions, logMasses });
}

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly shape: 'interval' | 'circle' | 'points';
}

function axesOf(space: Space): readonly Axis[] {
  if (space.factors) return space.factors.flatMap(axesOf);
  const { dim, kind } = space;
  if (kind === 'box') {
    const low = new Float64Array(dim).fill(-Number.MAX_VALUE);
    const high = new Float64Array(dim).fill(Number.MAX_VALUE);
    // The nearest points to both ends of the line are the corners of the box.
    space.projectInto(low, low, 1);
    space.projectInto(high, high, 1);
    return Array.from(low, (value, k) => ({ low: value, high: high[k], shape: 'interval' as const }));
  }
  if (kind === 'torus') {
    const period = space.volume ** (1 / dim);
    return Array.from({ length: dim }, () => ({ low: 0, high: period, shape: 'circle' as const }));
  }
  if (kind === 'finite') return [{ low: 0, high: space.volume, shape: 'points' }];
  return fail({
    code: 'unsupported',
    where: 'grid',
    problem: 'there is no grid on this space',
    got: space.name,
    expected: 'a box, a torus, a finite space or a product of these',
    fix: 'use uniformOn, or space.covering for centers that cover it',
  });
}

function pointOf({ low, high, shape }: Axis, j: number, count: number, placement: 'centers' | 'ends'): number {
  if (shape === 'points') return Math.floor(((j + 0.5) * high) / count);
  if (placement === 'centers') return low + ((j + 0.5) / count) * (high - low);
  if (shape === 'circle') return low + (j / count) * (high - low);
  return count === 1 ? (low + high) / 2 : low + (j / (count - 1)) * (high - low);
}
