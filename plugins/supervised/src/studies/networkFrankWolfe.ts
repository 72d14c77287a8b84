import { euclidean, measure, type RandomStream, sphere } from '@muflow/core';
import type { DotKernel } from '../population/dotKernels.js';
import type { NetworkPopulation, Teacher } from '../population/networkPopulation.js';
import { fixedNetwork, networkMeasure } from './fixedNetwork.js';

const starts = 8;
const ascents = 25;

export interface NetworkFrankWolfeOptions {
  readonly kernel: DotKernel;
  readonly energy: NetworkPopulation;
  readonly teacher: Teacher;
  readonly inputs: number;
  readonly units: number;
  /** Norm of the rows, default 1. */
  readonly norm?: number;
  readonly random: RandomStream;
}

/**
 * Energies of the conditional gradient method after each of `units` units, all output weights optimized: each new row is
 * a vector of the given norm of large correlation with the residual, found from 8 random places by `w <- norm grad / |grad|`. In many
 * dimensions nothing proves that it is the largest.
 *
 * @returns the energies of 0, 1, ..., `units` units.
 */
export function networkFrankWolfe(options: NetworkFrankWolfeOptions): number[] {
  const { kernel, energy, teacher, inputs, units, random } = options;
  const none = measure({ space: euclidean(inputs + 1), positions: new Float64Array(inputs + 1) });
  const energies = [energy.value(none)];
  let rows = new Float64Array(0);
  for (let unit = 0; unit < units; unit++) {
    const next = new Float64Array(rows.length + inputs);
    next.set(rows);
    next.set(ascend(options, rows, random), rows.length);
    rows = next;
    energies.push(fixedNetwork(kernel, teacher, rows, inputs).energy);
  }
  return energies;
}

/** A unit row of large `|<r, sigma(<w, .>)>|`. */
function ascend(
  { kernel, energy, teacher, inputs, norm = 1 }: NetworkFrankWolfeOptions,
  rows: Float64Array,
  random: RandomStream,
): Float64Array {
  const stride = inputs + 1;
  const held = rows.length === 0 ? null : networkMeasure(fixedNetwork(kernel, teacher, rows, inputs), rows, inputs);
  const kept = held?.count ?? 0;
  const count = kept + starts;
  const positions = new Float64Array(count * stride);
  if (held !== null) positions.set(held.positions);
  const masses = new Float64Array(count);
  if (held !== null) masses.set(held.masses);
  const drawn = new Float64Array(starts * inputs);
  sphere(inputs).sampleInto(drawn, starts, random);
  for (let c = 0; c < starts; c++) {
    positions[(kept + c) * stride] = 1;
    for (let k = 0; k < inputs; k++) positions[(kept + c) * stride + 1 + k] = norm * drawn[c * inputs + k];
  }
  const variation = { potential: new Float64Array(count), gradient: new Float64Array(count * stride) };
  let best = new Float64Array(inputs);
  let most = -1;
  for (let step = 0; step < ascents; step++) {
    // The candidates have no mass: they read the potential of the others and do not change it.
    const mu = measure({ space: euclidean(stride), kind: 'positive', positions, masses });
    energy.firstVariationInto(variation, mu);
    for (let i = kept; i < count; i++) {
      const at = i * stride + 1;
      const value = variation.potential[i];
      if (Math.abs(value) > most) {
        most = Math.abs(value);
        best = positions.slice(at, at + inputs);
      }
      let squared = 0;
      for (let k = 0; k < inputs; k++) squared += variation.gradient[at + k] ** 2;
      const scale = (value < 0 ? -norm : norm) / Math.sqrt(squared);
      for (let k = 0; k < inputs; k++) positions[at + k] = scale * variation.gradient[at + k];
    }
  }
  return best;
}
