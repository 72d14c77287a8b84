import { fail, show } from '../errors.js';
import { type RandomKey, type RandomStream, randomStream } from '../math/random.js';
import type { InitialLaw } from '../measure/initialLaws.js';
import type { Space } from '../space/space.js';

/** Writes one random point of the space into `out`, beginning at `start`. */
export type RebirthLaw = (out: Float64Array, start: number, random: RandomStream) => void;

/** What newborns may come from: a function, a law of initial measures, or the uniform law of the space. */
export type RebirthSource = RebirthLaw | InitialLaw | 'uniform';

/** Writes the newborn of a key. */
export type Rebirth = (out: Float64Array, start: number, space: Space, key: RandomKey) => void;

/**
 * Newborns from a law with some coordinates set to 0 afterwards.
 *
 * @throws `invalid-argument` at the first birth outside the space.
 */
export function rebirthFrom(law: RebirthSource, zeroCoordinates: readonly number[]): Rebirth {
  return (out, start, space, key) => {
    const point = new Float64Array(space.dim);
    if (law === 'uniform') space.sampleInto(point, 1, randomStream(key));
    else if (typeof law === 'function') law(point, 0, randomStream(key));
    else law.pointInto(point, 0, key, 0);
    for (const k of zeroCoordinates) point[k] = 0;
    if (!space.contains(point)) {
      fail({
        code: 'invalid-argument',
        where: 'reinjection',
        problem: 'a newborn lies outside the space',
        got: `${show(point)} on ${space.name}`,
        expected: 'a law on the space, of which the zero coordinates may be zero',
        fix: 'check the law and zeroCoordinates',
      });
    }
    out.set(point, start);
  };
}
