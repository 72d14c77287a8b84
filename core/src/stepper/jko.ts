import { fail, show } from '../errors.js';
import type { Flow, StepContext } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { copyProfileInto, type WorkingMeasure, workingProfile } from '../measure/working.js';
import { displacementInto } from '../transport/displacement.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

export interface JkoOptions {
  /** Residual of the implicit equation relative to the largest coordinate, default 1e-13. */
  readonly tolerance?: number;
  /** Evaluations to solve one step before it is taken in halves; default 200. */
  readonly maxIterations?: number;
  /** Refuses steps that are no descent; default true. False for estimated fields (minibatches), which need not descend. */
  readonly descent?: boolean;
}

/** Buffers of {@link jko}: per player, residuals of the last two points, the move between them, and what is tried. */
export interface JkoState {
  readonly tangents: readonly Tangent[];
  readonly residuals: readonly Float64Array[];
  readonly before: readonly Float64Array[];
  readonly moves: readonly Float64Array[];
  readonly points: readonly Float64Array[];
  /** Where a part of a step starts. */
  readonly from: readonly WorkingMeasure[];
  readonly results: ResultBuffers;
}

/** Into how many parts a step is divided at most before the run is told that steps become too small. */
const leastPart = 2 ** 30;
/** Of F: a rise of this relative size may be the rounding of its sum. */
const rounding = 1e-12;

/**
 * The proximal step of Jordan, Kinderlehrer and Otto on particles, `argmin F(nu) + W2(nu, mu)^2 / (2 dt)` over measures
 * with the masses of mu, at its critical point next to mu: implicit Euler, `log_{x'}(x) = -dt v(x')`, for steps short
 * enough that every atom keeps its own target. Masses stay; for those, put it into a splitting with {@link mirror}.
 *
 * The equation is solved by spectral residual steps to `tolerance`. A step that is not solved, or after which
 * `F(nu) + (dt/2) norm2(v)` exceeds `F(mu)` beyond rounding (checked where the flow has one energy and its metrics), is
 * taken back and taken in halves, or halves of these: each step taken is a descent. Order 1, stable for stiff convex energies;
 * about `log(1/tolerance) / log(1/(dt L))` evaluations where `dt L < 1`, L the Lipschitz constant of v.
 *
 * @throws `invalid-argument` for a tolerance or number of iterations that is not positive.
 * Source: [JordanKinderlehrerOtto1998]; [LaCruzEtAl2006] for the steps.
 *
 * @example
 * ```ts
 * import { diracs, gradientFlow, jko, potentialEnergy, simulate, wasserstein } from '@muflow/core';
 * const flow = gradientFlow(potentialEnergy({ potential: '50 * x^2', dim: 1 }), wasserstein());
 * const { profile } = simulate({ flow, initial: diracs([1]) }, { stepper: jko(), dt: 1, maxSteps: 1 });
 * console.log((profile[0].positions[0] * 101).toFixed(6)); // => 1.000000
 * ```
 */
export function jko({ tolerance = 1e-13, maxIterations = 200, descent = true }: JkoOptions = {}): Stepper<JkoState> {
  if (!(tolerance > 0 && maxIterations >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'jko',
      problem: 'a step could not be solved',
      got: `tolerance ${show(tolerance)}, maxIterations ${show(maxIterations)}`,
      expected: 'positive numbers',
      fix: 'leave them out',
    });
  }
  return {
    name: 'jko',
    order: 1,
    accepts: { noise: false, transport: true, reaction: false },
    conservesMass: true,
    buffersOnly: true,
    init: (flow: Flow, profile: Profile): JkoState => {
      const arrays = (): readonly Float64Array[] => profile.map((mu) => new Float64Array(mu.positions.length));
      return {
        tangents: allocateTangents(flow, profile),
        residuals: arrays(),
        before: arrays(),
        moves: arrays(),
        points: arrays(),
        from: workingProfile(profile),
        results: resultBuffers(profile),
      };
    },
    step(flow, profile, context, state) {
      const next = state.results.target(profile);
      const result = { next, state, rejected: 0, changedSupport: false } as const;
      let evaluations = 0;
      let [from, left, dt] = [profile, context.dt, context.dt];
      while (left > 0) {
        const stage = { ...context, time: context.time + (context.dt - left) + dt, dt };
        const used = solve({ flow, profile: from, context: stage, next, state }, tolerance, maxIterations);
        evaluations += Math.abs(used);
        if (used > 0 && (!descent || descends(flow, from, next, { tangents: state.tangents, dt }))) {
          left = dt === left ? 0 : left - dt;
          if (left === 0) break;
          copyProfileInto(state.from, next);
          from = state.from;
          dt = Math.min(dt, left);
        } else if (dt > context.dt / leastPart) dt /= 2;
        else {
          copyProfileInto(next, profile);
          return { ...result, dt, evaluations, status: 'stepTooSmall' };
        }
      }
      return { ...result, dt: context.dt, evaluations, status: 'ok' };
    },
  };
}

