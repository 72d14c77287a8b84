import { adam, fail, show, solve } from '@muflow/core';
import { tent } from './tent.js';

/** A continuous piecewise linear function on [0, 1]: values at ascending knots, of which the first is 0, the last 1. */
export interface Spline {
  readonly knots: Float64Array;
  readonly values: Float64Array;
}

/** The target: the k-fold tent map at its own knots. */
export function tentSpline(folds: number): Spline {
  const pieces = 2 ** folds;
  const knots = Float64Array.from({ length: pieces + 1 }, (_, p) => p / pieces);
  return { knots, values: knots.map((x) => tent(x, folds)) };
}

/** The function at x, by linear interpolation; x in [0, 1]. */
export function splineAt({ knots, values }: Spline, x: number): number {
  let [low, high] = [0, knots.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle] <= x) low = middle;
    else high = middle;
  }
  const length = knots[high] - knots[low];
  return length > 0 ? values[low] + ((values[high] - values[low]) * (x - knots[low])) / length : values[high];
}

/** `int_0^1 (f - g)^2`, exact up to rounding; O(n log n) in the number of knots. */
export function squaredDistance(f: Spline, g: Spline): number {
  const knots = Float64Array.of(...f.knots, ...g.knots).sort();
  let [sum, before] = [0, splineAt(f, 0) - splineAt(g, 0)];
  for (let p = 1; p < knots.length; p++) {
    const after = splineAt(f, knots[p]) - splineAt(g, knots[p]);
    sum += ((knots[p] - knots[p - 1]) * (before * before + before * after + after * after)) / 3;
    before = after;
  }
  return sum;
}

/**
 * The best spline on given knots: the f of least `int (f - g)^2` among functions linear between the knots. Any network
 * of M rectifiers is such a function on [0, 1] with its M knots and the two ends. O(n^3).
 *
 * @param inner - M distinct knots in (0, 1), ascending.
 */
export function splineFit(inner: Float64Array, target: Spline): Spline {
  const knots = Float64Array.of(0, ...inner, 1);
  const n = knots.length;
  const gram = new Float64Array(n * n);
  for (let j = 0; j + 1 < n; j++) {
    const length = knots[j + 1] - knots[j];
    gram[j * n + j] += length / 3;
    gram[(j + 1) * n + j + 1] += length / 3;
    gram[j * n + j + 1] += length / 6;
    gram[(j + 1) * n + j] += length / 6;
  }
  return { knots, values: solve(gram, hatMoments(knots, target), n) };
}

/** `int g hat_j` for the hat functions of the knots, piece by piece by Simpson's rule, which is exact here. */
function hatMoments(knots: Float64Array, target: Spline): Float64Array {
  const moments = new Float64Array(knots.length);
  for (let j = 0; j + 1 < knots.length; j++) {
    eachPiece(knots[j], knots[j + 1], target, (from, to) => {
      const share = (x: number): number => (x - knots[j]) / (knots[j + 1] - knots[j]);
      const [start, end, middle] = [splineAt(target, from), splineAt(target, to), (from + to) / 2];
      const weight = (to - from) / 6;
      const center = 2 * (start + end);
      moments[j] += weight * (start * (1 - share(from)) + center * (1 - share(middle)) + end * (1 - share(to)));
      moments[j + 1] += weight * (start * share(from) + center * share(middle) + end * share(to));
    });
  }
  return moments;
}

/** The parts of [low, high] on which the target is affine. */
function eachPiece(low: number, high: number, target: Spline, use: (from: number, to: number) => void): void {
  const pieces = target.knots.length - 1;
  let from = low;
  for (let p = Math.floor(low * pieces) + 1; p <= pieces && from < high; p++) {
    const to = Math.min(high, target.knots[p]);
    if (to > from) use(from, to);
    from = to;
  }
}

/** Options of {@link freeKnotFit}. */
export interface FreeKnotOptions {
  readonly target: Spline;
  /** Knots of the start, M distinct numbers in (0, 1), ascending. */
  readonly start: Float64Array;
  readonly steps: number;
  /** Step size of Adam as a share of the mean distance of knots, default 0.05. */
  readonly rate?: number;
}

/**
 * A spline whose knots move too: Adam on the knots, the best values on them at every step (variable projection), and
 * the best spline seen. By the optimality of the values, the derivative of the error in the knot t_j is
 * `2 (s_{j+1} - s_j) int_{t_{j-1}}^{t_j} (f - g) hat_j`, s_j the slope before t_j. A descent: it can stop at a local
 * minimum, so that its error is a ceiling only. O(steps n^3).
 */
export function freeKnotFit({
  target,
  start,
  steps,
  rate = 0.05,
}: FreeKnotOptions): Spline & { readonly error: number } {
  checkKnots(start);
  const inner = start.slice();
  const optimizer = adam(inner.length, { rate: rate / (inner.length + 1) });
  let fit = splineFit(inner, target);
  let best = { ...fit, error: squaredDistance(fit, target) };
  for (let step = 0; step < steps; step++) {
    optimizer.step(inner, knotGradient(fit, target));
    separate(inner);
    fit = splineFit(inner, target);
    const error = squaredDistance(fit, target);
    if (error < best.error) best = { ...fit, error };
  }
  return best;
}

function knotGradient({ knots, values }: Spline, target: Spline): Float64Array {
  const gradient = new Float64Array(knots.length - 2);
  for (let j = 1; j + 1 < knots.length; j++) {
    const [left, right] = [knots[j] - knots[j - 1], knots[j + 1] - knots[j]];
    const [before, after] = [(values[j] - values[j - 1]) / left, (values[j + 1] - values[j]) / right];
    let moment = 0;
    eachPiece(knots[j - 1], knots[j], target, (from, to) => {
      const product = (x: number): number => {
        const share = (x - knots[j - 1]) / left;
        return (values[j - 1] + before * left * share - splineAt(target, x)) * share;
      };
      moment += ((to - from) / 6) * (product(from) + 4 * product((from + to) / 2) + product(to));
    });
    gradient[j - 1] = 2 * (after - before) * moment;
  }
  return gradient;
}

/** Keeps knots ascending inside (0, 1), a thousandth of their mean distance apart: a step may carry one over another. */
function separate(inner: Float64Array): void {
  const least = 1e-3 / (inner.length + 1);
  inner.sort();
  for (let j = 0; j < inner.length; j++) inner[j] = Math.max(inner[j], (j === 0 ? 0 : inner[j - 1]) + least);
  for (let j = inner.length - 1; j >= 0; j--) {
    inner[j] = Math.min(inner[j], (j === inner.length - 1 ? 1 : inner[j + 1]) - least);
  }
}

function checkKnots(inner: Float64Array): void {
  const ordered = inner.every((knot, j) => knot > (j === 0 ? 0 : inner[j - 1]) && knot < 1);
  if (inner.length > 0 && ordered) return;
  fail({
    code: 'invalid-argument',
    where: 'freeKnotFit',
    problem: 'the knots of the start are not usable',
    got: show(inner),
    expected: 'one or more distinct knots in (0, 1), ascending',
    fix: 'sort them and leave out the ends',
  });
}
