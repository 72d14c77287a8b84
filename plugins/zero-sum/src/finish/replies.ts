import {
  type FirstVariation,
  type Game,
  grid as gridOn,
  type Measure,
  measureFromParts,
  type Profile,
  randomKey,
  randomStream,
  type Space,
} from '@muflow/core';

/** Candidate replies of a player, best first. */
export interface Replies {
  readonly count: number;
  /** count*dim, row-major. */
  readonly points: Float64Array;
  /** Potential of the player there: the lower the better. */
  readonly values: Float64Array;
}

export interface RepliesOptions {
  /** Most replies that are returned; default 6. */
  readonly count?: number;
  /** Points (row-major) that are followed downhill besides those of the grid, such as the atoms of the player. */
  readonly extra?: Float64Array;
  readonly seed?: number;
  /**
   * Where the payoff jumps: also tries points at the spacing of the search times `2^-level` about the atoms of both
   * players, since a best reply to an atom may lie just beside it. Default: none.
   */
  readonly level?: number;
}

const searched = new WeakMap<Space, Float64Array>();

/**
 * Points that a search begins with: all points of a finite space, a grid with the walls of a box, the cells of a
 * torus, a covering of spheres and simplices of up to three dimensions, and uniform points elsewhere.
 */
export function searchPoints(space: Space, seed = 0): Float64Array {
  let points = searched.get(space);
  if (points === undefined) {
    points = makePoints(space, seed);
    searched.set(space, points);
  }
  return points;
}

const perAxis = [0, 512, 48, 14, 7];

function makePoints(space: Space, seed: number): Float64Array {
  const d = space.intrinsicDim;
  if (space.kind === 'finite') return space.covering(0.5).centers;
  if ((space.kind === 'box' || space.kind === 'torus') && d < perAxis.length)
    return gridOn(space, perAxis[d], 'ends').positions;
  if ((space.kind === 'sphere' || space.kind === 'simplex') && d <= 3)
    return space.covering(space.diameter / [0, 256, 32, 12][d]).centers;
  const count = d <= 1 ? 512 : d === 2 ? 2048 : 4096;
  const points = new Float64Array(count * space.dim);
  space.sampleInto(points, count, randomStream(randomKey(seed)));
  return points;
}

/**
 * Local minima of a player's potential against a profile: the best search points that are well apart, and the
 * extra ones, followed downhill together by projected gradient steps of Barzilai-Borwein length
 * [BarzilaiBorwein1988] where the payoff is smooth. A search, never a proof.
 * Cost: one evaluation of the search points and about 40 of the candidates.
 */
export function bestReplies(game: Game, player: 0 | 1, profile: Profile, options: RepliesOptions = {}): Replies {
  const space = game.spaces[player];
  const grid = searchPoints(space, options.seed);
  const points =
    game.smooth || options.level === undefined || space.intrinsicDim === 0
      ? grid
      : joined(space, grid, besides(game, player, { profile, level: options.level, count: grid.length / space.dim }));
  const total = points.length / space.dim;
  const values = new Float64Array(total);
  game.potentialAt(player, values, points, total, profile);
  const wanted = options.count ?? 6;
  // Beside a jump the best points are close together, and each of them counts.
  const apart = space.intrinsicDim === 0 ? 0 : game.smooth ? 3 * spacing(space, total) : 1e-9 * space.diameter;
  const chosen = separated(space, { points, values, wanted, apart });
  const starts = joined(space, chosen.points, options.extra ?? new Float64Array(0));
  if (space.intrinsicDim === 0 || !game.smooth) return { count: chosen.values.length, ...chosen };
  const reached = descend(game, player, profile, { starts, reach: spacing(space, total) });
  return distinct(space, reached, wanted);
}

const spacing = (space: Space, count: number): number =>
  space.diameter / count ** (1 / Math.max(1, space.intrinsicDim));

const joined = (space: Space, a: Float64Array, b: Float64Array): Float64Array => {
  const all = new Float64Array(a.length + b.length - (b.length % space.dim));
  all.set(a);
  all.set(b.subarray(0, all.length - a.length), a.length);
  return all;
};

/** The atoms of the profile, and steps from them along the coordinates. */
function besides(
  game: Game,
  player: 0 | 1,
  { profile, level, count }: { readonly profile: Profile; readonly level: number; readonly count: number },
): Float64Array {
  const space = game.spaces[player];
  const d = space.dim;
  const sameSpace = game.spaces[0].name === game.spaces[1].name;
  const centers = sameSpace ? joined(space, profile[0].positions, profile[1].positions) : profile[player].positions;
  const step = spacing(space, count) * 2 ** -level;
  const out: number[] = [];
  const velocity = new Float64Array(d);
  const moved = new Float64Array(d);
  for (let start = 0; start < centers.length; start += d) {
    const at = centers.slice(start, start + d);
    out.push(...at);
    for (let k = 0; k < d; k++) {
      for (const side of [-step, step]) {
        velocity.fill(0);
        velocity[k] = side;
        space.projectTangentInto(velocity, at, velocity, 1);
        space.retractInto(moved, at, velocity, 1, 1);
        out.push(...moved);
      }
    }
  }
  return Float64Array.from(out);
}

