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
  type JumpOptions,
  measureOfAtoms,
  newId,
  potentialReader,
  replaceMeasure,
  unchanged,
} from './population.js';
import { type Rebirth, type RebirthSource, rebirthFrom } from './rebirth.js';

/** Largest `rate tau max|V - Vbar|` of one round: beyond it the rule has a bias of several per cent. */
const largestStrength = 0.1;
const mostRounds = 1000;

export interface BirthDeathOptions extends JumpOptions {
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
export function birthDeath({ rate, player = 0, name = 'birth-death' }: BirthDeathOptions): Jump {
  checkJumpRate('birthDeath', rate);
  return birthDeathJump({ rate, player, name, clones: true, rebirth: null });
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
  return birthDeathJump({ rate, player, name, clones, rebirth: rebirthFrom(law, zeroCoordinates) });
}

interface Rule {
  readonly rate: number;
  readonly player: number;
  readonly name: string;
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
  const potentialOf = potentialReader(name, player);
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
  const center = centerOf(mu, potential, atoms);
  const kept: number[] = [];
  const parents: number[] = [];
  for (let i = 0; i < mu.count; i++) {
    const exponent = strength * (potential[i] - center);
    const struck = uniformAt(key, atoms.ids[i], 0) < -Math.expm1(-Math.abs(exponent));
    if (!(struck && exponent > 0)) kept.push(i);
    if (struck && exponent < 0 && rule.clones) parents.push(i);
  }
  const nothing = kept.length === mu.count && parents.length === 0;
  // A crowd in which everyone dies at once leaves no law to restore from: the round is skipped.
  if (nothing || kept.length === 0) return { births: 0, deaths: 0 };
  return restore(crowd, rule, key, { kept, parents, center });
}

interface Fates {
  readonly kept: readonly number[];
  readonly parents: readonly number[];
  readonly center: number;
}

/**
 * Brings the living (survivors and clones) back to n: the surplus is removed uniformly, or places left over are filled
 * by uniformly chosen clones or by the law. Survivors keep their places. Masses are scaled to the total of the living.
 */
function restore(crowd: Crowd, rule: Rule, key: RandomKey, { kept, parents, center }: Fates): Counts {
  const { mu, atoms, potential } = crowd;
  const { count, dim } = mu;
  const before = {
    positions: atoms.positions.slice(),
    logMasses: atoms.logMasses.slice(),
    potential: potential.slice(),
  };
  const living = [
    ...kept.map((i) => ({ i, clone: false, draw: uniformAt(key, atoms.ids[i], 1) })),
    ...parents.map((i) => ({ i, clone: true, draw: uniformAt(key, atoms.ids[i], 2) })),
  ];
  const logTotal = logSumExp(Float64Array.from(living, ({ i }) => before.logMasses[i]));
  living.sort((a, b) => a.draw - b.draw);
  const staying = living.slice(Math.max(0, living.length - count));
  const survivors = new Set(staying.filter(({ clone }) => !clone).map(({ i }) => i));
  const newborn: (number | null)[] = staying.filter(({ clone }) => clone).map(({ i }) => i);
  for (let m = 0; m < count - staying.length; m++)
    newborn.push(rule.rebirth === null ? living[m % living.length].i : null);
  let next = 0;
  for (let place = 0; place < count; place++) {
    if (survivors.has(place)) continue;
    const parent = newborn[next++];
    const id = newId(atoms);
    atoms.ids[place] = id;
    if (parent === null) {
      rule.rebirth?.(atoms.positions, place * dim, mu.space, deriveKey(key, 'rebirth', next));
      atoms.logMasses[place] = logTotal - Math.log(living.length);
      // Of no opinion for the rest of the step, whose potential was taken before its birth.
      potential[place] = center;
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
