import { fail, show } from '../errors.js';
import { compensatedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';

/** One end of a transport problem: the atoms that have mass, packed. */
export interface TransportSide {
  readonly count: number;
  readonly dim: number;
  /** count*dim, row-major; the array of the measure where all of its atoms have mass: only to be read. */
  readonly positions: Float64Array;
  /** count numbers > 0; as above. */
  readonly masses: Float64Array;
  /** Atom of the measure behind each packed one. */
  readonly atoms: Int32Array;
  readonly total: number;
}

/** How far two totals may differ, relative to the larger, and still count as equal up to rounding. */
export const totalTolerance = 1e-9;

/**
 * The two ends of a transport problem, without atoms of zero mass. Cost O((n + m) d), allocates.
 *
 * @param where - public name that refuses.
 * @param balanced - whether the totals must agree (relative 1e-9); masses of the second end are then scaled by the
 * ratio of the totals, so that sums agree to rounding.
 * @throws `shape-mismatch` if the measures live on different spaces, `not-finite` for an atom whose mass or place is
 * not finite (as a flow that diverged leaves them), `invalid-argument` if a balanced problem has totals that differ, or
 * no mass at all.
 */
export function transportSides(
  where: string,
  [mu, nu]: readonly [Measure, Measure],
  { balanced }: { readonly balanced: boolean },
): readonly [TransportSide, TransportSide] {
  checkOneSpace(where, mu, nu);
  const source = side(where, mu);
  const target = side(where, nu);
  if (!balanced) return [source, target];
  if (source.total === 0 || target.total === 0) return refuseTotals(where, [source, target], 'positive masses');
  const ratio = source.total / target.total;
  if (!(Math.abs(ratio - 1) <= totalTolerance))
    return refuseTotals(where, [source, target], 'equal totals within 1e-9');
  return [
    source,
    ratio === 1 ? target : { ...target, masses: target.masses.map((m) => m * ratio), total: source.total },
  ];
}

/** @throws `shape-mismatch` if the measures live on different spaces. */
export function checkOneSpace(where: string, mu: Measure, nu: Measure): void {
  if (mu.space.name !== nu.space.name) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the measures live on different spaces',
      got: `${mu.space.name} with ${mu.count} atoms and ${nu.space.name} with ${nu.count}`,
      expected: 'one space',
      fix: 'build both measures on the same space',
    });
  }
}

/** The end that shares the arrays of its measure, or null unless all atoms have mass and all numbers are finite. */
function wholeSide({ count, dim, positions, masses }: Omit<TransportSide, 'atoms' | 'total'>): TransportSide | null {
  // Infinities and NaN never sum to a finite number.
  if (!arePositive(masses) || !Number.isFinite(plainSum(positions))) return null;
  const total = compensatedSum(masses);
  if (!Number.isFinite(total)) return null;
  let atoms: Int32Array | undefined;
  return {
    count,
    dim,
    positions,
    masses,
    total,
    // Distances without a plan never ask for them.
    get atoms() {
      atoms ??= identity(count);
      return atoms;
    },
  };
}

function side(where: string, { count, dim, positions, masses }: Measure): TransportSide {
  const whole = wholeSide({ count, dim, positions, masses });
  if (whole !== null) return whole;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (masses[i] === 0) continue;
    let sum = masses[i];
    for (let c = i * dim; c < (i + 1) * dim; c++) sum += positions[c];
    // Finite numbers may sum to infinity, so that a sum only says where to look.
    if (!Number.isFinite(sum)) checkAtom(where, i, masses[i], positions.subarray(i * dim, (i + 1) * dim));
    kept++;
  }
  const packed = {
    positions: new Float64Array(kept * dim),
    masses: new Float64Array(kept),
    atoms: new Int32Array(kept),
  };
  for (let i = 0, k = 0; i < count; i++) {
    if (!(masses[i] > 0)) continue;
    for (let c = 0; c < dim; c++) packed.positions[k * dim + c] = positions[i * dim + c];
    packed.masses[k] = masses[i];
    packed.atoms[k++] = i;
  }
  return { count: kept, dim, ...packed, total: compensatedSum(packed.masses) };
}

function checkAtom(where: string, i: number, mass: number, place: Float64Array): void {
  if (Number.isFinite(mass) && place.every(Number.isFinite)) return;
  fail({
    code: 'not-finite',
    where,
    problem: `the mass or the place of atom ${i} is not finite`,
    got: `mass ${show(mass)} at ${show(place)}`,
    expected: 'finite numbers',
    fix: 'look for the step at which the measure diverged',
  });
}

function arePositive(masses: Float64Array): boolean {
  for (let i = 0; i < masses.length; i++) if (!(masses[i] > 0)) return false;
  return true;
}

function plainSum(values: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k];
  return sum;
}

function identity(count: number): Int32Array {
  const atoms = new Int32Array(count);
  for (let i = 0; i < count; i++) atoms[i] = i;
  return atoms;
}

function refuseTotals(
  where: string,
  [source, target]: readonly [TransportSide, TransportSide],
  expected: string,
): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the measures cannot be matched exactly, their totals differ or vanish',
    got: `${source.total} (${source.count} atoms with mass) and ${target.total} (${target.count})`,
    expected,
    fix: 'divide the masses by their sums, or use a distance for different masses: wfrDistance or unbalancedTransport',
  });
}
