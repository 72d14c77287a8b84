import { afterAll, describe, expect, test } from 'vitest';
import { fillNormal, randomKey } from '../../math/random.js';
import type { HingeRows, HingeSums } from '../hinge.js';
import { wasmBackend } from './wasmBackend.js';

const threads = [1, 2, 3];
const backends = threads.map((count) => wasmBackend({ threads: count }));
afterAll(() => {
  for (const backend of backends) backend.dispose?.();
});

const normals = (count: number, name: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(name));
  return out;
};

const width = 11;

function compiled(backend: ReturnType<typeof wasmBackend>, rows: HingeRows): HingeSums {
  const sums = backend.compileHinges?.(rows) ?? null;
  if (sums === null) throw new Error('not compiled');
  return sums;
}

/** Both sums of points, as one list. */
function sumsOf(sums: HingeSums, atoms: Float64Array, rows: number): Float64Array {
  const count = atoms.length / width;
  const weights = normals(Math.max(rows, count), 'weights');
  expect(sums.place(atoms, count)).toBe(true);
  const points = new Float64Array(rows);
  sums.overPointsInto(points, weights);
  const out = { values: new Float64Array(count), gradients: new Float64Array(count * width) };
  sums.overRowsInto(out, weights, weights);
  return Float64Array.of(...points, ...out.values, ...out.gradients);
}

describe('hinge sums on threads', () => {
  // Sizes of one part, of two and of four, below and above what is shared between threads.
  test.each([
    [30, 40],
    [503, 203],
    [1001, 307],
  ])('one, two or three give the same bits while points move: %d rows, %d points', (rows, count) => {
    const coordinates = normals(rows * width, 'rows');
    const all = backends.map((backend) => compiled(backend, { coordinates, count: rows, width }));
    const atoms = normals(count * width, 'atoms');
    const way = normals(count * width, 'way');
    for (const step of [0, 1e-3, 1e-3, 0.1, -2]) {
      for (let k = 0; k < atoms.length; k++) atoms[k] += step * way[k];
      const [one, ...others] = all.map((sums) => sumsOf(sums, atoms, rows));
      for (const other of others) expect(other).toEqual(one);
    }
  });

  test('several sets of rows take turns, and none disturbs what another has placed', () => {
    const [single, double] = backends;
    const names = ['first', 'second', 'third'];
    const count = 200;
    const weights = normals(600, 'weights');
    const read = (sums: HingeSums): Float64Array => {
      const out = { values: new Float64Array(count), gradients: new Float64Array(count * width) };
      sums.overRowsInto(out, weights, weights);
      return out.gradients;
    };
    const sets = (backend: typeof single): HingeSums[] =>
      names.map((name) => compiled(backend, { coordinates: normals(600 * width, name), count: 600, width }));
    const [expected, actual] = [sets(single), sets(double)];
    // Turns in which every set has the shared memory for a while, and one that is placed rarely is read in between.
    const turns = [0, ...Array.from({ length: 12 }, () => 1), ...Array.from({ length: 20 }, () => 2), 0, 1, 2, 0, 0];
    turns.forEach((turn, k) => {
      const atoms = normals(count * width, `atoms ${k}`);
      expect(expected[turn].place(atoms, count)).toBe(true);
      expect(actual[turn].place(atoms, count)).toBe(true);
      for (const set of new Set(turns.slice(0, k + 1))) expect(read(actual[set])).toEqual(read(expected[set]));
    });
  });

  test('sums before any points are placed are an error', () => {
    const sums = compiled(backends[0], { coordinates: normals(width, 'rows'), count: 1, width });
    expect(() => sums.overPointsInto(new Float64Array(1), new Float64Array(1))).toThrow(
      /\[hinge sums\] no points are placed/,
    );
  });
});
