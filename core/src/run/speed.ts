import { allocateTangents, sizedBuffers } from '../flow/tangents.js';
import type { Measure, Tangent } from '../measure/measure.js';
import type { RunView } from './problem.js';

/**
 * The squared metric speed of the flow, `sum_k norm2_k(mu_k, T_k)` at its tangent T; for a flow without metrics
 * `sum_k int |v|^2 + r^2 dmu_k`. Along a gradient flow this is the rate at which the energy falls.
 *
 * @returns a reader with its own buffers: one evaluation of the tangent per call.
 */
export function speedReader(): (view: RunView) => number {
  let read: ((view: RunView) => number) | undefined;
  return (view) => {
    read ??= readerFor(view);
    return read(view);
  };
}

function readerFor({ flow }: RunView): (view: RunView) => number {
  const buffers = sizedBuffers<Tangent>((profile) => allocateTangents(flow, profile));
  return ({ profile, time, step, key }) => {
    const tangents = buffers.at(profile);
    flow.tangentInto(tangents, profile, { time, step, key });
    let total = 0;
    for (let k = 0; k < profile.length; k++) {
      total += flow.metrics ? flow.metrics[k].norm2(profile[k], tangents[k]) : plainNorm2(profile[k], tangents[k]);
    }
    return total;
  };
}

function plainNorm2({ masses, count, dim }: Measure, { velocity, growth }: Tangent): number {
  let total = 0;
  for (let i = 0; i < count; i++) {
    let square = growth === null ? 0 : growth[i] * growth[i];
    if (velocity !== null) for (let c = i * dim; c < (i + 1) * dim; c++) square += velocity[c] * velocity[c];
    total += masses[i] * square;
  }
  return total;
}
