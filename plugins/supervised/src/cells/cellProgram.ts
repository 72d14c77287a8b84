import { euclideanNorm, fail, type SignedAtoms } from '@muflow/core';
import { type DualityGap, dualityGap } from '../certificate/dualityGap.js';
import { type Block, type BlockProgram, blockProgram } from './blockProgram.js';
import { projectOnCone } from './coneProjection.js';
import { newtonOnFaces } from './faceNewton.js';
import type { ReluProblem } from './reluProblem.js';

export interface CellProgramOptions {
  /** Stop once the certified gap is below this share of the energy of no atoms, default 1e-12. */
  readonly tolerance?: number;
  /** Most times cells are added, default 200. */
  readonly maxRounds?: number;
}

/** The solution of the program of cells. */
export interface CellProgramResult {
  /** The atoms `sign |u| delta_{u / |u|}`, equal places of one sign merged. */
  readonly atoms: SignedAtoms;
  readonly blocks: readonly Block[];
  readonly gap: DualityGap;
  /** Certified gaps after each round, the first of no atoms. */
  readonly gaps: readonly DualityGap[];
}

/** Cells that are added in one round. */
const mostNew = 8;

/**
 * The penalized problem of rectifiers as a finite convex program with one vector for each activation cell and sign,
 *
 *     min (1/2L) |sum_{c,+-} +-X_c u_c,+- - y|^2 + lambda sum |u_c,+-|,   u_c,+- in the cone of cell c,
 *
 * where X_c holds the rows that are active in c: atoms of one cell and sign merge into their sum without changing the
 * function or raising the penalty, so its minimum is that over all measures. Cells are taken in where the residual
 * violates optimality; on those taken in, accelerated proximal gradients (the proximal map is projection on the cone,
 * then shrinkage) find the faces and Newton steps on them the digits. What is returned is proven by the duality gap
 * over the whole sphere. Source: [DeDiosBruna2020].
 *
 * @throws `invalid-argument` without a penalty. A program that was stopped early, as may happen
 * for penalties below a thousandth of the targets, shows it by its gap.
 * @example
 * const { atoms, gap } = solveCellProgram(reluProblem({ inputs, targets, lambda: 0.02, bias: false }));
 */
export function solveCellProgram(problem: ReluProblem, options: CellProgramOptions = {}): CellProgramResult {
  const { tolerance = 1e-12, maxRounds = 200 } = options;
  if (!(problem.lambda > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'solveCellProgram',
      problem: 'there is no penalty',
      got: `lambda ${problem.lambda}`,
      expected: 'lambda > 0: the dual of the problem proves nothing without',
      fix: 'pass for instance { lambda: 1e-6 }',
    });
  }
  const program = blockProgram(problem);
  let blocks: readonly Block[] = [];
  let atoms = atomsOf(problem, blocks);
  const gaps = [dualityGap(problem, atoms)];
  const aim = tolerance * gaps[0].primal;
  let share = 1e-3;
  for (let round = 0; round < maxRounds && gaps[gaps.length - 1].gap > aim; round++) {
    const fresh = violated(problem, program, blocks);
    // While cells are missing, digits are not worth their steps; where rounds gain nothing, digits are what is missing.
    const before = gaps[gaps.length - 1].gap;
    blocks = solveBlocks(program, [...blocks, ...fresh], Math.max(aim / 10, share * before));
    atoms = atomsOf(problem, blocks);
    gaps.push(dualityGap(problem, atoms));
    if (gaps[gaps.length - 1].gap > 0.8 * before) share /= 100;
    // Six times in vain: what is left is rounding.
    if (share < 1e-14) break;
  }
  return { atoms, blocks, gap: gaps[gaps.length - 1], gaps };
}

/** The cells and signs not yet in use at which a new atom lowers the energy fastest. */
function violated(problem: ReluProblem, program: BlockProgram, blocks: readonly Block[]): Block[] {
  const { cells, lambda } = problem;
  const { dim, rows, rowCount, count, active } = cells;
  const residual = program.residualOf(blocks);
  const used = new Set(blocks.map(({ cell, sign }) => sign * (cell + 1)));
  const found: { readonly block: Block; readonly excess: number }[] = [];
  const g = new Float64Array(dim);
  for (let c = 0; c < count; c++) {
    for (const sign of problem.sign === 'signed' ? ([1, -1] as const) : ([1] as const)) {
      if (used.has(sign * (c + 1))) continue;
      program.gradientInto(g, { cell: c, sign }, residual);
      if (euclideanNorm(g) <= lambda) continue;
      const { point } = projectOnCone(g, { dim, rows, active, start: c * rowCount });
      const excess = euclideanNorm(point) - lambda;
      if (excess > 0) found.push({ block: { cell: c, sign, u: new Float64Array(dim) }, excess });
    }
  }
  return found
    .sort((a, b) => b.excess - a.excess)
    .slice(0, mostNew)
    .map(({ block }) => block);
}

/** The program on given blocks: gradients until the faces are found, Newton on them; empty blocks are dropped. */
function solveBlocks(program: BlockProgram, from: readonly Block[], enough: number): readonly Block[] {
  let blocks = from;
  let energy = program.energyOf(blocks);
  let idle = 0;
  for (let pass = 0; pass < 30 && idle < 2; pass++) {
    blocks = program.descend(blocks, pass === 0 ? 200 : 30).filter(({ u }) => u.some((x) => x !== 0));
    const polished = newtonOnFaces(program, blocks);
    blocks = joined(polished.blocks);
    const next = program.energyOf(blocks);
    const gained = energy - next;
    energy = next;
    if (gained > enough) idle = 0;
    else if (polished.converged) break;
    else idle++;
  }
  return blocks;
}

/** Blocks of neighboring cells that share a boundary ray become one: their sum is in both cells. */
function joined(blocks: readonly Block[]): readonly Block[] {
  const kept: Block[] = [];
  for (const block of blocks) {
    const size = euclideanNorm(block.u);
    const same = kept.findIndex(({ sign, u }) => {
      const scale = euclideanNorm(u);
      return sign === block.sign && u.every((x, k) => Math.abs(block.u[k] / size - x / scale) <= 1e-11);
    });
    if (same < 0) kept.push(block);
    else kept[same] = { ...kept[same], u: kept[same].u.map((x, k) => x + block.u[k]) };
  }
  return kept;
}

/** The blocks as atoms of the sphere. */
function atomsOf({ space }: ReluProblem, blocks: readonly Block[]): SignedAtoms {
  const positions = new Float64Array(blocks.length * space.dim);
  const weights = blocks.map(({ sign, u }, i) => {
    const size = euclideanNorm(u);
    u.forEach((x, k) => {
      positions[i * space.dim + k] = x / size;
    });
    return sign * size;
  });
  return { space, positions, weights: Float64Array.from(weights) };
}
