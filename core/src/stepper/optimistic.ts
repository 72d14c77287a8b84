import type { Flow } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { pushInto, type WorkingMeasure, workingProfile } from '../measure/working.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

/** Buffers; `tangents` holds what was seen at the half step before, `half` the profile extrapolated last. */
export interface OptimisticState {
  readonly tangents: readonly Tangent[];
  readonly half: readonly WorkingMeasure[];
  readonly results: ResultBuffers;
  /** False before the first step: then the tangent at the start stands for the one seen before. */
  seen: boolean;
}

/**
 * Optimistic steps, Popov's past extragradient: look ahead along what was seen at the half step before,
 * `half_k = push(z_k, T(half_(k-1)), dt)`, then step by what is seen there, `z_(k+1) = push(z_k, T(half_k), dt)`.
 * It damps the rotation of games as {@link extragradient} does, at one evaluation a step (two in the first).
 *
 * Without constraints it is `half_(k+1) = half_k + 2 dt T(half_k) - dt T(half_(k-1))`; on the masses of a probability it
 * is optimistic Hedge. A remembered velocity is projected on the tangent space of the atom it now moves. Order 1.
 * Source: [Popov1980].
 *
 * @example
 * ```ts
 * import { optimistic } from '@muflow/core';
 * console.log(optimistic().order); // => 1
 * ```
 */
export function optimistic(): Stepper<OptimisticState> {
  const init = (flow: Flow, profile: Profile): OptimisticState => ({
    tangents: allocateTangents(flow, profile),
    half: workingProfile(profile),
    results: resultBuffers(profile),
    seen: false,
  });
  return {
    name: 'optimistic',
    order: 1,
    accepts: { noise: false, transport: true, reaction: true },
    conservesMass: true,
    init,
    memory: ({ tangents, half, seen }) =>
      seen ? tangents.flatMap((tangent, k) => [...half[k].ids, ...numbersOf(tangent)]) : [],
    recall: (flow, profile, memory) => {
      const state = init(flow, profile);
      // After a change of support the numbers belong to other atoms: then the start is seen anew.
      state.seen = remember(state.tangents, profile, memory);
      return state;
    },
    step: (flow, profile, context, state) => {
      const { tangents, half } = state;
      const evaluations = state.seen ? 1 : 2;
      if (!state.seen) flow.tangentInto(tangents, profile, context);
      for (let k = 0; k < profile.length; k++) {
        const { velocity } = tangents[k];
        const { space, positions, count } = profile[k];
        if (state.seen && velocity !== null) space.projectTangentInto(velocity, positions, velocity, count);
        pushInto(half[k], profile[k], tangents[k], context.dt);
      }
      flow.tangentInto(tangents, half, { ...context, time: context.time + context.dt });
      state.seen = true;
      const next = state.results.target(profile);
      for (let k = 0; k < profile.length; k++) pushInto(next[k], profile[k], tangents[k], context.dt);
      return { next, dt: context.dt, state, evaluations, rejected: 0, changedSupport: false, status: 'ok' };
    },
  };
}

const numbersOf = ({ velocity, growth }: Tangent): number[] => [...(velocity ?? []), ...(growth ?? [])];

/** Writes back what `memory` gave, player by player: ids, velocity, growth. False where the atoms are others. */
function remember(tangents: readonly Tangent[], profile: Profile, memory: readonly number[]): boolean {
  let at = 0;
  for (let k = 0; k < profile.length; k++) {
    const { ids } = profile[k];
    for (let i = 0; i < ids.length; i++) if (memory[at + i] !== ids[i]) return false;
    at += ids.length;
    for (const part of [tangents[k].velocity, tangents[k].growth]) {
      if (part === null) continue;
      if (memory.length < at + part.length) return false;
      for (let i = 0; i < part.length; i++) part[i] = memory[at + i];
      at += part.length;
    }
  }
  return at === memory.length;
}
