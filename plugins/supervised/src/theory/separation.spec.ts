import fc from 'fast-check';
import { expect, test } from 'vitest';
import { separates } from './separation.js';

const axes = [
  { low: -1, high: 1 },
  { low: 0, high: 2 * Math.PI, periodic: true },
];

/** n atoms on the graph of a over an arc of angles. */
const graph = (n: number, arc: number, height: (angle: number) => number): number[] =>
  Array.from({ length: n }, (_, i) => (arc * i) / n).flatMap((angle) => [height(angle), angle]);

test('the graph of a continuous function over the whole circle separates a = -1 from a = 1', () => {
  fc.assert(
    fc.property(fc.double({ min: -0.6, max: 0.6, noNaN: true }), fc.integer({ min: 1, max: 3 }), (size, waves) => {
      const points = graph(200, 2 * Math.PI, (angle) => size * Math.sin(waves * angle));
      expect(separates(points, { axes, resolution: 0.1 })).toBe(true);
    }),
    { seed: 1, numRuns: 30 },
  );
});

test('an arc separates only once its gap closes at the resolution', () => {
  for (const missing of [0.15, 0.5, 1, 3]) {
    const points = graph(400, 2 * Math.PI - missing, () => 0.2);
    expect(separates(points, { axes, resolution: 0.1 }), `gap ${missing}`).toBe(missing < 0.2);
  }
});

test('without the periodic axis the walls close the ends, and without atoms nothing separates', () => {
  const flat = [axes[0], { low: 0, high: 1 }];
  const points = Array.from({ length: 20 }, (_, i) => [0, (i + 0.5) / 20]).flat();
  expect(separates(points, { axes: flat, resolution: 0.05 })).toBe(true);
  expect(separates(points.slice(0, 30), { axes: flat, resolution: 0.05 })).toBe(false);
  expect(separates([], { axes, resolution: 0.1 })).toBe(false);
});

test('a closed surface in three dimensions separates, one with a hole does not', () => {
  const cube = [
    { low: -1, high: 1 },
    { low: -1, high: 1 },
    { low: -1, high: 1 },
  ];
  const sheet = Array.from({ length: 21 * 21 }, (_, k) => {
    const [y, z] = [(k % 21) / 10 - 1, Math.floor(k / 21) / 10 - 1];
    return [0.3 * y * z, y, z];
  });
  expect(separates(sheet.flat(), { axes: cube, resolution: 0.1 })).toBe(true);
  const torn = sheet.filter(([, y, z]) => y * y + z * z > 0.09);
  expect(separates(torn.flat(), { axes: cube, resolution: 0.1 })).toBe(false);
});

test('two rows of atoms at different heights leave a way between them unless it is closed', () => {
  const lower = graph(100, Math.PI, () => -0.5);
  const upper = graph(100, Math.PI, () => 0.5).map((v, k) => (k % 2 === 1 ? v + Math.PI : v));
  expect(separates([...lower, ...upper], { axes, resolution: 0.1 })).toBe(false);
  const rungs = [0, Math.PI].flatMap((angle) => Array.from({ length: 21 }, (_, i) => [i / 20 - 0.5, angle]).flat());
  expect(separates([...lower, ...upper, ...rungs], { axes, resolution: 0.1 })).toBe(true);
});

test('what cannot be a grid is refused', () => {
  expect(() => separates([0, 0], { axes: [axes[1], axes[0]], resolution: 0.1 })).toThrow('[separates]');
  expect(() => separates([0, 0, 0], { axes, resolution: 0.1 })).toThrow('whole points');
  expect(() => separates([0, 0], { axes, resolution: 1e-6 })).toThrow('2e7');
});
