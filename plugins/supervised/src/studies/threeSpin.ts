import type { Study } from '@muflow/core';
import { threeSpinReport } from './threeSpinReport.js';
import {
  formOf,
  gaussianLosses,
  type Losses,
  sigmoidLosses,
  type ThreeSpinParams,
  threeSpinParams,
} from './threeSpinRuns.js';

/**
 * The error of networks of n units that learn the three-spin polynomial, against n. The defaults take 22 s of one core.
 * All widths of the claim for Gaussian units too, until their slope is in the band, take 170 s (seed 1: slopes
 * -0.887 and -1.002):
 *
 *     muflow run supervised/three-spin --seed 1 --set "gaussianWidths=[32,64,128,256,512]" --set gaussianTime=2000
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
      all.push(await gaussianLosses(form, given, context));
    }
    return threeSpinReport(all, given);
  },
};
