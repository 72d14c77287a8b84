import { fail, show } from '../errors.js';
import type { Flow } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import { normalizeLogs } from '../math/sums.js';
import type { Measure, Profile, Tangent } from '../measure/measure.js';
import { pushInto, type WorkingMeasure } from '../measure/working.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

export type MirrorDivergence = 'kl' | 'hellinger';

export interface MirrorOptions {
  /** Distance that holds the masses near the last ones; default `kl`. */
  readonly divergence?: MirrorDivergence;
}

export interface MirrorState {
  readonly tangents: readonly Tangent[];
  readonly results: ResultBuffers;
}

/**
 * Mirror descent of the masses, one linear proximal step with the growth r frozen; atoms move by forward Euler.
 *
 * - `kl`: `m_i <- m_i exp(dt r_i)`, normalized on probabilities: the argmin of `<V, m> + KL(m | m_k) / (alpha dt)`, and
 *   the exact Fisher-Rao flow of a frozen potential.
 * - `hellinger`: `m_i <- m_i / (1 - dt (r_i - c) / 2)^2`, the argmin of `<V, m> + (2 / (alpha dt)) He^2(m, m_k)`; c = 0 on
 *   positive measures, on probabilities c is the multiplier that gives mass 1.
 *
 * Order 1; one evaluation. On a positive measure the Hellinger step does not exist where `dt r_i >= 2`: that mass becomes
 * infinite, which the run reports as diverged. Source: [ChizatBach2018] for the conic form, [FreundSchapire1999] for games.
 *
 * @throws `invalid-argument` for another divergence.
 */
export function mirror({ divergence = 'kl' }: MirrorOptions = {}): Stepper<MirrorState> {
  if (divergence !== 'kl' && divergence !== 'hellinger') {
    fail({
      code: 'invalid-argument',
      where: 'mirror',
      problem: 'there is no such divergence',
      got: show(divergence),
      expected: "'kl' or 'hellinger'",
      fix: "pass { divergence: 'kl' }",
    });
  }
  return {
    name: `mirror-${divergence}`,
    order: 1,
    accepts: { noise: false, transport: true, reaction: true },
    conservesMass: true,
    init: (flow: Flow, profile: Profile) => ({
      tangents: allocateTangents(flow, profile),
      results: resultBuffers(profile),
    }),
    step: (flow, profile, context, state) => {
      flow.tangentInto(state.tangents, profile, context);
      const next = state.results.target(profile);
      for (let k = 0; k < profile.length; k++) {
        pushInto(next[k], profile[k], state.tangents[k], context.dt);
        const { growth } = state.tangents[k];
        if (divergence === 'hellinger' && growth !== null) hellingerInto(next[k], profile[k], growth, context.dt);
      }
      return { next, dt: context.dt, state, evaluations: 1, rejected: 0, changedSupport: false, status: 'ok' };
    },
  };
}

/** `log m_i - 2 log(1 - dt (r_i - c) / 2)`; a factor that is not positive gives +Infinity. */
function hellingerInto(target: WorkingMeasure, source: Measure, growth: Float64Array, dt: number): void {
  const shift = source.kind === 'probability' ? massMultiplier(source.masses, growth, dt) : 0;
  const { logMasses } = target;
  for (let i = 0; i < logMasses.length; i++) {
    const factor = 1 - (dt / 2) * (growth[i] - shift);
    if (source.logMasses[i] === Number.NEGATIVE_INFINITY) logMasses[i] = Number.NEGATIVE_INFINITY;
    else
      logMasses[i] =
        source.logMasses[i] - 2 * (factor > 0 ? Math.log(factor) : factor <= 0 ? Number.NEGATIVE_INFINITY : factor);
  }
  // The multiplier is exact to rounding; this takes the last bits off the total.
  if (source.kind === 'probability') normalizeLogs(logMasses);
  target.touch();
}

/**
 * The c with `sum_i m_i / (1 - dt (r_i - c) / 2)^2 = 1`, in `(max r - 2/dt, max r]` over atoms with mass, where the sum
 * decreases from infinity to at most 1: Newton's method from the left of the root, where it is monotone, kept inside a
 * bracket. 60 iterations halve a bracket to rounding.
 */
function massMultiplier(masses: Float64Array, growth: Float64Array, dt: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < masses.length; i++) if (masses[i] > 0 && growth[i] > top) top = growth[i];
  if (!Number.isFinite(top)) return Number.NaN;
  let low = top - 2 / dt;
  let high = top;
  let c = (low + high) / 2;
  for (let iteration = 0; iteration < 60; iteration++) {
    let sum = 0;
    let slope = 0;
    for (let i = 0; i < masses.length; i++) {
      if (masses[i] === 0) continue;
      const factor = 1 - (dt / 2) * (growth[i] - c);
      const term = masses[i] / (factor * factor);
      sum += term;
      slope -= (dt * term) / factor;
    }
    if (sum > 1) low = c;
    else high = c;
    const newton = c - (sum - 1) / slope;
    const moved = newton > low && newton < high ? newton : (low + high) / 2;
    if (moved === c || high - low <= 1e-15 * Math.max(Math.abs(low), Math.abs(high))) return c;
    c = moved;
  }
  return c;
}
