import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSpace } from '../space/parse.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { initialLaws } from './initialLaws.js';
import type { LawOutcome } from './law.js';
import { measureArbitrary, profileArbitrary, spaceArbitrary } from './measureArbitraries.js';
import { sameBytes } from './measures.js';

const params = { seed: 1, numRuns: 300 };
const [valid] = initialLaws;

test('every generated measure is a measure: sizes, atoms in the space, masses, ids', () => {
  fc.assert(
    fc.property(measureArbitrary(), (mu) => {
      const outcome = valid.check(() => mu, { seed: 1 }) as LawOutcome;
      expect(outcome.counterexample).toBeUndefined();
      expect(outcome.holds).toBe(true);
    }),
    params,
  );
});

test('atoms of positive mass, no two of equal mass, so that no law can take the one for the other', () => {
  fc.assert(
    fc.property(measureArbitrary({ count: 6 }), ({ masses }) => {
      expect(Math.min(...masses)).toBeGreaterThan(0);
      expect(new Set(masses).size).toBe(6);
    }),
    params,
  );
});

test('space, number of atoms and kind are those asked for', () => {
  const space = sphere(3);
  const bounds = { min: 2, max: 4 };
  const seen = new Set<number>();
  fc.assert(
    fc.property(measureArbitrary({ space, count: bounds, kind: 'positive' }), (mu) => {
      expect(mu.space).toBe(space);
      expect(mu.kind).toBe('positive');
      seen.add(mu.count);
    }),
    params,
  );
  expect([...seen].sort()).toEqual([2, 3, 4]);
});

test('every family of spaces and both kinds occur', () => {
  const measures = fc.sample(measureArbitrary(), params);
  expect(new Set(measures.map(({ space }) => space.kind))).toEqual(
    new Set(['euclidean', 'box', 'sphere', 'torus', 'simplex', 'finite', 'product']),
  );
  expect(new Set(measures.map(({ kind }) => kind))).toEqual(new Set(['probability', 'positive']));
});

test('the name of every generated space is read back as the same space', () => {
  fc.assert(
    fc.property(spaceArbitrary, ({ name, dim, intrinsicDim, volume }) => {
      expect(parseSpace(name)).toMatchObject({ name, dim, intrinsicDim, volume });
    }),
    params,
  );
});

test('a failing property shrinks to as few atoms as fail, on the line', () => {
  const failing = fc.property(measureArbitrary(), ({ count }) => count < 3);
  const { counterexample } = fc.check(failing, { seed: 1, numRuns: 100 });
  expect(counterexample?.[0].count).toBe(3);
  expect(counterexample?.[0].space.name).toBe('euclidean(1)');
});

test('the same seed generates the same bytes', () => {
  const sample = () => fc.sample(measureArbitrary(), { seed: 7, numRuns: 20 });
  expect(sameBytes(sample(), sample())).toBe(true);
});

test('a generated profile has a measure for every player, each as asked for', () => {
  const players = profileArbitrary([{ space: torus(1), count: 2, kind: 'probability' }, { space: sphere(2) }]);
  fc.assert(
    fc.property(players, (profile) => {
      expect(profile.map(({ space }) => space.name)).toEqual(['torus(1)', 'sphere(2)']);
      expect(profile[0].count).toBe(2);
      expect(profile[0].kind).toBe('probability');
    }),
    { seed: 1, numRuns: 50 },
  );
});
