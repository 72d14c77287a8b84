import { fail, show } from '../errors.js';
import { logSumExp } from '../math/sums.js';
import type { Space } from '../space/space.js';
import { measureFromParts } from './createMeasure.js';
import type { Measure } from './measure.js';

/** An atom of a reduced support. */
export interface SupportAtom {
  /** Its coordinates (d). */
  readonly at: readonly number[];
  readonly mass: number;
  /** Number of atoms merged into it. */
  readonly merged: number;
}

export interface SupportOptions {
  /** Atoms within this distance of a heavier one become one; default 0 merges equal points only. */
  readonly mergeRadius?: number;
  /** Merged atoms with less than this share of the total mass are left out; default 0 leaves out empty ones. */
  readonly minShare?: number;
}

/**
 * The support of a measure as a short list, heaviest first: {@link mergeAtoms}, then small atoms left out.
 *
 * @example
 * ```ts
 * import { diracs, support } from '@muflow/core';
 * support(diracs([0, 0.001, 1]), { mergeRadius: 0.01 });
 * // two atoms: mass 2/3 at 0.0005, mass 1/3 at 1
 * ```
 */
export function support(mu: Measure, options: SupportOptions = {}): readonly SupportAtom[] {
  const clusters = clusterAtoms(mu, options.mergeRadius ?? 0);
  const total = Math.exp(logSumExp(mu.logMasses));
  return clusters
    .map((members) => ({
      at: Array.from(barycenter(mu, members)),
      mass: Math.exp(logMassOf(mu, members)),
      merged: members.length,
    }))
    .filter(({ mass }) => mass > 0 && mass >= (options.minShare ?? 0) * total)
    .sort((a, b) => b.mass - a.mass);
}

/**
 * Merges near atoms: from the heaviest down, an atom takes in every free atom within `radius` in the distance of the
 * space; the merged atom has their total mass, the id of the heaviest, and sits at their barycenter. Mass is conserved.
 * Ties are broken by position, so the order of atoms does not matter. Cost O(n k) distances for k merged atoms.
 */
export function mergeAtoms(mu: Measure, radius: number): Measure {
  const clusters = clusterAtoms(mu, radius);
  if (clusters.length === mu.count) return mu;
  const positions = new Float64Array(clusters.length * mu.dim);
  clusters.forEach((members, c) => {
    positions.set(barycenter(mu, members), c * mu.dim);
  });
  return measureFromParts({
    space: mu.space,
    kind: mu.kind,
    positions,
    logMasses: Float64Array.from(clusters, (members) => logMassOf(mu, members)),
    ids: Uint32Array.from(clusters, ([heaviest]) => mu.ids[heaviest]),
    nextId: mu.nextId,
  });
}

/** Indices of the atoms of each cluster, the heaviest first. */
function clusterAtoms(mu: Measure, radius: number): readonly (readonly number[])[] {
  if (!(radius >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'mergeAtoms',
      problem: 'the radius is not usable',
      got: show(radius),
      expected: 'a number >= 0',
      fix: 'pass a distance of the space',
    });
  }
  const { count, dim, positions, logMasses, space } = mu;
  const order = Array.from({ length: count }, (_, i) => i).sort((i, j) => {
    if (logMasses[i] !== logMasses[j]) return logMasses[j] > logMasses[i] ? 1 : -1;
    for (let k = 0; k < dim; k++) {
      const difference = positions[i * dim + k] - positions[j * dim + k];
      if (difference !== 0) return difference;
    }
    return i - j;
  });
  const clusters: number[][] = [];
  let free = order;
  while (free.length > 0) {
    const heaviest = free[0];
    const near = (i: number): boolean =>
      i === heaviest || space.distance(positions, heaviest * dim, positions, i * dim) <= radius;
    clusters.push(free.filter(near));
    free = free.filter((i) => !near(i));
  }
  return clusters;
}

function logMassOf(mu: Measure, members: readonly number[]): number {
  return logSumExp(Float64Array.from(members, (i) => mu.logMasses[i]));
}

/**
 * The mass-weighted mean of atoms near the first one: of coordinates on flat spaces, of displacements modulo the period
 * on a torus, of the ambient mean moved to the space elsewhere, the heaviest point on a finite space.
 */
function barycenter(mu: Measure, members: readonly number[]): Float64Array {
  const { dim, positions, logMasses } = mu;
  const first = positions.slice(members[0] * dim, (members[0] + 1) * dim);
  const total = logMassOf(mu, members);
  if (members.length === 1 || total === Number.NEGATIVE_INFINITY) return first;
  const shift = new Float64Array(dim);
  const displacement = new Float64Array(dim);
  for (const i of members) {
    for (let k = 0; k < dim; k++) displacement[k] = positions[i * dim + k] - first[k];
    unwrap(displacement, 0, mu.space);
    const share = Math.exp(logMasses[i] - total);
    for (let k = 0; k < dim; k++) shift[k] += share * displacement[k];
  }
  for (let k = 0; k < dim; k++) shift[k] += first[k];
  mu.space.projectInto(shift, shift, 1);
  return shift;
}

/** Replaces displacements on circles by the shortest ones, and on finite spaces by zero. */
function unwrap(displacement: Float64Array, start: number, space: Space): void {
  let at = start;
  for (const factor of space.factors ?? []) {
    unwrap(displacement, at, factor);
    at += factor.dim;
  }
  if (space.kind === 'finite') displacement[start] = 0;
  if (space.kind !== 'torus') return;
  const period = space.volume ** (1 / space.dim);
  for (let k = start; k < start + space.dim; k++) displacement[k] -= period * Math.round(displacement[k] / period);
}
