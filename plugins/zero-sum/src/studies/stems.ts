import { type Figure, type Game, type Mark, type Profile, support } from '@muflow/core';
import { searchGrid } from '../bestResponse.js';

const playerName = ['x', 'y'] as const;

/** Atoms this near, as a share of the diameter, are one stem. */
const mergeShare = 1e-3;

/**
 * A player's atoms as stems under the curve of its own first variation: at an equilibrium the stems
 * stand where the curve is lowest. Masses are scaled to the height of the figure.
 */
export function stemFigure(id: string, game: Game, profile: Profile, player: 0 | 1): Figure {
  const space = game.spaces[player];
  const mu = profile[player];
  const points = searchGrid(space, 400);
  const count = points.length / space.dim;
  const values = new Float64Array(count);
  game.potentialAt(player, values, points, count, profile);
  const low = Math.min(...values);
  const height = Math.max(...values) - low || 1;
  const curve = Array.from(values, (value) => (value - low) / height);
  const atoms = support(mu, { mergeRadius: mergeShare * Math.min(1, space.diameter), minShare: 1e-6 });
  const marks: Mark[] = [
    { type: 'line', x: Array.from(points), y: curve, label: 'first variation, scaled' },
    {
      type: 'stem',
      x: atoms.map(({ at }) => at[0]),
      y: atoms.map(({ mass }) => mass),
      label: `mass of ${playerName[player]}`,
    },
  ];
  return {
    id,
    title: `Player ${playerName[player]}: atoms over the first variation`,
    caption: `At a mixed equilibrium every stem stands where the curve is zero. Potential range ${height.toPrecision(3)}.`,
    x: { label: playerName[player] },
    y: { label: 'mass, and scaled potential' },
    marks,
  };
}
