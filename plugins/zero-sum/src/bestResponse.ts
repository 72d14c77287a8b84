import type { Game, Profile, Space } from '@muflow/core';
import { goldenSection, grid } from '@muflow/core';

/** The lowest value of a player's potential that was found, and where. */
export interface BestResponse {
  readonly value: number;
  /** Coordinates of the reply. */
  readonly at: Float64Array;
  /** `exact` where every point was tried (finite spaces), else an estimate from above. */
  readonly status: 'exact' | 'estimated';
}

export interface BestResponseOptions {
  /** Grid points per axis, default 512 in one dimension, 64 in two; other spaces use a covering. */
  readonly resolution?: number;
  /** Grid cells that are searched further, default 4. */
  readonly candidates?: number;
}

/**
 * Searches for `min_x V_k(x)` against a profile: all points of a finite space, otherwise a grid and
 * golden sections around its best points. On continua the value is an upper bound of the infimum, never
 * a proof; a later certificate encloses it. Cost: grid size times the atoms of the others.
 */
export function bestResponse(
  game: Game,
  player: number,
  profile: Profile,
  options: BestResponseOptions = {},
): BestResponse {
  const space = game.spaces[player];
  const points = searchGrid(space, options.resolution);
  const count = points.length / space.dim;
  const values = new Float64Array(count);
  game.potentialAt(player, values, points, count, profile);
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j] || i - j);
  const point = (i: number): Float64Array => points.slice(i * space.dim, (i + 1) * space.dim);
  if (space.kind === 'finite') return { value: values[order[0]], at: point(order[0]), status: 'exact' };
  let best: BestResponse = { value: values[order[0]], at: point(order[0]), status: 'estimated' };
  for (const i of order.slice(0, options.candidates ?? 4)) {
    const found = refine(game, player, profile, point(i), spacing(space, count));
    if (found.value < best.value) best = found;
  }
  return best;
}

const gridPerAxis = (dim: number): number => (dim === 1 ? 512 : dim === 2 ? 64 : dim === 3 ? 16 : 6);

/** A grid with the ends of a box and the cells of a torus, the points of a finite space, or the centers of a covering. */
export function searchGrid(space: Space, resolution?: number): Float64Array {
  if (space.kind === 'finite') return space.covering(0.5).centers;
  const perAxis = resolution ?? gridPerAxis(space.dim);
  if (space.kind === 'box' || space.kind === 'torus') return grid(space, perAxis, 'ends').positions;
  return space.covering(space.diameter / perAxis).centers;
}

/** Distance of neighboring grid points, roughly. */
const spacing = (space: Space, count: number): number =>
  1.5 * (space.volume / count) ** (1 / Math.max(1, space.intrinsicDim));

/** Golden sections along the axes, retracted to the space, in rounds that halve their reach. */
function refine(game: Game, player: number, profile: Profile, start: Float64Array, reach: number): BestResponse {
  const space = game.spaces[player];
  const at = start.slice();
  const trial = new Float64Array(space.dim);
  const direction = new Float64Array(space.dim);
  const value = new Float64Array(1);
  const move = (out: Float64Array, k: number, t: number): void => {
    direction.fill(0);
    direction[k] = 1;
    space.projectTangentInto(direction, at, direction, 1);
    space.retractInto(out, at, direction, t, 1);
  };
  const along =
    (k: number) =>
    (t: number): number => {
      move(trial, k, t);
      game.potentialAt(player, value, trial, 1, profile);
      return value[0];
    };
  let best = along(0)(0);
  // On a line there is no other axis to come back from, and 60 sections reach the rounding of the value.
  const rounds = space.dim === 1 ? 1 : 12;
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < space.dim; k++) {
      const width = reach / 2 ** round;
      const found = goldenSection(along(k), -width, width, 60);
      if (found.value >= best) continue;
      best = found.value;
      move(trial, k, found.at);
      at.set(trial);
    }
  }
  return { value: best, at, status: 'estimated' };
}
