import type { Study, StudyContext, StudyResult } from '@muflow/core';
import { type HierarchyParams, hierarchyParams } from './hierarchyParams.js';
import { hierarchyClaims, hierarchyFigures, hierarchyNotes, hierarchyTables } from './hierarchyReport.js';
import { hierarchyRuns } from './hierarchyRuns.js';
import { penaltyEffect } from './penaltyEffect.js';

/**
 * The three classes on the same sets: all layers trained, the first one frozen, the first two frozen and the last in
 * closed form. What counts is the error over the variance of the target, at sizes of sets seen and unseen.
 */
export const hierarchyStudy: Study<HierarchyParams> = {
  id: 'symmetric/hierarchy',
  title: 'The classes S1, S2 and S3 on functions of sets: who learns what, and who transfers to larger sets',
  reference: 'ZweigBruna2021',
  params: hierarchyParams,
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
