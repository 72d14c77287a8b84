import type { SignedAtoms } from '@muflow/core';
import { type DualityGap, dualityGap } from '../certificate/dualityGap.js';
import { type PenalizedProblem, signedAtoms } from '../certificate/penalizedProblem.js';
import { optimizeWeights } from './optimizeWeights.js';
import { energyOf, slideAtoms, withoutZeros } from './slideAtoms.js';

export interface SlidingFrankWolfeOptions {
  /** Stop below this certified gap, relative to the energy of no atoms; default 1e-10. */
  readonly tolerance?: number;
  /** Most atoms to add, default 40. */
  readonly maxAtoms?: number;
  /** Move all atoms after each new one, default true; without, only the weights are optimized. */
  readonly slide?: boolean;
  /** Atoms of one sign nearer than this share of the diameter are tried as one, default 0.05. */
  readonly mergeShare?: number;
}

export interface SlidingFrankWolfeResult {
  readonly atoms: SignedAtoms;
  /** The certified gap of no atoms, then after each atom. */
  readonly gaps: readonly DualityGap[];
}

/**
 * The sliding Frank-Wolfe method for a penalized problem over signed or positive measures: add an atom where the
 * residual correlates most with the features (the maximum that the duality gap proves), optimize all weights (a convex
 * problem), then weights and places together by Newton's method, and merge atoms where that does not cost energy.
 * Every gap bounds the excess over the minimum of all measures. Source: [DenoyelleEtAl2020].
 *
 * @example
 * const problem = kernelProblem({ target, kernel: kernelFormula(dirichletKernel(7), 1), lambda: 1, sign: 'signed' });
 * const { atoms, gaps } = slidingFrankWolfe(problem);
 */
export function slidingFrankWolfe(
  problem: PenalizedProblem,
  options: SlidingFrankWolfeOptions = {},
): SlidingFrankWolfeResult {
  const { tolerance = 1e-10, maxAtoms = 40, slide = true, mergeShare = 0.05 } = options;
  const { space } = problem;
  let atoms: SignedAtoms = { space, positions: new Float64Array(0), weights: new Float64Array(0) };
  const gaps = [dualityGap(problem, atoms)];
  const aim = tolerance * gaps[0].primal;
  for (let k = 0; k < maxAtoms && gaps[gaps.length - 1].gap > aim; k++) {
    const { at } = gaps[gaps.length - 1].supremum;
    const positions = Float64Array.from([...atoms.positions, ...at]);
    atoms = reweighted(problem, positions, [...atoms.weights, 0]);
    if (slide) {
      // An atom that slides to another, or away, leaves weights to be optimized.
      atoms = slideAtoms(problem, atoms);
      atoms = merged(problem, reweighted(problem, atoms.positions, atoms.weights), mergeShare);
    }
    gaps.push(dualityGap(problem, atoms, { tolerance: Math.max(1e-13 * problem.lambda, aim / 10) }));
    // An energy that no longer falls is one that rounding hides.
    if (gaps[gaps.length - 1].primal >= gaps[gaps.length - 2].primal * (1 - 1e-15)) break;
  }
  return { atoms: signedAtoms(atoms), gaps };
}

function reweighted(problem: PenalizedProblem, positions: Float64Array, weights: ArrayLike<number>): SignedAtoms {
  return withoutZeros(optimizeWeights(problem, positions, { weights, tolerance: 1e-13, maxSweeps: 400 }), 0);
}

/** Replaces two near atoms of one sign by one at the heavier, as long as sliding then leads no higher. */
function merged(problem: PenalizedProblem, from: SignedAtoms, share: number): SignedAtoms {
  let atoms = from;
  let energy = energyOf(problem, atoms);
  const radius = share * (Number.isFinite(problem.space.diameter) ? problem.space.diameter : 1);
  for (let i = 0; i < atoms.weights.length; i++) {
    for (let j = 0; j < atoms.weights.length; j++) {
      if (!isNearLighter(atoms, i, j, radius)) continue;
      const weights = atoms.weights.slice();
      weights[i] += weights[j];
      weights[j] = 0;
      const candidate = slideAtoms(problem, withoutZeros({ ...atoms, weights }, 0));
      const reached = energyOf(problem, candidate);
      if (reached > energy * (1 + 1e-14)) continue;
      [atoms, energy] = [candidate, reached];
      i = -1;
      break;
    }
  }
  return atoms;
}

/** Atom j has the sign of atom i, weighs no more and lies within the radius. */
function isNearLighter({ space, positions, weights }: SignedAtoms, i: number, j: number, radius: number): boolean {
  if (i === j || !(weights[i] * weights[j] > 0) || Math.abs(weights[j]) > Math.abs(weights[i])) return false;
  return space.distance(positions, i * space.dim, positions, j * space.dim) <= radius;
}
