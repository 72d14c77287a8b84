import { z } from 'zod';
import { fisherRao } from '../../metric/fisherRao.js';
import type { Metric } from '../../metric/metric.js';
import { wasserstein } from '../../metric/wasserstein.js';
import { wassersteinFisherRao } from '../../metric/wassersteinFisherRao.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const rate = z.number().min(0).default(1);
const blocks = z
  .array(z.strictObject({ start: z.int().min(0), end: z.int().min(1), rate: z.number().min(0) }))
  .default([])
  .describe('rates of blocks of coordinates');

export const metrics: readonly Entry<Metric>[] = [
  defineEntry({
    id: 'core/wasserstein',
    title: 'Wasserstein metric W2: atoms move down the gradient',
    reference: 'AmbrosioGigliSavare2008, chapter 11',
    params: z.strictObject({ rate: z.number().positive().default(1), blocks }),
    create: (params) => wasserstein(params),
    examples: [{ rate: 0.5 }],
  }),
  defineEntry({
    id: 'core/fisher-rao',
    title: 'Fisher-Rao metric: masses move by their potential',
    reference: 'LieroMielkeSavare2018',
    params: z.strictObject({ alpha: z.number().positive().default(1) }),
    create: (params) => fisherRao(params),
    examples: [{ alpha: 4 }],
  }),
  defineEntry({
    id: 'core/wasserstein-fisher-rao',
    title: 'Wasserstein-Fisher-Rao metric: atoms move and masses change',
    reference: 'ChizatPeyreSchmitzerVialard2018; LieroMielkeSavare2018',
    params: z.strictObject({ alpha: rate, gamma: rate, blocks }),
    create: (params) => wassersteinFisherRao(params),
    examples: [{ alpha: 4, gamma: 0.5 }],
  }),
];
