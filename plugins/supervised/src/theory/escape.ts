import { type Energy, type Entry, fail, type Measure, type Recorder, show } from '@muflow/core';
import { z } from 'zod';

export interface EscapeOptions {
  /** Default: the energy of the flow. */
  readonly energy?: Energy;
  /** Level eta > 0 below which the potential counts as a way down. */
  readonly level: number;
  /** The coordinate of the output weight a of a lift `u = (a, theta)`; absent for positive measures on theta. */
  readonly output?: number;
  /** Points u (P*D) at which the sublevel sets are looked for, with a = 1 or -1 in a lift; adds a column. */
  readonly probes?: Float64Array;
}

/**
 * The criterion of escape along a run. For an energy that is not at its global minimum the potential of a lift
 * `V(a, theta) = |a| V(sign a, theta)` has a sublevel set
 *
 *     K+ = {a > 0, V(1, theta) < -eta}   or   K- = {a < 0, V(-1, theta) < -eta},
 *
 * and as long as one holds mass, its atoms grow along it and the energy falls: a flow can only stop away from the
 * minimum if it has no mass there. Columns `escapePlus` and `escapeMinus`: the masses of K+ and K-; on positive measures
 * without a lift the mass of {V < -eta} and 0. With probes, `sublevel`: the share of them with V < -eta, 0 at a global
 * minimum whatever eta. Cost of one potential at the atoms and probes. Source: [ChizatBach2018], appendix C.
 *
 * @throws `invalid-argument` for a level that is not positive, a coordinate that the atoms lack, or probes that do not fit.
 * @example
 * const recorder = escapeRecorder({ energy, level: 0.01, output: 0 });
 */
export function escapeRecorder(options: EscapeOptions): Recorder {
  const { energy: given, level, output, probes } = options;
  if (given !== undefined) checkOptions(given.dim, options);
  const columns = ['escapePlus', 'escapeMinus', ...(probes === undefined ? [] : ['sublevel'])];
  return {
    name: 'escape',
    columns,
    start: () => (view) => {
      const energy = given ?? view.flow.energy ?? missing();
      if (given === undefined) checkOptions(energy.dim, options);
      const mu = view.profile[0];
      const masses = escapingMasses(energy, mu, level, output);
      if (probes === undefined) return masses;
      const count = probes.length / energy.dim;
      const values = new Float64Array(count);
      energy.potentialAt(values, probes, count, mu);
      return [...masses, values.filter((value) => value < -level).length / count];
    },
  };
}

/** The recorder in configs: on the energy of the flow, without probes. */
export const escapeEntry: Entry<Recorder> = {
  id: 'supervised/escape',
  title: 'Masses of the sublevel sets K+ and K- of the potential: ways of escape',
  reference: 'ChizatBach2018, appendix C',
  params: z.strictObject({
    level: z.number().positive().default(0.01).describe('level below 0 that counts as a way down'),
    output: z.int().min(0).optional().describe('coordinate of the output weight of a lift; none for positive measures'),
  }),
  create: (params) => escapeRecorder(params as { level: number; output?: number }),
  examples: [{ level: 0.1, output: 0 }],
};

/** The masses of K+ and K-. */
function escapingMasses(energy: Energy, mu: Measure, level: number, output?: number): readonly [number, number] {
  const { count, dim, masses } = mu;
  const points = mu.positions.slice();
  if (output !== undefined) for (let at = output; at < points.length; at += dim) points[at] = Math.sign(points[at]);
  const values = new Float64Array(count);
  energy.potentialAt(values, points, count, mu);
  let [plus, minus] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (!(values[i] < -level)) continue;
    if (output !== undefined && points[i * dim + output] < 0) minus += masses[i];
    else plus += masses[i];
  }
  return [plus, minus];
}

function missing(): never {
  return fail({
    code: 'missing-requirement',
    where: 'escapeRecorder',
    problem: 'the flow has no energy',
    got: 'none',
    expected: 'a flow made by gradientFlow',
    fix: 'pass the energy to the recorder',
  });
}

function checkOptions(dim: number, { level, output, probes }: EscapeOptions): void {
  const hasOutput = output === undefined || (Number.isInteger(output) && output >= 0 && output < dim);
  const hasProbes = probes === undefined || (probes.length > 0 && probes.length % dim === 0);
  if (level > 0 && Number.isFinite(level) && hasOutput && hasProbes) return;
  fail({
    code: 'invalid-argument',
    where: 'escapeRecorder',
    problem: 'the options are not usable',
    got: `level ${show(level)}, output ${output ?? 'none'}, ${probes?.length ?? 'no'} numbers of probes`,
    expected: `a level > 0, an output below ${dim}, and whole probes of ${dim} coordinates`,
    fix: 'pass for instance { level: 0.01, output: 0 }',
  });
}
