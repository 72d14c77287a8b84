import { type Measure, measure, type Profile, type Space } from '@muflow/core';

/** A mixed strategy under construction: masses >= 0 that sum to 1. */
export interface Atoms {
  readonly space: Space;
  /** count*dim, row-major. */
  readonly positions: Float64Array;
  readonly masses: Float64Array;
}

export const atomsOf = (mu: Measure): Atoms => ({ space: mu.space, positions: mu.positions, masses: mu.masses });

/** The strategy as a probability measure; masses are divided by their sum. */
export function measureOf({ space, positions, masses }: Atoms): Measure {
  let total = 0;
  for (const mass of masses) total += mass;
  return measure({ space, positions, masses: masses.map((mass) => mass / total) });
}

export const profileOfAtoms = (atoms: readonly [Atoms, Atoms]): Profile => atoms.map(measureOf);

/** The point of atom i. */
export const pointOf = ({ space, positions }: Atoms, i: number): Float64Array =>
  positions.slice(i * space.dim, (i + 1) * space.dim);

/** Atoms with the given masses, without those of no mass. */
export function withoutEmpty({ space, positions }: Atoms, masses: Float64Array, least = 0): Atoms {
  const kept = Array.from(masses.keys()).filter((i) => masses[i] > least);
  const points = new Float64Array(kept.length * space.dim);
  kept.forEach((i, k) => {
    points.set(positions.subarray(i * space.dim, (i + 1) * space.dim), k * space.dim);
  });
  const total = kept.reduce((sum, i) => sum + masses[i], 0);
  return { space, positions: points, masses: Float64Array.from(kept, (i) => masses[i] / total) };
}
