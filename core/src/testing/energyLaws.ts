import { checkFirstVariation } from '../energy/checkFirstVariation.js';
import { allocateFirstVariation } from '../energy/checks.js';
import type { Energy, FirstVariation } from '../energy/energy.js';
import type { RandomStream } from '../math/random.js';
import { withPositions } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import type { Law } from './law.js';
import {
  largestAbs,
  largestDifference,
  permuted,
  randomMeasure,
  randomPermutation,
  showMeasure,
  splitAtom,
} from './measures.js';
import { overCases } from './samples.js';

const rounding = 1e-10;
/** Below this slope of the Taylor remainder a first variation is wrong: a wrong factor has slope 1, a right one 2. */
const leastSlope = 1.8;

/** The space an energy is tested on: its own, or Euclidean of its dimension. */
export function spaceOf(energy: Energy): Space {
  return energy.space ?? euclidean(energy.dim);
}

/** A random measure for an energy; probabilities and positive measures in turn. */
function sampleFor(energy: Energy, random: RandomStream, k: number): Measure {
  const count = 2 + Math.floor(5 * random.uniform());
  return randomMeasure(spaceOf(energy), count, k % 2 === 0 ? 'probability' : 'positive', random);
}

function variationOf(energy: Energy, mu: Measure): FirstVariation {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  return out;
}

/**
 * Laws of every energy: the first variation is the derivative of the value, in masses and in positions, and both depend
 * on the measure alone, not on how its atoms are written.
 *
 * The Taylor laws are deterministic for a seed. A measure that happens to lie within 1e-8 of a kink of the energy would
 * raise a false alarm; for random Gaussian atoms that is less than once in 10^6 cases.
 */
export const energyLaws: readonly Law<Energy>[] = [
  {
    id: 'first-variation-of-masses',
    title: 'V is the derivative of F in the masses: the Taylor remainder has slope 2',
    check: (energy, options) => taylorLaw(energy, options, 'masses'),
  },
  {
    id: 'gradient-of-first-variation',
    title: 'grad V is the derivative of F in the positions: the Taylor remainder has slope 2',
    skip: (energy) =>
      !energy.smooth
        ? 'the energy declares no gradient'
        : spaceOf(energy).intrinsicDim === 0
          ? 'nothing moves on isolated points'
          : null,
    check: (energy, options) => taylorLaw(energy, options, 'positions'),
  },
  {
    id: 'declared-absolute-values',
    title: 'declared absolute values are in the gradient: it jumps by 2 lambda_k where x_k crosses 0',
    skip: ({ shrinkage }) => (shrinkage === undefined ? 'it declares none' : null),
    check: (energy, options) =>
      overCases(options, 'declared-absolute-values', (random, k) => {
        const mu = sampleFor(energy, random, k);
        const { shrinkage = new Float64Array(0) } = energy;
        let error = shrinkage.length === mu.dim && shrinkage.every((lambda) => lambda >= 0) ? 0 : Infinity;
        for (let c = 0; c < shrinkage.length; c++) {
          if (shrinkage[c] > 0) error = Math.max(error, Math.abs(jumpOf(energy, mu, c) - 2 * shrinkage[c]));
        }
        return { error, tolerance: jumpTolerance * (1 + largestAbs(shrinkage)), detail: showMeasure(mu) };
      }),
  },
  {
    id: 'potential-off-support',
    title: 'V off the support, read at the atoms, is V at the atoms',
    check: (energy, options) =>
      overCases(options, 'potential-off-support', (random, k) => {
        const mu = sampleFor(energy, random, k);
        const { potential } = variationOf(energy, mu);
        const read = new Float64Array(mu.count);
        energy.potentialAt(read, mu.positions, mu.count, mu);
        return {
          error: largestDifference(read, potential),
          tolerance: rounding * (1 + largestAbs(potential)),
          detail: showMeasure(mu),
        };
      }),
  },
  {
    id: 'permutation-of-atoms',
    title: 'numbering the atoms otherwise changes neither F nor V',
    check: (energy, options) =>
      overCases(options, 'permutation-of-atoms', (random, k) => {
        const mu = sampleFor(energy, random, k);
        const order = randomPermutation(mu.count, random);
        const nu = permuted(mu, order);
        const before = variationOf(energy, mu);
        const after = variationOf(energy, nu);
        let error = Math.abs(energy.value(mu) - energy.value(nu));
        order.forEach((from, to) => {
          error = Math.max(error, Math.abs(after.potential[to] - before.potential[from]));
          for (let c = 0; c < mu.dim; c++) {
            error = Math.max(error, Math.abs(after.gradient[to * mu.dim + c] - before.gradient[from * mu.dim + c]));
          }
        });
        return { error, tolerance: rounding * scaleOf(energy, mu, before), detail: showMeasure(mu) };
      }),
  },
  {
    id: 'splitting-an-atom',
    title: 'an atom split in two at its place changes neither F nor V',
    check: (energy, options) =>
      overCases(options, 'splitting-an-atom', (random, k) => {
        const mu = sampleFor(energy, random, k);
        const nu = splitAtom(mu, 0, 0.1 + 0.8 * random.uniform());
        const before = variationOf(energy, mu);
        const after = variationOf(energy, nu);
        let error = Math.abs(energy.value(mu) - energy.value(nu));
        for (let i = 0; i < nu.count; i++) {
          const parent = i < mu.count ? i : 0;
          error = Math.max(error, Math.abs(after.potential[i] - before.potential[parent]));
          for (let c = 0; c < mu.dim; c++) {
            error = Math.max(error, Math.abs(after.gradient[i * mu.dim + c] - before.gradient[parent * mu.dim + c]));
          }
        }
        return { error, tolerance: rounding * scaleOf(energy, mu, before), detail: showMeasure(mu) };
      }),
  },
];

/** How far from 0 a jump is measured, and what the rest of the gradient may change over that distance. */
const aside = 1e-7;
const jumpTolerance = 1e-4;

/** The change of coordinate c of grad V at atom 0 from `-aside` to `aside` in that coordinate. */
function jumpOf(energy: Energy, mu: Measure, c: number): number {
  const at = (x: number): number => variationOf(energy, withPositions(mu, mu.positions.with(c, x))).gradient[c];
  return at(aside) - at(-aside);
}

function taylorLaw(energy: Energy, options: Parameters<Law<Energy>['check']>[1], part: 'masses' | 'positions') {
  let least = Number.POSITIVE_INFINITY;
  const outcome = overCases(options, `taylor-${part}`, (random, k) => {
    const mu = sampleFor(energy, random, k);
    const report = checkFirstVariation(energy, mu, { seed: k });
    const slope = part === 'masses' ? report.slopeMasses : (report.slopePositions ?? Number.NaN);
    least = Math.min(least, slope);
    // NaN, of a value that is not finite, is no slope at all.
    return {
      error: slope >= leastSlope ? 0 : 1,
      tolerance: 0.5,
      detail: `slope ${slope.toPrecision(4)} at ${showMeasure(mu)}`,
    };
  });
  const seen =
    least === Number.POSITIVE_INFINITY ? 'no remainder above rounding' : `least slope ${least.toPrecision(4)}`;
  return { ...outcome, measurement: `${seen}, expected 2 (at least ${leastSlope})` };
}

const scaleOf = (energy: Energy, mu: Measure, { potential, gradient }: FirstVariation): number =>
  1 + Math.abs(energy.value(mu)) + largestAbs(potential) + largestAbs(gradient);
