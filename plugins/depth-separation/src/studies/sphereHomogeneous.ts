import {
  chooseRidge,
  deepNetwork,
  deriveKey,
  drawParameters,
  type RandomKey,
  randomKey,
  randomStream,
  type Study,
  type StudyContext,
  sphereInto,
} from '@muflow/core';
import { z } from 'zod';
import { type FittedNetwork, networkValuesInto } from '../fits/index.js';
import { type Ceiling, measuredCeiling } from '../probe/index.js';
import {
  foldNetwork,
  limitEnergies,
  measuredEnergies,
  polynomialUnits,
  randomNetworkEnergies,
} from '../spheres/homogeneous.js';
import {
  type DrawnRow,
  type FoldRow,
  type HomogeneousOutcome,
  homogeneousResult,
  type TailRow,
} from './sphereHomogeneousReport.js';

const params = z.strictObject({
  layers: z.int().min(2).max(8).default(3).describe('hidden layers L of the random networks'),
  dims: z.array(z.int().min(3).max(64)).min(2).default([4, 8, 16, 32, 64]).describe('for networks of infinite width'),
  degrees: z.array(z.int().min(1).max(6)).min(1).default([2, 4, 6]).describe('degrees K after which tails are told'),
  drawnDims: z.array(z.int().min(3).max(16)).default([4, 8]).describe('for one drawn network of finite width'),
  drawnWidth: z.int().min(2).max(512).default(16).describe('its units a layer'),
  units: z.int().min(8).max(1024).default(128).describe('units of the shallow fits to it'),
  points: z.int().min(100).max(100_000).default(1500).describe('points of each fit and of its test'),
  pairs: z
    .int()
    .min(20)
    .max(5000)
    .default(300)
    .describe('antipodal pairs in each of twelve batches; twice as many for folds'),
  foldLayers: z.int().min(1).max(4).default(3).describe('largest number of layers of the folded plane'),
});

type Params = z.output<typeof params>;

const batchCount = 12;

const tailAfter = (energies: Float64Array, degree: number): number =>
  1 - energies.slice(0, degree + 1).reduce((a, b) => a + b, 0);

function tailRows({ dims, degrees, layers }: Params): TailRow[] {
  return dims.map((dim) => {
    const { byDegree } = randomNetworkEnergies({ dim, layers, degree: Math.max(6, ...degrees) });
    const tails = degrees.map((degree) => tailAfter(byDegree, degree));
    return {
      dim,
      tails,
      units: degrees.map((degree) => polynomialUnits(dim, degree)),
      odd: byDegree[3] + byDegree[5],
      // One layer has none: a check of the quadrature.
      oddOfOneLayer: randomNetworkEnergies({ dim, layers: 1, degree: 5 }).byDegree[3],
    };
  });
}

/** Uniform points in antipodal pairs, or single ones. */
function spherePoints(dim: number, count: number, key: RandomKey, paired: boolean): Float64Array {
  const stream = randomStream(key);
  const points = new Float64Array(count * dim);
  for (let l = 0; l < count; l++) {
    if (paired && l % 2 === 1) for (let k = 0; k < dim; k++) points[l * dim + k] = -points[(l - 1) * dim + k];
    else sphereInto(points, l * dim, dim, stream);
  }
  return points;
}

function valuesOf(network: FittedNetwork, points: Float64Array): Float64Array {
  const values = new Float64Array(points.length / network.network.inputs);
  networkValuesInto(values, network, points, values.length);
  return values;
}

function energiesOf(network: FittedNetwork, degree: number, pairs: number, key: RandomKey) {
  const { inputs } = network.network;
  const batches = Array.from({ length: batchCount }, (_, batch) => {
    const points = spherePoints(inputs, 2 * pairs, deriveKey(key, 'batch', batch), true);
    return { points, values: valuesOf(network, points) };
  });
  return measuredEnergies(inputs, degree, batches);
}

