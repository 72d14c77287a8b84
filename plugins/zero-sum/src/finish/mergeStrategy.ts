import { mergeAtoms } from '@muflow/core';
import { type Atoms, atomsOf, measureOf } from './atoms.js';

/** A strategy with near atoms made one. */
export interface Merged {
  readonly atoms: Atoms;
  /** Upper bound of the Wasserstein-1 distance to the strategy before: every atom goes to the one that took it in. */
  readonly moved: number;
}

/** Merges atoms within `radius` of a heavier one, as core's `mergeAtoms`, and says how far mass has moved. */
export function mergeStrategy(atoms: Atoms, radius: number): Merged {
  const before = measureOf(atoms);
  const after = mergeAtoms(before, radius);
  if (after === before) return { atoms, moved: 0 };
  const { space, positions, masses, ids, dim } = before;
  const indexOf = new Map(Array.from(ids, (id, i) => [id, i]));
  let free = Array.from({ length: before.count }, (_, i) => i);
  let moved = 0;
  for (let c = 0; c < after.count; c++) {
    const heaviest = indexOf.get(after.ids[c]) ?? 0;
    const left: number[] = [];
    for (const i of free) {
      if (i !== heaviest && space.distance(positions, heaviest * dim, positions, i * dim) > radius) left.push(i);
      else moved += masses[i] * space.distance(positions, i * dim, after.positions, c * dim);
    }
    free = left;
  }
  return { atoms: atomsOf(after), moved };
}
