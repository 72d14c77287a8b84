import { deriveKey, fail, type RandomKey, show } from '@muflow/core';
import { z } from 'zod';
import type { ImageScale } from '../model/setModel.js';
import { splitSets, thinSets } from '../sets/batches.js';
import { type CsvImagesOptions, imagesFromCsv } from '../sets/images.js';
import { setsFromCsv } from '../sets/readSets.js';
import type { SetBatch } from '../sets/setBatch.js';
import { drawShapes, shapes } from '../sets/shapes.js';

/** Parameters of the study; the defaults draw shapes. */
export const pointCloudsParams = z.strictObject({
  table: z
    .string()
    .nullable()
    .default(null)
    .describe('comma-separated text of images or sets; --set table=@file.csv; null for generated shapes'),
  layout: z
    .enum(['images', 'sets'])
    .default('images')
    .describe('a table with a row an image (class, intensities), or a row a point (set, coordinates, label)'),
  label: z
    .union([z.string(), z.int().min(0)])
    .default('label')
    .describe('column of the classes of a table'),
  imageWidth: z.int().min(1).optional().describe('pixels of a row of an image; default square images'),
  threshold: z.number().min(0).lt(1).default(0.5).describe('pixels at or below this share of white are left out'),
  weighted: z.boolean().default(false).describe('whether masses are intensities'),
  shapes: z.array(z.enum(shapes)).min(2).default(['circle', 'square', 'cross', 'blobs']).describe('generated classes'),
  each: z.int().min(4).max(100_000).default(60).describe('generated clouds of each shape'),
  noise: z.number().min(0).default(0.1).describe('standard deviation of generated points'),
  sizes: z
    .array(z.int().min(1))
    .min(1)
    .default([8, 32])
    .describe(
      'cloud sizes, ascending: points drawn; of images and sets of a table at most so many are kept, drawn by the key',
    ),
  heldOut: z.number().gt(0).lt(1).default(0.5).describe('share of the clouds that are held out'),
  normalized: z
    .boolean()
    .default(false)
    .describe('whether every cloud is moved to mean 0 and scaled to mean square length 1 first'),
  innerWidth: z.int().min(1).max(10_000).default(30).describe('test features'),
  outerWidth: z.int().min(1).max(10_000).default(60).describe('neurons'),
  frozenFactor: z.int().min(1).max(100).default(2).describe('frozen layers are wider by this factor'),
  inner: z.string().default('relu').describe('unit of the test features'),
  outer: z.string().default('relu').describe('unit of the neurons'),
  steps: z.int().min(1).max(1_000_000).default(150),
  rate: z.number().positive().default(1e-2).describe('rate of Adam'),
  minibatch: z.int().min(1).optional().describe('clouds of a step; default all'),
  lambda: z.number().min(0).default(0).describe('penalty of the norm of the class'),
  seeds: z.int().min(1).max(100).default(2).describe('independent repetitions: data, split, start'),
});

export type PointCloudsParams = z.output<typeof pointCloudsParams>;

/** Clouds of one size with their classes, split once for all sizes. */
export interface CloudData {
  readonly classes: readonly string[];
  /** Class of every cloud as a number. */
  readonly labels: Uint32Array;
  /** The same clouds at every size asked for. */
  readonly batches: readonly SetBatch[];
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  readonly coordinates: readonly string[];
  readonly images: ImageScale | null;
}

interface Clouds {
  readonly labels: readonly string[];
  readonly images: ImageScale | null;
  readonly coordinates: readonly string[];
  /** All clouds at this size. */
  ofSize(size: number): SetBatch;
}

/** Draws or reads the clouds and splits them. The same key gives nested clouds at all sizes. */
export function cloudData(params: PointCloudsParams, key: RandomKey): CloudData {
  const clouds = params.table === null ? drawn(params, key) : readTable(params, params.table, key);
  const classes = [...new Set(clouds.labels)].sort();
  if (classes.length < 2) {
    fail({
      code: 'invalid-argument',
      where: 'symmetric/point-clouds',
      problem: 'there is nothing to classify',
      got: `the one class ${show(classes[0])} of ${clouds.labels.length} clouds`,
      expected: 'at least two classes',
      fix: 'name the column of the classes with label',
    });
  }
  const shares = [1 - params.heldOut, params.heldOut];
  const [train, test] = splitSets(clouds.labels.length, shares, deriveKey(key, 'split'));
  return {
    classes,
    labels: Uint32Array.from(clouds.labels, (label) => classes.indexOf(label)),
    batches: params.sizes.map(clouds.ofSize),
    train,
    test,
    coordinates: clouds.coordinates,
    images: clouds.images,
  };
}

function drawn({ shapes: names, each, noise }: PointCloudsParams, key: RandomKey): Clouds {
  const draw = (size: number) => drawShapes({ shapes: names, each, noise, size, key: deriveKey(key, 'clouds') });
  return { labels: draw(1).labels, images: null, coordinates: ['x', 'y'], ofSize: (size) => draw(size).batch };
}

function readTable(params: PointCloudsParams, text: string, key: RandomKey): Clouds {
  const { label, layout } = params;
  if (layout === 'images') return readImages(params, text, key);
  const table = setsFromCsv(text, { label: String(label) }, 'symmetric/point-clouds table');
  const { labels, coordinateNames: coordinates, batch } = table;
  return { labels, images: null, coordinates, ofSize: (size) => thinSets(batch, size, deriveKey(key, 'thin')) };
}

function readImages(params: PointCloudsParams, text: string, key: RandomKey): Clouds {
  const { label, imageWidth, threshold, weighted } = params;
  const options: CsvImagesOptions = {
    ...{ label, threshold, weighted },
    ...(imageWidth !== undefined && { width: imageWidth }),
  };
  const { batch, labels, width, height, white } = imagesFromCsv(text, options, 'symmetric/point-clouds table');
  const images = { width, height, white, threshold, most: null, weighted };
  return {
    ...{ labels, images, coordinates: ['x', 'y'] },
    ofSize: (size) => thinSets(batch, size, deriveKey(key, 'thin')),
  };
}
