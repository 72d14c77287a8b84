import { fail } from '../errors.js';
import { euclidean } from '../space/euclidean.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { measure } from './createMeasure.js';
import type { Measure, MeasureKind } from './measure.js';

/** A signed measure `sum_i w_i delta_{z_i}` on Z. */
export interface SignedAtoms {
  readonly space: Space;
  /** n*d, row-major. */
  readonly positions: Float64Array;
  /** n numbers of any sign. */
  readonly weights: Float64Array;
}

/**
 * Lifts a signed measure to a measure on `R x Z` with coordinates `u = (a, z)`, so that `int a mu(da, .)` is it.
 *
 * @param options - `positions` (n*d) on `space` (default R^d with d = length / n) and `weights` (n, finite);
 * `kind` `probability` (default) puts `a_i = n w_i` under masses 1/n; `positive` puts `a_i = sign w_i` under `|w_i|`.
 * @returns a measure on `product([euclidean(1), space])`; {@link projectSigned} undoes it.
 */
export function liftSigned(options: {
  readonly positions: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  readonly space?: Space;
  readonly kind?: MeasureKind;
}): Measure {
  const { positions, weights, kind = 'probability' } = options;
  const count = weights.length;
  const dim = options.space?.dim ?? positions.length / count;
  if (!(count > 0 && Number.isInteger(dim) && dim > 0 && positions.length === count * dim)) {
    fail({
      code: 'shape-mismatch',
      where: 'liftSigned',
      problem: 'positions and weights do not agree',
      got: `${positions.length} coordinates, ${count} weights`,
      expected: 'n*d coordinates and n weights, n >= 1',
      fix: 'pass one weight per atom',
    });
  }
  const lifted = new Float64Array(count * (dim + 1));
  const masses = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const probability = kind === 'probability';
    lifted[i * (dim + 1)] = probability ? count * weights[i] : weights[i] < 0 ? -1 : 1;
    masses[i] = probability ? 1 / count : Math.abs(weights[i]);
    for (let k = 0; k < dim; k++) lifted[i * (dim + 1) + 1 + k] = positions[i * dim + k];
  }
  const space = product([euclidean(1), options.space ?? euclidean(dim)]);
  return measure({ space, kind, positions: lifted, masses });
}

/**
 * The signed measure `h(mu)(B) = int a mu(da, B)` on Z of a measure on `R x Z`: weights `w_i = m_i a_i`.
 *
 * @throws `unsupported` where the first factor of the space is not the line.
 */
export function projectSigned(mu: Measure): SignedAtoms {
  const [line, ...rest] = mu.space.factors ?? [];
  if (line === undefined || line.dim !== 1 || line.intrinsicDim !== 1 || rest.length === 0) {
    fail({
      code: 'unsupported',
      where: 'projectSigned',
      problem: 'the first factor of the space is no line of output weights',
      got: mu.space.name,
      expected: 'product(euclidean(1) x Z)',
      fix: 'build the measure with liftSigned, or on such a product',
    });
  }
  const dim = mu.dim - 1;
  const positions = new Float64Array(mu.count * dim);
  const weights = new Float64Array(mu.count);
  for (let i = 0; i < mu.count; i++) {
    const start = i * mu.dim;
    weights[i] = mu.masses[i] * mu.positions[start];
    for (let k = 0; k < dim; k++) positions[i * dim + k] = mu.positions[start + 1 + k];
  }
  return { space: rest.length === 1 ? rest[0] : product(rest), positions, weights };
}

/** Total variation `|h|(Z)` of a signed measure: weights at equal points are added before their sizes are. */
export function variationNorm({ space, positions, weights }: SignedAtoms): number {
  const sums = new Map<string, number>();
  for (let i = 0; i < weights.length; i++) {
    // Adding 0 makes -0 the same point as 0.
    const point = Array.from({ length: space.dim }, (_, k) => positions[i * space.dim + k] + 0).join();
    sums.set(point, (sums.get(point) ?? 0) + weights[i]);
  }
  let norm = 0;
  for (const weight of sums.values()) norm += Math.abs(weight);
  return norm;
}
