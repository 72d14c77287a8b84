import { z } from 'zod';
import { birthDeath, reinjection } from '../../flow/birthDeath.js';
import type { Jump } from '../../flow/flow.js';
import { resampleOnLowEss, systematicResampling } from '../../flow/resampling.js';
import { merge, prune } from '../../flow/thinning.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const player = z.int().min(0).default(0);
const rate = z.number().min(0).default(1);
const potential = z
  .enum(['fresh', 'recent'])
  .default('recent')
  .describe('V as the stepper evaluated it last, or anew at the end of the step');
const every = z.int().min(1).default(1);

export const jumps: readonly Entry<Jump>[] = [
  defineEntry({
    id: 'core/birth-death',
    title: 'Birth and death of atoms by the kill and clone rule',
    reference: 'RotskoffEtAl2019, section 3',
    params: z.strictObject({ rate, player, potential }),
    create: (params) => birthDeath(params),
  }),
  defineEntry({
    id: 'core/systematic-resampling',
    title: 'Systematic resampling by the Fisher-Rao weights of a step',
    reference: 'DoucCappeMoulines2005',
    params: z.strictObject({ rate, player, potential }),
    create: (params) => systematicResampling(params),
  }),
  defineEntry({
    id: 'core/reinjection',
    title: 'Birth and death with uniform re-injection on a bounded space',
    reference: 'RotskoffEtAl2019, section 3',
    params: z.strictObject({ rate, player, potential, zeroCoordinates: z.array(z.int().min(0)).default([]) }),
    create: (params) => reinjection({ ...params, law: 'uniform' }),
  }),
  defineEntry({
    id: 'core/resample-on-low-ess',
    title: 'Resampling when the effective sample size falls',
    reference: 'DoucCappeMoulines2005',
    params: z.strictObject({ player, threshold: z.number().gt(0).lte(1).default(0.5) }),
    create: (params) => resampleOnLowEss(params),
  }),
  defineEntry({
    id: 'core/merge',
    title: 'Merging of atoms closer than a radius',
    reference: 'Chizat2019',
    params: z.strictObject({ radius: z.number().min(0).default(1e-3), every, player }),
    create: (params) => merge(params),
  }),
  defineEntry({
    id: 'core/prune',
    title: 'Removal of atoms of vanishing mass',
    reference: 'Chizat2019',
    params: z.strictObject({ threshold: z.number().min(0).lt(1).default(1e-12), every, player }),
    create: (params) => prune(params),
  }),
];
