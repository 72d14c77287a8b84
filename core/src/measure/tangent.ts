import { fail } from '../errors.js';
import type { Tangent } from './measure.js';

/**
 * A zero tangent at a measure of n atoms in d coordinates.
 *
 * @param transports - with a velocity (n*d); otherwise null.
 * @param reacts - with a growth rate (n); otherwise null.
 */
export function allocateTangent(transports: boolean, reacts: boolean, n: number, d: number): Tangent {
  return {
    velocity: transports ? new Float64Array(n * d) : null,
    growth: reacts ? new Float64Array(n) : null,
  };
}

/** Sets both parts to zero. */
export function zeroTangent(out: Tangent): void {
  out.velocity?.fill(0);
  out.growth?.fill(0);
}

/** Copies a tangent; a null part of the source is zero. */
export function copyTangentInto(out: Tangent, source: Tangent): void {
  zeroTangent(out);
  addTangentInto(out, source);
}

/**
 * `out <- out + factor * other`.
 *
 * @throws `shape-mismatch` where `other` has a part that `out` lacks, or the lengths differ.
 */
export function addTangentInto(out: Tangent, other: Tangent, factor = 1): void {
  addPart('velocity', out.velocity, other.velocity, factor);
  addPart('growth', out.growth, other.growth, factor);
}

/** `out <- factor * out`. */
export function scaleTangentInto(out: Tangent, factor: number): void {
  scalePart(out.velocity, factor);
  scalePart(out.growth, factor);
}

/**
 * The linear combination `out <- sum_s c_s T_s` of the first `coefficients.length` tangents: a stage of a
 * Runge-Kutta method. Zero coefficients are skipped, so stages not yet computed may hold anything.
 *
 * @param out - none of the tangents. Cost O(s n d), allocates nothing; summed in the order of the stages.
 */
export function combineInto(out: Tangent, coefficients: ArrayLike<number>, tangents: readonly Tangent[]): void {
  zeroTangent(out);
  for (let s = 0; s < coefficients.length; s++) {
    if (coefficients[s] !== 0) addTangentInto(out, tangents[s], coefficients[s]);
  }
}

function addPart(name: string, out: Float64Array | null, other: Float64Array | null, factor: number): void {
  if (other === null) return;
  if (out === null || out.length !== other.length) {
    fail({
      code: 'shape-mismatch',
      where: 'addTangentInto',
      problem: `the ${name} does not fit`,
      got: `${other.length} numbers into ${out === null ? 'none' : `${out.length}`}`,
      expected: 'tangents at the same measure',
      fix: 'allocate the target with allocateTangent for this number of atoms and both parts',
    });
  }
  for (let k = 0; k < out.length; k++) out[k] += factor * other[k];
}

function scalePart(part: Float64Array | null, factor: number): void {
  if (part === null) return;
  for (let k = 0; k < part.length; k++) part[k] *= factor;
}
