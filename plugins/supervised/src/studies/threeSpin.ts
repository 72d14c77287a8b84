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

/** The error of networks of n units that learn the three-spin polynomial, against n. */
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
