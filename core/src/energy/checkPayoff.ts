import { fail } from '../errors.js';
import { fillNormal, normalsInto, type RandomKey, randomKey, randomStream } from '../math/random.js';
import type { Space } from '../space/space.js';
import type { PairFunction } from './pairKernel.js';

/** Points at which payoffs are tried: draws, and where the space has ends, its lowest and highest corners. */
interface Probes {
  readonly points: Float64Array;
  readonly count: number;
}

const draws = 8;

/** Probes of a space: always the same for the same space. */
function probesOf(space: Space, key: RandomKey): Probes {
  const { dim } = space;
  const bounded = Number.isFinite(space.volume);
  const corners = bounded && space.kind !== 'finite' ? [-1, 0, 1] : [];
  const points = new Float64Array((draws + corners.length) * dim);
  if (bounded) space.sampleInto(points, draws, randomStream(key));
  else {
    fillNormal(points, key);
    space.projectInto(points, points, draws);
  }
  corners.forEach((side, c) => {
    const at = points.subarray((draws + c) * dim, (draws + c + 1) * dim).fill(side * 1e9);
    space.projectInto(at, at, 1);
  });
  return { points, count: draws + corners.length };
}

/**
 * Refuses a payoff that is not finite at one of the probes of the spaces (random points and corners).
 * @param value `l(x, y)` at the points that start at `xStart` and `yStart`.
 * @throws `not-finite` with the points.
 */
export function checkFinitePayoff(where: string, value: PairFunction['value'], spaces: readonly [Space, Space]): void {
  const [xs, ys] = spaces.map((space, k) => probesOf(space, randomKey(k)));
  const [xDim, yDim] = [spaces[0].dim, spaces[1].dim];
  for (let i = 0; i < xs.count; i++) {
    for (let j = 0; j < ys.count; j++) {
      const found = value(xs.points, i * xDim, ys.points, j * yDim);
      if (Number.isFinite(found)) continue;
      fail({
        code: 'not-finite',
        where,
        problem: 'the payoff is not finite on its domain',
        got: `${found} at x = ${shown(xs.points, i, xDim)}, y = ${shown(ys.points, j, yDim)}`,
        expected: `a finite number for x in ${spaces[0].name} and y in ${spaces[1].name}`,
        fix: 'change the payoff or shrink the spaces to where it is finite',
      });
    }
  }
}

/**
 * Refuses a gradient in the first point that is not the slope of the value: central differences along random
 * tangent directions, at two step sizes whose distance bounds the error of the differences (so that large
 * third derivatives and kinks do not raise an alarm).
 * @throws `invalid-argument` with the point, both slopes and the player.
 */
export function checkPayoffGradient(
  where: string,
  payoff: PairFunction,
  spaces: readonly [Space, Space],
  player: 'x' | 'y',
): void {
  const { gradientInto } = payoff;
  const [own, other] = spaces;
  if (gradientInto === undefined || own.intrinsicDim === 0) return;
  const points = probesOf(own, randomKey(player === 'x' ? 0 : 1)).points;
  const others = probesOf(other, randomKey(player === 'x' ? 1 : 0)).points;
  const d = own.dim;
  const [gradient, tangent, moved] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  const reach = Number.isFinite(own.diameter) ? own.diameter : 1;
  for (let i = 0; i < draws; i++) {
    const at = points.slice(i * d, (i + 1) * d);
    normalsInto(tangent, 0, d, randomKey(17), i);
    own.projectTangentInto(tangent, at, tangent, 1);
    const valueAt = (t: number): number => {
      own.retractInto(moved, at, tangent, t, 1);
      return payoff.value(moved, 0, others, i * other.dim);
    };
    const slope = (h: number): number => (valueAt(h) - valueAt(-h)) / (2 * h);
    gradientInto(gradient, 0, at, 0, others, i * other.dim);
    const claimed = gradient.reduce((sum, g, k) => sum + g * tangent[k], 0);
    const [wide, narrow] = [slope(2e-5 * reach), slope(1e-5 * reach)];
    const size = Math.abs(claimed) + Math.abs(narrow) + Math.abs(valueAt(0)) / reach;
    if (Math.abs(claimed - narrow) <= 1e-5 * size + 4 * Math.abs(wide - narrow)) continue;
    fail({
      code: 'invalid-argument',
      where,
      problem: `the gradient in ${player} is not the slope of the payoff`,
      got: `slope ${claimed} at ${player} = ${shown(points, i, d)}`,
      expected: `${narrow} by central differences`,
      fix: `correct gradient${player.toUpperCase()}Into, or pass check: false`,
    });
  }
}

const shown = (points: Float64Array, i: number, d: number): string =>
  `(${Array.from(points.slice(i * d, i * d + Math.min(d, 4)), (x) => Number(x.toPrecision(6))).join(', ')}${d > 4 ? ', …' : ''})`;
