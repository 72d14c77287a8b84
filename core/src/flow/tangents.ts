import type { FirstVariation } from '../energy/energy.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { allocateTangent } from '../measure/tangent.js';
import type { Flow } from './flow.js';

/** Zero tangents at a profile, one per player, with the parts that the flow moves; the others are null. */
export function allocateTangents(flow: Pick<Flow, 'transports' | 'reacts'>, profile: Profile): readonly Tangent[] {
  return profile.map((mu, k) => allocateTangent(flow.transports[k], flow.reacts[k], mu.count, mu.dim));
}

/** Buffers that follow the sizes of a profile: made anew when an atom count changes, kept otherwise. */
export interface SizedBuffers<Buffer> {
  at(profile: Profile): readonly Buffer[];
}

/** Buffers made by `allocate`, kept until the number of players or of atoms changes. */
export function sizedBuffers<Buffer>(allocate: (profile: Profile) => readonly Buffer[]): SizedBuffers<Buffer> {
  let counts: readonly number[] = [];
  let buffers: readonly Buffer[] = [];
  return {
    at: (profile) => {
      // A loop: a closure would be allocated at every evaluation.
      let same = counts.length === profile.length;
      for (let k = 0; same && k < profile.length; k++) same = profile[k].count === counts[k];
      if (!same) {
        buffers = allocate(profile);
        counts = profile.map((mu) => mu.count);
      }
      return buffers;
    },
  };
}

/** Buffers for the first variations of every player. */
export function firstVariationBuffers(): SizedBuffers<FirstVariation> {
  return sizedBuffers((profile) =>
    profile.map((mu) => ({
      potential: new Float64Array(mu.count),
      gradient: new Float64Array(mu.count * mu.dim),
    })),
  );
}
