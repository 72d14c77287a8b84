import { type UniformPairs, uniformPairs } from '../compute/uniformPairs.js';
import { fail } from '../errors.js';
import { deriveKey, type RandomKey, uniformAt } from '../math/random.js';
import { logSumExp } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import { meanPotential } from '../metric/descentMetric.js';
import type { Jump } from './flow.js';
import {
  type Atoms,
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
  const { rate, player = 0, name = 'birth-death', potential = 'recent' } = options;
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
  const { potential = 'recent' } = options;
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

function birthDeathJump(rule: Rule): Jump {
  const { rate, player, name } = rule;
  const potentialOf = potentialReader(name, player, rule.potential);
  const buffers: JumpBuffers = new WeakMap();
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
      const potential = potentialOf(profile, flow, context);
      const strength = rate * context.dt;
      const center = centerOf(mu, potential, mu);
      const rounds = roundsFor(name, strength, potential, center);
      const crowd: Crowd = { mu, atoms: null, potential: rounds > 1 ? potential.slice() : potential, rounds, buffers };
      let births = 0;
      for (let round = 0; round < rounds; round++) {
        const key = deriveKey(context.key, name, player, context.step, round);
        const roundCenter = crowd.atoms === null ? center : centerOf(mu, crowd.potential, crowd.atoms);
        births += playRound(crowd, rule, { strength: strength / rounds, center: roundCenter, key });
      }
      // Where every clone made way for itself, a positive measure has changed its total and a probability nothing.
      if (crowd.atoms === null || (births === 0 && mu.kind === 'probability')) return unchanged(profile);
      const measure = measureOfAtoms(mu, crowd.atoms);
      return { profile: replaceMeasure(profile, player, measure), births, deaths: births };
    },
  };
}

/** The atoms of a jump under way, with the potential that decides over them. */
interface Crowd {
  readonly mu: Measure;
  /** Null, and `mu` in their place, until one is born. */
  atoms: Atoms | null;
  /** The crowd's own where there are rounds to come that read it after births. */
  readonly potential: Float64Array;
  readonly rounds: number;
  readonly buffers: JumpBuffers;
}

function centerOf({ kind }: Measure, potential: Float64Array, atoms: Pick<Measure, 'logMasses'>): number {
  return kind === 'probability' ? meanPotential(potential, atoms) : 0;
}

