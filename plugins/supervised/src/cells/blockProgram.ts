import { euclideanNorm } from '@muflow/core';
import { projectOnCone } from './coneProjection.js';
import type { ReluProblem } from './reluProblem.js';

/** The variable of one cell and sign: `sign u` is the sum of its atoms. */
export interface Block {
  readonly cell: number;
  readonly sign: 1 | -1;
  /** D numbers in the cone of the cell. */
  readonly u: Float64Array;
}

/** The program of cells restricted to some blocks. */
export interface BlockProgram {
  readonly problem: ReluProblem;
  /** `r_l = (y_l - f(x_l)) / L`. */
  residualOf(blocks: readonly Block[]): Float64Array;
  /** `(1/2L) |f - y|^2 + lambda sum |u|`. */
  energyOf(blocks: readonly Block[]): number;
  /** `sign sum_{l active} r_l x_l`: minus the gradient of the square part. */
  gradientInto(out: Float64Array, block: Pick<Block, 'cell' | 'sign'>, residual: Float64Array): void;
  /** `<u, x_l>` where row l is active, 0 elsewhere: what `sign u` adds to f, up to the sign. */
  addFitInto(fit: Float64Array, block: Block, scale: number): void;
  /** Accelerated proximal gradient steps, restarted where the energy rises. */
  descend(blocks: readonly Block[], steps: number): readonly Block[];
}

/** `sqrt(sum_c |u_c|^2)`. */
const sizeOf = (blocks: readonly Block[]): number =>
  Math.sqrt(blocks.reduce((sum, { u }) => sum + euclideanNorm(u) ** 2, 0));

export function blockProgram(problem: ReluProblem): BlockProgram {
  const { cells, targets, lambda } = problem;
  const { dim, rows, rowCount, active } = cells;
  const addFitInto = (fit: Float64Array, { cell, sign, u }: Block, scale: number): void => {
    for (let l = 0; l < rowCount; l++) {
      if (active[cell * rowCount + l] === 0) continue;
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += u[k] * rows[l * dim + k];
      fit[l] += scale * sign * sum;
    }
  };
  const residualOf = (blocks: readonly Block[]): Float64Array => {
    const residual = targets.slice();
    for (const block of blocks) addFitInto(residual, block, -1);
    for (let l = 0; l < rowCount; l++) residual[l] /= rowCount;
    return residual;
  };
  const energyOf = (blocks: readonly Block[]): number => {
    const residual = residualOf(blocks);
    let squares = 0;
    for (let l = 0; l < rowCount; l++) squares += residual[l] * residual[l];
    return (rowCount / 2) * squares + lambda * blocks.reduce((sum, { u }) => sum + euclideanNorm(u), 0);
  };
  const gradientInto: BlockProgram['gradientInto'] = (out, { cell, sign }, residual) => {
    out.fill(0);
    for (let l = 0; l < rowCount; l++) {
      if (active[cell * rowCount + l] === 0) continue;
      for (let k = 0; k < dim; k++) out[k] += sign * residual[l] * rows[l * dim + k];
    }
  };

  /** `shrink(P_C(u + step g))`: the proximal map of `lambda |u|` on the cone. */
  const proximal = ({ cell, sign, u }: Block, residual: Float64Array, step: number): Block => {
    const moved = new Float64Array(dim);
    gradientInto(moved, { cell, sign }, residual);
    for (let k = 0; k < dim; k++) moved[k] = u[k] + step * moved[k];
    const { point } = projectOnCone(moved, { dim, rows, active, start: cell * rowCount });
    const size = euclideanNorm(point);
    const factor = size > step * lambda ? 1 - (step * lambda) / size : 0;
    return { cell, sign, u: point.map((x) => factor * x) };
  };

  /** The largest curvature of the square part, by the power method, with a margin for what it has not found. */
  const curvature = (blocks: readonly Block[]): number => {
    let vectors = blocks.map((block) => ({ ...block, u: new Float64Array(dim).fill(1) }));
    let size = 0;
    for (let k = 0; k < 30; k++) {
      const norm = sizeOf(vectors);
      const fit = new Float64Array(rowCount);
      for (const block of vectors) addFitInto(fit, block, 1 / norm / rowCount);
      vectors = vectors.map(({ cell, sign }) => {
        const u = new Float64Array(dim);
        gradientInto(u, { cell, sign }, fit);
        return { cell, sign, u };
      });
      size = sizeOf(vectors);
      if (size === 0) return 0;
    }
    return 1.1 * size;
  };

  const descend: BlockProgram['descend'] = (blocks, steps) => {
    const bend = blocks.length === 0 ? 0 : curvature(blocks);
    if (bend === 0) return blocks;
    let [current, ahead, momentum] = [blocks, blocks, 1];
    let energy = energyOf(current);
    for (let k = 0; k < steps; k++) {
      const residual = residualOf(ahead);
      const next = ahead.map((block) => proximal(block, residual, 1 / bend));
      const reached = energyOf(next);
      if (reached > energy) {
        if (momentum === 1) break;
        [ahead, momentum] = [current, 1];
        continue;
      }
      const grown = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
      const push = (momentum - 1) / grown;
      const last = current;
      ahead = next.map((block, i) => ({ ...block, u: block.u.map((x, j) => x + push * (x - last[i].u[j])) }));
      [current, energy, momentum] = [next, reached, grown];
    }
    return current;
  };

  return { problem, residualOf, energyOf, gradientInto, addFitInto, descend };
}
