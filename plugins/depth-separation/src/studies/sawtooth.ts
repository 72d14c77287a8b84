import {
  allocatePass,
  deepNetwork,
  deriveKey,
  forward,
  type RandomKey,
  randomKey,
  randomStream,
  type Study,
  type StudyContext,
} from '@muflow/core';
import { z } from 'zod';
import type { Ceiling } from '../probe/index.js';
import { crossings, exactPieces, pieceCount } from '../sawtooth/exactPieces.js';
import { rationalOf } from '../sawtooth/rational.js';
import { mostPieces, sawtoothFloor } from '../sawtooth/sawtoothFloor.js';
import { freeKnotFit, type Spline, splineFit, squaredDistance, tentSpline } from '../sawtooth/splineFit.js';
import { type FixedNetwork, tent, tentNetwork } from '../sawtooth/tent.js';
import { constructedError, type SawtoothOutcome, sawtoothResult } from './sawtoothReport.js';

const params = z.strictObject({
  folds: z.int().min(1).max(10).default(6).describe('k, the target has 2^k pieces'),
  widths: z
    .array(z.int().min(1).max(256))
    .min(1)
    .default([2, 4, 8, 12, 16, 24, 32, 48, 63])
    .describe('units of the shallow networks that are fitted'),
  restarts: z.int().min(1).max(50).default(3).describe('random starts of every fit whose knots move'),
  steps: z.int().min(0).max(5000).default(60).describe('steps of Adam on the knots'),
  networks: z.int().min(1).max(10_000).default(60).describe('random networks whose pieces are counted exactly'),
  points: z.int().min(1).max(1_000_000).default(10_000).describe('points on which the network is held to its formula'),
});

type Params = z.output<typeof params>;

const half = rationalOf(0.5);

/** `int (T - 1/2)^2`: the values of a tent map are uniform on [0, 1]. */
const energy = 1 / 12;

/** Errors integrated exactly have no band. */
const exactCeiling = (value: number, units: number, method: string): Ceiling => ({
  value,
  low: value,
  high: value,
  method,
  units,
});

async function fitAll(given: Params, target: Spline, context: StudyContext): Promise<Ceiling[]> {
  const ceilings: Ceiling[] = [];
  const { widths, restarts, steps, folds } = given;
  const relative = (spline: Spline): number => squaredDistance(spline, target) / energy;
  for (const [index, width] of widths.entries()) {
    const equal = Float64Array.from({ length: width }, (_, j) => (j + 1) / (width + 1));
    ceilings.push(exactCeiling(relative(splineFit(equal, target)), width, 'least squares on equal knots'));
    ceilings.push(exactCeiling(constructedError(folds, width), width, 'first pieces exactly, then 1/2'));
    const stream = randomStream(deriveKey(randomKey(context.seed), 'knots', width));
    for (let restart = 0; restart < restarts; restart++) {
      const start = Float64Array.from({ length: width }, () => stream.uniform()).sort();
      const { error } = freeKnotFit({ target, start, steps });
      ceilings.push(exactCeiling(error / energy, width, 'moved knots, best values'));
      await context.pause({
        label: `fits of ${width} units`,
        step: restart + 1,
        fraction: (index + 1) / widths.length,
      });
    }
  }
  return ceilings;
}

/** Largest deviation of the exact crossings of 1/2 from 2^j over j = 1..k. */
async function countCrossings(folds: number, context: StudyContext): Promise<number[]> {
  const counts: number[] = [];
  for (let k = 1; k <= folds; k++) {
    counts.push(crossings(exactPieces(tentNetwork(k)), half));
    await context.pause({ label: 'exact crossings', step: k, fraction: k / folds });
  }
  return counts;
}

/** Largest difference between the network of k levels and the formula. */
function networkDifference({ folds, points }: Params, key: RandomKey): number {
  const { network, parameters } = tentNetwork(folds);
  const stream = randomStream(deriveKey(key, 'points'));
  const inputs = Float64Array.from({ length: points }, () => stream.uniform());
  const pass = allocatePass(network, points);
  forward(network, pass, parameters, inputs);
  return inputs.reduce((most, x, i) => Math.max(most, Math.abs(pass.outputs[i] - tent(x, folds))), 0);
}

const shapes = [[4], [12], [3, 3], [2, 6], [2, 2, 2]];

/** Networks whose weights are multiples of 2^-6 in [-2, 2], so that exact numbers stay short. */
function randomNetwork(widths: readonly number[], key: RandomKey): FixedNetwork {
  const shape = { inputs: 1, widths, activation: 'relu', biasVariance: 1, parameterization: 'standard' } as const;
  const network = deepNetwork(shape);
  const stream = randomStream(key);
  const parameters = Float64Array.from({ length: network.parameterCount }, () => (stream.integer(257) - 128) / 64);
  return { network, parameters };
}

/** The largest share of the pieces allowed by the widths that a random network has. */
async function mostPieceShare(given: Params, key: RandomKey, context: StudyContext): Promise<number> {
  let most = 0;
  for (let index = 0; index < given.networks; index++) {
    const widths = shapes[index % shapes.length];
    const pieces = pieceCount(exactPieces(randomNetwork(widths, deriveKey(key, 'network', index))));
    most = Math.max(most, pieces / mostPieces(widths));
    await context.pause({ label: 'pieces', step: index + 1, fraction: (index + 1) / given.networks });
  }
  return most;
}

/** The sawtooth: pieces are added by units and multiplied by layers, counted exactly. */
export const sawtoothStudy: Study<Params> = {
  id: 'depth-separation/sawtooth',
  title: 'Sawtooth: pieces add up over units and multiply over layers',
  reference: 'Telgarsky2016',
  params,
  async run(given, context) {
    const key = randomKey(context.seed);
    const target = tentSpline(given.folds);
    const outcome: SawtoothOutcome = {
      folds: given.folds,
      crossings: await countCrossings(given.folds, context),
      difference: networkDifference(given, key),
      pieceShare: await mostPieceShare(given, key, context),
      floors: given.widths.map((width) => sawtoothFloor(given.folds, [width])),
      ceilings: await fitAll(given, target, context),
      deep: exactCeiling(0, 2 * given.folds, `network of ${given.folds} hidden layers of 2 units, by construction`),
    };
    return sawtoothResult(outcome);
  },
};
