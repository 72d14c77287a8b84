import { fail, show } from '@muflow/core';
import { checkDimension } from '../laws/checks.js';
import { checkedRotation, rotateInto } from '../laws/rotation.js';
import type { Target } from './target.js';

/** Which part of a complex target is approximated. */
export type Part = 'complex' | 'real';

/** Options of {@link oscillatoryTarget}. */
export interface OscillatoryOptions {
  readonly dim: number;
  /** Frequencies omega_j > 0 in radians per unit: one for every coordinate, or one number for all. */
  readonly omega: number | readonly number[];
  /** Biases b_j, one for every coordinate or one number for all; default 0. */
  readonly bias?: number | readonly number[];
  /** U, orthogonal, dim*dim numbers, row-major; default the identity. */
  readonly rotation?: Float64Array;
  /** `complex` (the default), or `real` for the cosine alone. */
  readonly part?: Part;
}

/** An oscillatory target with the parameters that its bounds are computed from. */
export interface OscillatoryTarget extends Target {
  /** d frequencies, each positive. */
  readonly omega: Float64Array;
  /** d biases. */
  readonly bias: Float64Array;
  /** U, or null for the identity. */
  readonly rotation: Float64Array | null;
  /** Writes the phases `s(x) = <omega, relu(U x + b)> >= 0` of the first `count` rows. */
  phasesInto(out: Float64Array, points: Float64Array, count: number): void;
}

/**
 * The oscillatory target `g(x) = exp(i <omega, relu(U x + b)>)`, or its real part `cos <omega, relu(U x + b)>`.
 *
 * A product `prod_j exp(i omega_j relu(y_j + b_j))` in the coordinates `y = U x`: each factor stands still on one half
 * line and turns on the other. `|g| = 1` for the complex one; the real one has about half the mean square. Cost: d
 * a point, d^2 with a rotation.
 *
 * @throws `invalid-argument` for d < 1, some omega_j <= 0, biases that are not finite or a matrix that is not
 * orthogonal; `shape-mismatch` for lists of another length.
 *
 * @example
 * const target = oscillatoryTarget({ dim: 8, omega: 10 });
 * target.valuesInto(out, points, count); // re, im, re, im, ...
 */
export function oscillatoryTarget(options: OscillatoryOptions): OscillatoryTarget {
  const { dim, part = 'complex' } = options;
  checkDimension('oscillatoryTarget', dim);
  const omega = listOf('omega', options.omega, dim);
  const bias = listOf('bias', options.bias ?? 0, dim);
  const wrong = omega.find((value) => !(value > 0 && value < Infinity));
  if (wrong !== undefined) refuse('omega > 0', show(wrong), 'finite frequencies above 0');
  const odd = bias.find((value) => !Number.isFinite(value));
  if (odd !== undefined) refuse('the biases are finite', show(odd), 'finite biases');
  const rotation = options.rotation ? checkedRotation('oscillatoryTarget', options.rotation, dim) : null;
  const row = new Float64Array(dim);
  const phaseAt = (points: Float64Array, at: number): number => {
    if (rotation) rotateInto(row, rotation, points, at);
    let phase = 0;
    for (let j = 0; j < dim; j++) {
      const z = (rotation ? row[j] : points[at + j]) + bias[j];
      if (z > 0) phase += omega[j] * z;
    }
    return phase;
  };
  const symbol = `<omega, relu(${rotation ? 'U x' : 'x'}${bias.every((value) => value === 0) ? '' : ' + b'})>`;
  return {
    dim,
    complex: part === 'complex',
    name: part === 'complex' ? `exp(i ${symbol})` : `cos ${symbol}`,
    omega,
    bias,
    rotation,
    phasesInto(out, points, count) {
      for (let i = 0; i < count; i++) out[i] = phaseAt(points, i * dim);
    },
    valuesInto(out, points, count) {
      if (part === 'real') {
        for (let i = 0; i < count; i++) out[i] = Math.cos(phaseAt(points, i * dim));
        return;
      }
      for (let i = 0; i < count; i++) {
        const phase = phaseAt(points, i * dim);
        out[2 * i] = Math.cos(phase);
        out[2 * i + 1] = Math.sin(phase);
      }
    },
  };
}

function listOf(name: string, given: number | readonly number[], dim: number): Float64Array {
  if (typeof given === 'number') return new Float64Array(dim).fill(given);
  if (given.length === dim) return Float64Array.from(given);
  return fail({
    code: 'shape-mismatch',
    where: 'oscillatoryTarget',
    problem: `${name} has another length`,
    got: `${given.length} numbers`,
    expected: `${dim}, one for every coordinate, or one number for all`,
    fix: 'pass as many as there are coordinates',
  });
}

function refuse(hypothesis: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: 'oscillatoryTarget',
    problem: `the hypothesis ${JSON.stringify(hypothesis)} is not met`,
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
