import { fail, show } from '../errors.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import type { FirstVariation } from './energy.js';

/** Refuses a measure whose atoms have another number of coordinates than the energy is stated for. */
export function checkMeasure(where: string, mu: Measure, dim: number): void {
  if (mu.dim === dim) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the measure has atoms of another dimension',
    got: `${mu.count} atoms with ${mu.dim} coordinates on ${mu.space.name}`,
    expected: `${dim} coordinates per atom`,
    fix: 'use a measure on a space of that dimension',
  });
}

/** Refuses out-buffers that are too short for the measure. */
export function checkBuffers(where: string, out: FirstVariation, mu: Measure): void {
  if (out.potential.length >= mu.count && out.gradient.length >= mu.count * mu.dim) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the out-buffers are too short',
    got: `potential ${out.potential.length}, gradient ${out.gradient.length}`,
    expected: `${mu.count} and ${mu.count} x ${mu.dim} = ${mu.count * mu.dim}`,
    fix: 'allocate them for this measure',
  });
}

/** Refuses a dimension that is not a positive integer, or that is not the one of the space. */
export function checkDim(where: string, dim: number, space?: Space): void {
  if (Number.isInteger(dim) && dim >= 1 && (space === undefined || space.dim === dim)) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the dimension is not usable',
    got: `dim ${show(dim)}${space ? ` on ${space.name} with ${space.dim} coordinates` : ''}`,
    expected: space ? `${space.dim}` : 'an integer >= 1',
    fix: 'pass the number of coordinates per atom',
  });
}

/** Refuses a number that is not finite, or not above `least`. */
export function checkNumber(where: string, name: string, value: number, least = Number.NEGATIVE_INFINITY): void {
  if (Number.isFinite(value) && value >= least) return;
  fail({
    code: Number.isFinite(value) ? 'invalid-argument' : 'not-finite',
    where,
    problem: `${name} is not usable`,
    got: show(value),
    expected: least === Number.NEGATIVE_INFINITY ? 'a finite number' : `a finite number >= ${least}`,
    fix: `pass another ${name}`,
  });
}

/** Buffers for the first variation of a measure of n atoms in d coordinates. */
export function allocateFirstVariation(n: number, d: number): FirstVariation {
  return { potential: new Float64Array(n), gradient: new Float64Array(n * d) };
}

/** `int V dmu` over the atoms, in index order; atoms of no mass do not count, whatever V is there. */
export function integrate(mu: Measure, values: Float64Array): number {
  const { count, masses } = mu;
  let sum = 0;
  for (let i = 0; i < count; i++) if (masses[i] !== 0) sum += masses[i] * values[i];
  return sum;
}

/** The buffer itself if it is long enough, else a longer one. */
export function grown(buffer: Float64Array, length: number): Float64Array {
  return buffer.length >= length ? buffer : new Float64Array(length);
}

/** The sum of the weights of absolute values in several energies, undefined where none has any. */
export function totalShrinkage(parts: readonly (Float64Array | undefined)[]): Float64Array | undefined {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? undefined : given[0].map((_, k) => given.reduce((sum, part) => sum + part[k], 0));
}
