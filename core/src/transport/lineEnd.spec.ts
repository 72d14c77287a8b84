import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { euclidean } from '../space/euclidean.js';
import { lineEnd, sortedEnd } from './lineEnd.js';
import { wassersteinOnLine } from './oneDimensional.js';
import { transportSides } from './sides.js';

const source = randomStream(randomKey(84));
const line = euclidean(1);
const draws: Readonly<Record<string, (k: number) => number>> = {
  'spread evenly': () => source.uniform(),
  'of very different size': () => (source.uniform() - 0.5) ** 31,
  'on few places': () => Math.floor(5 * source.uniform()),
  'on one place': () => 3,
  'sorted already': (k) => k,
  'sorted backwards': (k) => -k,
  'far apart': (k) => (k === 7 ? 1e300 : k === 8 ? -1e300 : source.uniform()),
};

const cloud = (draw: (k: number) => number, count: number, weighted: boolean) => {
  const masses = Float64Array.from({ length: count }, () => (weighted ? 0.1 + source.uniform() : 1));
  const total = masses.reduce((a, b) => a + b);
  return measure({
    space: line,
    positions: Float64Array.from(masses, (_, k) => draw(k)),
    masses: masses.map((m) => m / total),
  });
};

describe('the ends of a problem on the line', () => {
  test.each(Object.entries(draws))('are sorted with their masses, atoms %s', (_, draw) => {
    for (const count of [1, 63, 64, 500]) {
      for (const weighted of [false, true]) {
        const mu = cloud(draw, count, weighted);
        const [side] = transportSides('test', [mu, mu], { balanced: true });
        const [fast, slow] = [lineEnd(side), sortedEnd(side)];
        expect(fast.positions).toEqual(slow.positions);
        expect(fast.uniform).toBe(new Set(mu.masses).size === 1);
        // Atoms at one place may come in any order.
        const pairs = ({ positions, masses }: typeof slow | typeof fast): string[] =>
          Array.from(positions, (x, k) => `${x} ${masses[k]}`).sort();
        expect(pairs(fast)).toEqual(pairs(slow));
      }
    }
  });

  test.each(Object.entries(draws).filter(([name]) => name !== 'far apart'))(
    'give the same distance with a plan and without, atoms %s',
    (_, draw) => {
      for (const weighted of [false, true]) {
        for (const p of [1, 2, 3.5]) {
          const [mu, nu] = [cloud(draw, 300, weighted), cloud((k) => 2 * draw(k) + 1, 300, weighted)];
          const whole = wassersteinOnLine(mu, nu, { p });
          const bare = wassersteinOnLine(mu, nu, { p, plan: false });
          expect(Math.abs(bare.value - whole.value)).toBeLessThanOrEqual(1e-14 * whole.value);
          expect(bare.lower).toBeLessThanOrEqual(whole.upper);
          expect(whole.lower).toBeLessThanOrEqual(bare.upper);
          expect(bare.upper - bare.lower).toBeLessThanOrEqual(1e-9 * bare.value);
        }
      }
    },
  );

  test('share the arrays of a measure that has no atom without mass, and name its atoms', () => {
    const mu = cloud(() => source.uniform(), 5, true);
    const [side] = transportSides('test', [mu, mu], { balanced: true });
    expect(side.positions).toBe(mu.positions);
    expect(Array.from(side.atoms)).toEqual([0, 1, 2, 3, 4]);
  });
});
