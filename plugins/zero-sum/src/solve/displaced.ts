import { type Game, grid, type Measure, maxAbs, type Profile, type Space } from '@muflow/core';
import { playerMinimum } from '../certificate/nikaidoIsoda.js';
import { type Atoms, measureOf, withoutEmpty } from '../finish/atoms.js';
import { solveMatrixGame } from '../finish/matrixGame.js';
import { payoffMatrix } from '../payoffMatrix.js';

/** A first support: a grid of 33 numbers on a line, with ends; multiples of 1/8 elsewhere. */
export function firstSupport(space: Space): Float64Array {
  if (space.kind === 'simplex') return lattice(space.dim, 8);
  return grid(space, space.dim === 1 ? 33 : 9, 'ends').positions;
}

/** Points of the simplex whose k coordinates are multiples of 1/m; where m is a power of two their sums are exact. */
function lattice(k: number, m: number): Float64Array {
  const points: number[] = [];
  const fill = (chosen: readonly number[], left: number): void => {
    if (chosen.length === k - 1) points.push(...[...chosen, left].map((part) => part / m));
    else for (let part = 0; part <= left; part++) fill([...chosen, part], left - part);
  };
  fill([], m);
  return Float64Array.from(points);
}

/**
 * The support for the next round: the points in use and those half way between neighbors, at least one of which is in
 * use. On lattices this halves the spacing where mass is.
 */
export function refinedSupport(space: Space, support: Float64Array, masses: Float64Array): Float64Array {
  const d = space.dim;
  const found = new Map<string, readonly number[]>();
  const keep = (point: readonly number[]): void => {
    found.set(point.join(), point);
  };
  const at = (i: number): number[] => Array.from(support.subarray(i * d, (i + 1) * d));
  const reach = 1.01 * spacingOf(support, d);
  for (let i = 0; i < masses.length; i++) {
    if (masses[i] === 0) continue;
    const own = at(i);
    keep(own);
    for (let j = 0; j < masses.length; j++) {
      const other = at(j);
      if (i !== j && Math.max(...own.map((t, k) => Math.abs(t - other[k]))) <= reach)
        keep(own.map((t, k) => (t + other[k]) / 2));
    }
  }
  return Float64Array.from([...found.values()].flat());
}

/** Largest distance, over coordinates, of a point to the nearest other one. */
function spacingOf(points: Float64Array, d: number): number {
  let most = 0;
  for (let i = 0; i < points.length; i += d) {
    let nearest = Infinity;
    for (let j = 0; j < points.length; j += d) {
      if (i === j) continue;
      let apart = 0;
      for (let k = 0; k < d; k++) apart = Math.max(apart, Math.abs(points[i + k] - points[j + k]));
      nearest = Math.min(nearest, apart);
    }
    most = Math.max(most, nearest);
  }
  return most;
}

/** The points and their neighbors at a distance far below every spacing, along the coordinates of the space. */
function withSides(space: Space, points: Float64Array): Float64Array {
  const d = space.dim;
  const out: number[] = Array.from(points);
  const step = space.diameter * 2 ** -30;
  const velocity = new Float64Array(d);
  const moved = new Float64Array(d);
  for (let start = 0; start < points.length; start += d) {
    const at = points.slice(start, start + d);
    for (let k = 0; k < 2 * d; k++) {
      velocity.fill(0);
      velocity[k >> 1] = k & 1 ? step : -step;
      space.projectTangentInto(velocity, at, velocity, 1);
      space.retractInto(moved, at, velocity, 1, 1);
      if (moved.some((t, c) => t !== at[c])) out.push(...moved);
    }
  }
  return Float64Array.from(out);
}

const atomsAt = (space: Space, positions: Float64Array): Atoms => {
  const count = positions.length / space.dim;
  return { space, positions, masses: new Float64Array(count).fill(1 / count) };
};

/** Rounds of replies that a certificate adds. */
const mostRounds = 6;

/** Size of the linear programme of a support; the simplex method stalls on larger ones in the plane, where payoffs are often equal. */
export const isTractable = ({ dim, intrinsicDim }: Space, support: Float64Array): boolean =>
  (support.length / dim) ** 2 * (2 * dim + 1) <= (intrinsicDim <= 1 ? 400_000 : 60_000);

/** A strategy with its masses on all points of the support. */
export interface Guarded {
  readonly strategy: Measure;
  readonly masses: Float64Array;
}

/**
 * The strategy on a support that guards best against replies at and just beside its points: where a payoff jumps, a
 * best reply may be a limit, and strategies of both players on common points would tie. A linear programme; replies
 * that its certificate finds are added until they are worth less than a tenth of the loss.
 */
export function guardedStrategy(game: Game, player: 0 | 1, support: Float64Array): Guarded {
  const [space, other] = [game.spaces[player], game.spaces[1 - player]];
  const own = atomsAt(space, support);
  const shared = support.slice();
  other.projectInto(shared, shared, own.masses.length);
  let replies = withSides(other, shared);
  for (let round = 0; ; round++) {
    const against = atomsAt(other, replies);
    const pair: [Atoms, Atoms] = player === 0 ? [own, against] : [against, own];
    const payoff = payoffMatrix(game, ...pair);
    const solution = solveMatrixGame(payoff, pair[0].masses.length, pair[1].masses.length);
    const masses = player === 0 ? solution.x : solution.y;
    const strategy = measureOf(withoutEmpty(own, masses));
    const profile: Profile = player === 0 ? [strategy, measureOf(against)] : [measureOf(against), strategy];
    const best = playerMinimum(game, player === 0 ? 1 : 0, profile, { maxCells: 20_000, startingPoints: replies });
    // V of the other player: what was expected is the value of the programme.
    const expected = player === 0 ? -solution.value : solution.value;
    if (round === mostRounds || !(best.upper < expected - 1e-6 * maxAbs(payoff))) return { strategy, masses };
    const grown = new Float64Array(replies.length + other.dim);
    grown.set(replies);
    grown.set(best.at, replies.length);
    replies = grown;
  }
}
