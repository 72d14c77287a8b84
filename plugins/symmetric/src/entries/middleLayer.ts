import { type Energy, type Entry, type Measure, randomKey } from '@muflow/core';
import { z } from 'zod';
import { middleLayerRisk } from '../fit/middleLayerRisk.js';
import { middleMeasure } from '../fit/middleMeasure.js';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { pooledFeatures } from '../network/pooledFeatures.js';
import { type SetNetwork, setNetwork } from '../network/setNetwork.js';
import { setsFromCsv } from '../sets/readSets.js';
import { setBatch } from '../sets/setBatch.js';

const size = (most: number) => z.int().min(1).max(most);

/** What energy and start share: they belong together where these are equal. */
const layerFields = {
  innerWidth: size(10_000).default(4).describe('test features m1, frozen with unit rows'),
  outputs: size(1000).default(1).describe('outputs c'),
};

const riskFields = {
  ...layerFields,
  sets: z
    .array(z.array(z.array(z.number()).min(1)).min(1))
    .min(1)
    .default([[[0], [1]], [[-1], [0], [0.5]], [[2]]])
    .describe('sets of points, each a list of coordinates'),
  targets: z
    .array(z.union([z.number(), z.array(z.number()).min(1)]))
    .min(1)
    .default([1, 0, -1])
    .describe('one number a set, or one list a set for several outputs'),
  table: z.string().optional().describe('in place of sets and targets: a table of points, see columns'),
  columns: z.array(z.string()).min(1).default(['target']).describe('columns of the table that are targets'),
  order: size(16).default(1).describe('points that a test function sees at once'),
  inner: z.string().default('relu').describe('unit of the test features'),
  outer: z.string().default('relu').describe('unit of the neurons'),
  pooling: z
    .union([z.enum(['mean', 'sum', 'max']), z.strictObject({ logMeanExp: z.number().positive() })])
    .default('mean')
    .describe('how values at points become one number'),
  loss: z.enum(['square', 'logistic', 'hinge', 'crossEntropy']).default('square'),
  lambda: z.number().min(0).default(0).describe('penalty of the group norm'),
  features: z.int().min(0).default(0).describe('draws the frozen test features'),
};

/** {@link middleLayerRisk} for configurations: networks of class S2 on sets, moved by every flow of core. */
export const middleLayerRiskEntry: Entry<Energy> = {
  id: 'symmetric/middle-layer-risk',
  title: 'Risk of a network on sets, lifted to measures over test functions',
  reference: 'ZweigBruna2021',
  params: z.strictObject(riskFields),
  create(given, { backend }) {
    const values = given as z.output<z.ZodObject<typeof riskFields>>;
    const { innerWidth, order, inner, outer, pooling, outputs, loss, lambda } = values;
    const { batch, targets } = dataOf(values);
    const shape = { dim: batch.dim, order, innerWidth, outerWidth: 1, outputs, inner, outer, pooling, backend };
    const network = setNetwork({ class: 'S2', ...shape });
    const rows = drawSetParameters(network, randomKey(values.features)).subarray(...network.parts.inner);
    const features = new Float64Array(batch.count * innerWidth);
    pooledFeatures(network, batch).run(rows, features);
    return middleLayerRisk({ features, innerWidth, targets, outputs, outer, loss, lambda, backend });
  },
  examples: [
    { inner: 'squared-relu', outer: 'tanh', lambda: 0.1 },
    { order: 2, pooling: { logMeanExp: 0.5 } },
    { table: 'set,x,y,target\na,0,1,1\na,2,1,1\nb,1,1,-1\n', innerWidth: 3 },
    {
      outputs: 2,
      loss: 'crossEntropy',
      targets: [
        [1, 0],
        [0, 1],
        [0.5, 0.5],
      ],
    },
  ],
};

function dataOf({ sets, targets, table, columns }: z.output<z.ZodObject<typeof riskFields>>) {
  if (table !== undefined) return setsFromCsv(table, { targets: columns }, 'symmetric/middle-layer-risk table');
  const batch = setBatch(
    sets.map((points) => ({ points })),
    'symmetric/middle-layer-risk sets',
  );
  return { batch, targets: Float64Array.from(targets.flat()) };
}

const startFields = {
  ...layerFields,
  count: size(1_000_000).default(50).describe('neurons'),
  seed: z.int().min(0).default(0).describe('draws the neurons'),
};

/** The middle layer that `drawSetParameters` draws, as a measure: where {@link middleLayerRiskEntry} may begin. */
export const middleLayerEntry: Entry<Measure> = {
  id: 'symmetric/middle-layer',
  title: 'Neurons over test functions: coefficients uniform on a sphere, output weights normal',
  reference: 'ZweigBruna2021',
  params: z.strictObject(startFields),
  create(given) {
    const { innerWidth, outputs, count, seed } = given as z.output<z.ZodObject<typeof startFields>>;
    // The points' dimension plays no part in the middle layer.
    const network: SetNetwork = setNetwork({ class: 'S2', dim: 1, innerWidth, outerWidth: count, outputs });
    return middleMeasure({ network, parameters: drawSetParameters(network, randomKey(seed)) });
  },
  examples: [{ outputs: 2, innerWidth: 3, count: 5 }],
};
