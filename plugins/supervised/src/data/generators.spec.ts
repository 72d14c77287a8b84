import { randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import type { DataTable } from '../table.js';
import {
  circlesTable,
  type GeneratorOptions,
  singleIndexTable,
  sparseSpikesTable,
  teacherStudentTable,
  threeSpinTable,
} from './generators.js';

const rows = 4000;
const generators: readonly [string, number, (options: GeneratorOptions) => DataTable][] = [
  ['teacher and student', 6, (options) => teacherStudentTable({ ...options, inputs: 6, neurons: 3 })],
  ['single index', 6, (options) => singleIndexTable({ ...options, inputs: 6 })],
  ['three-spin', 5, (options) => threeSpinTable({ ...options, inputs: 5 })],
  ['sparse spikes', 1, (options) => sparseSpikesTable({ ...options, spikes: 3, width: 0.05 })],
  ['circles', 2, (options) => circlesTable(options)],
];
const make = (seed: number, noise = 0): GeneratorOptions => ({ rows, key: randomKey(seed), noise });
const columnsOf = (table: DataTable): Float64Array[] => table.header.map((_, k) => table.numbers(k));
const mean = (values: Float64Array, of: (value: number) => number = (value) => value): number =>
  values.reduce((sum, value) => sum + of(value), 0) / values.length;

describe.each(generators)('the table of %s', (name, inputs, generate) => {
  test('is that of its seed: the same again, another for another seed', () => {
    const [first, again, other] = [1, 1, 2].map((seed) => columnsOf(generate(make(seed))));
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(generate(make(1)).header).toEqual([...Array.from({ length: inputs }, (_, k) => `x${k}`), 'y']);
  });

  test('has noise of the stated size: on the target, or for circles on the points', () => {
    const [clean, noisy] = [0, 0.3].map((noise) => columnsOf(generate(make(3, noise))));
    const at = name === 'circles' ? 0 : inputs;
    const squares = mean(Float64Array.from(clean[at], (value, l) => (noisy[at][l] - value) ** 2));
    // The mean square of 4000 normals is off by 10 % once in 10^5 (standard error 2.2 %).
    expect(Math.abs(squares / 0.09 - 1)).toBeLessThan(0.1);
  });
});

test('a single index depends on one direction only, to which no linear function answers', () => {
  const columns = columnsOf(singleIndexTable({ ...make(4), inputs: 6 }));
  const y = columns[6];
  // E y^2 = 1 and E y x_k = 0: bands of five standard errors, sqrt(2 / rows) and at most sqrt(3 / rows).
  expect(Math.abs(mean(y, (value) => value ** 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / rows));
  for (const x of columns.slice(0, 6)) {
    expect(Math.abs(mean(Float64Array.from(y, (value, l) => value * x[l])))).toBeLessThan(5 * Math.sqrt(3 / rows));
  }
  // The second moments E y^2 x_j x_k = delta_jk + 2 w_j w_k have the eigenvalue 3 along w, and 1 across: trace 6 + 2.
  const trace = columns
    .slice(0, 6)
    .reduce((sum, x) => sum + mean(Float64Array.from(y, (v, l) => v * v * x[l] * x[l])), 0);
  expect(Math.abs(trace - 8)).toBeLessThan(1);
});

test('one neuron as teacher is a relu of its inputs: nonnegative, zero on half the rows', () => {
  const y = columnsOf(teacherStudentTable({ ...make(5), inputs: 6, neurons: 1 }))[6];
  expect(Math.min(...y)).toBe(0);
  // Half the rows, five standard errors.
  expect(Math.abs(mean(y, (value) => Number(value === 0)) - 0.5)).toBeLessThan(2.5 / Math.sqrt(rows));
});

test('three-spin rows lie on the sphere of radius sqrt(d)', () => {
  const columns = columnsOf(threeSpinTable({ ...make(6), inputs: 5 }));
  for (let l = 0; l < rows; l++) {
    expect(columns.slice(0, 5).reduce((sum, x) => sum + x[l] ** 2, 0)).toBeCloseTo(5, 10);
  }
});

test('spikes alternate in sign, one per cell', () => {
  const [x, y] = columnsOf(sparseSpikesTable({ ...make(7), spikes: 4, width: 0.01 }));
  for (let cell = 0; cell < 4; cell++) {
    const own = Array.from(y).filter((_, l) => x[l] >= cell / 4 && x[l] < (cell + 1) / 4);
    const peak = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most));
    expect(peak).toBeCloseTo(cell % 2 === 0 ? 1 : -1, 2);
  }
});

test('circles have radius 1 and 2, told apart by the target', () => {
  const [x0, x1, y] = columnsOf(circlesTable(make(8)));
  for (let l = 0; l < rows; l++) expect(Math.hypot(x0[l], x1[l])).toBeCloseTo(y[l] === 1 ? 1 : 2, 12);
  expect(mean(y)).toBe(0);
});
