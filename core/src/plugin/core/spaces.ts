import { z } from 'zod';
import { box } from '../../space/box.js';
import { euclidean } from '../../space/euclidean.js';
import { finite } from '../../space/finite.js';
import { parseSpace } from '../../space/parse.js';
import { product } from '../../space/product.js';
import { simplex } from '../../space/simplex.js';
import type { Space } from '../../space/space.js';
import { sphere } from '../../space/sphere.js';
import { torus } from '../../space/torus.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

const dimension = (least: number, fallback: number) => z.int().min(least).max(100_000).default(fallback);
const positive = z.number().positive().default(1);

export const spaces: readonly Entry<Space>[] = [
  defineEntry({
    id: 'core/euclidean',
    title: 'Euclidean space R^d',
    reference: 'AbsilMahonySepulchre2008',
    params: z.strictObject({ dim: dimension(1, 1) }),
    create: ({ dim }) => euclidean(dim),
    examples: [{ dim: 3 }],
  }),
  defineEntry({
    id: 'core/box',
    title: 'Box: a product of intervals with walls',
    reference: 'AbsilMahonySepulchre2008',
    params: z.strictObject({
      intervals: z
        .array(z.tuple([z.number(), z.number()]))
        .min(1)
        .default([[-1, 1]]),
    }),
    create: ({ intervals }) => box(intervals),
    examples: [
      {
        intervals: [
          [-1, 1],
          [0, 2],
        ],
      },
    ],
  }),
  defineEntry({
    id: 'core/sphere',
    title: 'Sphere in R^d with great-circle distance',
    reference: 'AbsilMahonySepulchre2008, section 4.1',
    params: z.strictObject({ dim: dimension(2, 3), radius: positive }),
    create: ({ dim, radius }) => sphere(dim, { radius }),
    examples: [{ dim: 2, radius: 2 }],
  }),
  defineEntry({
    id: 'core/torus',
    title: 'Flat torus',
    reference: 'AbsilMahonySepulchre2008',
    params: z.strictObject({ dim: dimension(1, 1), period: positive }),
    create: ({ dim, period }) => torus(dim, { period }),
    examples: [{ dim: 2, period: 6.28 }],
  }),
  defineEntry({
    id: 'core/simplex',
    title: 'Probability simplex in R^k',
    reference: 'AbsilMahonySepulchre2008',
    params: z.strictObject({ size: dimension(2, 3) }),
    create: ({ size }) => simplex(size),
  }),
  defineEntry({
    id: 'core/finite',
    title: 'Finitely many points, on which only masses move',
    reference: 'FreundSchapire1999',
    params: z.strictObject({ count: dimension(1, 3) }),
    create: ({ count }) => finite(count),
  }),
  defineEntry({
    id: 'core/product',
    title: 'Product of spaces given by their texts',
    reference: 'AbsilMahonySepulchre2008',
    params: z.strictObject({ factors: z.array(z.string()).min(1).default(['euclidean(1)', 'sphere(2)']) }),
    create: ({ factors }) => product(factors.map((text) => parseSpace(text))),
  }),
];
