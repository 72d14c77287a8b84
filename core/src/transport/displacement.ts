import { fail } from '../errors.js';
import type { Space } from '../space/space.js';
import type { PointPair } from './spaceGeodesic.js';

/**
 * Writes the logarithm `log_x(y)` of a pair, the tangent vector at x of length `dist(x, y)` along the shortest path to y:
 * `grad_x dist(x, y)^2 / 2 = -log_x(y)`. Differences in flat spaces, by the shorter way round on each axis of a torus,
 * along the great circle on a sphere (0 between antipodes, where no direction is shortest), factor by factor in a
 * product. Zero on finite spaces, where nothing moves. O(d).
 *
 * @throws `unsupported` in a space of another kind.
 */
export function displacementInto(space: Space, out: Float64Array, outStart: number, pair: PointPair): void {
  const { from, fromStart, to, toStart } = pair;
  const d = space.dim;
  if (space.kind === 'product' && space.factors) {
    let offset = 0;
    for (const factor of space.factors) {
      const shifted = { from, fromStart: fromStart + offset, to, toStart: toStart + offset };
      displacementInto(factor, out, outStart + offset, shifted);
      offset += factor.dim;
    }
  } else if (space.kind === 'sphere') sphereDisplacement(space, out, outStart, pair);
  else if (space.kind === 'torus') {
    const period = (2 * space.diameter) / Math.sqrt(d);
    for (let k = 0; k < d; k++) {
      const turns = (to[toStart + k] - from[fromStart + k]) / period;
      out[outStart + k] = (turns - Math.round(turns)) * period;
    }
  } else if (space.kind === 'finite') out.fill(0, outStart, outStart + d);
  else if (['euclidean', 'box', 'simplex'].includes(space.kind)) {
    for (let k = 0; k < d; k++) out[outStart + k] = to[toStart + k] - from[fromStart + k];
  } else {
    fail({
      code: 'unsupported',
      where: 'displacement',
      problem: 'the space has no known shortest paths',
      got: space.name,
      expected: 'a euclidean space, box, simplex, torus, sphere, finite space or a product of these',
      fix: 'embed the points in a euclidean space',
    });
  }
}

/**
 * Writes the exponential `exp_x(v)`, the end of the geodesic from x with velocity v, the inverse of {@link displacementInto}:
 * `cos(|v|/r) x + r sin(|v|/r) v/|v|` on a sphere of radius r, factor by factor in a product, elsewhere the retraction of
 * the space, which is exact there.
 *
 * @param v - tangent vector, at `start` as the point and the result.
 */
export function exponentialInto(
  space: Space,
  out: Float64Array,
  x: Float64Array,
  v: Float64Array,
  start: number,
): void {
  const d = space.dim;
  if (space.kind === 'product' && space.factors) {
    let offset = start;
    for (const factor of space.factors) {
      exponentialInto(factor, out, x, v, offset);
      offset += factor.dim;
    }
  } else if (space.kind === 'sphere') {
    const radius = space.diameter / Math.PI;
    let squared = 0;
    for (let k = start; k < start + d; k++) squared += v[k] * v[k];
    const angle = Math.sqrt(squared) / radius;
    const along = angle === 0 ? 1 : Math.sin(angle) / angle;
    for (let k = start; k < start + d; k++) out[k] = Math.cos(angle) * x[k] + along * v[k];
  } else {
    const [point, velocity] = [x.subarray(start, start + d), v.subarray(start, start + d)];
    space.retractInto(out.subarray(start, start + d), point, velocity, 1, 1);
  }
}

/** The chord without its part along x, stretched to the length of the arc. */
function sphereDisplacement(space: Space, out: Float64Array, outStart: number, pair: PointPair): void {
  const { from, fromStart, to, toStart } = pair;
  const d = space.dim;
  const radius = space.diameter / Math.PI;
  let along = 0;
  for (let k = 0; k < d; k++) along += (to[toStart + k] - from[fromStart + k]) * from[fromStart + k];
  along /= radius * radius;
  let squared = 0;
  for (let k = 0; k < d; k++) {
    const part = to[toStart + k] - from[fromStart + k] - along * from[fromStart + k];
    out[outStart + k] = part;
    squared += part * part;
  }
  const scale = squared > 0 ? space.distance(from, fromStart, to, toStart) / Math.sqrt(squared) : 0;
  for (let k = 0; k < d; k++) out[outStart + k] *= scale;
}
