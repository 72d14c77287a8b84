import { fail } from '../errors.js';
import type { Space } from '../space/space.js';
import type { TransportSide } from './sides.js';

/** Angles and costs of the pairs within reach, on the atoms that have a partner. */
export interface WfrCosts {
  /** Atoms (of the packed sides) that have a partner nearer than the cut-off `pi / sqrt alpha`. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** rows.length * columns.length, row-major: `-log cos^2 th`, Infinity beyond the cut-off. */
  readonly costs: Float64Array;
}

/** Pairs that are stored at most: 512 MiB of costs. */
export const maxWfrPairs = 2 ** 26;

/** The angle `th = sqrt(alpha) |x - y| / 2` of a distance, pi/2 from the cut-off on. */
export function wfrAngle(distance: number, alpha: number): number {
  return Math.min((Math.sqrt(alpha) * distance) / 2, Math.PI / 2);
}

/** `-log cos^2 th`, without cancellation at small angles; Infinity at pi/2. */
export function wfrCost(angle: number): number {
  if (angle >= Math.PI / 2) return Number.POSITIVE_INFINITY;
  return angle < 0.8 ? -Math.log1p(-(Math.sin(angle) ** 2)) : -2 * Math.log(Math.cos(angle));
}

/**
 * How much a cost may exceed the true one: the angle carries the rounding of a distance in `dim` coordinates, which
 * `d(-log cos^2 th) = 2 tan th dth` passes on; `th tan th <= 1.25 c` for c <= 1 and `<= (pi/2) e^(c/2)` beyond.
 */
export function wfrCostMargin(cost: number, dim: number): number {
  const relative = (dim / 2 + 6) * Number.EPSILON;
  return relative * (cost <= 1 ? 3 * cost : 3.2 * Math.exp(cost / 2));
}

/** All pairs of two sides; O(n m d), stores n m numbers. Refuses more than {@link maxWfrPairs}. */
export function wfrCosts(
  where: string,
  space: Space,
  [source, target]: readonly [TransportSide, TransportSide],
  alpha: number,
): WfrCosts {
  const [n, m, d] = [source.count, target.count, space.dim];
  if (n * m > maxWfrPairs) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'there are too many pairs of atoms',
      got: `${n} * ${m}`,
      expected: `at most ${maxWfrPairs}`,
      fix: 'merge near atoms first, or take a random subset of each measure',
    });
  }
  const costs = new Float64Array(n * m);
  const rowUsed = new Uint8Array(n);
  const columnUsed = new Uint8Array(m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const cost = wfrCost(wfrAngle(space.distance(source.positions, i * d, target.positions, j * d), alpha));
      costs[i * m + j] = cost;
      if (cost < Number.POSITIVE_INFINITY) rowUsed[i] = columnUsed[j] = 1;
    }
  }
  const rows = usedIndices(rowUsed);
  const columns = usedIndices(columnUsed);
  if (rows.length === n && columns.length === m) return { rows, columns, costs };
  const kept = new Float64Array(rows.length * columns.length);
  for (let k = 0, out = 0; k < rows.length; k++) {
    for (let l = 0; l < columns.length; l++) kept[out++] = costs[rows[k] * m + columns[l]];
  }
  return { rows, columns, costs: kept };
}

function usedIndices(used: Uint8Array): Int32Array {
  const indices: number[] = [];
  for (let k = 0; k < used.length; k++) if (used[k]) indices.push(k);
  return Int32Array.from(indices);
}
