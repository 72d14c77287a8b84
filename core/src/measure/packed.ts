import { measureFromParts } from './createMeasure.js';
import type { Measure } from './measure.js';

/** A measure as numbers, bit for bit, but for its space and kind: count, next id, positions, log-masses and ids. */
export function packMeasure({ count, nextId, positions, logMasses, ids }: Measure): readonly number[] {
  return [count, nextId, ...positions, ...logMasses, ...ids];
}

/** Reads what {@link packMeasure} wrote, on the space of `like`, and returns the numbers after it. */
export function unpackMeasure(
  [count, nextId, ...numbers]: readonly number[],
  { space, kind, dim }: Measure,
): { readonly measure: Measure; readonly after: readonly number[] } {
  const [size, end] = [count * dim, count * (dim + 2)];
  const measure = measureFromParts({
    space,
    kind,
    positions: Float64Array.from(numbers.slice(0, size)),
    logMasses: Float64Array.from(numbers.slice(size, size + count)),
    ids: Uint32Array.from(numbers.slice(size + count, end)),
    nextId,
  });
  return { measure, after: numbers.slice(end) };
}
