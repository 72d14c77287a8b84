import { fail } from '../errors.js';
import type { TransportSide } from './sides.js';
import { lineSorter } from './slicedLine.js';

/** Largest number of angles at which the order of projections changes that is worth an exact integral. */
const maxAngles = 250_000;

/**
 * `(1/pi) int_0^pi W_2^2(projections on (cos t, sin t)) dt` in the plane, exactly: between two angles at which atoms of
 * one measure change order the coupling P stays, and `W_2^2 = u^T M u` with `M = sum P_ij (x_i - y_j)(x_i - y_j)^T`
 * integrates in closed form. Cost O((n^2 + m^2) (n + m)).
 */
export function circleMean(source: TransportSide, target: TransportSide): number {
  const angles = changes(source, target);
  const [x, y] = [lineSorter(source.count), lineSorter(target.count)];
  const px = new Float64Array(source.count);
  const py = new Float64Array(target.count);
  const moment = new Float64Array(3);
  let total = 0;
  for (let k = 0; k + 1 < angles.length; k++) {
    const width = angles[k + 1] - angles[k];
    if (!(width > 0)) continue;
    const middle = (angles[k] + angles[k + 1]) / 2;
    x.sort(projectInto(px, source, middle));
    y.sort(projectInto(py, target, middle));
    momentInto(moment, source, target, [x.order, y.order]);
    const turned = Math.sin(width);
    const cosine = turned * Math.cos(2 * middle);
    total +=
      (moment[0] * (width + cosine) + moment[2] * (width - cosine)) / 2 + moment[1] * turned * Math.sin(2 * middle);
  }
  return total / Math.PI;
}

function projectInto(out: Float64Array, { positions, count }: TransportSide, angle: number): Float64Array {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < count; i++) out[i] = c * positions[2 * i] + s * positions[2 * i + 1];
  return out;
}

/** The angles in [0, pi] at which two atoms of one side project to one point, with both ends, ascending. */
function changes(source: TransportSide, target: TransportSide): Float64Array {
  const pairs = (source.count * (source.count - 1) + target.count * (target.count - 1)) / 2;
  if (pairs > maxAngles) {
    fail({
      code: 'unsupported',
      where: 'slicedWasserstein',
      problem: 'there are too many atoms for an exact mean over all directions',
      got: `${source.count} and ${target.count} atoms`,
      expected: 'about 500 on either side at most',
      fix: 'pass a number of directions',
    });
  }
  const angles = new Float64Array(pairs + 2);
  angles[1] = Math.PI;
  let at = 2;
  for (const { positions, count } of [source, target]) {
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < i; j++) {
        const dx = positions[2 * i] - positions[2 * j];
        const dy = positions[2 * i + 1] - positions[2 * j + 1];
        // Orthogonal to the difference, as an angle of a half turn.
        const angle = Math.atan2(dx, -dy);
        angles[at++] = angle < 0 ? angle + Math.PI : angle;
      }
    }
  }
  return angles.sort();
}

/** The second moments (xx, xy, yy) of the displacement under the monotone coupling of two orders. */
function momentInto(
  out: Float64Array,
  source: TransportSide,
  target: TransportSide,
  [first, second]: readonly [Uint32Array, Uint32Array],
): void {
  out.fill(0);
  let left = source.masses[first[0]];
  let wanted = target.masses[second[0]];
  for (let i = 0, j = 0; i < first.length && j < second.length; ) {
    const dx = source.positions[2 * first[i]] - target.positions[2 * second[j]];
    const dy = source.positions[2 * first[i] + 1] - target.positions[2 * second[j] + 1];
    const moved = Math.min(left, wanted);
    out[0] += moved * dx * dx;
    out[1] += moved * dx * dy;
    out[2] += moved * dy * dy;
    left -= moved;
    wanted -= moved;
    if (left <= 0 && ++i < first.length) left += source.masses[first[i]];
    if (wanted <= 0 && ++j < second.length) wanted += target.masses[second[j]];
  }
}
