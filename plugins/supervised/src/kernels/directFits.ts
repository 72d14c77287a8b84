import { blockCholesky, inverseDiagonalInto, solveFactored } from './blockCholesky.js';
import type { KernelRidgeProblem, PenaltyFit } from './penaltyFit.js';
import { mirrorInto } from './productKernel.js';

/** Rows of the kernel matrix that are computed between two pauses. */
const blockRows = 512;

/**
 * Fits for every penalty in turn by the factor of `A = K + lambda L I`. One L*L matrix serves all: K stays above the
 * diagonal, its diagonal apart, and factors are made below.
 */
export async function* directFits(problem: KernelRidgeProblem): AsyncGenerator<PenaltyFit, void> {
  const { targets, rows, lambdas, select, backend, pause, validationError } = problem;
  const hasClosedForm = select === 'loo' || select === 'gcv';
  const matrix = new Float64Array(rows * rows);
  await kernelInto(matrix, problem);
  const diagonal = Float64Array.from({ length: rows }, (_, l) => matrix[l * rows + l]);
  const inverse = new Float64Array(rows);
  for (const [index, lambda] of lambdas.entries()) {
    const shift = lambda * rows;
    const report = (share: number): Promise<void> => pause((index + share) / lambdas.length);
    if (index > 0) mirrorUp(matrix, rows);
    for (let l = 0; l < rows; l++) matrix[l * rows + l] = diagonal[l] + shift;
    for (const share of blockCholesky(matrix, rows, backend)) await report(hasClosedForm ? share / 2 : share);
    const coefficients = targets.slice();
    solveFactored(matrix, rows, coefficients);
    const validation = validationError(coefficients);
    if (!hasClosedForm) {
      const score = { lambda, loo: null, gcv: null, validation, degrees: null };
      yield { score, coefficients, looResiduals: null, solution: null };
      continue;
    }
    for (const share of inverseDiagonalInto(inverse, matrix, rows, backend)) await report((1 + share) / 2);
    const looResiduals = coefficients.map((alpha, l) => alpha / inverse[l]);
    let [loo, squares, trace] = [0, 0, 0];
    for (let l = 0; l < rows; l++) {
      loo += looResiduals[l] ** 2;
      squares += coefficients[l] ** 2;
      trace += inverse[l];
    }
    const score = { lambda, loo: loo / rows, gcv: (rows * squares) / trace ** 2, validation };
    yield { score: { ...score, degrees: rows - shift * trace }, coefficients, looResiduals, solution: null };
  }
}

/** All values, a block of rows at a time, with those of the block among itself by the symmetric call. */
async function kernelInto(matrix: Float64Array, { kernel, inputs, rows, pause }: KernelRidgeProblem): Promise<void> {
  const d = inputs.length / rows;
  const block = new Float64Array(Math.min(blockRows, rows) * rows);
  for (let first = 0; first < rows; first += blockRows) {
    const count = Math.min(blockRows, rows - first);
    const own = inputs.subarray(first * d, (first + count) * d);
    for (const [start, width, others] of [[0, first, inputs] as const, [first, count, own] as const]) {
      kernel(block, own, count, others, width);
      for (let l = 0; l < count; l++) {
        const to = (first + l) * rows + start;
        for (let j = 0; j < width; j++) matrix[to + j] = block[l * width + j];
      }
    }
    await pause(0);
  }
  mirrorInto(matrix, rows);
}

/** Copies what is above the diagonal to below it. */
function mirrorUp(a: Float64Array, n: number): void {
  const tile = 32;
  for (let top = 0; top < n; top += tile) {
    const bottom = Math.min(n, top + tile);
    for (let left = 0; left <= top; left += tile) {
      for (let i = top; i < bottom; i++) {
        const right = Math.min(i, left + tile);
        for (let j = left; j < right; j++) a[i * n + j] = a[j * n + i];
      }
    }
  }
}
