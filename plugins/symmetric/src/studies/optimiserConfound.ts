import type { Study, StudyContext, StudyResult } from '@muflow/core';
import { type ConfoundParams, confoundParams } from './optimiserConfoundParams.js';
import { confoundClaims, confoundFigures, confoundNotes, confoundTables } from './optimiserConfoundReport.js';
import { type ConfoundRun, confoundRun, type TrapRun, trapRuns } from './optimiserConfoundRuns.js';

/**
 * How much of the gap between S1 and S3 is the optimizer: the convex class S3 trained by Adam beside its exact solution,
 * and the trap of the exact solution without a penalty where frozen neurons are as many as sets.
 */
export const optimiserConfoundStudy: Study<ConfoundParams> = {
  id: 'symmetric/optimiser-confound',
  title: 'How much of the gap of S3 is the optimizer: closed form against Adam, and the trap without a penalty',
  reference: 'ZweigBruna2021',
  params: confoundParams,
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
