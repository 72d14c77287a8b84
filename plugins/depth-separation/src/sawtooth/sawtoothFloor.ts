import { fail, show } from '@muflow/core';
import type { Floor, Hypothesis } from '../probe/index.js';
import { checkFolds } from './tent.js';

const hypotheses: readonly Hypothesis[] = [
  { name: 'class', statement: 'networks of rectifiers on the line, of the widths told and of any weights' },
  { name: 'data', statement: 'x uniform on [0, 1]' },
  { name: 'target', statement: 'the k-fold tent map minus its mean 1/2' },
];

/**
 * The most affine pieces that a network of rectifiers with one input can have: `prod_l (m_l + 1)`. A layer of m units
 * finds a function of K knots, and every unit adds at most one knot to each of its K + 1 pieces, so that
 * `K_l + 1 <= (m_l + 1) (K_{l-1} + 1)`; one hidden layer of M units has at most M + 1 pieces.
 */
export const mostPieces = (widths: readonly number[]): number =>
  widths.reduce((product, width) => product * (width + 1), 1);

/**
 * A floor on the relative squared error of every network of such widths against the k-fold tent map T,
 *
 *     int (f - T)^2 / int (T - 1/2)^2 >= 1 - 2 K / 2^k,   K + 1 = prod_l (m_l + 1).
 *
 * Proof: T has 2^k monotone pieces of length h = 2^-k. I of them hold a knot of f inside, B of the points between them
 * are knots, `I + B <= K`. The rest falls into at most I + B + 1 runs, in each of which f is affine. Pair neighbors:
 * around its middle T - 1/2 is even, so an even function, a constant, is the best affine one, and that is 0. A pair
 * hence costs f all of its energy, and only an odd run leaves a piece out: the loss is at most
 * `I + (I + B + 1) <= 2 K + 1` pieces, and 2 K + 1 itself would need K + 1 odd runs that fill 2^k - K pieces, against
 * parity. The same holds for `int |f - T|^p` with every p >= 1. O(L).
 *
 * @param folds - k, 1 to 52.
 * @param widths - units m_l >= 0 of the hidden layers; one number is a shallow network.
 * @throws `invalid-argument` otherwise.
 * @example
 * sawtoothFloor(6, [16]).value; // 0.5: 16 units keep half of the energy of 64 pieces
 */
export function sawtoothFloor(folds: number, widths: readonly number[]): Floor {
  checkFolds('sawtoothFloor', folds);
  if (widths.length === 0 || !widths.every((width) => Number.isInteger(width) && width >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'sawtoothFloor',
      problem: 'these are no widths of a network',
      got: show(widths),
      expected: 'one whole number >= 0 for each hidden layer',
      fix: 'pass [16] for one hidden layer of 16 units',
    });
  }
  const units = widths.reduce((sum, width) => sum + width, 0);
  // Powers of two and whole numbers: nothing is rounded below 2^53.
  return { value: Math.max(0, 1 - (2 * (mostPieces(widths) - 1)) / 2 ** folds), units, norm: null, hypotheses };
}

/**
 * The least width that every hidden layer of an equally wide network needs before its floor is below a level:
 * the least m with `1 - 2 ((m + 1)^L - 1) / 2^k < level`.
 *
 * @param layers - L >= 1 hidden layers.
 * @param level - in (0, 1).
 */
export function widthNeeded(folds: number, layers: number, level: number): number {
  const pieces = 1 + 2 ** (folds - 1) * (1 - level);
  let width = Math.max(0, Math.floor(pieces ** (1 / layers)) - 2);
  while (1 - (2 * ((width + 1) ** layers - 1)) / 2 ** folds >= level) width++;
  return width;
}
