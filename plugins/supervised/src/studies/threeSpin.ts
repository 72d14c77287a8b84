import type { Study } from '@muflow/core';
import { threeSpinReport } from './threeSpinReport.js';
import {
  formOf,
  gaussianLosses,
  gaussianTrainedLosses,
  type Losses,
  sigmoidLosses,
  type ThreeSpinParams,
  threeSpinParams,
} from './threeSpinRuns.js';

/**
 * The error of networks of n units that learn the three-spin polynomial, against n. The defaults take 22 s of one core.
 * All widths of the claim for both kinds of units, until the slopes of both are in the band, take 200 s:
 *
 *     muflow run supervised/three-spin --seed 1 --set "gaussianWidths=[32,64,128,256,512]" \
 *       --set "gaussianBatches=[20]" --set gaussianTime=2000
 *
 * Seed 1: slopes -0.887 (sigmoid units), -0.868 (Gaussian units, batch 20) and -1.002 (their exact flow).
 */
export const threeSpinStudy: Study<ThreeSpinParams> = {
  id: 'supervised/three-spin',
  title: 'Error against width on the three-spin polynomial of the sphere',
  reference: 'RotskoffVandenEijnden2018, section 4',
  params: threeSpinParams,
  async run(given, context) {
    const all: Losses[] = [];
    for (const inputs of given.inputs) {
      const form = formOf(inputs, context.seed);
      for (const batch of given.batches) all.push(await sigmoidLosses(form, batch, given, context));
      for (const batch of given.gaussianBatches) all.push(await gaussianTrainedLosses(form, batch, given, context));
      all.push(await gaussianLosses(form, given, context));
    }
    return threeSpinReport(all, given);
  },
};
