import { type Game, type Measure, measureFromParts } from '@muflow/core';

/** The matrix `l(x_i, y_j)` of a two-player zero-sum game at the atoms of both, row-major. Cost n_x n_y payoffs. */
export function payoffMatrix(game: Game, x: Measure, y: Measure): Float64Array {
  const payoff = new Float64Array(x.count * y.count);
  const column = new Float64Array(x.count);
  for (let j = 0; j < y.count; j++) {
    const pure = measureFromParts({
      space: y.space,
      kind: 'probability',
      positions: y.positions.slice(j * y.dim, (j + 1) * y.dim),
      logMasses: new Float64Array(1),
      ids: new Uint32Array(1),
      nextId: 1,
    });
    game.potentialAt(0, column, x.positions, x.count, [x, pure]);
    for (let i = 0; i < x.count; i++) payoff[i * y.count + j] = column[i];
  }
  return payoff;
}
