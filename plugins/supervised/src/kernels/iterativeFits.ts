import { permutation, randomKey, randomStream } from '@muflow/core';
import { conjugateGradients, type ImplicitSystem, landmarkPreconditioner } from './conjugateGradients.js';
import type { KernelRidgeProblem, PenaltyFit } from './penaltyFit.js';

/** Numbers of a block of the kernel matrix that exist at a time, 16 MB. */
const blockNumbers = 1 << 21;

/** Fits for every penalty in turn by conjugate gradients; of the kernel matrix a block of rows exists at a time. */
export async function* iterativeFits(problem: KernelRidgeProblem): AsyncGenerator<PenaltyFit, void> {
  const { rows, lambdas, targets, backend, iterative, validationError } = problem;
  const { tolerance = 1e-10, maxIterations = 500 } = iterative;
  for (const [index, lambda] of lambdas.entries()) {
    const shift = lambda * rows;
    const system: ImplicitSystem = {
      size: rows,
      multiplyInto: productOf(problem, shift, index / lambdas.length),
      preconditionInto: landmarkPreconditioner(landmarksOf(problem), shift, backend),
    };
    const { x: coefficients, ...solution } = await conjugateGradients(system, targets, { tolerance, maxIterations });
    const validation = validationError(coefficients);
    const score = { lambda, loo: null, gcv: null, validation, degrees: null };
    yield { score, coefficients, looResiduals: null, solution };
  }
}

/** `(K + shift I) x`, block by block of the rows. */
function productOf(problem: KernelRidgeProblem, shift: number, share: number): ImplicitSystem['multiplyInto'] {
  const { kernel, inputs, rows, backend, pause } = problem;
  const d = inputs.length / rows;
  const height = Math.min(rows, Math.max(1, Math.floor(blockNumbers / rows)));
  const block = new Float64Array(height * rows);
  return async (out, x) => {
    for (let first = 0; first < rows; first += height) {
      const count = Math.min(height, rows - first);
      kernel(block, inputs.subarray(first * d, (first + count) * d), count, inputs, rows);
      backend.matmulInto(out.subarray(first, first + count), block, x, { n: count, k: rows, m: 1 });
      await pause(share);
    }
    for (let l = 0; l < rows; l++) out[l] += shift * x[l];
  };
}

/** Distinct rows drawn by the key, and the kernel between them and all rows. */
function landmarksOf({ kernel, inputs, rows, iterative }: KernelRidgeProblem) {
  const { landmarks = Math.ceil(5 * Math.sqrt(rows)), key = randomKey('landmarks of kernelRidge') } = iterative;
  const rank = Math.min(rows, landmarks);
  const d = inputs.length / rows;
  const chosen = permutation(rows, randomStream(key)).slice(0, rank).sort();
  const points = new Float64Array(rank * d);
  chosen.forEach((row, j) => {
    points.set(inputs.subarray(row * d, (row + 1) * d), j * d);
  });
  const [across, between] = [new Float64Array(rows * rank), new Float64Array(rank * rank)];
  kernel(across, inputs, rows, points, rank);
  kernel(between, points, rank, points, rank);
  return { across, between, size: rows, rank };
}
