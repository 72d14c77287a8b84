import {
  formula as f,
  fail,
  type Game,
  gradient,
  hessian,
  intervalExtension,
  type Measure,
  measureFromParts,
  randomKey,
  randomStream,
  type Space,
  show,
  variablesOf,
} from '@muflow/core';
import type { StepSizes } from './dynamics.js';
import { tangentBasis } from './localChart.js';

export interface StepSizeOptions {
  /** Share of the longest stable step that is dared, in (0, 1); default 0.5. */
  readonly safety?: number;
  /** `sampled` (default) looks at `samples` points of each player; `proven` takes declared bounds, or bounds the payoff formula by intervals. */
  readonly bound?: 'sampled' | 'proven';
  /** Points of each player, default 48; cost `samples^2 (1 + 2 d)` payoffs. */
  readonly samples?: number;
  readonly seed?: number;
}

/** Step sizes with what they were chosen from. */
export interface ChosenStepSizes extends StepSizes {
  /** `sup l - inf l` over the points, or a proven bound of it. */
  readonly range: number;
  /**
   * `sup |hess V|` (Frobenius norm, or as the game declares it along geodesics) of either player against pure
   * strategies, which bounds it against mixed ones.
   */
  readonly curvature: number;
  /** True if both are upper bounds over the whole spaces. */
  readonly proven: boolean;
}

/**
 * Step sizes from the size of the payoff: `eta_x sup |hess V| = safety`, below which a position step cannot overshoot a
 * minimum of its potential, and `eta_w (sup l - inf l) = safety`, so that no step changes the odds of two atoms by more
 * than `e^safety`. They scale as 1/l, and do not depend on constants in the payoff.
 *
 * Sampling may miss the sharpest bend: halve the steps, or run with `backtracking`, where a run does not settle.
 * `proven` steps are shorter than they need be. A game that declares its `curvature` is taken at its word.
 *
 * @returns position 0 where no atom can move, or nothing bends (a payoff linear in x and in y is stable at every step:
 * then it is `safety diameter / sup |grad V|`).
 * @throws `unsupported` for an unbounded space, or `proven` without a formula on boxes and tori.
 * @example
 * const { flow, stepper } = dynamics(game, 'mirror-prox', stepSizes(game));
 */
export function stepSizes(game: Game, options: StepSizeOptions = {}): ChosenStepSizes {
  const { safety = 0.5, bound = 'sampled' } = options;
  check(game, safety);
  const { range, curvature, slope } = bound === 'proven' ? provenSizes(game) : sampledOrDeclared(game, options);
  const reach = Math.max(...game.spaces.map(({ diameter }) => diameter));
  const longest = curvature > 0 ? 1 / curvature : slope > 0 ? reach / slope : 0;
  return {
    mass: range > 0 ? safety / range : safety,
    position: safety * longest,
    range,
    curvature,
    proven: bound === 'proven',
  };
}

interface Sizes {
  readonly range: number;
  readonly curvature: number;
  readonly slope: number;
}

/** Sampled sizes, the curvature as declared where the game does. */
function sampledOrDeclared(game: Game, options: StepSizeOptions): Sizes {
  const sampled = sampledSizes(game, options);
  return game.curvature === undefined ? sampled : { ...sampled, curvature: Math.max(...game.curvature) };
}

/** What a game declares of its payoff: `|l(x, y) - l(x', y')| <= L_x dist(x, x') + L_y dist(y, y')`. */
function declaredSizes({ lipschitz, curvature, spaces }: Game): Sizes | null {
  if (lipschitz === undefined || curvature === undefined) return null;
  const range = spaces.reduce((sum, { diameter }, k) => sum + lipschitz[k] * diameter, 0);
  return { range, curvature: Math.max(...curvature), slope: Math.max(...lipschitz) };
}

function sampledSizes(game: Game, { samples = 48, seed = 0 }: StepSizeOptions): Sizes {
  const points = game.spaces.map((space, k) => pointsOf(space, samples, `${seed} ${k}`));
  let [low, high, curvature, slope] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const player of [0, 1] as const) {
    const mover = game.smooth ? stencil(game.spaces[player], points[player]) : null;
    const plain = { positions: points[player], count: points[player].length / game.spaces[player].dim };
    const values = new Float64Array(plain.count);
    const otherSpace = game.spaces[1 - player];
    for (let j = 0; j < points[1 - player].length; j += otherSpace.dim) {
      const pure = uniform(otherSpace, points[1 - player].slice(j, j + otherSpace.dim));
      // Only the other's measure is read.
      game.potentialAt(player, values, plain.positions, plain.count, [pure, pure]);
      if (player === 0) {
        for (const value of values) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
      if (mover === null) continue;
      const bends = bendOf(game, player, mover, pure);
      curvature = Math.max(curvature, bends.curvature);
      slope = Math.max(slope, bends.slope);
    }
  }
  return { range: high - low, curvature, slope };
}

const offset = 1e-4;

/** Points with two neighbors along every tangent direction: middle, then plus and minus for each direction. */
interface Stencil {
  readonly measure: Measure;
  readonly directions: number;
}

function stencil(space: Space, points: Float64Array): Stencil | null {
  if (space.intrinsicDim === 0) return null;
  const { dim, intrinsicDim } = space;
  const count = points.length / dim;
  const all = new Float64Array(count * (1 + 2 * intrinsicDim) * dim);
  let to = 0;
  for (let i = 0; i < count; i++) {
    const point = points.slice(i * dim, (i + 1) * dim);
    all.set(point, to);
    to += dim;
    for (const vector of tangentBasis(space, point)) {
      for (const t of [offset, -offset]) {
        space.retractInto(all.subarray(to, to + dim), point, vector, t, 1);
        to += dim;
      }
    }
  }
  return { measure: uniform(space, all), directions: intrinsicDim };
}

