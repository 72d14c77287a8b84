import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Space } from '../space/space.js';
import { measure, normalize, rescale, withLogMasses, withMasses, withPositions } from './createMeasure.js';
import { logTotalMass, profileOf, totalMass } from './profile.js';

/** The part of a Euclidean space, cut to |x| < 100, that building a measure uses. */
const plane = {
  kind: 'test',
  name: 'plane',
  dim: 2,
  contains: (points: Float64Array, start = 0) => Math.hypot(points[start], points[start + 1]) < 100,
} as unknown as Space;

const positions = [0, 1, 2, 3, 4, 5];
const options = { space: plane, positions };
const massesOf = (count: number) =>
  fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: count, maxLength: count });

describe('a measure', () => {
  test('without masses is the uniform probability on its atoms', () => {
    const mu = measure(options);
    expect([mu.count, mu.dim, mu.kind, mu.nextId]).toEqual([3, 2, 'probability', 3]);
    expect(mu.masses[0]).toBeCloseTo(1 / 3, 15);
    expect(Array.from(mu.ids)).toEqual([0, 1, 2]);
  });

  property.prop([massesOf(3)], { seed: 11 })('of kind probability has total mass 1 to rounding', (raw) => {
    const total = raw.reduce((sum, mass) => sum + mass, 0);
    const mu = measure({ ...options, masses: raw.map((mass) => (mass / total) * (1 + 5e-10)) });
    expect(Math.abs(totalMass(mu) - 1)).toBeLessThan(1e-15 * 4);
    raw.forEach((mass, i) => {
      expect(Math.abs(mu.masses[i] - mass / total)).toBeLessThan(1e-14);
    });
  });

  test('copies its input', () => {
    const source = Float64Array.from(positions);
    const mu = measure({ space: plane, positions: source });
    source[0] = 99;
    expect(mu.positions[0]).toBe(0);
  });

  test('keeps log-masses at -1000 where masses underflow', () => {
    const mu = measure({ ...options, kind: 'positive', logMasses: [-1000, -1001, Number.NEGATIVE_INFINITY] });
    expect(mu.masses[0]).toBe(0);
    expect(logTotalMass(mu)).toBeCloseTo(-1000 + Math.log(1 + Math.exp(-1)), 12);
    expect(normalize(mu).masses[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 13);
    expect(normalize(mu).masses[2]).toBe(0);
  });

  test('admits atoms of no mass', () => {
    const mu = measure({ ...options, masses: [0, 1, 0] });
    expect(Array.from(mu.masses)).toEqual([0, 1, 0]);
  });

  test('computes its masses once', () => {
    const mu = measure(options);
    expect(mu.masses).toBe(mu.masses);
  });
});

describe('measures derived from a measure', () => {
  const mu = measure({ ...options, masses: [0.25, 0.25, 0.5], ids: [7, 3, 5] });

  test('keep ids and kind when masses or positions are replaced', () => {
    const other = withPositions(withMasses(mu, [0.5, 0.5, 0]), [5, 4, 3, 2, 1, 0]);
    expect(Array.from(other.ids)).toEqual([7, 3, 5]);
    expect(other.nextId).toBe(8);
    expect(Array.from(other.positions)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(other.masses[0]).toBeCloseTo(0.5, 15);
    expect(withLogMasses(mu, mu.logMasses).masses[2]).toBeCloseTo(0.5, 15);
  });

  test('scale by a factor and come back by normalizing', () => {
    const heavy = rescale(mu, 3);
    expect(heavy.kind).toBe('positive');
    expect(totalMass(heavy)).toBeCloseTo(3, 14);
    expect(normalize(heavy).masses[2]).toBeCloseTo(0.5, 15);
  });

  test('do not show masses of the measure they came from', () => {
    expect(mu.masses[2]).toBeCloseTo(0.5, 15);
    expect(rescale(mu, 2).masses[2]).toBeCloseTo(1, 14);
    expect(withPositions(mu, [5, 4, 3, 2, 1, 0]).masses[2]).toBeCloseTo(0.5, 15);
  });

  test('form a profile, one alone being the game of one player', () => {
    expect(profileOf(mu)).toEqual([mu]);
    expect(profileOf([mu, mu])).toHaveLength(2);
  });
});

describe('bad input is refused with its place and size', () => {
  const cases: readonly [string, () => unknown, RegExp][] = [
    [
      'positions that do not fill rows',
      () => measure({ space: plane, positions: [1, 2, 3] }),
      /3 numbers.*multiple of 2/,
    ],
    ['no atoms', () => measure({ space: plane, positions: [] }), /0 numbers/],
    ['a NaN coordinate', () => measure({ space: plane, positions: [0, 0, 0, Number.NaN] }), /atom 1, coordinate 1/],
    ['an atom outside', () => measure({ space: plane, positions: [0, 0, 200, 0] }), /atom 1 of 2.*\[200, 0\].*plane/],
    ['too few masses', () => measure({ ...options, masses: [1] }), /masses.*1 numbers, expected 3/],
    ['a negative mass', () => measure({ ...options, masses: [2, -0.5, -0.5] }), /atom 1 is negative, got -0.5/],
    ['an infinite mass', () => measure({ ...options, kind: 'positive', masses: [1, Infinity, 1] }), /atom 1.*Infinity/],
    ['an infinite log-mass', () => measure({ ...options, logMasses: [0, Infinity, 0] }), /atom 1.*Infinity/],
    ['a total that is not 1', () => measure({ ...options, masses: [0.25, 0.25, 0.25] }), /a sum of 0\.75/],
    ['a probability of no mass', () => measure({ ...options, masses: [0, 0, 0] }), /a sum of 0,/],
    ['masses twice', () => measure({ ...options, masses: [1, 0, 0], logMasses: [0, 0, 0] }), /twice/],
    ['an id twice', () => measure({ ...options, ids: [1, 2, 1] }), /id 2 is used twice/],
    ['a fractional id', () => measure({ ...options, ids: [1, 2, 2.5] }), /id 2 is not an unsigned/],
    ['a nextId in use', () => measure({ ...options, nextId: 2 }), /nextId.*got 2/],
    ['moving to another number of atoms', () => withPositions(measure(options), [0, 0]), /2 numbers, expected 3 \* 2/],
    ['a factor of 0', () => rescale(measure(options), 0), /got 0/],
    [
      'normalizing nothing',
      () => normalize(measure({ ...options, kind: 'positive', masses: [0, 0, 0] })),
      /\[normalize\].*sum of 0/,
    ],
  ];
  test.each(cases)('%s', (_, build, message) => {
    expect(build).toThrow(message);
  });
});
