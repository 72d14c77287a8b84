import {
  deriveKey,
  type Measure,
  measure,
  type RandomStream,
  randomKey,
  randomOrthogonal,
  randomStream,
  sphere,
  support,
} from '@muflow/core';
import { contractInto, momentTensor, type SymmetricTensor } from '../tensor/symmetricTensor.js';

/** Greatest cosine between two planted directions that are not orthogonal. */
const coherence = 0.3;

/** Orthonormal directions, or directions drawn until all are nearly so, with the given masses. */
export function plantedDirections(
  kind: 'orthogonal' | 'incoherent',
  dim: number,
  masses: readonly number[],
  random: RandomStream,
): Measure {
  const space = sphere(dim);
  const rank = masses.length;
  if (kind === 'orthogonal') {
    const q = randomOrthogonal(dim, random);
    const positions = masses.flatMap((_, k) => Array.from({ length: dim }, (_unused, i) => q[i * dim + k]));
    return measure({ space, kind: 'positive', positions, masses });
  }
  const positions = new Float64Array(rank * dim);
  let found = 0;
  while (found < rank) {
    space.sampleInto(positions.subarray(found * dim), 1, random);
    let apart = true;
    for (let k = 0; k < found; k++) {
      let cosine = 0;
      for (let i = 0; i < dim; i++) cosine += positions[k * dim + i] * positions[found * dim + i];
      apart &&= Math.abs(cosine) <= coherence;
    }
    if (apart) found++;
  }
  return measure({ space, kind: 'positive', positions, masses });
}

/** Particles of small equal masses at uniform places. */
export function uniformStart(dim: number, count: number, random: RandomStream): Measure {
  const space = sphere(dim);
  const positions = new Float64Array(count * dim);
  space.sampleInto(positions, count, random);
  return measure({ space, kind: 'positive', positions, masses: new Array<number>(count).fill(0.1 / count) });
}

/** A stream of random numbers of its own for each use. */
export const streamOf = (seed: number | string, ...labels: (string | number)[]): RandomStream =>
  randomStream(deriveKey(randomKey(seed), 'tensor-decomposition', ...labels));

/** Atoms within 0.3 of a heavier one joined to it, those of a share of the mass below 1e-3 left out. */
export function gathered(mu: Measure): Measure {
  const kept = support(mu, { mergeRadius: 0.3, minShare: 1e-3 });
  return measure({
    space: mu.space,
    kind: 'positive',
    positions: kept.flatMap(({ at }) => at),
    masses: kept.map(({ mass }) => mass),
  });
}

/** How far atoms lie from those of a reference: greatest distance to the nearest and greatest difference of masses. */
export function farthest(mu: Measure, reference: Measure): { readonly angle: number; readonly mass: number } {
  let [angle, mass] = [0, 0];
  for (let k = 0; k < reference.count; k++) {
    let [nearest, at] = [Infinity, -1];
    for (let i = 0; i < mu.count; i++) {
      const distance = mu.space.distance(mu.positions, i * mu.dim, reference.positions, k * mu.dim);
      if (distance < nearest) [nearest, at] = [distance, i];
    }
    angle = Math.max(angle, nearest);
    mass = Math.max(mass, at < 0 ? Infinity : Math.abs(mu.masses[at] - reference.masses[k]));
  }
  return { angle, mass };
}

/** Atoms of even order, which stand for their opposites too, on the side of the nearest reference atom. */
export function facing(mu: Measure, reference: Measure): Measure {
  const { dim, count, space, masses } = mu;
  const positions = mu.positions.slice();
  for (let i = 0; i < count; i++) {
    let nearest = 0;
    for (let k = 0; k < reference.count; k++) {
      let cosine = 0;
      for (let b = 0; b < dim; b++) cosine += positions[i * dim + b] * reference.positions[k * dim + b];
      if (Math.abs(cosine) > Math.abs(nearest)) nearest = cosine;
    }
    if (nearest < 0) for (let b = 0; b < dim; b++) positions[i * dim + b] *= -1;
  }
  return measure({ space, kind: 'positive', positions, masses });
}

/**
 * Whether every term of an orthogonal tensor has a particle in its basin. Under the potential of no atoms
 * `d/dt log(c_i / c_j) = k (w_i c_i^(k-2) - w_j c_j^(k-2))` for the coordinates `c_i = <theta, e_i>`: the term of the
 * greatest `w_i c_i^(k-2)` keeps the lead and draws the particle to itself.
 */
export function fillsBasins(initial: Measure, target: Measure, order: number): boolean {
  const { dim } = initial;
  const filled = new Set<number>();
  for (let i = 0; i < initial.count; i++) {
    let [lead, leader] = [0, -1];
    for (let k = 0; k < target.count; k++) {
      let c = 0;
      for (let b = 0; b < dim; b++) c += initial.positions[i * dim + b] * target.positions[k * dim + b];
      const pull = target.masses[k] * c ** (order - 2);
      if (pull > lead) [lead, leader] = [pull, k];
    }
    if (leader >= 0) filled.add(leader);
  }
  return filled.size === target.count;
}

/** Masses lowered by lambda: the least energy of an orthogonal tensor of order 3 or more lies here. */
export const lowered = (target: Measure, lambda: number): Measure =>
  measure({
    space: target.space,
    kind: 'positive',
    positions: target.positions,
    masses: target.masses.map((mass) => Math.max(0, mass - lambda)),
  });

/** `sum_i h(w_i)`: `lambda w - lambda^2 / 2` above lambda, `w^2 / 2` below. */
export const loweredEnergy = (weights: ArrayLike<number>, lambda: number): number =>
  Array.from(weights).reduce((sum, w) => sum + (w > lambda ? lambda * w - lambda ** 2 / 2 : w ** 2 / 2), 0);

/**
 * The terms of an orthogonal tensor by power iteration `theta <- T(theta, ..., theta, .) / |.|` with deflation: of
 * several random starts the one of greatest `T(theta, ..., theta)` is kept, its term taken off, and so on.
 * Source: [AnandkumarEtAl2014].
 */
export function powerIteration(tensor: SymmetricTensor, rank: number, random: RandomStream): Measure {
  const { dim, order } = tensor;
  const space = sphere(dim);
  const rest = tensor.values.slice();
  const scratch = new Float64Array(dim ** (order - 1));
  const positions = new Float64Array(rank * dim);
  const masses = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    for (let start = 0; start < 10; start++) {
      const theta = new Float64Array(dim);
      const slope = new Float64Array(dim);
      space.sampleInto(theta, 1, random);
      let value = 0;
      for (let step = 0; step < 100; step++) {
        value = contractInto(slope, { dim, order, values: rest }, theta, 0, scratch);
        space.projectInto(theta, slope, 1);
      }
      if (value <= masses[k]) continue;
      masses[k] = value;
      positions.set(theta, k * dim);
    }
    const term = { space, positions: positions.subarray(k * dim, (k + 1) * dim), weights: masses.subarray(k, k + 1) };
    const { values } = momentTensor(term, order);
    for (let f = 0; f < rest.length; f++) rest[f] -= values[f];
  }
  return measure({ space, kind: 'positive', positions, masses });
}
