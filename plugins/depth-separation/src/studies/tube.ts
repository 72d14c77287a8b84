import {
  allocatePass,
  deriveKey,
  forward,
  type RandomKey,
  randomKey,
  randomOrthogonal,
  randomStream,
  type Study,
  type StudyContext,
} from '@muflow/core';
import { z } from 'zod';
import { type FitProblem, type FittedNetwork, fitWithRestarts, randomFeatureFit, trainedFit } from '../fits/index.js';
import { type DataLaw, rotatedData, sincFourthData } from '../laws/index.js';
import type { Ceiling } from '../probe/index.js';
import { type OscillatoryTarget, oscillatoryTarget } from '../targets/index.js';
import { depthThreeCeiling, type PhaseNetwork, tubeCertificates, windowMass } from '../tube/index.js';
import { type TubeOutcome, tubeResult } from './tubeReport.js';

const unmet = (hypothesis: string): string => `the hypothesis "${hypothesis}" is not met`;
const dimension = z.int().min(1, unmet('d >= 1')).max(64);

const params = z.strictObject({
  omega: z
    .number()
    .positive(unmet('omega > 0'))
    .max(1000)
    .default(10)
    .describe('frequency of every coordinate, in units of r'),
  bias: z.number().min(-8).max(8).default(0).describe('bias of every coordinate, in units of 1/r'),
  part: z.enum(['complex', 'real']).default('complex').describe('exp(i s), or cos s at about twice the constant'),
  rotated: z.boolean().default(false).describe('turn data and target by a random orthogonal matrix'),
  dims: z
    .array(dimension)
    .min(1)
    .default([1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64])
    .describe('of the floors'),
  deepDims: z.array(dimension).min(1).default([4, 8, 12, 16, 24]).describe('where depth three is measured'),
  knots: z
    .array(z.int().min(3, unmet('m >= 3')).max(16_384))
    .min(1)
    .default([256])
    .describe('m, units of the second layer'),
  points: z.int().min(1000).max(10_000_000).default(5000).describe('points that errors are measured on'),
  fitDims: z.array(dimension).default([1, 2, 4, 8, 16]).describe('where networks of depth two are fitted'),
  widths: z.array(z.int().min(1).max(4096)).default([64]).describe('units of the fitted networks'),
  restarts: z.int().min(1).max(50).default(2).describe('starts of every fit'),
  batch: z.int().min(1).max(65_536).default(256).describe('fresh points of every step'),
  steps: z.int().min(1).max(100_000).default(40).describe('steps of Adam from random features'),
});

type Params = z.output<typeof params>;

/** Lengths of the drawn weights, restart by restart: ramps of several widths. */
const scales = [4, 1, 10];

interface Problem extends FitProblem {
  readonly target: OscillatoryTarget;
  readonly label: string;
}

/** Target and data in dimension d; the data follow the rotation, as the certificate asks. */
function problemOf({ omega, bias, part, rotated }: Params, dim: number, key: RandomKey): Problem {
  const plain: DataLaw = sincFourthData({ dim });
  const rotation = rotated ? randomOrthogonal(dim, randomStream(deriveKey(key, 'rotation', dim))) : undefined;
  return {
    target: oscillatoryTarget({ dim, omega, bias, part, ...(rotation && { rotation }) }),
    law: rotation ? rotatedData(plain, rotation) : plain,
    label: `d = ${dim}`,
  };
}

async function measureDeep(given: Params, key: RandomKey, context: StudyContext) {
  const deep: { dim: number; knots: number; ceiling: Ceiling; network: PhaseNetwork }[] = [];
  for (const dim of given.deepDims) {
    for (const knots of given.knots) {
      const label = `depth three, d = ${dim}, ${knots} knots`;
      const { ceiling, network } = await depthThreeCeiling({
        ...problemOf(given, dim, key),
        knots,
        points: given.points,
        key: deriveKey(key, 'deep', dim, knots),
        pause: (fraction) => context.pause({ label, step: Math.round(fraction * given.points), fraction }),
      });
      deep.push({ dim, knots, network, ceiling: { ...ceiling, problem: `d = ${dim}` } });
    }
  }
  return deep;
}

