import type { Study, StudyContext, StudyResult } from '@muflow/core';
import { z } from 'zod';
import { setTargetIds } from '../targets/catalog.js';
import { confoundClaims, confoundFigures, confoundNotes, confoundTables } from './optimiserConfoundReport.js';
import { type ConfoundRun, confoundRun, type TrapRun, trapRuns } from './optimiserConfoundRuns.js';

const params = z.strictObject({
  target: z.enum(setTargetIds).default('single-neuron'),
  dim: z.int().min(1).max(1000).default(5).describe('dimension d of the points'),
  sets: z.int().min(8).max(3000).default(60).describe('sets to learn from'),
  setSize: z.int().min(1).max(10_000).default(4).describe('points of each'),
  testSets: z.int().min(10).max(100_000).default(200),
  radius: z.number().positive().default(3).describe('points are uniform in [-radius, radius]^d'),
  unitTeacher: z.boolean().default(true).describe('scale the single neuron to a unit weight'),
  inner: z.string().default('squared-relu'),
  outer: z.string().default('relu'),
  width: z.int().min(1).max(10_000).default(24).describe('width of S1'),
  frozenWidth: z.int().min(1).max(20_000).default(150).describe('frozen test features and frozen neurons of S3'),
  rate: z.number().positive().default(5e-4).describe('of Adam'),
  steps: z.int().min(4).max(1_000_000).default(300).describe('of Adam, for the comparison'),
  longer: z.int().min(1).max(1000).default(4).describe('factor of steps to which S3 is followed'),
  shares: z
    .array(z.number().positive().max(50))
    .min(3)
    .default([0.25, 0.5, 0.75, 1, 1.5, 2, 4])
    .describe('frozen widths over the number of sets for the trap, 1 among them'),
  seeds: z.int().min(2).max(100).default(3).describe('teachers, each with sets and features of its own'),
});

export type ConfoundParams = z.output<typeof params>;

/**
 * How much of the gap between S1 and S3 is the optimizer: the convex class S3 trained by Adam beside its exact solution,
 * and the trap of the exact solution without a penalty where frozen neurons are as many as sets.
 */
export const optimiserConfoundStudy: Study<ConfoundParams> = {
  id: 'symmetric/optimiser-confound',
  title: 'How much of the gap of S3 is the optimizer: closed form against Adam, and the trap without a penalty',
  reference: 'ZweigBruna2021',
  params,
  async run(given: ConfoundParams, context: StudyContext): Promise<StudyResult> {
    const runs: ConfoundRun[] = [];
    const traps: TrapRun[][] = [];
    for (let seed = 0; seed < given.seeds; seed++) {
      runs.push(await confoundRun(given, seed, context));
      traps.push(await trapRuns(given, seed, context));
    }
    return {
      claims: confoundClaims(runs, traps, given),
      tables: confoundTables(runs, traps, given),
      figures: confoundFigures(runs, traps, given),
      notes: confoundNotes(given),
    };
  },
};