/** Largest second differences of the potential against a pure strategy, as a Frobenius norm, and largest gradient. */
function bendOf(game: Game, player: 0 | 1, { measure: mu, directions }: Stencil, pure: Measure): Omit<Sizes, 'range'> {
  const { dim, count } = mu;
  const profile = player === 0 ? [mu, pure] : [pure, mu];
  const out = profile.map((one) => ({
    potential: new Float64Array(one.count),
    gradient: new Float64Array(one.count * one.dim),
  }));
  game.evaluateInto(out, profile, { time: 0, step: 0, key: randomKey(0) });
  const slopes = out[player].gradient;
  mu.space.projectTangentInto(slopes, mu.positions, slopes, count);
  const block = 1 + 2 * directions;
  let [curvature, slope] = [0, 0];
  for (let i = 0; i < count; i += block) {
    let bend = 0;
    let steep = 0;
    for (let c = 0; c < dim; c++) steep += slopes[i * dim + c] ** 2;
    for (let k = 0; k < directions; k++) {
      const [plus, minus] = [i + 1 + 2 * k, i + 2 + 2 * k];
      const width = mu.space.distance(mu.positions, plus * dim, mu.positions, minus * dim);
      for (let c = 0; c < dim && width > 0; c++) {
        bend += ((slopes[plus * dim + c] - slopes[minus * dim + c]) / width) ** 2;
      }
    }
    curvature = Math.max(curvature, Math.sqrt(bend));
    slope = Math.max(slope, Math.sqrt(steep));
  }
  return { curvature, slope };
}

/** Declared bounds, or interval bounds of the payoff, its gradients and second derivatives over the whole spaces. */
function provenSizes(game: Game): Sizes {
  const declared = declaredSizes(game);
  if (declared !== null) return declared;
  const { formula, spaces } = game;
  const flat = spaces.every(({ kind }) => kind === 'box' || kind === 'torus');
  if (formula === undefined || !flat || !game.smooth) {
    return fail({
      code: 'unsupported',
      where: 'stepSizes',
      problem: 'the payoff cannot be bounded by intervals',
      got: `${formula === undefined ? 'a payoff without formula' : 'a formula'} on ${spaces.map(({ name }) => name).join(' and ')}`,
      expected: 'a formula on boxes and tori, or a game with declared lipschitz and curvature',
      fix: "leave bound at 'sampled'",
    });
  }
  const ends = Object.fromEntries(['x', 'y'].map((name, k) => [name, cornersOf(spaces[k])]));
  const value = intervalExtension(formula).evaluate(ends);
  let [curvature, slope] = [0, 0];
  for (const [k, name] of ['x', 'y'].entries()) {
    const used = variablesOf(formula).find((variable) => variable.name === name);
    if (used === undefined) continue;
    const variable = used.role === 'row' ? f.row(name, spaces[k].dim) : f.column(name, spaces[k].dim);
    const first = intervalExtension(gradient(formula, variable)).evaluateVector(ends);
    const second = hessian(formula, variable)
      .flat()
      .map((entry) => intervalExtension(entry).evaluate(ends));
    slope = Math.max(slope, lengthOf(first));
    curvature = Math.max(curvature, lengthOf(second));
  }
  return { range: value.upper - value.lower, curvature, slope };
}

const lengthOf = (sides: readonly { readonly lower: number; readonly upper: number }[]): number =>
  Math.hypot(...sides.map(({ lower, upper }) => Math.max(Math.abs(lower), Math.abs(upper))));

function cornersOf(space: Space): { readonly lower: Float64Array; readonly upper: Float64Array } {
  const lower = new Float64Array(space.dim);
  const upper = new Float64Array(space.dim);
  if (space.kind === 'torus') {
    upper.fill(space.volume ** (1 / space.dim));
  } else {
    space.projectInto(lower, lower.fill(-1e300), 1);
    space.projectInto(upper, upper.fill(1e300), 1);
  }
  return { lower, upper };
}

function pointsOf(space: Space, samples: number, label: string): Float64Array {
  if (space.kind === 'finite') return space.covering(0.5).centers;
  const points = new Float64Array(samples * space.dim);
  space.sampleInto(points, samples, randomStream(randomKey(`stepSizes ${label}`)));
  return points;
}

function uniform(space: Space, positions: Float64Array): Measure {
  const count = positions.length / space.dim;
  return measureFromParts({
    space,
    kind: 'probability',
    positions,
    logMasses: new Float64Array(count).fill(-Math.log(count)),
    ids: Uint32Array.from({ length: count }, (_, i) => i),
    nextId: count,
  });
}

function check(game: Game, safety: number): void {
  const unbounded = game.spaces.find(({ diameter }) => !Number.isFinite(diameter));
  if (unbounded === undefined && safety > 0 && safety < 1) return;
  fail({
    code: unbounded === undefined ? 'invalid-argument' : 'unsupported',
    where: 'stepSizes',
    problem: unbounded === undefined ? 'safety is no share' : 'a payoff has no range on an unbounded space',
    got: unbounded === undefined ? show(safety) : unbounded.name,
    expected: unbounded === undefined ? 'a number in (0, 1)' : 'spaces of finite diameter',
    fix: unbounded === undefined ? 'leave it at 0.5' : 'bound the space by a box, or choose the steps by hand',
  });
}
