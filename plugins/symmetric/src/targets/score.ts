import { defaultBackend, fail, parseFormula, show } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';

/** A function of one point by which the points of a set are ranked or averaged. */
export interface Score {
  /** Formula in the vector x, such as `norm(x)` or `x[0]`. */
  readonly formula: string;
  /** Its Lipschitz constant; default Infinity, where none is known. */
  readonly lipschitz?: number;
}

/** Scores of the literature: the length of a point, its inverse, and its first coordinate. */
export const scores = {
  norm: { formula: 'norm(x)', lipschitz: 1 },
  'inverse-norm': { formula: '1 / norm(x)' },
  first: { formula: 'x[0]', lipschitz: 1 },
} as const satisfies Readonly<Record<string, Score>>;

/** The score of every point of a batch. @throws `parse` for a formula that is none in x, `shape-mismatch` for a vector. */
export function pointScores(batch: SetBatch, { formula }: Score): Float64Array {
  const { dim, points, masses } = batch;
  const expression = parseFormula(formula, { variables: { x: { role: 'row', size: dim } } });
  if (expression.size !== 1) {
    fail({
      code: 'shape-mismatch',
      where: 'pointScores',
      problem: 'the score of a point is no number',
      got: `${show(formula)} with ${expression.size} components`,
      expected: 'a formula in the vector x with one component',
      fix: 'take for instance norm(x), x[0] or sum(x)',
    });
  }
  const kernel = defaultBackend().compile({ outputs: [{ name: 'score', expression, reduce: 'sum' }] });
  const score = new Float64Array(masses.length);
  // One column, so that the sum over columns is the score itself.
  kernel.run({ rows: masses.length, columns: 1, inputs: { x: points }, out: { score } });
  return score;
}

/** Largest difference of two scores on the ball `|x| <= radius`, by the Lipschitz constant. */
export const oscillation = ({ lipschitz = Infinity }: Score, radius: number): number => 2 * radius * lipschitz;
