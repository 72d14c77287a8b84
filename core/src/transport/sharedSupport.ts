import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { checkOneSpace } from './sides.js';

/**
 * Both measures on the union of their atoms, in the order in which they first come: atoms at equal coordinates are
 * added up, an atom that one of them lacks has no mass there. O((n + m) d).
 *
 * @returns two positive measures with the same positions, so that mass arrays can be compared.
 * @throws `shape-mismatch` on different spaces.
 *
 * @example
 * ```ts
 * import { diracs, sharedSupport } from '@muflow/core';
 * const [p, q] = sharedSupport(diracs([0, 1]), diracs([1, 2]));
 * console.log(...p.masses, ...q.masses); // => 0.5 0.5 0 0 0.5 0.5
 * ```
 */
export function sharedSupport(mu: Measure, nu: Measure): readonly [Measure, Measure] {
  checkOneSpace('sharedSupport', mu, nu);
  const places = new Map<string, number>();
  const positions: number[] = [];
  const placed = ({ count, dim, positions: at }: Measure): Int32Array => {
    const place = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      // Zero and its negative are one place.
      const here = at.subarray(i * dim, (i + 1) * dim).map((x) => x + 0);
      const key = here.join(',');
      const known = places.get(key);
      place[i] = known ?? places.size;
      if (known !== undefined) continue;
      places.set(key, places.size);
      for (const x of here) positions.push(x);
    }
    return place;
  };
  const [source, target] = [placed(mu), placed(nu)];
  return [spread(mu, positions, source), spread(nu, positions, target)];
}

function spread({ space, masses }: Measure, positions: readonly number[], place: Int32Array): Measure {
  const together = new Float64Array(positions.length / space.dim);
  place.forEach((k, i) => {
    together[k] += masses[i];
  });
  return measure({ space, positions, masses: together, kind: 'positive' });
}
