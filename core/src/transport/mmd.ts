import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail, show } from '../errors.js';
import { abs, column, multiply, row } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { substitute, variablesOf } from '../formula/inspect.js';
import { parseFormula } from '../formula/parse.js';
import { weightedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { checkFinite } from './energyDistance.js';
import { type TransportSide, transportSides } from './sides.js';

/** Options of {@link mmdDistance}. */
export interface MmdOptions {
  /** A positive definite kernel as a formula in `x` and `y`; default `exp(-|x - y|^2 / (2 s^2))`. */
  readonly kernel?: string | Expression;
  /** The width s > 0 of the default kernel; default 1. */
  readonly width?: number;
  /** `biased` is the V-statistic, the distance of the two discrete measures; `unbiased` leaves the diagonals out. */
  readonly estimator?: 'biased' | 'unbiased';
  readonly backend?: Backend;
}

/**
 * Maximum mean discrepancy: the distance of the kernel means,
 * `MMD^2 = sum_ij a_i a_j k(x_i, x_j) - 2 sum_ij a_i b_j k(x_i, y_j) + sum_ij b_i b_j k(y_i, y_j)`.
 * It compares measures of any masses. The unbiased form sums the two squares over `i != j` and divides them by
 * `1 - sum a_i^2 / a^2`, a the total (for equal masses the U-statistic); its `squared` may be negative, `value` is
 * then 0.
 *
 * @param mu - measure with n atoms; an unbiased estimate needs two atoms with mass on both sides.
 * @param nu - measure with m atoms on the same space.
 * @returns the distance with bounds that allow for the rounding of kernel and sums. `4 (n^2 + n m + m^2)`
 * evaluations at most, memory O(n + m).
 * @throws `shape-mismatch` on different spaces or for a kernel in other variables; `invalid-argument` where the kernel
 * proves not to be positive definite; `unsupported` for the default kernel on a torus.
 * Source: [GrettonEtAl2012], equations 3 and 5.
 *
 * @example
 * ```ts
 * import { diracs, mmdDistance } from '@muflow/core';
 * const { squared } = mmdDistance(diracs([0]), diracs([1]), { width: 1 });
 * console.log(squared.toFixed(6), (2 - 2 * Math.exp(-0.5)).toFixed(6)); // => 0.786939 0.786939
 * ```
 */
export function mmdDistance(mu: Measure, nu: Measure, options: MmdOptions = {}): CertifiedDistance {
  const { kernel, estimator = 'biased', backend = defaultBackend() } = options;
  const sides = transportSides('mmdDistance', [mu, nu], { balanced: false });
  const formula = readKernel(mu.space, kernel, options.width ?? 1);
  const sums = pairSums(formula, mu.space.dim, backend);
  const [source, target] = sides;
  const cross = sums.between(source, target);
  // A formula need not be symmetric; only its symmetric part counts.
  const back = kernel === undefined ? cross : sums.between(target, source);
  let squared = -cross.sum - back.sum;
  let sizes = cross.size + back.size;
  for (const side of sides) {
    const self = sums.between(side, side);
    const factor = estimator === 'unbiased' ? unbiasedFactor(side) : 1;
    const diagonal = estimator === 'unbiased' ? sums.diagonal(side) : { sum: 0, size: 0 };
    squared += (self.sum - diagonal.sum) * factor;
    sizes += (self.size + diagonal.size) * factor;
  }
  const error = sizes * (source.count + target.count + 128) * 2 ** -53;
  checkFinite('mmdDistance', squared);
  if (estimator === 'biased' && squared < -error) refuseKernel(squared);
  const rooted = (value: number): number => Math.sqrt(Math.max(0, value));
  return {
    value: rooted(squared),
    squared: estimator === 'biased' ? Math.max(0, squared) : squared,
    lower: rooted(squared - error) * (1 - 2 ** -52),
    upper: rooted(squared + error) * (1 + 2 ** -52),
    status: 'exact',
    iterations: 0,
  };
}

interface PairSum {
  readonly sum: number;
  /** Sum of the absolute values of the terms. */
  readonly size: number;
}

interface PairSums {
  /** `sum_ij a_i b_j k(x_i, y_j)`. */
  between(source: TransportSide, target: TransportSide): PairSum;
  /** `sum_i a_i^2 k(x_i, x_i)`. */
  diagonal(side: TransportSide): PairSum;
}

function pairSums(kernel: Expression, dim: number, backend: Backend): PairSums {
  const compiled = (value: Expression, mass: Expression) =>
    backend.compile({
      outputs: [
        { name: 'sum', expression: multiply(mass, value), reduce: 'sum' },
        { name: 'size', expression: multiply(mass, abs(value)), reduce: 'sum' },
      ],
    });
  const pairs = compiled(kernel, column('mass_'));
  const self = compiled(substitute(kernel, new Map([[column('y', dim), row('x', dim)]])), row('mass_'));
  const total = (side: TransportSide, out: Readonly<Record<'sum' | 'size', Float64Array>>): PairSum => ({
    sum: weightedSum(side.masses, out.sum),
    size: weightedSum(side.masses, out.size),
  });
  return {
    between(source, target) {
      const out = { sum: new Float64Array(source.count), size: new Float64Array(source.count) };
      const inputs = { x: source.positions, y: target.positions, mass_: target.masses };
      pairs.run({ rows: source.count, columns: target.count, inputs, out });
      return total(source, out);
    },
    diagonal(side) {
      const out = { sum: new Float64Array(side.count), size: new Float64Array(side.count) };
      self.run({ rows: side.count, columns: 1, inputs: { x: side.positions, mass_: side.masses }, out });
      return total(side, out);
    },
  };
}

function unbiasedFactor(side: TransportSide): number {
  let squares = 0;
  for (const mass of side.masses) squares += (mass / side.total) ** 2;
  if (side.count >= 2) return 1 / (1 - squares);
  return fail({
    code: 'invalid-argument',
    where: 'mmdDistance',
    problem: 'an unbiased estimate needs pairs of different atoms',
    got: `${side.count} atoms with mass`,
    expected: 'at least 2 in both measures',
    fix: 'pass more samples, or { estimator: "biased" }',
  });
}

function readKernel(space: Space, kernel: string | Expression | undefined, width: number): Expression {
  const names = { x: { role: 'row', size: space.dim }, y: { role: 'column', size: space.dim } } as const;
  if (kernel === undefined) {
    checkDefault(space, width);
    return parseFormula(`exp(-norm2(x - y) / ${2 * width * width})`, { variables: names });
  }
  const formula = typeof kernel === 'string' ? parseFormula(kernel, { variables: names }) : kernel;
  const known = variablesOf(formula).every(
    ({ name, role, size }) => (name === 'x' || name === 'y') && names[name].role === role && names[name].size === size,
  );
  if (known && formula.size === 1) return formula;
  return fail({
    code: 'shape-mismatch',
    where: 'mmdDistance',
    problem: 'the kernel is not a number for each pair',
    got: variablesOf(formula)
      .map(({ name, role, size }) => `${name} (${role}, size ${size})`)
      .join(', '),
    expected: `a scalar in x (row, size ${space.dim}) and y (column, size ${space.dim})`,
    fix: 'build the kernel with these variables, or pass it as text',
  });
}

/** A Gaussian of the coordinates is positive definite; across the seam of a torus it is not even continuous. */
function checkDefault(space: Space, width: number): void {
  if (!(width > 0 && Number.isFinite(width * width) && width * width > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'mmdDistance',
      problem: 'the width is not usable',
      got: show(width),
      expected: 'a number > 0 whose square neither overflows nor vanishes',
      fix: 'pass a width of about the distance between atoms',
    });
  }
  if (![space, ...(space.factors ?? [])].some(({ kind }) => kind === 'torus')) return;
  fail({
    code: 'unsupported',
    where: 'mmdDistance',
    problem: 'the default kernel does not know the seam of the torus',
    got: space.name,
    expected: 'a kernel that is periodic',
    fix: "pass one as a formula, such as { kernel: 'exp(cos(2*pi*(x[0] - y[0])))' } for a circle of period 1",
  });
}

function refuseKernel(squared: number): never {
  return fail({
    code: 'invalid-argument',
    where: 'mmdDistance',
    problem: 'the kernel is not positive definite: a squared distance is negative',
    got: show(squared),
    expected: 'a number >= 0',
    fix: 'choose a positive definite kernel such as a Gaussian',
  });
}
