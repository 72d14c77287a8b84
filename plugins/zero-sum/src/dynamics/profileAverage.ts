import { fail, type Measure, measureFromParts, type Profile, show } from '@muflow/core';

/** A running time average of profiles whose atoms move. */
export interface ProfileAverage {
  /** Takes in a profile of probabilities, or skips it: every `stride`-th one counts. */
  add(profile: Profile): void;
  /** `(1/T) sum_t mu_t` over the profiles kept, per player; undefined before the first. */
  profile(): Profile | undefined;
  /** Profiles kept. */
  readonly kept: number;
  /** How many profiles one of the kept stands for: 1, then 2, 4, 8, … */
  readonly stride: number;
}

/**
 * Ergodic average of measures with moving atoms: all atoms of the profiles kept, with masses divided by their number.
 * At most `capacity` profiles are kept, at equal distances in time: when there are more, every second one is dropped
 * and from then on every second one is taken. Memory is `capacity` profiles for a run of any length; the mean over
 * kept times replaces the mean over all, an error of the order of one stride of the motion.
 *
 * @param capacity - at least 2, default 256.
 * @throws `invalid-argument` for another capacity.
 * @example
 * const average = profileAverage();
 * for (const { profile } of frames) average.add(profile);
 */
export function profileAverage(capacity = 256): ProfileAverage {
  if (!(Number.isInteger(capacity) && capacity >= 2)) {
    fail({
      code: 'invalid-argument',
      where: 'profileAverage',
      problem: 'the capacity is not usable',
      got: show(capacity),
      expected: 'an integer >= 2',
      fix: 'leave it at 256',
    });
  }
  let kept: Profile[] = [];
  let stride = 1;
  let seen = 0;
  return {
    add(profile) {
      if (seen++ % stride !== 0) return;
      if (kept.length === capacity) {
        kept = kept.filter((_, k) => k % 2 === 0);
        stride *= 2;
        if ((seen - 1) % stride !== 0) return;
      }
      kept.push(profile.map(copyOf));
    },
    profile: () => (kept.length === 0 ? undefined : kept[0].map((_, k) => mixture(kept.map((one) => one[k])))),
    get kept() {
      return kept.length;
    },
    get stride() {
      return stride;
    },
  };
}

const copyOf = (mu: Measure): Measure =>
  measureFromParts({ ...mu, positions: mu.positions.slice(), logMasses: mu.logMasses.slice() });

/** The mean of measures on one space. */
function mixture(measures: readonly Measure[]): Measure {
  const [{ space, kind, dim }] = measures;
  const count = measures.reduce((sum, mu) => sum + mu.count, 0);
  const positions = new Float64Array(count * dim);
  const logMasses = new Float64Array(count);
  const shift = Math.log(measures.length);
  let at = 0;
  for (const mu of measures) {
    positions.set(mu.positions, at * dim);
    for (let i = 0; i < mu.count; i++) logMasses[at + i] = mu.logMasses[i] - shift;
    at += mu.count;
  }
  const ids = Uint32Array.from({ length: count }, (_, i) => i);
  return measureFromParts({ space, kind, positions, logMasses, ids, nextId: count });
}
