import { fail } from '../errors.js';
import type { Space } from '../space/space.js';

/** Two points as rows of arrays: `from` at `fromStart`, `to` at `toStart`. */
export interface PointPair {
  readonly from: Float64Array;
  readonly fromStart: number;
  readonly to: Float64Array;
  readonly toStart: number;
}

/**
 * Writes the point at `fraction` of the way along a shortest path between two points: straight in flat spaces, by the
 * shorter way round on each axis of a torus, along the great circle on a sphere (any one
 * where the points are antipodal), factor by factor in a product. O(d).
 *
 * @param fraction - in [0, 1]; 0 and 1 give the points themselves.
 * @throws `unsupported` in a space of another kind (a finite space has no paths), unless the points agree.
 */
export function geodesicPointInto(
  space: Space,
  out: Float64Array,
  outStart: number,
  pair: PointPair,
  fraction: number,
): void {
  const { from, fromStart, to, toStart } = pair;
  const d = space.dim;
  if (fraction === 0 || fraction === 1 || samePoint(pair, d)) {
    const [ends, start] = fraction === 1 ? [to, toStart] : [from, fromStart];
    for (let k = 0; k < d; k++) out[outStart + k] = ends[start + k];
  } else if (space.kind === 'torus') torusPoint(space, out, outStart, pair, fraction);
  else if (space.kind === 'sphere') spherePoint(space, out, outStart, pair, fraction);
  else if (space.kind === 'product' && space.factors) {
    let offset = 0;
    for (const factor of space.factors) {
      const shifted = { from, fromStart: fromStart + offset, to, toStart: toStart + offset };
      geodesicPointInto(factor, out, outStart + offset, shifted, fraction);
      offset += factor.dim;
    }
  } else if (['euclidean', 'box', 'simplex'].includes(space.kind)) {
    for (let k = 0; k < d; k++) {
      out[outStart + k] = (1 - fraction) * from[fromStart + k] + fraction * to[toStart + k];
    }
  } else {
    fail({
      code: 'unsupported',
      where: 'geodesic',
      problem: 'the space has no known shortest paths',
      got: space.name,
      expected: 'a euclidean space, box, simplex, torus, sphere or a product of these',
      fix: 'take the distance alone, or embed the points in a euclidean space',
    });
  }
}

function samePoint({ from, fromStart, to, toStart }: PointPair, d: number): boolean {
  for (let k = 0; k < d; k++) if (from[fromStart + k] !== to[toStart + k]) return false;
  return true;
}

function torusPoint(space: Space, out: Float64Array, outStart: number, pair: PointPair, fraction: number): void {
  const d = space.dim;
  const period = (2 * space.diameter) / Math.sqrt(d);
  for (let k = 0; k < d; k++) {
    const start = pair.from[pair.fromStart + k];
    const turns = (pair.to[pair.toStart + k] - start) / period;
    const point = start + fraction * (turns - Math.round(turns)) * period;
    const wrapped = point - period * Math.floor(point / period);
    out[outStart + k] = wrapped >= period ? 0 : wrapped;
  }
}

/** `(sin((1 - f) g) x + sin(f g) y) / sin g`, g the angle; near antipodes along x and a perpendicular direction. */
function spherePoint(space: Space, out: Float64Array, outStart: number, pair: PointPair, fraction: number): void {
  const { from, fromStart, to, toStart } = pair;
  const d = space.dim;
  const radius = space.diameter / Math.PI;
  const angle = space.distance(from, fromStart, to, toStart) / radius;
  const antipodal = Math.PI - angle < 1e-7;
  const [left, right] = antipodal
    ? [Math.cos(fraction * angle), Math.sin(fraction * angle)]
    : [Math.sin((1 - fraction) * angle) / Math.sin(angle), Math.sin(fraction * angle) / Math.sin(angle)];
  const beside = antipodal ? perpendicular(from, fromStart, d, radius) : null;
  let squared = 0;
  for (let k = 0; k < d; k++) {
    const value = left * from[fromStart + k] + right * (beside ? beside[k] : to[toStart + k]);
    out[outStart + k] = value;
    squared += value * value;
  }
  const scale = radius / Math.sqrt(squared);
  for (let k = 0; k < d; k++) out[outStart + k] *= scale;
}

/** A vector of the given length at a right angle to a point: the axis along which the point is shortest, projected. */
function perpendicular(point: Float64Array, start: number, d: number, radius: number): Float64Array {
  let axis = 0;
  for (let k = 1; k < d; k++) if (Math.abs(point[start + k]) < Math.abs(point[start + axis])) axis = k;
  const along = point[start + axis] / (radius * radius);
  const vector = Float64Array.from({ length: d }, (_, k) => (k === axis ? 1 : 0) - along * point[start + k]);
  const scale = radius / Math.hypot(...vector);
  return vector.map((value) => value * scale);
}
