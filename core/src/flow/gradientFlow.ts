import type { Energy, Field } from '../energy/energy.js';
import { gradientField } from '../energy/gradientField.js';
import { fail } from '../errors.js';
import type { Profile, Tangent } from '../measure/measure.js';
import type { Metric } from '../metric/metric.js';
import { type FlowOptions, fieldFlow } from './fieldFlow.js';
import type { Flow, Noise } from './flow.js';
import { mergeNoise, noiseOf } from './noise.js';
import { allocateTangents, sizedBuffers } from './tangents.js';

export interface GradientFlowOptions extends FlowOptions {
  /** An estimate of the field to follow in place of the exact one, such as a minibatch, penalties included. */
  readonly estimate?: Field;
}

/**
 * The gradient flow of an energy in a metric, for one player: `dF/dt = -norm2(tangent)`.
 *
 * An energy with a `temperature` T (a term `T int log mu dmu`) adds noise of temperature `gamma T`, gamma the
 * transport rate: Langevin dynamics, `dx = -gamma grad V dt + sqrt(2 gamma T) dB`. Reaction, if any, follows V
 * alone: the entropy of an empirical measure has no first variation at its atoms.
 *
 * @returns a flow whose `dissipation` is exact, absent where there is noise or an estimate.
 * @throws `unsupported` if the metric transports and the energy is not smooth, or the energy has a temperature and
 * the metric moves no atoms or moves coordinates at several rates.
 *
 * @example
 * ```ts
 * import { gradientFlow, potentialEnergy, wassersteinFisherRao } from '@muflow/core';
 * const energy = potentialEnergy({ potential: 'norm2(x) / 2', dim: 2 });
 * const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 1 }));
 * console.log(flow.transports[0], flow.reacts[0]); // => true true
 * ```
 */
export function gradientFlow(energy: Energy, metric: Metric, options: GradientFlowOptions = {}): Flow {
  const { estimate, jumps = [] } = options;
  const noise = [...langevinNoise(energy, metric), ...noiseOf(options.noise, 1)];
  const name = `${metric.name} flow of ${energy.name}`;
  const shrinkage = shrinkageOf(energy, metric);
  const flow: Flow = {
    ...fieldFlow(estimate ?? gradientField(energy), metric, { name, energy, noise: mergeNoise(noise), jumps }),
    ...(shrinkage && { shrinkage: [shrinkage] }),
  };
  if (noise.length > 0 || estimate !== undefined) return flow;
  return { ...flow, dissipation: squaredSpeed(flow, [metric]) };
}

/** The speed of the descent of absolute values, where the energy has some and the metric moves atoms at known rates. */
function shrinkageOf({ shrinkage, dim }: Energy, metric: Metric): Float64Array | undefined {
  const rates = metric.rates?.(dim);
  return rates && shrinkage?.map((lambda, k) => rates[k] * lambda);
}

/** `sum_k norm2_k(mu_k, T_k)` at the tangent T of the flow. */
function squaredSpeed(flow: Flow, metrics: readonly Metric[]): NonNullable<Flow['dissipation']> {
  const buffers = sizedBuffers<Tangent>((profile) => allocateTangents(flow, profile));
  return (profile: Profile, context) => {
    const tangents = buffers.at(profile);
    flow.tangentInto(tangents, profile, context);
    return metrics.reduce((total, metric, k) => total + metric.norm2(profile[k], tangents[k]), 0);
  };
}

function langevinNoise({ name, temperature = 0 }: Energy, metric: Metric): readonly Noise[] {
  if (temperature === 0) return [];
  if (metric.transports && metric.mobility !== undefined)
    return [{ player: 0, temperature: metric.mobility * temperature }];
  return fail({
    code: 'unsupported',
    where: 'gradientFlow',
    problem: `the entropy in ${name} can only be followed by noise of one strength`,
    got: metric.transports ? `${metric.name} with several rates` : `${metric.name}, which moves no atoms`,
    expected: 'a metric that moves all coordinates at one rate',
    fix: 'drop the blocks, or on fixed atoms use the entropy of the masses',
  });
}
