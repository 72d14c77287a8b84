import {
  euler,
  gradientFlow,
  type Measure,
  type Metric,
  measure,
  simulate,
  support,
  wassersteinFisherRao,
} from '@muflow/core';
import { type DualityGap, dualityGap } from '../certificate/dualityGap.js';
import { kernelProblem, signedAtoms } from '../certificate/penalizedProblem.js';
import { type DeconvolutionProblem, deconvolutionEnergy } from './deconvolution.js';
import { optimizeMasses } from './fixedPositions.js';
import { kernelFormula } from './waveKernel.js';

export interface FrankWolfeOptions {
  /** Stop below this certified gap, relative to the energy of no atoms; default 1e-8. */
  readonly tolerance?: number;
  /** Most atoms to add, default 20. */
  readonly maxAtoms?: number;
  /** After each new atom all atoms descend for some steps (the sliding version); default none. */
  readonly slide?: { readonly metric?: Metric; readonly dt: number; readonly steps: number };
}

/** What was found, and the certified gap after each atom. */
export interface FrankWolfeResult {
  readonly measure: Measure;
  readonly gaps: readonly DualityGap[];
}

/**
 * The conditional gradient method on positive measures with all masses optimized after each step: add an atom where
 * the residual correlates most with the features (a maximum enclosed by branch and bound, so every gap is certified),
 * solve the convex problem in the masses, and, in the sliding version, let places and masses descend together.
 * Source: [DenoyelleEtAl2020].
 *
 * @throws as {@link deconvolutionEnergy}.
 * @example
 * const { measure, gaps } = frankWolfe({ target, kernel: dirichletKernel(7), lambda: 1 });
 */
export function frankWolfe(
  problem: Omit<DeconvolutionProblem, 'signed'>,
  options: FrankWolfeOptions = {},
): FrankWolfeResult {
  const { tolerance = 1e-8, maxAtoms = 20, slide } = options;
  const { space } = signedAtoms(problem.target);
  const energy = deconvolutionEnergy(problem);
  const dual = kernelProblem({ ...problem, kernel: kernelFormula(problem.kernel, space.dim), sign: 'positive' });
  const none = { space, positions: new Float64Array(0), weights: new Float64Array(0) };
  const gaps = [dualityGap(dual, none)];
  const aim = tolerance * gaps[0].primal;
  let atoms: Measure | null = null;
  for (let k = 0; k < maxAtoms && gaps[gaps.length - 1].gap > aim; k++) {
    const place = gaps[gaps.length - 1].supremum.at;
    const positions: Float64Array = Float64Array.from([...(atoms?.positions ?? []), ...place]);
    atoms = kept(optimizeMasses(problem, positions, { masses: [...(atoms?.masses ?? []), 0] }));
    if (slide !== undefined) {
      const { metric = wassersteinFisherRao({ alpha: 4 }), dt, steps } = slide;
      const flow = gradientFlow(energy, metric);
      atoms = simulate({ flow, initial: atoms }, { stepper: euler(), dt, maxSteps: steps, seed: 0 }).profile[0];
      atoms = kept(atoms);
    }
    gaps.push(dualityGap(dual, atoms, { tolerance: Math.max(1e-12, aim / 100) }));
  }
  return {
    measure:
      atoms ??
      measure({ space, kind: 'positive', positions: space.dim === 1 ? [0] : new Float64Array(space.dim), masses: [0] }),
    gaps,
  };
}

/** The atoms that have mass. */
function kept(mu: Measure): Measure {
  const atoms = support(mu, { mergeRadius: 1e-9 });
  if (atoms.length === mu.count || atoms.length === 0) return mu;
  return measure({
    space: mu.space,
    kind: 'positive',
    positions: atoms.flatMap(({ at }) => at),
    masses: atoms.map(({ mass }) => mass),
  });
}
