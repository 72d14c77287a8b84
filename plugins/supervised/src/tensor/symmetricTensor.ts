import { fail, type Measure, type SignedAtoms, type Space, show } from '@muflow/core';
import { signedAtoms } from '../certificate/penalizedProblem.js';

/** A symmetric tensor of order k on R^d, all `d^k` entries, row-major. */
export interface SymmetricTensor {
  readonly dim: number;
  readonly order: number;
  readonly values: Float64Array;
}

/**
 * The moment tensor `int theta^(tensor k) dnu(theta)` of a measure or of signed atoms on a sphere. Cost O(n d^k).
 *
 * @param order - k, an integer from 2 to 6.
 * @throws `invalid-argument` for another order, or more than 10^6 entries.
 */
export function momentTensor(nu: Measure | SignedAtoms, order: number): SymmetricTensor {
  const { space, positions, weights } = signedAtoms(nu);
  checkOrder('momentTensor', space, order);
  const { dim } = space;
  const values = new Float64Array(dim ** order);
  const power = new Float64Array(dim ** order);
  for (let i = 0; i < weights.length; i++) {
    powerInto(power, positions, i * dim, { dim, order, weight: weights[i] });
    for (let f = 0; f < values.length; f++) values[f] += power[f];
  }
  return { dim, order, values };
}

/** `out = weight theta^(tensor k)`, theta read at `start`. */
export function powerInto(
  out: Float64Array,
  points: Float64Array,
  start: number,
  { dim, order, weight }: { readonly dim: number; readonly order: number; readonly weight: number },
): void {
  out[0] = weight;
  let filled = 1;
  for (let j = 0; j < order; j++) {
    // From the end, so that an entry is read before its place is written.
    for (let a = filled - 1; a >= 0; a--) {
      const entry = out[a];
      for (let b = dim - 1; b >= 0; b--) out[a * dim + b] = entry * points[start + b];
    }
    filled *= dim;
  }
}

/**
 * `out = R(theta, ..., theta, .)`, d numbers, by k - 1 contractions of the last index, each in place.
 *
 * @param scratch - d^(k - 1) numbers that are written over.
 * @returns `R(theta, ..., theta)`; for a symmetric R its gradient in theta is `k out`.
 */
export function contractInto(
  out: Float64Array,
  { dim, order, values }: SymmetricTensor,
  points: Float64Array,
  start: number,
  scratch: Float64Array,
): number {
  let from = values;
  let size = dim ** (order - 1);
  for (let j = 1; j < order; j++) {
    for (let a = 0; a < size; a++) {
      let sum = 0;
      for (let b = 0; b < dim; b++) sum += from[a * dim + b] * points[start + b];
      scratch[a] = sum;
    }
    from = scratch;
    size /= dim;
  }
  let value = 0;
  for (let b = 0; b < dim; b++) {
    out[b] = scratch[b];
    value += scratch[b] * points[start + b];
  }
  return value;
}

/** Refuses what is no unit sphere, and orders that are not usable. */
export function checkOrder(where: string, space: Space, order: number): void {
  const usable = Number.isInteger(order) && order >= 2 && order <= 6 && space.dim ** order <= 1e6;
  if (usable && space.name === `sphere(${space.dim})`) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'there is no such tensor',
    got: `order ${show(order)} on ${space.name}`,
    expected: 'an integer order from 2 to 6 on a unit sphere, with at most 10^6 entries',
    fix: 'pass atoms on sphere(d) and for instance { order: 3 }',
  });
}
