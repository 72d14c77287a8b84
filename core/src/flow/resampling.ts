import { fail, show } from '../errors.js';
import { deriveKey, uniformAt } from '../math/random.js';
import { systematicCopiesInto } from '../math/sampling.js';
import { firstNonFinite } from '../math/vectors.js';
import type { Measure, Profile } from '../measure/measure.js';
import { meanPotential } from '../metric/descentMetric.js';
import type { Jump, JumpOutcome, StepContext } from './flow.js';
import {
  asMeasure,
  checkJumpRate,
  copyAtoms,
  type JumpBuffers,
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
  const scratchFor = scratchOfCounts();
  const buffers: JumpBuffers = new WeakMap();
  return {
    name,
    player,
    needsField: true,
    apply: (profile, flow, context) => {
      if (rate === 0) return unchanged(profile);
      const mu = profile[player];
      const scratch = scratchFor(mu.count);
      const { logs } = scratch;
      const potential = potentialOf(profile, flow, context);
      // Where only shares count the center of a probability does not; one that is not finite spoils all of them.
      const centered = mu.kind === 'probability' && (essThreshold !== undefined || firstNonFinite(potential) >= 0);
      const center = centered ? meanPotential(potential, mu) : 0;
      reactedInto(logs, mu, potential, { strength: rate * context.dt, center });
      const logTotal = weighInto(scratch, logs);
      const lacking = !Number.isFinite(logTotal);
      if (lacking || (essThreshold !== undefined && effectiveShare(scratch) >= essThreshold)) {
        // Masses that are of no use are the run's to report.
        const atoms = copyAtoms(mu, buffers);
        const shift = mu.kind === 'probability' && !lacking ? logTotal : 0;
        for (let i = 0; i < mu.count; i++) atoms.logMasses[i] = logs[i] - shift;
        return { ...unchanged(profile), profile: replaceMeasure(profile, player, measureOfAtoms(mu, atoms)) };
      }
      return resampled(profile, scratch, mu.kind === 'probability' ? 0 : logTotal, { name, player, context, buffers });
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
  const scratchFor = scratchOfCounts();
  const buffers: JumpBuffers = new WeakMap();
  return {
    name,
    player,
    apply: (profile, _flow, context): JumpOutcome => {
      const { count, kind, logMasses } = profile[player];
      const scratch = scratchFor(count);
      const logTotal = weighInto(scratch, logMasses);
      if (!Number.isFinite(logTotal) || effectiveShare(scratch) >= threshold) return unchanged(profile);
      return resampled(profile, scratch, kind === 'probability' ? 0 : logTotal, { name, player, context, buffers });
    },
  };
}

/** Numbers of one use of a jump, kept from step to step. */
interface Scratch {
  readonly logs: Float64Array;
  readonly weights: Float64Array;
  /** The sum of the weights. */
  total: number;
  readonly copies: Uint32Array;
}

function scratchOfCounts(): (count: number) => Scratch {
  let kept: Scratch | null = null;
  return (count) => {
    if (kept?.logs.length === count) return kept;
    kept = {
      logs: new Float64Array(count),
      weights: new Float64Array(count),
      total: 0,
      copies: new Uint32Array(count),
    };
    return kept;
  };
}

interface Reaction {
  readonly strength: number;
  readonly center: number;
}

/** Writes `log m_i - strength (V_i - center)`. */
function reactedInto(logs: Float64Array, { logMasses }: Measure, potential: Float64Array, rule: Reaction): void {
  const { strength, center } = rule;
  for (let i = 0; i < logs.length; i++) logs[i] = logMasses[i] - strength * (potential[i] - center);
}

/** Writes `w_i = exp(l_i - max l)`, of use only where the `log sum_i exp(l_i)` it returns is finite. */
function weighInto(scratch: Scratch, logs: Float64Array): number {
  const { weights } = scratch;
  const { length } = logs;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    // NaN compares with nothing.
    if (logs[i] <= top) continue;
    if (Number.isNaN(logs[i])) return Number.NaN;
    top = logs[i];
  }
  if (!Number.isFinite(top)) return top;
  let total = 0;
  for (let i = 0; i < length; i++) {
    const weight = logs[i] === top ? 1 : Math.exp(logs[i] - top);
    weights[i] = weight;
    total += weight;
  }
  scratch.total = total;
  return top + Math.log(total);
}

/** `(sum w)^2 / (n sum w^2)`, in (0, 1]. */
function effectiveShare({ weights, total }: Scratch): number {
  let squares = 0;
  for (let i = 0; i < weights.length; i++) squares += weights[i] * weights[i];
  return (total * total) / (weights.length * squares);
}

interface Draw {
  readonly name: string;
  readonly player: number;
  readonly context: StepContext;
  readonly buffers: JumpBuffers;
}

/** n atoms of equal mass drawn by the weights; the profile itself where that is what it holds. */
function resampled(
  profile: Profile,
  { weights, total, copies }: Scratch,
  logTotal: number,
  { name, player, context, buffers }: Draw,
): JumpOutcome {
  const mu = profile[player];
  const { count, dim, logMasses } = mu;
  const offset = uniformAt(deriveKey(context.key, name, player, context.step), 0, 0);
  systematicCopiesInto(copies, weights, total, offset);
  const logMass = logTotal - Math.log(count);
  let same = 0;
  while (same < count && copies[same] === 1 && logMasses[same] === logMass) same++;
  if (same === count) return unchanged(profile);
  const atoms = copyAtoms(mu, buffers);
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
  atoms.logMasses.fill(logMass);
  return { profile: replaceMeasure(profile, player, asMeasure(mu, atoms)), births, deaths: births };
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
