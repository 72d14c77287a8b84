import { fail, show } from '../errors.js';
import { normalsInto, type RandomKey, randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Profile } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import type { Game } from './energy.js';

/** Pairs of points per player at which declared bounds are tried. */
const samples = 64;

/** The payoff as a player's own potential against one point of the other. */
interface Sample {
  readonly space: Space;
  readonly at: Float64Array;
  readonly tangent: Float64Array;
  /** The potential at the point reached from `at` along `tangent`, after t. */
  value(t: number): number;
  /** The distance of that point from `at`. */
  distance(t: number): number;
}

/**
 * Refuses declared Lipschitz constants and curvatures of a two-player game that samples violate: quotients
 * `|V(p) - V(q)| / dist(p, q)` of far and near points, and second differences along geodesics, of the potentials against
 * pure strategies. That no sample violates a bound proves nothing.
 * @throws `invalid-argument` with the sample and the number it needs; `invalid-argument` for a bound that is no number.
 */
export function checkDeclaredBounds(where: string, game: Game): void {
  for (const player of [0, 1] as const) {
    const [lipschitz, curvature] = [game.lipschitz?.[player], game.curvature?.[player]];
    for (const [name, bound] of [
      ['lipschitz', lipschitz],
      ['curvature', curvature],
    ] as const) {
      if (bound === undefined || (bound >= 0 && bound < Infinity)) continue;
      refuse(where, `the bound ${name} of ${'xy'[player]} is not usable`, show(bound), 'a finite number >= 0');
    }
    const space = game.spaces[player];
    if (space.intrinsicDim === 0 || (lipschitz === undefined && curvature === undefined)) continue;
    const reach = Number.isFinite(space.diameter) ? space.diameter : 1;
    for (let i = 0; i < samples; i++) {
      const sample = sampleOf(game, player, i);
      const told = (slope: number): string => `${slope} at ${'xy'[player]} = (${Array.from(sample.at).join(', ')})`;
      if (lipschitz !== undefined) {
        const slope = Math.max(...[0.3, 1e-3].map((share) => steepness(sample, share * reach)));
        if (slope > lipschitz)
          refuse(where, `the payoff is steeper in ${'xy'[player]} than declared`, told(slope), `at most ${lipschitz}`);
      }
      if (curvature !== undefined && game.smooth) {
        const bend = bendOf(sample, 1e-3 * reach);
        if (bend > curvature)
          refuse(where, `the payoff bends more in ${'xy'[player]} than declared`, told(bend), `at most ${curvature}`);
      }
    }
  }
}

function refuse(where: string, problem: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem,
    got,
    expected,
    fix: 'declare a bound that holds everywhere',
  });
}

function sampleOf(game: Game, player: 0 | 1, i: number): Sample {
  const space = game.spaces[player];
  const key = randomKey(`declared ${player} ${i}`);
  const at = pointOf(space, key);
  const other = measure({ space: game.spaces[1 - player], positions: pointOf(game.spaces[1 - player], randomKey(i)) });
  const profile: Profile = [other, other];
  const tangent = new Float64Array(space.dim);
  normalsInto(tangent, 0, space.dim, key, 1);
  space.projectTangentInto(tangent, at, tangent, 1);
  const length = Math.hypot(...tangent);
  for (let k = 0; k < tangent.length; k++) tangent[k] /= length;
  const [moved, out] = [new Float64Array(space.dim), new Float64Array(1)];
  const move = (t: number): void => space.retractInto(moved, at, tangent, t, 1);
  return {
    space,
    at,
    tangent,
    value(t) {
      move(t);
      game.potentialAt(player, out, moved, 1, profile);
      return out[0];
    },
    distance(t) {
      move(t);
      return space.distance(at, 0, moved, 0);
    },
  };
}

function pointOf(space: Space, key: RandomKey): Float64Array {
  const point = new Float64Array(space.dim);
  if (Number.isFinite(space.volume)) space.sampleInto(point, 1, randomStream(key));
  else {
    normalsInto(point, 0, space.dim, key, 2);
    space.projectInto(point, point, 1);
  }
  return point;
}

/** `|V(p) - V(q)| / dist(p, q)`, less what rounding can add. */
function steepness({ value, distance }: Sample, t: number): number {
  const apart = distance(t);
  const [here, there] = [value(0), value(t)];
  const rounding = (Math.abs(here) + Math.abs(there)) * 2 ** -46;
  return apart > 0 ? (Math.abs(here - there) - rounding) / apart : 0;
}

/**
 * `|V(p) - 2 V(q) + V(r)| / h^2` of points at distance h on either side along a geodesic, less what rounding can add; 0
 * where a wall is in the way. A mean of second derivatives between p and r, so never above their bound.
 */
function bendOf({ value, distance }: Sample, t: number): number {
  const [before, after] = [distance(-t), distance(t)];
  if (!(before > 0 && Math.abs(before - after) <= 1e-6 * t)) return 0;
  const [p, q, r] = [value(-t), value(0), value(t)];
  const rounding = (Math.abs(p) + 2 * Math.abs(q) + Math.abs(r)) * 2 ** -46;
  // The sides may differ by a millionth, which the slope between them can turn into a bend.
  const uneven = (Math.abs(p - r) * Math.abs(before - after)) / before;
  return (Math.abs(p - 2 * q + r) - rounding - uneven) / (before * after);
}
