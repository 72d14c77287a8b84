import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Space } from '../space/space.js';
import { measure } from './createMeasure.js';
import { logTotalMass, totalMass } from './profile.js';
import { addTangentInto, allocateTangent, combineInto, copyTangentInto, scaleTangentInto } from './tangent.js';
import {
  copyInto,
  copyProfileInto,
  normalizeInto,
  pushInto,
  snapshot,
  workingCopy,
  workingProfile,
} from './working.js';

/** The part of the real line that pushing a measure uses. */
const line = {
  kind: 'test',
  name: 'line',
  dim: 1,
  contains: () => true,
  retractInto: (out: Float64Array, points: Float64Array, velocity: Float64Array, scale: number, count: number) => {
    for (let i = 0; i < count; i++) out[i] = points[i] + scale * velocity[i];
  },
} as unknown as Space;

const mu = measure({ space: line, positions: [0, 1, 2], masses: [0.2, 0.3, 0.5] });
const plus = measure({ space: line, positions: [0, 1, 2], masses: [1, 2, 3], kind: 'positive' });
const finite = fc.double({ min: -50, max: 50, noNaN: true });
const triple = fc.tuple(finite, finite, finite);

describe('a working copy', () => {
  test('owns its buffers and shows new masses after touch', () => {
    const work = workingCopy(mu);
    expect(work.masses[0]).toBeCloseTo(0.2, 15);
    work.logMasses[0] = Math.log(0.4);
    work.positions[0] = 9;
    work.touch();
    expect(work.masses[0]).toBeCloseTo(0.4, 15);
    expect([mu.masses[0], mu.positions[0]]).toEqual([expect.closeTo(0.2, 15), 0]);
  });

  test('is written over by copyInto, lineage included', () => {
    const work = workingCopy(mu);
    const other = measure({ space: line, positions: [3, 4, 5], ids: [9, 8, 7], masses: [0, 0, 1] });
    expect(work.masses[2]).toBeCloseTo(0.5, 15);
    copyInto(work, other);
    expect(Array.from(work.positions)).toEqual([3, 4, 5]);
    expect(Array.from(work.ids)).toEqual([9, 8, 7]);
    expect(work.nextId).toBe(10);
    expect(work.masses[2]).toBe(1);
  });

  test('leaves a snapshot behind that later writes do not reach', () => {
    const work = workingCopy(mu);
    const frame = snapshot(work);
    work.positions.fill(-1);
    work.logMasses.fill(-1);
    work.ids.fill(1);
    expect(Array.from(frame.positions)).toEqual([0, 1, 2]);
    expect(frame.masses[2]).toBeCloseTo(0.5, 15);
    expect(Array.from(frame.ids)).toEqual([0, 1, 2]);
  });

  test('exists per player of a profile', () => {
    const work = workingProfile([mu, plus]);
    copyProfileInto(work, [mu, measure({ space: line, positions: [7, 7, 7], kind: 'positive' })]);
    expect(work[1].positions[2]).toBe(7);
    expect(work[0].positions[2]).toBe(2);
  });
});

