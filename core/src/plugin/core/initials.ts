import { z } from 'zod';
import { diracs, gaussian, grid, uniformOn } from '../../measure/initialMeasures.js';
import type { Measure } from '../../measure/measure.js';
import { parseSpace } from '../../space/parse.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const count = z.int().min(1).max(10_000_000);
const seed = z.union([z.int().min(0), z.string()]).default(0);
const reference = 'AmbrosioGigliSavare2008';

export const initials: readonly Entry<Measure>[] = [
  defineEntry({
    id: 'core/uniform',
    title: 'Independent uniform atoms of equal mass on a bounded space',
    reference,
    params: z.strictObject({ space: z.string().default('[-1,1]'), count: count.default(100), seed }),
    create: ({ space, count: n, seed: key }) => uniformOn(parseSpace(space), n, key),
    examples: [{ space: 'torus(2)', count: 10 }],
  }),
  defineEntry({
    id: 'core/gaussian',
    title: 'Independent Gaussian atoms of equal mass in R^d',
    reference,
    params: z.strictObject({
      dim: z.int().min(1).max(10_000).default(1),
      count: count.default(100),
      mean: z.number().default(0),
      std: z.number().positive().default(1),
      seed,
    }),
    create: ({ dim, count: n, mean, std, seed: key }) =>
      gaussian({ dim, n, key, mean: new Array<number>(dim).fill(mean), std }),
  }),
  defineEntry({
    id: 'core/grid',
    title: 'A grid of atoms of equal mass on a box, torus or finite space',
    reference,
    params: z.strictObject({
      space: z.string().default('[-1,1]'),
      perAxis: z.int().min(1).max(100_000).default(20),
      placement: z.enum(['centers', 'ends']).default('centers'),
    }),
    create: ({ space, perAxis, placement }) => grid(parseSpace(space), perAxis, placement),
    examples: [{ space: 'torus(2)', perAxis: 4 }],
  }),
  defineEntry({
    id: 'core/diracs',
    title: 'Given atoms, with equal masses if none are given',
    reference,
    params: z.strictObject({
      points: z
        .array(z.array(z.number()).min(1))
        .min(1)
        .default([[-1], [1]]),
      masses: z.array(z.number().min(0)).optional(),
      kind: z.enum(['probability', 'positive']).default('probability'),
      space: z.string().optional(),
    }),
    create: ({ points, masses, kind, space }) =>
      diracs(points, masses, { kind, ...(space === undefined ? {} : { space: parseSpace(space) }) }),
    examples: [
      {
        points: [
          [0, 1],
          [1, 0],
        ],
        masses: [0.5, 2],
        kind: 'positive',
      },
    ],
  }),
];
