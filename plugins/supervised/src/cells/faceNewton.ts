import { euclideanNorm, symmetricEigen } from '@muflow/core';
import type { Block, BlockProgram } from './blockProgram.js';

/** A block on a face of its cone: `u = B z` with an orthonormal basis B of the face. */
interface Faced {
  readonly block: Block;
  /** f vectors of D numbers. */
  readonly basis: readonly Float64Array[];
}

/** How near a hyperplane counts as on it, relative to sizes. */
const onFace = 1e-9;

/**
 * Newton's method for the program of cells with every block held on its face, where the energy
 * `(1/2L) |A z - y|^2 + lambda sum |z_c|` is smooth. A step ends where a block would leave its cone or reach 0.
 *
 * @returns the blocks, and whether the last step was full and had nothing left to gain.
 */
export function newtonOnFaces(
  program: BlockProgram,
  from: readonly Block[],
): { readonly blocks: readonly Block[]; readonly converged: boolean } {
  let blocks = from;
  let energy = program.energyOf(blocks);
  for (let step = 0; step < 100; step++) {
    if (blocks.length === 0) return { blocks, converged: true };
    const faced = blocks.map((block) => ({ block, basis: faceBasis(program, block) }));
    const direction = newtonStep(program, faced);
    const longest = Math.min(...blocks.map((block, i) => roomFor(program, block, direction[i])));
    let [scale, found] = [Math.min(1, longest), false];
    const size = Math.max(...direction.map((d, i) => euclideanNorm(d) / euclideanNorm(blocks[i].u)));
    for (let halvings = 0; halvings < 30; halvings++, scale /= 2) {
      const next = blocks.map((block, i) => ({ ...block, u: block.u.map((x, k) => x + scale * direction[i][k]) }));
      const reached = program.energyOf(next);
      // At the end the energy is flat to rounding, and full steps still sharpen the blocks.
      if (!(reached <= energy + (size < 1e-5 ? 1e-15 * energy : 0))) continue;
      [blocks, energy, found] = [next, reached, true];
      break;
    }
    if (!found) return { blocks, converged: false };
    if (size < 1e-13 && scale === 1) return { blocks, converged: true };
    blocks = withoutTiny(blocks);
    energy = program.energyOf(blocks);
  }
  return { blocks, converged: false };
}

/** Drops blocks that have all but vanished: each step may take nine tenths of a block. */
function withoutTiny(blocks: readonly Block[]): readonly Block[] {
  const largest = blocks.reduce((most, { u }) => Math.max(most, euclideanNorm(u)), 0);
  return blocks.filter(({ u }) => euclideanNorm(u) > 1e-7 * largest);
}

/** An orthonormal basis of the directions in which a block may move without leaving the hyperplanes it is on. */
function faceBasis({ problem: { cells } }: BlockProgram, { u }: Block): readonly Float64Array[] {
  const { dim, rows, rowCount } = cells;
  const size = euclideanNorm(u);
  const walls: Float64Array[] = [];
  for (let l = 0; l < rowCount; l++) {
    const x = rows.slice(l * dim, (l + 1) * dim);
    const length = euclideanNorm(x);
    const along = x.reduce((sum, xk, k) => sum + xk * u[k], 0);
    if (length > 0 && Math.abs(along) <= onFace * size * length) orthogonalize(x, walls, 1e-7 * length);
  }
  const basis: Float64Array[] = [];
  // The block itself first: it lies on its face up to rounding.
  orthogonalizeInto(basis, u.slice(), walls, 1e-7 * size);
  for (let k = 0; k < dim && walls.length + basis.length < dim; k++) {
    const axis = new Float64Array(dim);
    axis[k] = 1;
    orthogonalizeInto(basis, axis, walls, 1e-7);
  }
  return basis;
}

function orthogonalizeInto(
  basis: Float64Array[],
  v: Float64Array,
  walls: readonly Float64Array[],
  least: number,
): void {
  const all = [...walls, ...basis];
  const before = all.length;
  orthogonalize(v, all, least);
  if (all.length > before) basis.push(all[before]);
}