/** Random features first, then each of them trained; the best of all is chosen by validation. */
async function fitShallow(given: Params, key: RandomKey, context: StudyContext): Promise<TubeOutcome['fits']> {
  const fits: TubeOutcome['fits'][number][] = [];
  const { fitDims, widths, restarts, points, steps, batch } = given;
  for (const [dim, width] of fitDims.flatMap((d) => widths.map((m) => [d, m] as const))) {
    const problem = problemOf(given, dim, key);
    const label = `depth two, d = ${dim}, ${width} units`;
    const starts: FittedNetwork[] = [];
    const method = async (own: RandomKey, run: number): Promise<FittedNetwork> => {
      await context.pause({ label, step: 0, fraction: run / (2 * restarts) });
      if (run < restarts) {
        starts.push(randomFeatureFit(problem, { width, key: own, scale: scales[run % scales.length] }));
        return starts[run];
      }
      return trainedFit(starts[run - restarts], problem, {
        steps,
        batch,
        key: own,
        method: 'all weights by Adam',
        pause: (done) =>
          context.pause({ label, step: Math.round(done * steps), fraction: (run + done) / (2 * restarts) }),
      });
    };
    const options = { restarts: 2 * restarts, points, validation: 2000, key: deriveKey(key, 'fit', dim, width) };
    const { ceilings, ceiling } = await fitWithRestarts(problem, method, options);
    fits.push({ dim, ceilings, best: ceiling });
  }
  return fits;
}

/** Largest difference of layers and formula over 1 + the phase, on points of each dimension. */
function layerDifference(
  deep: readonly { dim: number; network: PhaseNetwork }[],
  given: Params,
  key: RandomKey,
): number {
  const count = 200;
  let most = 0;
  for (const { dim, network: f } of deep) {
    const { law, target } = problemOf(given, dim, key);
    const points = new Float64Array(count * dim);
    law.sampleInto(points, randomStream(deriveKey(key, 'layers', dim)));
    const phases = new Float64Array(count);
    target.phasesInto(phases, points, count);
    const { network, parameters } = f.layers();
    const values = new Float64Array(count * network.outputs);
    f.valuesInto(values, points, count);
    const pass = allocatePass(network, count);
    forward(network, pass, parameters, points);
    values.forEach((value, k) => {
      const phase = phases[Math.floor(k / network.outputs)];
      most = Math.max(most, Math.abs(pass.outputs[k] - value) / (1 + phase));
    });
  }
  return most;
}

/** Tubes: sums of ridge functions against an oscillating target, with a floor for every width. */
export const tubeStudy: Study<Params> = {
  id: 'depth-separation/tube',
  title: 'Tubes: what no sum of M ridge functions can do and d + m units of depth three can',
  reference: 'VenturiEtAl2022',
  params,
  async run(given, context) {
    const { omega, bias, part, knots } = given;
    const key = randomKey(context.seed);
    const masses: TubeOutcome['masses'][number][] = [];
    for (const w of new Set([omega, 10, 20, 50, 400])) {
      const own = { omega: w, ...(w === omega && { bias }) };
      masses.push({ omega: w, coarse: windowMass({ ...own, resolution: 64 }), fine: windowMass(own) });
      await context.pause({ label: 'enclosures of Q', step: masses.length });
    }
    const dims = [...new Set([...given.dims, ...given.deepDims, ...given.fitDims])].sort((a, b) => a - b);
    const certificates = tubeCertificates(dims.map((dim) => problemOf(given, dim, key).target));
    await context.pause({ label: 'floors', step: certificates.length });
    const deep = await measureDeep(given, key, context);
    return tubeResult({
      omega,
      knots,
      onCard: omega === 10 && bias === 0 && part === 'complex',
      masses,
      certificates,
      deep,
      fits: await fitShallow(given, key, context),
      difference: layerDifference(deep, given, key),
    });
  },
};
