import { deriveKey, randomKey, type Study, type StudyContext, type StudyResult } from '@muflow/core';
import { setModelFiles } from '../model/setModelFiles.js';
import { selectSets } from '../sets/batches.js';
import { setsToCsv } from '../sets/writeSets.js';
import { type CloudData, cloudData, type PointCloudsParams, pointCloudsParams } from './pointCloudsParams.js';
import { cloudClaims, cloudFigures, cloudNotes, cloudTables } from './pointCloudsReport.js';
import { type CloudFit, fitClouds, learners } from './pointCloudsRuns.js';

/**
 * Point clouds told apart by networks on measures: generated shapes, or images of a table as clouds of their bright pixels.
 * The classes S1, S2 and S3 are trained alike, by Adam on the cross-entropy, on clouds of several sizes, and S3 is fitted as
 * ridge regression too; what counts are clouds that were held out. The network S1 of the largest clouds is left as
 * model.json and model.npz for `muflow predict`, with the held-out clouds.
 */
export const pointCloudsStudy: Study<PointCloudsParams> = {
  id: 'symmetric/point-clouds',
  title: 'Shapes and images told apart as point clouds by networks of the classes S1, S2 and S3',
  reference: 'ZweigBruna2021',
  params: pointCloudsParams,
  async run(params, context): Promise<StudyResult> {
    const fits: CloudFit[] = [];
    let first: CloudData | null = null;
    for (let repetition = 0; repetition < params.seeds; repetition++) {
      const key = deriveKey(randomKey(context.seed), 'repetition', repetition);
      await context.pause({ label: 'reading the clouds', step: repetition });
      const data = cloudData(params, key);
      first ??= data;
      for (let at = 0; at < params.sizes.length; at++) {
        for (const learner of learners) {
          fits.push(await fitClouds({ learner, data, at, repetition, key }, params, context));
        }
      }
    }
    if (first === null) return { claims: [], tables: [], figures: [] };
    return {
      claims: cloudClaims(fits, first, params),
      tables: cloudTables(fits, first, params),
      figures: cloudFigures(fits, first, params),
      files: filesOf(fits, first, params, context),
      notes: cloudNotes(first, params),
    };
  },
};

/** The network S1 of the first repetition and the largest clouds, and the clouds that it has not seen. */
function filesOf(
  fits: readonly CloudFit[],
  data: CloudData,
  { sizes, label, table }: PointCloudsParams,
  { seed }: StudyContext,
): Record<string, string | Uint8Array> {
  const size = sizes[sizes.length - 1];
  const best = fits.find((fit) => fit.learner === 'S1' && fit.repetition === 0 && fit.size === size);
  if (best === undefined) return {};
  const name = table === null ? 'shape' : typeof label === 'string' ? label : 'label';
  const model = setModelFiles({
    ...best,
    outputs: data.classes.map((cls) => ({ name: cls, mean: 0, deviation: 1 })),
    label: name,
    ...(data.images !== null && { images: data.images }),
    origin: `symmetric/point-clouds, seed ${seed}, ${data.train.length} clouds of ${size} points`,
  });
  if (data.images !== null) return { ...model };
  const held = selectSets(data.batches[sizes.length - 1], data.test);
  const labels = Array.from(data.test, (at) => data.classes[data.labels[at]]);
  return { ...model, 'held-out.csv': setsToCsv(held, data.coordinates, { [name]: labels }) };
}
