import { fail } from '../errors.js';
import { deriveKey, type RandomKey, uniformAt, uniformPairInto } from '../math/random.js';
import { logSumExp } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import { meanPotential } from '../metric/descentMetric.js';
import type { Jump } from './flow.js';
import {
  type Atoms,
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
import { type Rebirth, type RebirthSource, rebirthFrom } from './rebirth.js';

/** Largest `rate tau max|V - Vbar|` of one round: beyond it the rule has a bias of several per cent. */
const largestStrength = 0.1;
const mostRounds = 1000;

export interface BirthDeathOptions extends JumpOptions, PotentialOptions {
  /** Reaction rate alpha of the Fisher-Rao flow it imitates, per unit of time. */
  readonly rate: number;
}

/**
 * Birth and death of atoms in place of moving masses, with `Vt = V - Vbar` (Vt = V on positive measures): after a step
 * of length tau an atom is killed with probability `1 - exp(-rate tau Vt)` where Vt > 0 and cloned with probability
 * `1 - exp(rate tau Vt)` where Vt < 0; then atoms are removed or cloned uniformly until there are n again, and masses
 * are scaled so that restoring n leaves the total mass as it was.
 *
 * First order in `rate tau` with a large constant, so a step is cut into rounds with `rate tau max|Vt| <= 0.1`, all
 * with the potential of the start. Survivors keep place and id, clones get fresh ids; an atom's fate depends on its id,
 * not on its place. {@link systematicResampling} has lower variance and no bias. Source: [RotskoffEtAl2019], section 3.
 *
 * @throws `invalid-argument` for a negative rate; `unsupported` where a step would take more than 1000 rounds.
 */
export function birthDeath(options: BirthDeathOptions): Jump {
  const { rate, player = 0, name = 'birth-death', potential = 'fresh' } = options;
  checkJumpRate('birthDeath', rate);
  return birthDeathJump({ rate, player, name, potential, clones: true, rebirth: null });
}

export interface ReinjectionOptions extends BirthDeathOptions {
  /** Where newborns come from. */
  readonly law: RebirthSource;
  /** Coordinates of a newborn set to 0: the output weights. Default none. */
  readonly zeroCoordinates?: readonly number[];
  /** Default true: atoms of low potential are cloned too. False kills and re-injects only. */
  readonly clones?: boolean;
}

/**
 * Birth and death with re-injection: atoms are killed (and, with `clones`, cloned) as in {@link birthDeath}; the places
 * left empty are filled by new atoms from a law of full support, with the given coordinates (the output weights) set to
 * 0, so that the function represented is unchanged by their birth. It lets a flow reach places where it has no atom.
 *
 * A newborn has the mean mass of the atoms. Source: [RotskoffEtAl2019], section 3.
 *
 * @throws `invalid-argument` for a negative rate.
 *
 * @example
 * ```ts
 * import { reinjection } from '@muflow/core';
 * const jump = reinjection({
 *   rate: 5,
 *   law: (out, start, random) => { out[start + 1] = random.normal(); },
 *   zeroCoordinates: [0],
 * });
 * console.log(jump.needsField); // => true
 * ```
 */
export function reinjection(options: ReinjectionOptions): Jump {
  const { rate, law, zeroCoordinates = [], clones = true, player = 0, name = 'reinjection' } = options;
  checkJumpRate('reinjection', rate);
  const { potential = 'fresh' } = options;
  return birthDeathJump({ rate, player, name, potential, clones, rebirth: rebirthFrom(law, zeroCoordinates) });
}

interface Rule {
  readonly rate: number;
  readonly player: number;
  readonly name: string;
  readonly potential: 'fresh' | 'recent';
  readonly clones: boolean;
  /** Writes a newborn at a start index; null fills empty places with clones of the living. */
  readonly rebirth: Rebirth | null;
}

interface Counts {
  readonly births: number;
  readonly deaths: number;
}

function birthDeathJump(rule: Rule): Jump {
  const { rate, player, name } = rule;
  const potentialOf = potentialReader(name, player, rule.potential);
  return {
    name,
    player,
    needsField: true,
    check: (profile) => {
      // One newborn tells whether the law is one of this space; births come only when atoms die.
      const { space } = profile[player];
      rule.rebirth?.(new Float64Array(space.dim), 0, space, deriveKey({ high: 0, low: 0 }, name));
    },
    apply: (profile, flow, context) => {
      const mu = profile[player];
      if (rate === 0 || !Number.isFinite(logSumExp(mu.logMasses))) return unchanged(profile);
      const potential = potentialOf(profile, flow, context).slice();
      const strength = rate * context.dt;
      const rounds = roundsFor(name, strength, potential, centerOf(mu, potential, mu));
      const crowd: Crowd = { mu, atoms: copyAtoms(mu), potential };
      let births = 0;
      let deaths = 0;
      for (let round = 0; round < rounds; round++) {
        const key = deriveKey(context.key, name, player, context.step, round);
        const counts = playRound(crowd, rule, strength / rounds, key);
        births += counts.births;
        deaths += counts.deaths;
      }
      if (births + deaths === 0) return unchanged(profile);
      return { profile: replaceMeasure(profile, player, measureOfAtoms(mu, crowd.atoms)), births, deaths };
    },
  };
}

/** The atoms of a jump under way, with the potential that decides over them. */
interface Crowd {
  readonly mu: Measure;
  readonly atoms: Atoms;
  readonly potential: Float64Array;
}

function centerOf({ kind }: Measure, potential: Float64Array, atoms: Pick<Measure, 'logMasses'>): number {
  return kind === 'probability' ? meanPotential(potential, atoms) : 0;
}

/** Rounds of the step; none where the potential is not finite, which is the run's to report. */
function roundsFor(name: string, strength: number, potential: Float64Array, center: number): number {
  let largest = 0;
  for (const value of potential) largest = Math.max(largest, Math.abs(value - center));
  if (!Number.isFinite(largest)) return 0;
  const rounds = Math.max(1, Math.ceil((strength * largest) / largestStrength));
  if (rounds <= mostRounds) return rounds;
  return fail({
    code: 'unsupported',
    where: name,
    problem: 'the rate is too high for the step',
    got: `rate * dt * max|V - Vbar| = ${(strength * largest).toPrecision(3)}`,
    expected: `at most ${largestStrength * mostRounds}`,
    fix: 'take a smaller dt or rate',
  });
}

/** One round: fates first, then the count is restored. */
function playRound(crowd: Crowd, rule: Rule, strength: number, key: RandomKey): Counts {
  const { mu, atoms, potential } = crowd;
  const { count } = mu;
  const center = centerOf(mu, potential, atoms);
  // Of each atom: the draw of its fate, and the one that ranks it if the count must be restored.
  const draws = new Float64Array(2 * count);
  const kept: number[] = [];
  const parents: number[] = [];
  for (let i = 0; i < count; i++) {
    const exponent = strength * (potential[i] - center);
    uniformPairInto(draws, 2 * i, key, atoms.ids[i]);
    // `1 - exp(-e) <= e`: most draws need no exponential.
    const size = Math.abs(exponent);
    const struck = draws[2 * i] < size && draws[2 * i] < -Math.expm1(-size);
    if (!(struck && exponent > 0)) kept.push(i);
    if (struck && exponent < 0 && rule.clones) parents.push(i);
  }
  const nothing = kept.length === count && parents.length === 0;
  // A crowd in which everyone dies at once leaves no law to restore from: the round is skipped.
  if (nothing || kept.length === 0) return { births: 0, deaths: 0 };
  return restore(crowd, rule, key, { kept, parents, draws, center });
}

interface Fates {
  readonly kept: readonly number[];
  readonly parents: readonly number[];
  readonly draws: Float64Array;
  readonly center: number;
}

/**
 * Brings the living (survivors and clones) back to n: the surplus is removed uniformly, or places left over are filled
 * by uniformly chosen clones or by the law. Survivors keep their places. Masses are scaled to the total of the living.
 */
function restore(crowd: Crowd, rule: Rule, key: RandomKey, fates: Fates): Counts {
  const { mu, atoms, potential } = crowd;
  const { count, dim } = mu;
  const before = {
    positions: atoms.positions.slice(),
    logMasses: atoms.logMasses.slice(),
    potential: potential.slice(),
  };
  const { survives, newborn, living } = census(fates, count, rule.rebirth === null, (i) =>
    uniformAt(key, atoms.ids[i], 2),
  );
  const livingLogs = new Float64Array(living.length);
  for (let l = 0; l < living.length; l++) livingLogs[l] = before.logMasses[living[l]];
  const logTotal = logSumExp(livingLogs);
  let next = 0;
  for (let place = 0; place < count; place++) {
    if (survives[place] === 1) continue;
    const parent = newborn[next++];
    const id = newId(atoms);
    atoms.ids[place] = id;
    if (parent === null) {
      rule.rebirth?.(atoms.positions, place * dim, mu.space, deriveKey(key, 'rebirth', next));
      atoms.logMasses[place] = logTotal - Math.log(living.length);
      // Of no opinion for the rest of the step, whose potential was taken before its birth.
      potential[place] = fates.center;
    } else {
      for (let k = 0; k < dim; k++) atoms.positions[place * dim + k] = before.positions[parent * dim + k];
      atoms.logMasses[place] = before.logMasses[parent];
      potential[place] = before.potential[parent];
    }
  }
  const shift = logTotal - logSumExp(atoms.logMasses);
  for (let i = 0; i < count; i++) atoms.logMasses[i] += shift;
  return { births: next, deaths: next };
}

interface Census {
  /** 1 for atoms that keep their place. */
  readonly survives: Uint8Array;
  /** Parents of the newborn in order of birth; null for one from the law. */
  readonly newborn: readonly (number | null)[];
  /** Survivors of the fates, then parents of clones. */
  readonly living: readonly number[];
}

/** Who of the living stays, and who is born into the places left: those of the least draws are removed, or cloned. */
function census(
  { kept, parents, draws }: Fates,
  count: number,
  byClones: boolean,
  drawOfClone: (parent: number) => number,
): Census {
  const living = [...kept, ...parents];
  const ranks = new Float64Array(living.length);
  for (let l = 0; l < living.length; l++) {
    ranks[l] = l < kept.length ? draws[2 * living[l] + 1] : drawOfClone(living[l]);
  }
  const surplus = living.length - count;
  const removed = new Set(surplus > 0 ? least(ranks, surplus) : []);
  const survives = new Uint8Array(count);
  for (let l = 0; l < kept.length; l++) if (!removed.has(l)) survives[kept[l]] = 1;
  const clones: number[] = [];
  for (let l = kept.length; l < living.length; l++) if (!removed.has(l)) clones.push(l);
  clones.sort((a, b) => ranks[a] - ranks[b]);
  const newborn: (number | null)[] = clones.map((l) => living[l]);
  const models = surplus < 0 && byClones ? least(ranks, Math.min(-surplus, living.length)) : [];
  for (let m = 0; m < -surplus; m++) newborn.push(byClones ? living[models[m % models.length]] : null);
  return { survives, newborn, living };
}

/** Indices of the k least values, least first: one pass where k is small, as it is in short steps. */
function least(values: Float64Array, k: number): number[] {
  const byValue = (a: number, b: number): number => values[a] - values[b];
  if (k > 32) return Array.from(values.keys()).sort(byValue).slice(0, k);
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (found.length === k && values[i] >= values[found[k - 1]]) continue;
    let place = found.length === k ? k - 1 : found.length;
    for (; place > 0 && values[found[place - 1]] > values[i]; place--) found[place] = found[place - 1];
    found[place] = i;
  }
  return found;
}
