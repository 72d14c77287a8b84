import { measure, type Measure, type MeasureKind, type Space } from '@muflow/core';
import { searchGrid } from './bestResponse.js';

/**
 * A start with full support: all points of a finite space, otherwise a grid of about `atoms` points.
 * On a torus the grid begins half a cell in, on a box it includes the ends.
 */
export function gridStart(space: Space, atoms: number, kind: MeasureKind = 'probability'): Measure {
  const perAxis = Math.max(2, Math.round(atoms ** (1 / space.dim)));
  const positions = searchGrid(space, perAxis);
  if (space.kind === 'torus') {
    const shift = (0.5 * space.volume ** (1 / space.dim)) / perAxis;
    for (let i = 0; i < positions.length; i++) positions[i] += shift;
  }
  const count = positions.length / space.dim;
  return measure({ space, kind, positions, masses: new Float64Array(count).fill(1 / count) });
}