describe('pushing a measure', () => {
  property.prop([triple, triple, fc.double({ min: -2, max: 2, noNaN: true })], { seed: 12 })(
    'moves x by dt v and log m by dt r, a probability staying one',
    (v, r, dt) => {
      const tangent = { velocity: Float64Array.from(v), growth: Float64Array.from(r) };
      const [work, positive] = [workingCopy(mu), workingCopy(plus)];
      pushInto(work, mu, tangent, dt);
      pushInto(positive, plus, tangent, dt);
      expect(Math.abs(totalMass(work) - 1)).toBeLessThan(1e-14);
      for (let i = 0; i < 3; i++) {
        expect(work.positions[i]).toBe(mu.positions[i] + dt * v[i]);
        expect(positive.logMasses[i]).toBe(plus.logMasses[i] + dt * r[i]);
        const shift = work.logMasses[i] - (mu.logMasses[i] + dt * r[i]);
        expect(Math.abs(shift - (work.logMasses[0] - (mu.logMasses[0] + dt * r[0])))).toBeLessThan(1e-12);
      }
    },
  );

  test('leaves null parts bitwise as they were', () => {
    const work = workingCopy(mu);
    pushInto(work, mu, { velocity: null, growth: null }, 1);
    expect(Array.from(work.logMasses)).toEqual(Array.from(mu.logMasses));
    expect(Array.from(work.positions)).toEqual(Array.from(mu.positions));
  });

  test('in place equals out of place', () => {
    const tangent = { velocity: Float64Array.of(1, -2, 3), growth: Float64Array.of(0.5, 0, -4) };
    const [apart, within] = [workingCopy(mu), workingCopy(mu)];
    pushInto(apart, mu, tangent, 0.3);
    pushInto(within, within, tangent, 0.3);
    expect(within.positions).toEqual(apart.positions);
    expect(within.masses).toEqual(apart.masses);
  });

  test('keeps masses positive down to log-mass -1000 and brings them back', () => {
    const work = workingCopy(plus);
    const down = { velocity: null, growth: Float64Array.of(-1000, -1000, -1000) };
    pushInto(work, plus, down, 1);
    expect(work.masses[0]).toBe(0);
    expect(logTotalMass(work)).toBeCloseTo(Math.log(6) - 1000, 10);
    pushInto(work, work, down, -1);
    expect(work.masses[2]).toBeCloseTo(3, 11);
  });

  test('an atom of no mass keeps none', () => {
    const nothing = measure({ space: line, positions: [0, 1], masses: [0, 1] });
    const work = workingCopy(nothing);
    pushInto(work, nothing, { velocity: null, growth: Float64Array.of(100, -3) }, 1);
    expect(Array.from(work.masses)).toEqual([0, 1]);
  });

  test('normalizing divides by the total', () => {
    const work = workingCopy(plus);
    normalizeInto(work, plus);
    expect(work.masses[2]).toBeCloseTo(0.5, 15);
  });

  test('refuses buffers of another size, with both sizes', () => {
    const work = workingCopy(measure({ space: line, positions: [0, 1] }));
    expect(() => pushInto(work, mu, { velocity: null, growth: null }, 1)).toThrow(/source 3 x 1, target 2 x 1/);
    expect(() => copyInto(work, mu)).toThrow(/source 3 x 1, target 2 x 1/);
  });
});

describe('tangents', () => {
  const tangentOf = (...values: number[]) => ({
    velocity: Float64Array.from(values),
    growth: Float64Array.of(values[0]),
  });

  test('combine linearly in the order of the stages, skipping zeros', () => {
    const out = allocateTangent(true, true, 1, 2);
    const stages = [tangentOf(1, 2), tangentOf(Number.NaN, Number.NaN), tangentOf(10, 20), tangentOf(5, 5)];
    combineInto(out, [2, 0, -1], stages);
    expect(Array.from(out.velocity ?? [])).toEqual([-8, -16]);
    expect(Array.from(out.growth ?? [])).toEqual([-8]);
  });

  test('add, scale and copy, a null part being zero', () => {
    const out = allocateTangent(true, true, 1, 2);
    addTangentInto(out, tangentOf(1, 2), 3);
    addTangentInto(out, { velocity: null, growth: Float64Array.of(1) });
    scaleTangentInto(out, 0.5);
    expect(Array.from(out.velocity ?? [])).toEqual([1.5, 3]);
    expect(out.growth?.[0]).toBe(2);
    copyTangentInto(out, { velocity: Float64Array.of(4, 5), growth: null });
    expect(Array.from(out.velocity ?? [])).toEqual([4, 5]);
    expect(out.growth?.[0]).toBe(0);
  });

  test('have only the parts asked for, and say which part does not fit', () => {
    const still = allocateTangent(false, true, 4, 2);
    expect(still.velocity).toBeNull();
    expect(still.growth).toHaveLength(4);
    expect(() => addTangentInto(still, tangentOf(1, 2))).toThrow(/velocity does not fit, got 2 numbers into none/);
  });
});
