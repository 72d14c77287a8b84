import type { Backend } from '../compute/backend.js';
import { type ApproximateOptions, approximateBackend } from '../compute/chebyshevBackend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import type { Space } from '../space/space.js';
import { checkBuffers, checkDim, checkMeasure, grown, integrate } from './checks.js';
import type { Energy } from './energy.js';
import { isContinuous, isFormula, readFormula } from './formulas.js';
import { atomsOf, formulaPairSum, functionPairSum, namesOf, type PairBlocks, type PairFunction } from './pairKernel.js';
import { symmetrized } from './symmetry.js';

/** A kernel in plain TypeScript. It counts as symmetric unless `gradientSecondInto` is given. */
export interface InteractionKernel extends PairFunction {
  /** Gradient of K in its second point; its presence says that K(x, y) and K(y, x) may differ. */
  gradientSecondInto?(
    out: Float64Array,
    outStart: number,
    a: Float64Array,
    aStart: number,
    b: Float64Array,
    bStart: number,
  ): void;
}

export interface InteractionEnergyOptions {
  /** K as a formula in `x` and `y` (d-vectors, scalars for d = 1), or as functions. */
  readonly kernel: string | Expression | InteractionKernel;
  readonly dim: number;
  readonly space?: Space;
  readonly backend?: Backend;
  /**
   * Sum smooth kernels in one or two dimensions through Chebyshev expansions, each sum to a proved tolerance per unit of
   * mass, see {@link fastSum}; where that is no gain the sum is direct. Default: every sum is direct.
   */
  readonly approximate?: ApproximateOptions;
}

/**
 * Interaction energy `F(mu) = (1/2) int int K(x, y) dmu(x) dmu(y)` with `V(x) = int K(x, y) dmu(y)`.
 * A kernel that is not symmetric is replaced by `(K(x, y) + K(y, x)) / 2`, which has the same energy.
 * Cost n^2 kernel evaluations (twice as many for a kernel that is not symmetric), no n*n storage; with `approximate`
 * about O(n) for smooth kernels, V and its gradient off by at most `errorBound` of the report, F by half of that times the mass.
 *
 * @throws `parse` or `shape-mismatch` where the formula does not fit; `unsupported` to approximate functions.
 * @example
 * const repulsion = interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 2 });
 * const fast = interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 2, approximate: { tolerance: 1e-8 } });
 */
export function interactionEnergy({
  kernel,
  dim,
  space,
  backend = defaultBackend(),
  approximate,
}: InteractionEnergyOptions): Energy {
  checkDim('interactionEnergy', dim, space);
  const blocks = pointBlocks(dim);
  const formula = isFormula(kernel)
    ? symmetrized(readFormula('interactionEnergy', kernel, namesOf(blocks)), dim)
    : undefined;
  const functions = isFormula(kernel) ? undefined : symmetricFunction(kernel, dim);
  if (functions !== undefined && approximate !== undefined) refuseFunctions();
  const summing = approximate ? approximateBackend(backend, { ...approximate, weight: 'weight' }) : backend;
  const sum = formula ? formulaPairSum(formula, blocks, summing) : functionPairSum(functions as PairFunction, dim, dim);
  let values: Float64Array = new Float64Array(0);
  return {
    name: 'interaction',
    dim,
    ...(space && { space }),
    smooth: formula ? isContinuous(formula) : functions?.gradientInto !== undefined,
    ...(formula && { formula }),
    value(mu) {
      checkMeasure('interactionEnergy', mu, dim);
      values = grown(values, mu.count);
      const atoms = atomsOf(mu);
      sum.valueInto(values, atoms, atoms);
      return integrate(mu, values) / 2;
    },
    firstVariationInto(out, mu) {
      checkMeasure('interactionEnergy', mu, dim);
      checkBuffers('interactionEnergy', out, mu);
      const atoms = atomsOf(mu);
      sum.bothInto(out, atoms, atoms);
    },
    potentialAt(out, points, count, mu) {
      checkMeasure('interactionEnergy', mu, dim);
      sum.valueInto(out, { coordinates: points, count }, atomsOf(mu));
    },
  };
}

function refuseFunctions(): never {
  return fail({
    code: 'unsupported',
    where: 'interactionEnergy',
    problem: 'a kernel in plain TypeScript cannot be expanded',
    got: 'functions and approximate',
    expected: 'a formula, whose error can be bounded',
    fix: 'write the kernel as a formula, or leave approximate out',
  });
}

/** Two points `x` (rows) and `y` (columns) of one dimension. */
export const pointBlocks = (dim: number): PairBlocks => ({
  rows: [{ name: 'x', size: dim }],
  columns: [{ name: 'y', size: dim }],
});

/** `(K(a, b) + K(b, a)) / 2` with its gradient in a; K itself where it is symmetric. */
function symmetricFunction(kernel: InteractionKernel, dim: number): PairFunction {
  const { gradientInto, gradientSecondInto } = kernel;
  if (gradientSecondInto === undefined) return kernel;
  const part = new Float64Array(dim);
  return {
    value: (a, aStart, b, bStart) => (kernel.value(a, aStart, b, bStart) + kernel.value(b, bStart, a, aStart)) / 2,
    ...(gradientInto && {
      gradientInto(out, outStart, a, aStart, b, bStart) {
        gradientInto.call(kernel, out, outStart, a, aStart, b, bStart);
        gradientSecondInto.call(kernel, part, 0, b, bStart, a, aStart);
        for (let c = 0; c < dim; c++) out[outStart + c] = (out[outStart + c] + part[c]) / 2;
      },
    }),
  };
}
