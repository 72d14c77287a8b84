import type { Measure } from '../measure/measure.js';

/** For every atom, the first atom at the same place (bit for bit, 0 and -0 alike): atoms of one place count as one. */
export function firstAtPlace({ positions, count, dim }: Measure): Int32Array {
  const first = new Map<string, number>();
  const places = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const key = placeKey(positions, i * dim, dim);
    const known = first.get(key);
    if (known === undefined) first.set(key, i);
    places[i] = known ?? i;
  }
  return places;
}

/** A key of the place of a point, for maps. */
export function placeKey(points: Float64Array, start: number, dim: number): string {
  if (dim === 1) return String(points[start] + 0);
  let key = '';
  for (let k = 0; k < dim; k++) key += `${points[start + k] + 0},`;
  return key;
}

/** The masses of a measure by place. */
export function massesByPlace({ positions, masses, count, dim }: Measure): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const key = placeKey(positions, i * dim, dim);
    found.set(key, (found.get(key) ?? 0) + masses[i]);
  }
  return found;
}
