import type { Study, StudyContext, StudyResult } from '@muflow/core';
import { z } from 'zod';
import { setTargetIds } from '../targets/catalog.js';
import { hierarchyClaims, hierarchyFigures, hierarchyNotes, hierarchyTables } from './hierarchyReport.js';
import { hierarchyRuns } from './hierarchyRuns.js';
import { penaltyEffect } from './penaltyEffect.js';

const sizes = (most: number) => z.array(z.int().min(1).max(most)).min(1);

const params = z.strictObject({
  targets: z
    .array(z.enum(setTargetIds))
    .min(1)
    .default(['single-neuron', 'smooth-neuron', 'max'])
    .describe('functions of sets to learn'),
  dims: sizes(1000).default([5]).describe('dimensions of the points'),
  trainSets: sizes(100_000).default([60]).describe('numbers of sets to learn from'),
  setSize: z.int().min(1).max(10_000).default(4).describe('points of a set to learn from'),
  testSizes: sizes(10_000).default([2, 4, 8, 16, 32]).describe('points of the sets to test on'),
  testSets: z.int().min(10).max(100_000).default(150),
  radius: z.number().positive().default(3).describe('points are uniform in [-radius, radius]^d'),
  unitTeacher: z
    .boolean()
    .default(false)
    .describe(
      'scale the single neuron to a unit weight: a smaller target beside the same start, nearer to lazy training',
    ),
  inner: z.string().default('squared-relu'),
  outer: z.string().default('relu'),
  width: z.int().min(1).max(10_000).default(24).describe('width of trained layers'),
  frozenWidth: z.int().min(1).max(20_000).default(100).describe('width of frozen layers'),
  rate: z.number().positive().default(5e-3).describe('of Adam, for S1 and S2'),
  steps: z.int().min(1).max(1_000_000).default(200),
  lambda: z.number().min(0).default(0).describe('penalty of the norm of the class, for S1 and S2'),
  seeds: z.int().min(2).max(100).default(3).describe('teachers, each with sets and starts of its own'),
});

export type HierarchyParams = z.output<typeof params>;

/**
 * The three classes on the same sets: all layers trained, the first one frozen, the first two frozen and the last in
 * closed form. What counts is the error over the variance of the target, at sizes of sets seen and unseen.
 */
export const hierarchyStudy: Study<HierarchyParams> = {
  id: 'symmetric/hierarchy',
  title: 'The classes S1, S2 and S3 on functions of sets: who learns what, and who transfers to larger sets',
  reference: 'ZweigBruna2021',
  params,
  async run(given: HierarchyParams, context: StudyContext): Promise<StudyResult> {
    const runs = await hierarchyRuns(given, context);
    const effect = await penaltyEffect(given, context);
    return {
      claims: hierarchyClaims(runs, effect, given),
      tables: hierarchyTables(runs, given),
      figures: hierarchyFigures(runs, given),
      notes: hierarchyNotes(given),
    };
  },
};
