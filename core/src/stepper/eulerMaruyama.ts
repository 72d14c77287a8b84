import type { Flow, StepContext } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import { deriveKey, normalsInto } from '../math/random.js';
import type { Measure, Profile, Tangent } from '../measure/measure.js';
import { allocateTangent } from '../measure/tangent.js';
import { pushInto } from '../measure/working.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

export interface EulerMaruyamaState {
  /** What the flow writes. */
  readonly tangents: readonly Tangent[];
  /** What is pushed: the same, with a velocity for players that only noise moves. */
  readonly moves: readonly Tangent[];
  readonly normals: readonly (Float64Array | null)[];
  readonly results: ResultBuffers;
}

/**
 * Euler-Maruyama: `x_i <- R_{x_i}(dt v_i + sqrt(2 T dt) P xi_i)`, xi standard normal, P the projection on the tangent
 * space; masses by the exponential. Weak order 1 on spaces without border (retractions are of second order); at the wall
 * of a box atoms are clamped, which is of weak order 1/2. Without noise it is `euler`.
 *
 * The normals of an atom depend on (key, player, step, id): repeating a step, or reordering atoms, repeats its noise.
 * One evaluation and n d normals per noisy player. Source: [KloedenPlaten1992], section 10.2.
 *
 * @example
 * ```ts
 * import { eulerMaruyama } from '@muflow/core';
 * console.log(eulerMaruyama().accepts.noise); // => true
 * ```
 */
export function eulerMaruyama(): Stepper<EulerMaruyamaState> {
  return {
    name: 'euler-maruyama',
    order: 1,
    accepts: { noise: true, transport: true, reaction: true },
    conservesMass: true,
    init: (flow: Flow, profile: Profile) => {
      const tangents = allocateTangents(flow, profile);
      const noisy = profile.map((_, k) => flow.noise.some(({ player }) => player === k));
      return {
        tangents,
        moves: tangents.map((tangent, k) => ({
          velocity: tangent.velocity ?? allocateTangent(noisy[k], false, profile[k].count, profile[k].dim).velocity,
          growth: tangent.growth,
        })),
        normals: profile.map((mu, k) => (noisy[k] ? new Float64Array(mu.count * mu.dim) : null)),
        results: resultBuffers(profile),
      };
    },
    step: (flow, profile, context, state) => {
      flow.tangentInto(state.tangents, profile, context);
      for (const { player, temperature } of flow.noise) {
        const { velocity } = state.moves[player];
        const normals = state.normals[player];
        if (velocity === null || normals === null) continue;
        if (state.tangents[player].velocity === null) velocity.fill(0);
        addNoise(velocity, normals, profile[player], { ...context, player, temperature });
      }
      const next = state.results.target(profile);
      for (let k = 0; k < profile.length; k++) pushInto(next[k], profile[k], state.moves[k], context.dt);
      return { next, dt: context.dt, state, evaluations: 1, rejected: 0, changedSupport: false, status: 'ok' };
    },
  };
}

interface NoiseContext extends StepContext {
  readonly player: number;
  readonly temperature: number;
}

/** `v += sqrt(2 T / dt) P xi`, so that a push over dt moves by `sqrt(2 T dt) P xi`. */
function addNoise(velocity: Float64Array, normals: Float64Array, mu: Measure, context: NoiseContext): void {
  const { dim, count, ids, space, positions } = mu;
  const key = deriveKey(context.key, 'noise', context.player, context.step);
  for (let i = 0; i < count; i++) normalsInto(normals, i * dim, dim, key, ids[i]);
  space.projectTangentInto(normals, positions, normals, count);
  const scale = Math.sqrt((2 * context.temperature) / context.dt);
  for (let c = 0; c < count * dim; c++) velocity[c] += scale * normals[c];
}
