import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { studentTeacherStudy } from './studentTeacher.js';

const small = { inputs: 6, teacherUnits: 2, width: 8, seeds: 2, steps: 2000 };

test('all methods start at one energy, and the gradient flow conserves neurons and mass', async () => {
  const { tables } = await runStudy(studentTeacherStudy, small, { seed: 1 });
  const [end, course] = tables;
  expect(new Set(course.rows[0].slice(1)).size).toBe(1);
  const ofFlow = end.rows.find(([method]) => method === 'gradient flow') ?? [];
  expect(ofFlow.slice(4, 8)).toEqual([1, 1, 1, 0]);
  expect(Number(ofFlow[8])).toBeCloseTo(8, 9);
});

test('the flow is resolved: half the step changes the energy at the end by less than a hundredth', async () => {
  const energyAt = async (dt: number) =>
    Number((await runStudy(studentTeacherStudy, { ...small, seeds: 1, dt }, { seed: 1 })).tables[0].rows[0][1]);
  const [coarse, fine] = [await energyAt(1), await energyAt(0.5)];
  expect(coarse).not.toBe(fine);
  expect(Math.abs(coarse / fine - 1)).toBeLessThan(0.01);
});

test('a run is that of its seed', async () => {
  const series = async (seed: number) => (await runStudy(studentTeacherStudy, small, { seed })).metrics;
  const [first, again, other] = [await series(1), await series(1), await series(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
