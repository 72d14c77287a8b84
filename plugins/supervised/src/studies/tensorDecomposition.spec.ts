import { measure, randomKey, randomStream, runStudy, sphere } from '@muflow/core';
import { expect, test } from 'vitest';
import { momentTensor } from '../tensor/symmetricTensor.js';
import { tensorDecompositionStudy } from './tensorDecomposition.js';
import { facing, farthest, fillsBasins, plantedDirections, powerIteration } from './tensorDecompositionProblems.js';

// One problem of each family: about 3 s on one core.
test('particles find the terms of tensors and matrices, and certificates prove it', { timeout: 120_000 }, async () => {
  const given = { masses: [1.8, 1], widths: [2, 16], seeds: 1 };
  const { claims, tables } = await runStudy(tensorDecompositionStudy, given, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(16);
  expect(tables[0].rows.map(([family, m]) => `${family} ${m}`)).toHaveLength(6);
  // A penalty a sixteenth as large moves the terms about a sixteenth as far.
  const angles = tables[1].rows.map((row) => Number(row[1]));
  expect(angles[0] / angles[2]).toBeGreaterThan(10);
  expect(angles[0] / angles[2]).toBeLessThan(22);
});

test('a run is that of its seed', { timeout: 60_000 }, async () => {
  const given = { widths: [2, 4], seeds: 1, steps: 40, matrixDim: 4 };
  const tablesOf = async (seed: number) => (await runStudy(tensorDecompositionStudy, given, { seed })).tables;
  const [first, again, other] = [await tablesOf(1), await tablesOf(1), await tablesOf(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('power iteration finds the terms of orthogonal tensors, of even order up to their signs', () => {
  for (const order of [3, 4]) {
    const random = randomStream(randomKey(`power ${order}`));
    const target = plantedDirections('orthogonal', 5, [2, 1, 0.5], random);
    const found = powerIteration(momentTensor(target, order), 3, random);
    const { angle, mass } = farthest(order === 4 ? facing(found, target) : found, target);
    expect(angle).toBeLessThan(1e-12);
    expect(mass).toBeLessThan(1e-12);
  }
});

test('a particle is in the basin of the term of the greatest w c^(k-2)', () => {
  const at = (positions: number[]) =>
    measure({ space: sphere(2), kind: 'positive', positions, masses: [1, 1].slice(0, positions.length / 2) });
  const target = measure({ space: sphere(2), kind: 'positive', positions: [1, 0, 0, 1], masses: [2, 1] });
  // The border between the terms is 2 c_1 = c_2 for k = 3, 2 c_1^2 = c_2^2 for k = 4.
  const onBorder = (slope: number): number[] => [1 / Math.hypot(1, slope), slope / Math.hypot(1, slope)];
  expect(fillsBasins(at([1, 0, ...onBorder(2.01)]), target, 3)).toBe(true);
  expect(fillsBasins(at([1, 0, ...onBorder(1.99)]), target, 3)).toBe(false);
  expect(fillsBasins(at([1, 0, ...onBorder(-1.42)]), target, 4)).toBe(true);
  expect(fillsBasins(at([1, 0, ...onBorder(-1.41)]), target, 4)).toBe(false);
  expect(fillsBasins(at([0, 1]), target, 3)).toBe(false);
});