interface Implicit {
  readonly flow: Flow;
  readonly profile: Profile;
  readonly context: StepContext;
  readonly next: readonly WorkingMeasure[];
  readonly state: JkoState;
}

/**
 * Solves `g(x') = -log_{x'}(x) - dt v(x') = 0` from x by `x' <- R_{x'}(-sigma g)`, sigma = 1 at first (explicit Euler), then
 * `|s|^2 / <s, y>` with the last move s and change y of g. Moves are those that the space allows, so that a step against
 * a border ends there.
 *
 * @returns evaluations used, negative where the equation is not solved.
 */
function solve(problem: Implicit, tolerance: number, maxIterations: number): number {
  const { flow, profile, context, next, state } = problem;
  copyProfileInto(next, profile);
  let sigma = 1;
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    flow.tangentInto(state.tangents, next, context);
    let [squared, product] = [0, 0];
    for (let k = 0; k < next.length; k++) {
      residualInto(problem, k);
      const [g, h, s] = [state.residuals[k], state.before[k], state.moves[k]];
      for (let c = 0; iteration > 1 && c < g.length; c++) {
        squared += s[c] * s[c];
        product += s[c] * (g[c] - h[c]);
      }
    }
    if (iteration > 1) sigma = clamp(squared / product);
    let [largest, size] = [0, 0];
    for (let k = 0; k < next.length; k++) {
      const [moved, scale] = moveInto(problem, k, sigma);
      largest = Math.max(largest, moved / sigma);
      size = Math.max(size, scale);
    }
    if (!Number.isFinite(largest)) return -iteration;
    if (largest <= tolerance * size) return iteration;
  }
  return -maxIterations;
}

/** A step that curvature of the wrong sign or a vanishing move would make useless is 1 again. */
function clamp(sigma: number): number {
  return sigma > 1e-12 && sigma < 1e3 ? sigma : 1;
}

function residualInto({ profile, next, context, state }: Implicit, k: number): void {
  const mu = profile[k];
  const { count, dim, space } = mu;
  const [g, before] = [state.residuals[k], state.before[k]];
  before.set(g);
  const { velocity } = state.tangents[k];
  for (let i = 0; i < count; i++) {
    displacementInto(space, g, i * dim, {
      from: next[k].positions,
      fromStart: i * dim,
      to: mu.positions,
      toStart: i * dim,
    });
  }
  for (let c = 0; c < g.length; c++) g[c] = -g[c] - (velocity === null ? 0 : context.dt * velocity[c]);
}

/** Moves player k by `-sigma g`; returns the largest coordinate of the move and of the points. */
function moveInto({ next, state }: Implicit, k: number, sigma: number): readonly [number, number] {
  const mu = next[k];
  const { count, dim, space, positions } = mu;
  const [g, move, points] = [state.residuals[k], state.moves[k], state.points[k]];
  space.retractInto(points, positions, g, -sigma, count);
  let [largest, size] = [0, 0];
  for (let i = 0; i < count; i++) {
    displacementInto(space, move, i * dim, { from: positions, fromStart: i * dim, to: points, toStart: i * dim });
  }
  for (let c = 0; c < move.length; c++) {
    largest = Math.max(largest, Math.abs(move[c]));
    size = Math.max(size, Math.abs(points[c]));
  }
  positions.set(points);
  return [largest, size];
}

/** `F(nu) + (dt/2) norm2(v) <= F(mu)` up to rounding, where there is an energy and metrics to tell. */
function descends(
  { energy, metrics }: Flow,
  profile: Profile,
  next: readonly WorkingMeasure[],
  { tangents, dt }: { readonly tangents: readonly Tangent[]; readonly dt: number },
): boolean {
  if (energy === undefined || metrics === undefined) return true;
  const start = energy.value(profile[0]);
  const end = energy.value(next[0]);
  const paid = (dt / 2) * metrics[0].norm2(next[0], tangents[0]);
  return !(end + paid > start + rounding * (Math.abs(start) + Math.abs(end)));
}