/** The lowest points of which no two are neighbors. */
function separated(
  space: Space,
  { points, values, wanted, apart }: { points: Float64Array; values: Float64Array; wanted: number; apart: number },
): { points: Float64Array; values: Float64Array } {
  const order = Array.from(values.keys()).sort((i, j) => values[i] - values[j] || i - j);
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length === wanted) break;
    const near = kept.some((j) => space.distance(points, i * space.dim, points, j * space.dim) < apart);
    if (!near) kept.push(i);
  }
  return collect(space, { points, values }, kept);
}

function collect(
  { dim }: Space,
  { points, values }: { points: Float64Array; values: Float64Array },
  kept: readonly number[],
): { points: Float64Array; values: Float64Array } {
  const out = new Float64Array(kept.length * dim);
  kept.forEach((i, k) => {
    out.set(points.subarray(i * dim, (i + 1) * dim), k * dim);
  });
  return { points: out, values: Float64Array.from(kept, (i) => values[i]) };
}

interface Descent {
  readonly starts: Float64Array;
  readonly reach: number;
}

/** Follows all points downhill at once, each with its own step length. */
function descend(
  game: Game,
  player: 0 | 1,
  profile: Profile,
  { starts, reach }: Descent,
): { points: Float64Array; values: Float64Array } {
  const space = game.spaces[player];
  const d = space.dim;
  const count = starts.length / d;
  const at = starts.slice();
  const potentials = potentialsOf(game, player, profile, count);
  const values = new Float64Array(count);
  const slopes = new Float64Array(count * d);
  const trialSlopes = new Float64Array(count * d);
  const trialValues = new Float64Array(count);
  potentials(at, values, slopes);
  const steps = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const length = norm(slopes, i * d, d);
    steps[i] = length > 0 ? (0.2 * reach) / length : 0;
  }
  const trial = new Float64Array(count * d);
  const velocity = new Float64Array(count * d);
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < count; i++) for (let k = i * d; k < (i + 1) * d; k++) velocity[k] = -steps[i] * slopes[k];
    space.retractInto(trial, at, velocity, 1, count);
    potentials(trial, trialValues, trialSlopes);
    for (let i = 0; i < count; i++) {
      if (!(trialValues[i] <= values[i])) {
        steps[i] /= 5;
        continue;
      }
      let moved = 0;
      let bent = 0;
      for (let k = i * d; k < (i + 1) * d; k++) {
        const s = trial[k] - at[k];
        moved += s * s;
        bent += s * (trialSlopes[k] - slopes[k]);
        at[k] = trial[k];
        slopes[k] = trialSlopes[k];
      }
      values[i] = trialValues[i];
      const length = bent > 0 ? moved / bent : 3 * steps[i];
      if (moved > 0) steps[i] = Math.min(Math.max(length, steps[i] / 10), 10 * steps[i]);
    }
  }
  return { points: at, values };
}

type Potentials = (points: Float64Array, values: Float64Array, slopes: Float64Array) => void;

/** Potential and tangent gradient of a player at free points. */
function potentialsOf(game: Game, player: 0 | 1, profile: Profile, count: number): Potentials {
  const space = game.spaces[player];
  const out: FirstVariation[] = [0, 1].map((k) => {
    const n = k === player ? count : profile[k].count;
    return { potential: new Float64Array(n), gradient: new Float64Array(n * game.dims[k]) };
  });
  const context = { time: 0, step: 0, key: randomKey(0) };
  return (points, values, slopes) => {
    const probes = probesAt(space, points, count);
    game.evaluateInto(out, player === 0 ? [probes, profile[1]] : [profile[0], probes], context);
    values.set(out[player].potential);
    space.projectTangentInto(slopes, points, out[player].gradient, count);
  };
}

/** Equal masses at points that may repeat. */
function probesAt(space: Space, points: Float64Array, count: number): Measure {
  return measureFromParts({
    space,
    kind: 'probability',
    positions: points,
    logMasses: new Float64Array(count).fill(-Math.log(count)),
    ids: Uint32Array.from({ length: count }, (_, i) => i),
    nextId: count,
  });
}

/** The best points of which no two have run into each other. */
function distinct(space: Space, reached: { points: Float64Array; values: Float64Array }, wanted: number): Replies {
  const { points, values } = reached;
  const order = Array.from(values.keys())
    .filter((i) => Number.isFinite(values[i]))
    .sort((i, j) => values[i] - values[j] || i - j);
  const apart = 1e-7 * space.diameter;
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length === wanted) break;
    if (!kept.some((j) => space.distance(points, i * space.dim, points, j * space.dim) < apart)) kept.push(i);
  }
  return { count: kept.length, ...collect(space, reached, kept) };
}

function norm(values: Float64Array, start: number, d: number): number {
  let sum = 0;
  for (let k = start; k < start + d; k++) sum += values[k] * values[k];
  return Math.sqrt(sum);
}
