import type { Backend } from '@muflow/core';
import { blockCholesky, solveFactored } from './blockCholesky.js';

/** How a solution by conjugate gradients ended. */
export interface IterativeSolution {
  readonly x: Float64Array;
  /**
   * `converged`: the residual is below the tolerance; `stalled`: rounding keeps it from that; `maxIterations`:
   * neither yet.
   */
  readonly status: 'converged' | 'stalled' | 'maxIterations';
  readonly iterations: number;
  /** `|b - A x| / |b|`, computed from x at the end, not carried along. */
  readonly residual: number;
}

/** A symmetric positive definite system of which only products are known. */
export interface ImplicitSystem {
  readonly size: number;
  /** Writes `A x`; awaits what lets others run meanwhile. */
  multiplyInto(out: Float64Array, x: Float64Array): Promise<void>;
  /** Writes `P^-1 r`, P symmetric positive definite and near A. */
  preconditionInto(out: Float64Array, r: Float64Array): void;
}

/**
 * Solves `A x = b` by preconditioned conjugate gradients. Residuals are carried along by recursion; when that one is
 * small the true one is computed, and the iteration starts again from it if they differ, until the true one is small
 * or no longer falls.
 * Source: [HestenesStiefel1952].
 */
export async function conjugateGradients(
  system: ImplicitSystem,
  b: Float64Array,
  { tolerance, maxIterations }: { readonly tolerance: number; readonly maxIterations: number },
): Promise<IterativeSolution> {
  const { size } = system;
  const norm = Math.sqrt(dot(b, b));
  const x = new Float64Array(size);
  const [r, z, p, image] = [b.slice(), new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  if (norm === 0) return { x, status: 'converged', iterations: 0, residual: 0 };
  let iterations = 0;
  let residual = 1;
  for (;;) {
    system.preconditionInto(z, r);
    p.set(z);
    let product = dot(r, z);
    while (iterations < maxIterations && Math.sqrt(dot(r, r)) > tolerance * norm) {
      await system.multiplyInto(image, p);
      const curvature = dot(p, image);
      if (!(curvature > 0)) break;
      const step = product / curvature;
      for (let k = 0; k < size; k++) {
        x[k] += step * p[k];
        r[k] -= step * image[k];
      }
      system.preconditionInto(z, r);
      const next = dot(r, z);
      const along = next / product;
      for (let k = 0; k < size; k++) p[k] = z[k] + along * p[k];
      product = next;
      iterations++;
    }
    await system.multiplyInto(image, x);
    for (let k = 0; k < size; k++) r[k] = b[k] - image[k];
    const before = residual;
    residual = Math.sqrt(dot(r, r)) / norm;
    if (residual <= tolerance) return { x, status: 'converged', iterations, residual };
    if (iterations >= maxIterations) return { x, status: 'maxIterations', iterations, residual };
    if (!(residual < before / 2)) return { x, status: 'stalled', iterations, residual };
  }
}

/** Kernel values that a preconditioner is made of. */
export interface Landmarks {
  /** Values between rows and landmarks (size*rank); overwritten. */
  readonly across: Float64Array;
  /** Values between landmarks (rank*rank). */
  readonly between: Float64Array;
  readonly size: number;
  readonly rank: number;
}

/** Share of the trace that is added to the values between landmarks, so that they stay definite. */
const jitter = 1e-13;

/**
 * The inverse of `B B^T + shift I` by the identity of Woodbury, `(r - B (shift I + B^T B)^-1 B^T r) / shift`, where
 * `B B^T = K(., Z) K(Z, Z)^-1 K(Z, .)` is the part of a kernel that landmarks Z span. Cost `size rank^2` once and
 * `4 size rank` operations each time. Source: [WilliamsSeeger2001]; [RudiCarratinoRosasco2017], section 3, for its use.
 */
export function landmarkPreconditioner(
  { across: b, between, size, rank }: Landmarks,
  shift: number,
  backend: Backend,
): ImplicitSystem['preconditionInto'] {
  const root = between.slice();
  let trace = 0;
  for (let k = 0; k < rank; k++) trace += root[k * rank + k];
  for (let k = 0; k < rank; k++) root[k * rank + k] += jitter * trace;
  factorize(root, rank, backend);
  // A row c of the values between rows and landmarks becomes R^-1 c.
  for (let l = 0; l < size; l++) {
    for (let j = 0; j < rank; j++) {
      let sum = b[l * rank + j];
      for (let k = 0; k < j; k++) sum -= root[j * rank + k] * b[l * rank + k];
      b[l * rank + j] = sum / root[j * rank + j];
    }
  }
  const inner = new Float64Array(rank * rank);
  backend.matmulInto(inner, b, b, { n: rank, k: size, m: rank, transposeA: true });
  for (let k = 0; k < rank; k++) inner[k * rank + k] += shift;
  factorize(inner, rank, backend);
  const moments = new Float64Array(rank);
  return (out, r) => {
    backend.matmulInto(moments, r, b, { n: 1, k: size, m: rank });
    solveFactored(inner, rank, moments);
    backend.matmulInto(out, b, moments, { n: size, k: rank, m: 1 });
    for (let k = 0; k < size; k++) out[k] = (r[k] - out[k]) / shift;
  };
}

function factorize(a: Float64Array, n: number, backend: Backend): void {
  for (const _ of blockCholesky(a, n, backend));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
