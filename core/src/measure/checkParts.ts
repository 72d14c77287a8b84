import { fail, show } from '../errors.js';
import { logSumExp } from '../math/sums.js';
import type { Space } from '../space/space.js';
import type { MeasureKind } from './measure.js';

/** How far the total mass of a probability measure may be from 1 at the door; it is then divided out. */
export const probabilityTolerance = 1e-9;

interface MassOptions {
  readonly masses?: ArrayLike<number>;
  readonly logMasses?: ArrayLike<number>;
  readonly kind?: MeasureKind;
}

/** The positions as a fresh array, finite and inside the space. */
export function checkPositions(space: Space, given: ArrayLike<number>): Float64Array {
  const positions = Float64Array.from(given);
  const { dim } = space;
  if (positions.length === 0 || positions.length % dim !== 0) {
    wrongSize('positions', positions.length, `a positive multiple of ${dim} (${space.name} stores ${dim} per atom)`);
  }
  checkFinite('positions', positions, dim);
  for (let i = 0; i < positions.length / dim; i++) {
    if (space.contains(positions, i * dim)) continue;
    fail({
      code: 'invalid-argument',
      where: 'measure',
      problem: `atom ${i} of ${positions.length / dim} lies outside the space`,
      got: show(positions.slice(i * dim, (i + 1) * dim)),
      expected: `a point of ${space.name}`,
      fix: 'move it with space.projectInto, or use a larger space',
    });
  }
  return positions;
}

/** The log-masses of the options as a fresh array, a probability summing to 1 within tolerance. */
export function checkLogMasses({ masses, logMasses, kind }: MassOptions, count: number): Float64Array {
  if (masses !== undefined && logMasses !== undefined) {
    fail({
      code: 'invalid-argument',
      where: 'measure',
      problem: 'masses are given twice',
      got: 'masses and logMasses',
      expected: 'one of them',
      fix: 'drop one',
    });
  }
  const given = masses ?? logMasses;
  if (given === undefined) return new Float64Array(count).fill(-Math.log(count));
  if (given.length !== count) wrongSize(masses ? 'masses' : 'logMasses', given.length, `${count}, one per atom`);
  const values = Float64Array.from(given);
  if (masses !== undefined) {
    checkFinite('masses', values, 1);
    checkNonNegative(values);
    for (let i = 0; i < count; i++) values[i] = Math.log(values[i]);
  } else {
    checkLogarithms(values);
  }
  const total = Math.exp(logSumExp(values));
  if ((kind ?? 'probability') === 'probability' && !(Math.abs(total - 1) <= probabilityTolerance)) {
    wrongTotal('measure', total, `1 within ${probabilityTolerance} for a probability`);
  }
  return values;
}

/** The ids as a fresh array, distinct; 0, ..., n-1 by default. */
export function checkIds(given: ArrayLike<number> | undefined, count: number): Uint32Array {
  if (given === undefined) return Uint32Array.from({ length: count }, (_, i) => i);
  if (given.length !== count) wrongSize('ids', given.length, `${count}, one per atom`);
  const ids = Uint32Array.from(given);
  const seen = new Set<number>();
  for (let i = 0; i < count; i++) {
    if (ids[i] === given[i] && !seen.has(ids[i])) {
      seen.add(ids[i]);
      continue;
    }
    fail({
      code: 'invalid-argument',
      where: 'measure',
      problem: `id ${i} is ${ids[i] === given[i] ? 'used twice' : 'not an unsigned 32-bit integer'}`,
      got: show(given[i]),
      expected: 'distinct integers in [0, 2^32)',
      fix: 'leave ids out to number the atoms from 0',
    });
  }
  return ids;
}

/** An id above all others. */
export function checkNextId(given: number | undefined, ids: Uint32Array): number {
  const above = ids.reduce((largest, id) => Math.max(largest, id), -1) + 1;
  if (given === undefined || (Number.isSafeInteger(given) && given >= above)) return given ?? above;
  return fail({
    code: 'invalid-argument',
    where: 'measure',
    problem: 'nextId is taken or no integer',
    got: show(given),
    expected: `an integer >= ${above}`,
    fix: 'leave nextId out',
  });
}

function checkFinite(name: string, values: Float64Array, perAtom: number): void {
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) continue;
    const place = perAtom === 1 ? `atom ${k}` : `atom ${Math.floor(k / perAtom)}, coordinate ${k % perAtom}`;
    fail({
      code: 'not-finite',
      where: 'measure',
      problem: `${name} hold a number that is not finite (${place})`,
      got: show(values[k]),
      expected: `${values.length} finite numbers`,
      fix: 'remove that atom, or find out where the number was made',
    });
  }
}

function checkNonNegative(masses: Float64Array): void {
  const i = masses.findIndex((mass) => mass < 0);
  if (i < 0) return;
  fail({
    code: 'invalid-argument',
    where: 'measure',
    problem: `the mass of atom ${i} is negative`,
    got: show(masses[i]),
    expected: 'masses >= 0',
    fix: 'lift a signed measure with liftSigned, which keeps the sign as a coordinate',
  });
}

function checkLogarithms(logMasses: Float64Array): void {
  const i = logMasses.findIndex((value) => !(value < Number.POSITIVE_INFINITY));
  if (i < 0) return;
  fail({
    code: 'not-finite',
    where: 'measure',
    problem: `the log-mass of atom ${i} is not a logarithm of a finite mass`,
    got: show(logMasses[i]),
    expected: 'numbers below Infinity (-Infinity is no mass)',
    fix: 'remove that atom, or find out where the number was made',
  });
}

/** Refuses an array of the wrong length. */
export function wrongSize(name: string, got: number, expected: string): never {
  fail({
    code: 'shape-mismatch',
    where: 'measure',
    problem: `${name} have the wrong length`,
    got: `${got} numbers`,
    expected,
    fix: 'pass n*d positions, row-major, and n masses',
  });
}

/** Refuses a total mass. */
export function wrongTotal(where: string, total: number, expected: string): never {
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the total mass is wrong',
    got: `a sum of ${total}`,
    expected,
    fix: "divide the masses by their sum, or pass kind: 'positive'",
  });
}