/** Rounds of the step; none where the potential is not finite, which is the run's to report. */
function roundsFor(name: string, strength: number, potential: Float64Array, center: number): number {
  let largest = 0;
  for (let i = 0; i < potential.length; i++) {
    const size = Math.abs(potential[i] - center);
    if (size <= largest) continue;
    if (!(size < Number.POSITIVE_INFINITY)) return 0;
    largest = size;
  }
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

interface Round {
  readonly strength: number;
  readonly center: number;
  readonly key: RandomKey;
}

/** One round: fates first, then the count is restored. Returns the number of births, which is that of deaths. */
function playRound(crowd: Crowd, rule: Rule, round: Round): number {
  const { potential } = crowd;
  const { strength, center, key } = round;
  const { ids } = crowd.atoms ?? crowd.mu;
  const { count } = crowd.mu;
  // Of each atom: the draw of its fate, and the one that ranks it if the count must be restored.
  const draws = uniformPairs(key, ids);
  const fates = draws.first;
  const dead: number[] = [];
  const parents: number[] = [];
  for (let i = 0; i < count; i++) {
    const exponent = strength * (potential[i] - center);
    const size = Math.abs(exponent);
    // `1 - exp(-e) <= e`: most draws need no exponential.
    if (!(fates[i] < size) || fates[i] >= -Math.expm1(-size)) continue;
    if (exponent > 0) dead.push(i);
    else if (rule.clones) parents.push(i);
  }
  // A crowd in which everyone dies at once leaves no law to restore from: the round is skipped.
  if (dead.length + parents.length === 0 || dead.length === count) return 0;
  return restore(crowd, rule, round, { dead, parents, draws });
}

/** Who is struck, in order of place, with the draws of all. */
interface Fates {
  readonly dead: readonly number[];
  readonly parents: readonly number[];
  readonly draws: UniformPairs;
}

/**
 * Brings the living (survivors and clones) back to n: the surplus is removed uniformly, or places left over are filled
 * by uniformly chosen clones or by the law. Survivors keep their places. Masses are scaled to the total of the living.
 */
function restore(crowd: Crowd, rule: Rule, { center, key }: Round, fates: Fates): number {
  const { mu, potential } = crowd;
  const { count, dim } = mu;
  const atoms = (crowd.atoms ??= copyAtoms(mu, crowd.buffers));
  const { positions, logMasses, ids } = atoms;
  const { places, newborn } = census(fates, rule.rebirth === null, (parent) => uniformAt(key, ids[parent], 2));
  const logTotal = logTotalOfLiving(fates, logMasses);
  // Read before anything is written: a parent may have lost its place to another newborn.
  const rows = newborn.map((parent) => (parent === null ? null : rowOf(atoms, parent, dim, potential[parent])));
  for (let next = 0; next < places.length; next++) {
    const place = places[next];
    const row = rows[next];
    ids[place] = newId(atoms);
    if (row === null) {
      rule.rebirth?.(positions, place * dim, mu.space, deriveKey(key, 'rebirth', next + 1));
      logMasses[place] = logTotal - Math.log(livingOf(fates));
    } else {
      positions.set(row.position, place * dim);
      logMasses[place] = row.logMass;
    }
    // A newborn of the law is of no opinion for the rest of the step, whose potential was taken before its birth.
    if (crowd.rounds > 1) potential[place] = row === null ? center : row.potential;
  }
  const shift = logTotal - logSumExp(logMasses);
  for (let i = 0; i < count; i++) logMasses[i] += shift;
  return places.length;
}

const livingOf = ({ dead, parents, draws }: Fates): number => draws.first.length - dead.length + parents.length;

/** What a clone takes from its parent. */
interface Row {
  readonly position: Float64Array;
  readonly logMass: number;
  readonly potential: number;
}

function rowOf({ positions, logMasses }: Atoms, i: number, dim: number, potential: number): Row {
  return { position: positions.slice(i * dim, (i + 1) * dim), logMass: logMasses[i], potential };
}

/** The logarithm of the mass of survivors and clones, summed in this order: those between two dead, then the clones. */
function logTotalOfLiving(fates: Fates, logMasses: Float64Array): number {
  const { dead, parents } = fates;
  const count = logMasses.length;
  let equal = 1;
  while (equal < count && logMasses[equal] === logMasses[0]) equal++;
  if (equal === count) return logMasses[0] + Math.log(livingOf(fates));
  let top = Number.NEGATIVE_INFINITY;
  let total = 0;
  let d = 0;
  for (let i = 0; i < count; i++) {
    if (i === dead[d]) d++;
    else if (logMasses[i] > top) top = logMasses[i];
  }
  d = 0;
  for (let i = 0; i < count; i++) {
    if (i === dead[d]) d++;
    else total += Math.exp(logMasses[i] - top);
  }
  for (const parent of parents) total += Math.exp(logMasses[parent] - top);
  return top + Math.log(total);
}

interface Census {
  /** Where newborns go, in order of place: the places of the dead and of the removed. */
  readonly places: readonly number[];
  /** Parents of the newborn in order of birth; null for one from the law. */
  readonly newborn: readonly (number | null)[];
}

/** One of the living: a survivor in its place, or a clone on the way, of the atom at `place`. */
interface Living {
  readonly place: number;
  readonly isClone: boolean;
  readonly rank: number;
}

/** Who of the living stays, and who is born into the places left: those of the least draws are removed, or cloned. */
function census(fates: Fates, byClones: boolean, rankOfClone: (parent: number) => number): Census {
  const { dead, parents } = fates;
  const clones = parents.map((place): Living => ({ place, isClone: true, rank: rankOfClone(place) }));
  const surplus = parents.length - dead.length;
  const removed = surplus > 0 ? least(fates, clones, surplus) : [];
  const places = [...dead];
  for (const { place, isClone } of removed) if (!isClone) places.push(place);
  places.sort((a, b) => a - b);
  const born = clones.filter((clone) => !removed.includes(clone)).sort(byRank);
  const newborn: (number | null)[] = born.map(({ place }) => place);
  const models = surplus < 0 && byClones ? least(fates, clones, Math.min(-surplus, livingOf(fates))) : [];
  for (let m = 0; m < -surplus; m++) newborn.push(byClones ? models[m % models.length].place : null);
  return { places, newborn };
}

const byRank = (a: Living, b: Living): number => a.rank - b.rank;

/** The k of the living with the least ranks, least first. Ranks are uniform, so few atoms lie below a bound that holds k. */
function least({ dead, draws: { second } }: Fates, clones: readonly Living[], k: number): readonly Living[] {
  const count = second.length;
  for (let bound = (2 * (k + dead.length) + 16) / count; ; bound *= 8) {
    const found = clones.filter(({ rank }) => rank < bound);
    let d = 0;
    for (let i = 0; i < count; i++) {
      if (second[i] >= bound) continue;
      while (dead[d] < i) d++;
      if (dead[d] !== i) found.push({ place: i, isClone: false, rank: second[i] });
    }
    if (found.length >= k) return found.sort(byRank).slice(0, k);
  }
}
