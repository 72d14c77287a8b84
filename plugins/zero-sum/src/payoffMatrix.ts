import { type Game, measure, type Space } from '@muflow/core';

/** Points of a space, row-major: a measure, or a strategy under construction. */
export interface Points {
  readonly space: Space;
  readonly positions: Float64Array;
}

/** The matrix `l(x_i, y_j)` at the points of both players, row-major. Cost: one payoff for each entry. */
export function payoffMatrix(game: Game, x: Points, y: Points): Float64Array {
  const n = x.positions.length / x.space.dim;
  const m = y.positions.length / y.space.dim;
  const payoff = new Float64Array(n * m);
  const column = new Float64Array(n);
  const rows = measure({ space: x.space, positions: x.positions });
  for (let j = 0; j < m; j++) {
    const { dim } = y.space;
    const pure = measure({ space: y.space, positions: y.positions.slice(j * dim, (j + 1) * dim) });
    game.potentialAt(0, column, x.positions, n, [rows, pure]);
    for (let i = 0; i < n; i++) payoff[i * m + j] = column[i];
  }
  return payoff;
}
