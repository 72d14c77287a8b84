import { fail, show } from '../errors.js';
import { addDown, addUp, divideDown, divideUp } from '../formula/intervalRounding.js';
import type { Measure } from '../measure/measure.js';
import type { CoordinateNames, MinimumProblem } from './minimumProblem.js';
import type { WeightedAtoms } from './potentialProgram.js';

/** Number of coordinates that are named. */
export const total = (names: readonly CoordinateNames[]): number => names.reduce((sum, { size }) => sum + size, 0);

/** Refuses names of another number of coordinates than `dim`. */
export function checkSize(what: string, names: readonly CoordinateNames[], dim: number, where: string): void {
  if (total(names) === dim) return;
  fail({
    code: 'shape-mismatch',
    where: 'certifiedMinimum',
    problem: `the ${what} do not fit ${where}`,
    got: `${names.map(({ name, size }) => `${name} (${size})`).join(', ')}: ${total(names)} coordinates`,
    expected: `${dim} coordinates`,
    fix: 'name every coordinate of the point once',
  });
}

/** The atoms of the sum with bounds of their weights; without a sum, one atom of weight `sign`. */
export function atomsOf({ against, sign = 1 }: MinimumProblem): WeightedAtoms {
  if (against === undefined) {
    const weight = Float64Array.of(sign);
    return { count: 1, dim: 0, points: new Float64Array(0), lower: weight, upper: weight };
  }
  const { over } = against;
  const dim = total(against.variables);
  if ('logMasses' in over) {
    checkSize('variables of the measure', against.variables, over.dim, `atoms of ${over.dim} coordinates`);
    return normalizedAtoms(over, sign);
  }
  const { count, positions, weights } = over;
  checkFinite('position', positions, count * dim);
  checkFinite('weight', weights, count);
  const signed = weights.map((weight) => sign * weight);
  return { count, dim, points: positions, lower: signed, upper: signed };
}

/**
 * Atoms with positive mass and bounds of `sign m_j / sum m`. Masses that under- or overflow as doubles are taken
 * relative to the largest.
 */
function normalizedAtoms(mu: Measure, sign: 1 | -1): WeightedAtoms {
  checkFinite('position', mu.positions, mu.count * mu.dim);
  const most = mu.logMasses.reduce((a, b) => Math.max(a, b), -Infinity);
  const direct = most > -700 && most < 600;
  const kept: number[] = [];
  const masses: number[] = [];
  for (let j = 0; j < mu.count; j++) {
    const mass = direct || most === -Infinity ? mu.masses[j] : Math.exp(mu.logMasses[j] - most);
    if (mass === 0) continue;
    kept.push(j);
    masses.push(mass);
  }
  checkFinite('mass', masses, masses.length);
  if (kept.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'certifiedMinimum',
      problem: 'the measure has no mass',
      got: `${mu.count} atoms of mass 0`,
      expected: 'an atom of positive mass',
      fix: 'pass a measure that can be normalized',
    });
  }
  const low = masses.reduce((sum, mass) => addDown(sum, mass), 0);
  const high = masses.reduce((sum, mass) => addUp(sum, mass), 0);
  const points = new Float64Array(kept.length * mu.dim);
  kept.forEach((j, k) => {
    points.set(mu.positions.subarray(j * mu.dim, (j + 1) * mu.dim), k * mu.dim);
  });
  const least = Float64Array.from(masses, (mass) => divideDown(mass, high));
  const greatest = Float64Array.from(masses, (mass) => Math.min(1, divideUp(mass, low)));
  return {
    count: kept.length,
    dim: mu.dim,
    points,
    lower: sign > 0 ? least : greatest.map((weight) => -weight),
    upper: sign > 0 ? greatest : least.map((weight) => -weight),
  };
}

function checkFinite(what: string, values: ArrayLike<number>, count: number): void {
  for (let k = 0; k < count; k++) {
    if (Number.isFinite(values[k])) continue;
    fail({
      code: 'not-finite',
      where: 'certifiedMinimum',
      problem: `${what} ${k} of the measure is not a number`,
      got: show(values[k]),
      expected: 'finite numbers',
      fix: 'look for the step at which the run left the finite numbers',
    });
  }
}
