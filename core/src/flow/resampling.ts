import { fail, show } from '../errors.js';
import { deriveKey, uniformAt } from '../math/random.js';
import { systematicResample } from '../math/sampling.js';
import { logSumExp, normalizeLogs } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import { meanPotential } from '../metric/descentMetric.js';
import type { Jump, JumpOutcome, StepContext } from './flow.js';
import {
  checkJumpRate,
  copyAtoms,
  type JumpOptions,
  measureOfAtoms,
  newId,
  type PotentialOptions,
  potentialReader,
  replaceMeasure,
  unchanged,
} from './population.js';

export interface SystematicResamplingOptions extends JumpOptions, PotentialOptions {
  /** Reaction rate alpha of the Fisher-Rao flow it follows, per unit of time. */
  readonly rate: number;
  /**
   * Share of the atoms, in (0, 1]: below this effective number the atoms are resampled, above it the masses carry the
   * reaction. Default: resample after every step.
   */
  readonly essThreshold?: number;
}

/**
 * Fisher-Rao reaction by resampling: after a step of length tau, masses become `m_i exp(-rate tau (V_i - Vbar))`
 * (without Vbar on positive measures), which is exact for frozen V; then n atoms of equal mass are drawn by
 * systematic resampling, atom i appearing floor or ceil of n times its share.
 *
 * Atoms that stay keep their place and id; copies get fresh ids. The count n stays. Use it in place of a metric that
 * reacts (`wasserstein` with this jump is a particle form of `wassersteinFisherRao`), or the reaction counts twice.
 * Cost O(n) beyond one evaluation of the field. Source: [DoucCappeMoulines2005], section 2.4.
 *
 * @throws `invalid-argument` for a rate or threshold out of range.
 */
export function systematicResampling(options: SystematicResamplingOptions): Jump {
  const { rate, essThreshold, player = 0, name = 'systematic-resampling', potential } = options;
  checkJumpRate('systematicResampling', rate);
  if (essThreshold !== undefined) checkThreshold('systematicResampling', essThreshold);
  const potentialOf = potentialReader('systematicResampling', player, potential);
  return {
    name,
    player,
    needsField: true,
    apply: (profile, flow, context) => {
      if (rate === 0) return unchanged(profile);
      const mu = profile[player];
      const reacted = reactedLogs(mu, potentialOf(profile, flow, context), rate * context.dt);
      if (essThreshold !== undefined && effectiveShare(reacted) >= essThreshold) {
        const moved = measureOfAtoms(mu, { ...copyAtoms(mu), logMasses: reacted });
        return { ...unchanged(profile), profile: replaceMeasure(profile, player, moved) };
      }
      const { measure, births } = resampled(mu, reacted, name, { context, player });
      return { profile: replaceMeasure(profile, player, measure), births, deaths: births };
    },
  };
}

export interface ResampleOnLowEssOptions extends JumpOptions {
  /** Share of the atoms, in (0, 1], default 0.5. */
  readonly threshold?: number;
}

/**
 * Systematic resampling to equal masses once the effective number of atoms `(sum m)^2 / sum m^2` falls below
 * `threshold * n`: keeps a flow with moving masses from spending its atoms where there is no mass.
 *
 * @throws `invalid-argument` for a threshold outside (0, 1].
 */
export function resampleOnLowEss(options: ResampleOnLowEssOptions = {}): Jump {
  const { threshold = 0.5, player = 0, name = 'resample-on-low-ess' } = options;
  checkThreshold('resampleOnLowEss', threshold);
  return {
    name,
    player,
    apply: (profile, _flow, context): JumpOutcome => {
      const mu = profile[player];
      if (effectiveShare(mu.logMasses) >= threshold) return unchanged(profile);
      const { measure, births } = resampled(mu, mu.logMasses, name, { context, player });
      return { profile: replaceMeasure(profile, player, measure), births, deaths: births };
    },
  };
}

/** Logarithms of the masses `m_i exp(-strength (V_i - Vbar))`, normalized if mu is a probability. */
function reactedLogs(mu: Measure, potential: Float64Array, strength: number): Float64Array {
  const mean = mu.kind === 'probability' ? meanPotential(potential, mu) : 0;
  const logs = mu.logMasses.slice();
  for (let i = 0; i < logs.length; i++) logs[i] -= strength * (potential[i] - mean);
  if (mu.kind === 'probability') normalizeLogs(logs);
  return logs;
}

/** `(sum m)^2 / (n sum m^2)`, in (0, 1]; the null measure and one that is not finite count as full. */
function effectiveShare(logMasses: Float64Array): number {
  const doubled = logMasses.map((logMass) => 2 * logMass);
  const share = Math.exp(2 * logSumExp(logMasses) - logSumExp(doubled)) / logMasses.length;
  return Number.isNaN(share) ? 1 : share;
}

/** n atoms of equal mass drawn by the given masses; without usable ones the run is handed those, to report. */
function resampled(
  mu: Measure,
  logMasses: Float64Array,
  name: string,
  { context, player }: { readonly context: StepContext; readonly player: number },
): { measure: Measure; births: number } {
  const logTotal = logSumExp(logMasses);
  if (!Number.isFinite(logTotal)) {
    return { measure: measureOfAtoms(mu, { ...copyAtoms(mu), logMasses: logMasses.slice() }), births: 0 };
  }
  const { count, dim } = mu;
  const chosen = new Uint32Array(count);
  const shares = new Float64Array(count);
  for (let i = 0; i < count; i++) shares[i] = Math.exp(logMasses[i] - logTotal);
  systematicResample(shares, uniformAt(deriveKey(context.key, name, player, context.step), 0, 0), chosen);
  const copies = new Uint32Array(count);
  for (let k = 0; k < count; k++) copies[chosen[k]]++;
  const atoms = copyAtoms(mu);
  const { positions } = atoms;
  let births = 0;
  let parent = 0;
  for (let i = 0; i < count; i++) {
    if (copies[i] > 0) continue;
    while (copies[parent] <= 1) parent++;
    copies[parent]--;
    // A parent keeps its place, so that it is read from the copy as from the source.
    for (let k = 0; k < dim; k++) positions[i * dim + k] = positions[parent * dim + k];
    atoms.ids[i] = newId(atoms);
    births++;
  }
  atoms.logMasses.fill(logTotal - Math.log(count));
  return { measure: measureOfAtoms(mu, atoms), births };
}

function checkThreshold(where: string, threshold: number): void {
  if (threshold > 0 && threshold <= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the threshold is not usable',
    got: show(threshold),
    expected: 'a share of the atoms in (0, 1]',
    fix: 'pass 0.5 to resample when half of the atoms are effective',
  });
}