/** Ridge on rectifiers, with biases drawn or without any, tested on points of their own. */
function shallowFit(network: FittedNetwork, biased: boolean, given: Params, key: RandomKey): Ceiling {
  const { units, points: rows } = given;
  const dim = network.network.inputs;
  const directions = spherePoints(dim, units, deriveKey(key, 'units'), false);
  const stream = randomStream(deriveKey(key, 'biases'));
  const biases = Float64Array.from({ length: units }, () => (biased ? stream.normal() / Math.sqrt(dim) : 0));
  // A constant is a bias as well; without one, rectifiers are.
  const width = units + (biased ? 1 : 0);
  const featuresAt = (points: Float64Array): Float64Array => {
    const out = new Float64Array(rows * width).fill(1);
    for (let l = 0; l < rows; l++) {
      for (let j = 0; j < units; j++) {
        let u = biases[j];
        for (let k = 0; k < dim; k++) u += directions[j * dim + k] * points[l * dim + k];
        out[l * width + j] = Math.max(0, u);
      }
    }
    return out;
  };
  const [train, test] = ['train', 'test'].map((name) => spherePoints(dim, rows, deriveKey(key, name), false));
  const { weights } = chooseRidge({ features: featuresAt(train), width, targets: valuesOf(network, train) });
  const features = featuresAt(test);
  const values = valuesOf(network, test);
  return measuredCeiling({
    squaredErrors: values.map((value, l) => {
      let predicted = 0;
      for (let j = 0; j < width; j++) predicted += features[l * width + j] * weights[j];
      return (predicted - value) ** 2;
    }),
    squaredTargets: values.map((value) => value * value),
    method: biased ? 'random rectifiers with biases' : 'random rectifiers without biases',
    units,
    problem: `d = ${dim}`,
  });
}

async function drawnRows(given: Params, context: StudyContext): Promise<DrawnRow[]> {
  const rows: DrawnRow[] = [];
  for (const [index, dim] of given.drawnDims.entries()) {
    const key = deriveKey(randomKey(context.seed), 'drawn', dim);
    const network = deepNetwork({
      inputs: dim,
      widths: new Array<number>(given.layers).fill(given.drawnWidth),
      activation: 'relu',
      weightVariance: 2,
      backend: context.backend,
    });
    const drawn = { network, parameters: drawParameters(network, key), method: 'drawn' };
    const step = async (label: string, at: number) =>
      context.pause({ label: `${label}, d = ${dim}`, step: at, fraction: (index + at / 3) / given.drawnDims.length });
    const energies = energiesOf(drawn, 4, given.pairs, deriveKey(key, 'energies'));
    await step('energies', 1);
    const plain = shallowFit(drawn, false, given, deriveKey(key, 'plain'));
    await step('fits', 2);
    const biased = shallowFit(drawn, true, given, deriveKey(key, 'biased'));
    await step('fits', 3);
    rows.push({ dim, energies, plain, biased });
  }
  return rows;
}

async function foldRows({ foldLayers, pairs }: Params, context: StudyContext): Promise<FoldRow[]> {
  const dim = 4;
  const rows: FoldRow[] = [];
  for (let layers = 1; layers <= foldLayers; layers++) {
    const first = 2 ** (layers - 1);
    const network = { ...foldNetwork(dim, layers), method: 'folds' };
    const key = deriveKey(randomKey(context.seed), 'fold', layers);
    rows.push({ layers, first, energies: energiesOf(network, 8, 2 * pairs, key) });
    await context.pause({ label: 'folded planes', step: layers, fraction: layers / foldLayers });
  }
  return rows;
}

/** Deep homogeneous networks on the sphere: the tail of their harmonics, and what biases are for. */
export const sphereHomogeneousStudy: Study<Params> = {
  id: 'depth-separation/sphere-homogeneous',
  title: 'Homogeneous networks on the sphere: tails of harmonics against dimension and depth',
  reference: 'VenturiEtAl2022',
  params,
  async run(given, context) {
    const outcome: HomogeneousOutcome = {
      layers: given.layers,
      degrees: given.degrees,
      tails: tailRows(given),
      limits: given.degrees.map((degree) => tailAfter(limitEnergies(given.layers, degree), degree)),
      drawn: await drawnRows(given, context),
      folds: await foldRows(given, context),
    };
    return homogeneousResult(outcome);
  },
};
