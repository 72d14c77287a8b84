import type { Study } from '@muflow/core';
import { particleComplexityReport, type SpikeRuns } from './particleComplexityReport.js';
import {
  type ParticleComplexityParams,
  particleComplexityParams,
  type Repeat,
  runRepeat,
} from './particleComplexityRuns.js';

/** How many particles the deconvolution of five spikes takes, beside fixed places and Frank-Wolfe. */
export const particleComplexityStudy: Study<ParticleComplexityParams> = {
  id: 'supervised/particle-complexity',
  title: 'How many particles find five spikes: moving atoms, fixed places and Frank-Wolfe',
  reference: 'ChizatBach2018, section 4',
  params: particleComplexityParams,
  async run(given, context) {
    const all: SpikeRuns[] = [];
    for (const kind of given.spikes) {
      const repeats: Repeat[] = [];
      for (let repeat = 0; repeat < given.seeds; repeat++) {
        repeats.push(await runRepeat(kind, given, repeat, context));
      }
      all.push({ kind, repeats });
    }
    return particleComplexityReport(all, given);
  },
};
