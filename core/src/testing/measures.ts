import type { RandomStream } from '../math/random.js';
import { permutation } from '../math/sampling.js';
import { measure, measureFromParts } from '../measure/createMeasure.js';
import type { Measure, MeasureKind, Profile } from '../measure/measure.js';
import type { Isometry, Space } from '../space/space.js';
import { randomPoints } from './samples.js';

/** A measure with random atoms and unequal masses, total 1 on probabilities, about 0.7 per atom otherwise. */
export function randomMeasure(space: Space, count: number, kind: MeasureKind, random: RandomStream): Measure {
  const raw = Float64Array.from({ length: count }, () => 0.2 + random.uniform());
  const total = kind === 'probability' ? raw.reduce((sum, mass) => sum + mass, 0) : 1;
  return measure({
    space,
    kind,
    positions: randomPoints(space, count, random),
    masses: raw.map((mass) => mass / total),
  });
}

/** A random order of 0, ..., count - 1. */
export function randomPermutation(count: number, random: RandomStream): readonly number[] {
  return Array.from(permutation(count, random));
}

/** The same measure with atom `order[i]` in place i; atoms keep their ids. */
export function permuted(mu: Measure, order: readonly number[]): Measure {
  const { dim } = mu;
  return measureFromParts({
    ...mu,
    positions: Float64Array.from(
      { length: mu.count * dim },
      (_, k) => mu.positions[order[Math.floor(k / dim)] * dim + (k % dim)],
    ),
    logMasses: Float64Array.from(order, (i) => mu.logMasses[i]),
    ids: Uint32Array.from(order, (i) => mu.ids[i]),
  });
}

/** The same measure with one more atom: `share` of the mass of atom i, at the same place, comes last. */
export function splitAtom(mu: Measure, i: number, share: number): Measure {
  const { dim, count, nextId } = mu;
  const logMasses = Float64Array.of(...mu.logMasses, mu.logMasses[i] + Math.log(share));
  logMasses[i] += Math.log1p(-share);
  return measureFromParts({
    ...mu,
    positions: Float64Array.of(...mu.positions, ...mu.positions.slice(i * dim, (i + 1) * dim)),
    logMasses,
    ids: Uint32Array.of(...mu.ids.slice(0, count), nextId),
    nextId: nextId + 1,
  });
}

/** The image of a measure under an isometry of its space. */
export function movedBy(mu: Measure, isometry: Isometry): Measure {
  const positions = new Float64Array(mu.positions.length);
  isometry.applyInto(positions, mu.positions, mu.count);
  return measureFromParts({ ...mu, positions });
}

/** True where two profiles agree bit for bit, lineage included. */
export function sameBytes(a: Profile, b: Profile): boolean {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean =>
    x.length === y.length && Array.prototype.every.call(x, (value: number, k: number) => Object.is(value, y[k]));
  return (
    a.length === b.length &&
    a.every((mu, k) => {
      const nu = b[k];
      return (
        same(mu.positions, nu.positions) &&
        same(mu.logMasses, nu.logMasses) &&
        same(mu.ids, nu.ids) &&
        mu.nextId === nu.nextId
      );
    })
  );
}

export function largestAbs(values: Float64Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

/** `max_k |a_k - b_k|`, NaN where either has one. */
export function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, value, k) => Math.max(largest, Math.abs(value - b[k])), 0);
}

/** A measure in words, for counterexamples. */
export function showMeasure(mu: Measure): string {
  const numbers = (values: Float64Array): string =>
    `[${Array.from(values.slice(0, 12), (value) => value.toPrecision(6)).join(', ')}${values.length > 12 ? ', …' : ''}]`;
  return `${mu.kind} measure on ${mu.space.name}: ${mu.count} atoms at ${numbers(mu.positions)} with masses ${numbers(mu.masses)}`;
}

/** All measures of a profile in words. */
export function showProfile(profile: Profile): string {
  return profile.map(showMeasure).join('; ');
}
