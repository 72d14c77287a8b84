import { grid, type Measure, measure, type Space } from '@muflow/core';

/**
 * A start with full support and equal masses: all points of a finite space, a grid of about `atoms` points
 * with the ends of a box and the middles of the cells of a torus, or the centers of a covering.
 */
export function gridStart(space: Space, atoms: number): Measure {
  if (space.kind === 'finite') return grid(space, space.volume);
  const perAxis = Math.max(2, Math.round(atoms ** (1 / space.dim)));
  if (space.kind === 'box') return grid(space, perAxis, 'ends');
  if (space.kind === 'torus') return grid(space, perAxis, 'centers');
  return measure({ space, positions: space.covering(space.diameter / perAxis).centers });
}