/** Adds the unit vector of what v has beyond the span of `basis`, where that is longer than `least`. */
function orthogonalize(v: Float64Array, basis: Float64Array[], least: number): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const q of basis) {
      let along = 0;
      for (let k = 0; k < v.length; k++) along += q[k] * v[k];
      for (let k = 0; k < v.length; k++) v[k] -= along * q[k];
    }
  }
  const rest = euclideanNorm(v);
  if (rest > least) basis.push(v.map((x) => x / rest));
}

/** The Newton step of every block, as vectors of D numbers. */
function newtonStep(program: BlockProgram, faced: readonly Faced[]): readonly Float64Array[] {
  const { cells, lambda } = program.problem;
  const { dim, rowCount } = cells;
  const columns = faced.flatMap(({ block, basis }) =>
    basis.map((direction) => {
      const fit = new Float64Array(rowCount);
      program.addFitInto(fit, { ...block, u: direction }, 1);
      return fit;
    }),
  );
  const n = columns.length;
  const residual = program.residualOf(faced.map(({ block }) => block));
  const curvature = new Float64Array(n * n);
  const slope = new Float64Array(n);
  for (let p = 0; p < n; p++) {
    for (let l = 0; l < rowCount; l++) slope[p] += residual[l] * columns[p][l];
    for (let q = 0; q < n; q++) {
      for (let l = 0; l < rowCount; l++) curvature[p * n + q] += (columns[p][l] * columns[q][l]) / rowCount;
    }
  }
  let start = 0;
  for (const { block, basis } of faced) {
    const z = Float64Array.from(basis, (b) => b.reduce((sum, x, k) => sum + x * block.u[k], 0));
    const size = euclideanNorm(z);
    z.forEach((zp, p) => {
      slope[start + p] -= (lambda * zp) / size;
      z.forEach((zq, q) => {
        curvature[(start + p) * n + start + q] += (lambda / size) * ((p === q ? 1 : 0) - (zp * zq) / size ** 2);
      });
    });
    start += z.length;
  }
  const step = solveFloored(curvature, slope, n);
  let at = 0;
  return faced.map(({ basis }) => {
    const out = new Float64Array(dim);
    for (const b of basis) {
      for (let k = 0; k < dim; k++) out[k] += step[at] * b[k];
      at++;
    }
    return out;
  });
}

/**
 * `H^{-1} g` with the eigenvalues of H raised to a floor: where the energy is flat but not stationary, as on blocks
 * that can replace each other, the step is long and ends at a wall or where a block vanishes.
 */
function solveFloored(curvature: Float64Array, slope: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(curvature, n);
  const step = new Float64Array(n);
  for (let e = 0; e < n; e++) {
    let along = 0;
    for (let p = 0; p < n; p++) along += vectors[p * n + e] * slope[p];
    along /= Math.max(values[e], 1e-13 * values[n - 1]);
    for (let p = 0; p < n; p++) step[p] += along * vectors[p * n + e];
  }
  return step;
}

/** The longest share of a step that keeps a block in its cone and longer than a tenth of what it is. */
function roomFor({ problem: { cells } }: BlockProgram, { cell, u }: Block, step: Float64Array): number {
  const { dim, rows, rowCount, active } = cells;
  let longest = Infinity;
  const size = euclideanNorm(u);
  for (let l = 0; l < rowCount; l++) {
    let [here, change, squares] = [0, 0, 0];
    for (let k = 0; k < dim; k++) {
      const x = rows[l * dim + k];
      here += u[k] * x;
      change += step[k] * x;
      squares += x * x;
    }
    const sign = active[cell * rowCount + l] === 1 ? 1 : -1;
    // On a wall the step is along it.
    if (Math.abs(here) <= onFace * size * Math.sqrt(squares)) continue;
    if (sign * change < 0) longest = Math.min(longest, (-here / change) * (1 - 1e-12));
  }
  let along = 0;
  for (let k = 0; k < dim; k++) along += u[k] * step[k];
  if (along < 0) longest = Math.min(longest, (0.9 * size * size) / -along);
  return longest;
}
