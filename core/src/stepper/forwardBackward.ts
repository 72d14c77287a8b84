import type { Flow } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { pushInto, type WorkingMeasure } from '../measure/working.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

export interface ForwardBackwardState {
  readonly tangents: readonly Tangent[];
  readonly results: ResultBuffers;
}

/**
 * Forward-backward steps: explicit Euler for the flow without its absolute values `int sum_k lambda_k |x_k| dmu` (the
 * penalty `l1` of a risk), then their proximal step, soft thresholding by `dt rate_k lambda_k`:
 *
 *     x_k <- S(x_k + dt (v_k + rate_k lambda_k sign x_k)),   S(z) = sign(z) max(0, |z| - dt rate_k lambda_k).
 *
 * Coordinates become 0 and stay there, where explicit steps would chatter around 0; a fixed point is a point of
 * equilibrium of the penalized energy, whatever dt. Masses take the exponential step. A flow without absolute values is
 * followed by explicit Euler. Order 1; one evaluation, no allocation. Source: [CombettesWajs2005].
 *
 * @example
 * ```ts
 * import { forwardBackward } from '@muflow/core';
 * console.log(forwardBackward().order); // => 1
 * ```
 */
export function forwardBackward(): Stepper<ForwardBackwardState> {
  return {
    name: 'forward-backward',
    order: 1,
    accepts: { noise: false, transport: true, reaction: true },
    conservesMass: true,
    init: (flow: Flow, profile: Profile) => ({
      tangents: allocateTangents(flow, profile),
      results: resultBuffers(profile),
    }),
    step: (flow, profile, context, state) => {
      const { dt } = context;
      flow.tangentInto(state.tangents, profile, context);
      const next = state.results.target(profile);
      for (let k = 0; k < profile.length; k++) {
        const { velocity } = state.tangents[k];
        const shrinkage = velocity === null ? null : (flow.shrinkage?.[k] ?? null);
        if (velocity !== null && shrinkage !== null) withoutAbsoluteValues(velocity, profile[k].positions, shrinkage);
        pushInto(next[k], profile[k], state.tangents[k], dt);
        if (shrinkage !== null) shrink(next[k], shrinkage, dt);
      }
      return { next, dt, state, evaluations: 1, rejected: 0, changedSupport: false, status: 'ok' };
    },
  };
}

/** Takes `-rate_k lambda_k sign(x_k)` out of the velocity. */
function withoutAbsoluteValues(velocity: Float64Array, positions: Float64Array, shrinkage: Float64Array): void {
  const dim = shrinkage.length;
  for (let k = 0; k < dim; k++) {
    const rate = shrinkage[k];
    if (rate === 0) continue;
    for (let at = k; at < velocity.length; at += dim) velocity[at] += rate * Math.sign(positions[at]);
  }
}

/** Soft thresholding, then back to the space where it has a border. */
function shrink(mu: WorkingMeasure, shrinkage: Float64Array, dt: number): void {
  const { positions, count, dim, space } = mu;
  for (let k = 0; k < dim; k++) {
    const threshold = dt * shrinkage[k];
    if (threshold === 0) continue;
    for (let i = 0; i < count; i++) {
      const x = positions[i * dim + k];
      positions[i * dim + k] = x > threshold ? x - threshold : x < -threshold ? x + threshold : Number.isNaN(x) ? x : 0;
    }
  }
  if (space.hasBoundary) space.projectInto(positions, positions, count);
}
