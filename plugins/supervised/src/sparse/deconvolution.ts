import {
  type Energy,
  euclidean,
  type FirstVariation,
  fail,
  type Measure,
  product,
  type SignedAtoms,
  type Space,
  torus,
} from '@muflow/core';
import { signedAtoms } from '../certificate/penalizedProblem.js';
import { type WaveKernel, wavesInto } from './waveKernel.js';

/** Spikes to be found from what a kernel shows of them. */
export interface DeconvolutionProblem {
  /** The spikes nu0: a measure on the torus of period 2 pi, or a signed one. */
  readonly target: Measure | SignedAtoms;
  readonly kernel: WaveKernel;
  /** Penalty lambda >= 0 of the total variation. */
  readonly lambda: number;
  /** Atoms are `(s, theta)` of charge s times mass; default false: atoms are theta, masses are positive. */
  readonly signed?: boolean;
}

/**
 * The energy of sparse deconvolution on the torus `(R / 2 pi Z)^d`,
 *
 *     F(mu) = (1/2) |nu - nu0|_K^2 + lambda |nu|,   V(theta) = int K(theta, .) d(nu - nu0) + lambda,
 *
 * with `nu = mu`, or for signed problems `nu = int s mu(ds, .)`, `V(s, theta) = s int K d(nu - nu0) + lambda |s|`,
 * where `lambda int |s| dmu >= lambda |nu|`. The norm is taken in the `(2p + 1)^d` features of the kernel: a sum of
 * squares, without the cancellation of the double sum. Cost O(n d (2p + 1)^d), no allocation after the first call of
 * a size. Under `wassersteinFisherRao({ alpha: 4 })` with equal steps the flow is that of the conic lift
 * `nu = (1/m) sum r_i^2 delta`: `r' = -2 r V`, `theta' = -grad V`. Signed problems declare their absolute values, for
 * `forwardBackward()` to set charges to 0. Source: [Chizat2019], [ChizatBach2018] for signed atoms.
 *
 * @throws `invalid-argument` for a lambda that is not finite and >= 0, or a target that is not on this torus.
 * @example
 * const target = measure({ space: torus(1, { period: 2 * Math.PI }), positions: [1, 3], masses: [1, 2], kind: 'positive' });
 * const energy = deconvolutionEnergy({ target, kernel: dirichletKernel(7), lambda: 0.1 });
 */
export function deconvolutionEnergy(problem: DeconvolutionProblem): Energy {
  const { kernel, lambda, signed = false } = problem;
  const target = signedAtoms(problem.target);
  checkProblem(target.space, lambda);
  const d = target.space.dim;
  const roots = Float64Array.from(kernel.coefficients, Math.sqrt);
  const waves = 2 * roots.length - 1;
  const size = waves ** d;
  const lead = signed ? 1 : 0;
  const values = new Float64Array(d * waves);
  const slopes = new Float64Array(d * waves);
  const feature = new Float64Array(size);
  const residual = new Float64Array(size);
  const goal = new Float64Array(size);

  const wavesAt = (points: Float64Array, start: number): void => {
    for (let j = 0; j < d; j++) wavesInto(values, slopes, j * waves, { t: points[start + j], roots });
  };
  /** `feature = prod_j e(theta_j)`, with the derivative in coordinate `along` (-1: none). */
  const expand = (along: number): void => {
    feature[0] = 1;
    let filled = 1;
    for (let j = 0; j < d; j++) {
      const factor = j === along ? slopes : values;
      for (let w = waves - 1; w >= 0; w--) {
        const e = factor[j * waves + w];
        for (let f = 0; f < filled; f++) feature[w * filled + f] = e * feature[f];
      }
      filled *= waves;
    }
  };
  const correlate = (along: number): number => {
    expand(along);
    let sum = 0;
    for (let f = 0; f < size; f++) sum += residual[f] * feature[f];
    return sum;
  };
  const addSpike = (out: Float64Array, points: Float64Array, start: number, weight: number): void => {
    wavesAt(points, start);
    expand(-1);
    for (let f = 0; f < size; f++) out[f] += weight * feature[f];
  };
  for (let j = 0; j < target.weights.length; j++) addSpike(goal, target.positions, j * d, target.weights[j]);

  /** The features of `nu - nu0`; returns `int |s| dmu`. */
  const loadResidual = ({ count, dim, positions, masses }: Measure): number => {
    let variation = 0;
    for (let f = 0; f < size; f++) residual[f] = -goal[f];
    for (let i = 0; i < count; i++) {
      const weight = signed ? masses[i] * positions[i * dim] : masses[i];
      addSpike(residual, positions, i * dim + lead, weight);
      variation += Math.abs(weight);
    }
    return variation;
  };
  const potential = (points: Float64Array, start: number): number => {
    wavesAt(points, start + lead);
    const slope = correlate(-1);
    return signed ? points[start] * slope + lambda * Math.abs(points[start]) : slope + lambda;
  };

  return {
    name: `deconvolution, ${kernel.name}`,
    dim: d + lead,
    space: signed ? product([euclidean(1), target.space]) : target.space,
    smooth: true,
    ...(signed && { shrinkage: Float64Array.from({ length: d + 1 }, (_, k) => (k === 0 ? lambda : 0)) }),
    value(mu) {
      const variation = loadResidual(mu);
      let squares = 0;
      for (let f = 0; f < size; f++) squares += residual[f] * residual[f];
      return squares / 2 + lambda * variation;
    },
    firstVariationInto(out: FirstVariation, mu: Measure) {
      loadResidual(mu);
      const { count, dim, positions } = mu;
      for (let i = 0; i < count; i++) {
        const start = i * dim;
        wavesAt(positions, start + lead);
        const slope = correlate(-1);
        const charge = signed ? positions[start] : 1;
        out.potential[i] = charge * slope + lambda * Math.abs(charge);
        if (signed) out.gradient[start] = slope + lambda * Math.sign(charge);
        for (let j = 0; j < d; j++) out.gradient[start + lead + j] = charge * correlate(j);
      }
    },
    potentialAt(out, points, count, mu) {
      loadResidual(mu);
      for (let i = 0; i < count; i++) out[i] = potential(points, i * (d + lead));
    },
  };
}

/** The torus on which the kernels are stated. */
export const circle = (dim: number): Space => torus(dim, { period: 2 * Math.PI });

function checkProblem(space: Space, lambda: number): void {
  const expected = circle(space.dim).name;
  if (space.name === expected && lambda >= 0 && Number.isFinite(lambda)) return;
  fail({
    code: 'invalid-argument',
    where: 'deconvolutionEnergy',
    problem: 'the problem is not usable',
    got: `spikes on ${space.name}, lambda ${lambda}`,
    expected: `spikes on ${expected} and a finite lambda >= 0`,
    fix: 'put the spikes on torus(d, { period: 2 * Math.PI }) and pass lambda >= 0',
  });
}
