import {
  deriveKey,
  type Energy,
  energyRecorder,
  euclidean,
  euler,
  gradientFlow,
  type Measure,
  measure,
  product,
  randomKey,
  randomStream,
  type Study,
  type StudyContext,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { dualityGap } from '../certificate/dualityGap.js';
import { kernelProblem } from '../certificate/penalizedProblem.js';
import { circle, deconvolutionEnergy } from '../sparse/deconvolution.js';
import { gaussianKernel, kernelFormula } from '../sparse/waveKernel.js';
import { energyBoundRecorder } from '../theory/energyBound.js';
import { escapeRecorder } from '../theory/escape.js';
import { separates } from '../theory/separation.js';
import { convergenceClaims, convergenceFigures, convergenceTables, type Outcome } from './globalConvergenceReport.js';

const params = z.strictObject({
  atoms: z.int().min(4).max(400).default(40).describe('particles of each start'),
  steps: z.int().min(100).max(100_000).default(4000),
  dt: z.number().positive().max(0.05).default(0.02),
  lambda: z.number().positive().default(0.05).describe('penalty of the conic runs'),
  level: z.number().positive().default(0.01).describe('level of the sublevel sets K+ and K-'),
});

type Params = z.output<typeof params>;

const kernelWidth = 0.35;
const kernel = gaussianKernel(kernelWidth);
const conicAlpha = 4;
const [places, signedWeights, positiveWeights] = [
  [1, 2.2, 4.9],
  [1, -0.8, 0.6],
  [1, 0.8, 0.6],
];
/** Atoms stand for balls of about the width of the kernel, below which it does not see. */
const resolution = 0.3;
/** The arc of starts without full support: the spike at 4.9 is two radians away, where the kernel is below 1e-7. */
const arc = { from: 0.6, length: 2 };

/** A start on (a, theta): the height over the place of particle i. */
interface Start {
  readonly label: string;
  at(i: number): readonly [a: number, theta: number];
}

function startsOf({ atoms }: Params, seed: number | string): Start[] {
  const random = randomStream(deriveKey(randomKey(seed), 'global-convergence'));
  const drawn = Float64Array.from({ length: atoms }, () => 2 * Math.PI * random.uniform());
  const around = (i: number): number => (2 * Math.PI * i) / atoms;
  const along = (i: number): number => arc.from + (arc.length * i) / atoms;
  return [
    { label: 'a = 0 over the circle', at: (i) => [0, around(i)] },
    { label: 'a = 0.3 sin(theta) over the circle', at: (i) => [0.3 * Math.sin(around(i)), around(i)] },
    { label: 'a = 0.5 over the circle', at: (i) => [0.5, around(i)] },
    { label: 'a = 0 at random places', at: (i) => [0, drawn[i]] },
    { label: 'a = 0 over an arc', at: (i) => [0, along(i)] },
    { label: 'a = 0.3 over an arc', at: (i) => [0.3, along(i)] },
  ];
}

/** Does the start separate a = -1.5 from a = 1.5 in the cylinder of (a, theta)? */
const isSeparating = (points: readonly number[]): boolean =>
  separates(points, {
    axes: [
      { low: -1.5, high: 1.5 },
      { low: 0, high: 2 * Math.PI, periodic: true },
    ],
    resolution,
  });

async function runTransport(start: Start, given: Params, context: StudyContext): Promise<Outcome> {
  const { atoms, steps, dt, level } = given;
  const target = { space: circle(1), positions: Float64Array.from(places), weights: Float64Array.from(signedWeights) };
  const energy = deconvolutionEnergy({ target, kernel, lambda: 0, signed: true });
  const points = Array.from({ length: atoms }, (_, i) => start.at(i)).flat();
  const initial = measure({ space: product([euclidean(1), circle(1)]), positions: points });
  const probes = Float64Array.from(
    Array.from({ length: 200 }, (_, k) => [k % 2 === 0 ? 1 : -1, (2 * Math.PI * k) / 200]).flat(),
  );
  const recorders = [energyRecorder(energy), escapeRecorder({ energy, level, output: 0, probes })];
  const plan = { stepper: euler(), dt, maxSteps: steps, record: { every: Math.ceil(steps / 80), recorders } };
  const run = { flow: gradientFlow(energy, wasserstein()), initial };
  const { frames } = await context.simulate(`W2, ${start.label}`, run, plan);
  return { label: start.label, dynamics: 'W2', separating: isSeparating(points), frames, certificate: null };
}

/** A conic run; with masses for a comparison it also records the 1/t bound. */
function descend(
  label: string,
  run: { readonly energy: Energy; readonly initial: Measure; readonly masses?: ArrayLike<number> },
  { steps, dt, level }: Params,
  context: StudyContext,
) {
  const { energy, initial, masses } = run;
  const probes = Float64Array.from({ length: 200 }, (_, k) => (2 * Math.PI * k) / 200);
  const bound = masses === undefined ? [] : [energyBoundRecorder({ energy, alpha: conicAlpha, initial, masses })];
  const recorders = [energyRecorder(energy), escapeRecorder({ energy, level, probes }), ...bound];
  return context.simulate(
    label,
    { flow: gradientFlow(energy, wassersteinFisherRao({ alpha: conicAlpha })), initial },
    { stepper: euler(), dt, maxSteps: steps, record: { every: Math.ceil(steps / 400), recorders } },
  );
}

async function runConic(onArc: boolean, given: Params, context: StudyContext): Promise<Outcome> {
  const { atoms, lambda } = given;
  const target = measure({ space: circle(1), positions: places, masses: positiveWeights, kind: 'positive' });
  const energy = deconvolutionEnergy({ target, kernel, lambda });
  const problem = kernelProblem({ target, kernel: kernelFormula(kernel, 1), lambda });
  const positions = Array.from({ length: atoms }, (_, i) =>
    onArc ? arc.from + (arc.length * i) / atoms : (2 * Math.PI * i) / atoms,
  );
  const masses = positions.map(() => 1 / atoms);
  const initial = measure({ space: circle(1), positions, masses, kind: 'positive' });
  const label = onArc ? 'masses on an arc' : 'masses on the circle';
  const first = await descend(`conic, ${label}`, { energy, initial }, given, context);
  // Where the masses went is the comparison of the second, equal run: close to the best on these particles.
  const again = { energy, initial, masses: first.profile[0].masses };
  const { frames, profile } = await descend(`conic, ${label}, with its bound`, again, given, context);
  // A positive measure on the places separates as the graph of its masses does.
  const separating = isSeparating(positions.flatMap((theta) => [0, theta]));
  const certificate = dualityGap(problem, profile[0], { tolerance: 1e-8 });
  return { label, dynamics: 'conic', separating, frames, certificate };
}

/** Starts with and without a support that separates, and what their flows reach; the 1/t bound of the conic flow. */
export const globalConvergenceStudy: Study<Params> = {
  id: 'supervised/global-convergence',
  title: 'Which starts reach the global minimum: supports that separate, ways of escape, and the 1/t bound',
  reference: 'ChizatBach2018, section 3',
  params,
  async run(given, context) {
    const outcomes: Outcome[] = [];
    for (const start of startsOf(given, context.seed)) outcomes.push(await runTransport(start, given, context));
    for (const onArc of [false, true]) outcomes.push(await runConic(onArc, given, context));
    return {
      claims: convergenceClaims(outcomes, signedWeights),
      notes: [
        `Three spikes of masses ${signedWeights.join(', ')} on a circle, seen through a Gaussian of width ${kernelWidth}. W2: particles (a, theta) of equal mass under the Wasserstein flow of the square distance, without penalty; its least value is 0. Conic: positive masses on the circle under the Wasserstein-Fisher-Rao flow with alpha ${conicAlpha}, spikes of the absolute masses, penalty ${given.lambda}; the duality gap certifies how far a run is from the least value.`,
        `The theorem is one of infinitely many particles: if the support of the start separates a = -r from a = r and the flow converges, the limit is a global minimum. Here a support separates if the balls of radius ${resolution} around its atoms do, about what the kernel resolves; ${given.atoms} atoms are enough for that on the circle.`,
        'The arc ends two radians before the third spike, where the kernel is below 1e-7. Without a separating support the theorem says nothing; here the flow then stops with the third spike unexplained, whatever the number of atoms. Where the tails of a kernel reach the atoms, such starts may still find the spike after a long time.',
        'Escape: K+ and K- are the places at which a positive or a negative atom would lower the energy at a rate above the level. A run that has stopped away from the minimum has such places and no mass there.',
        'The bound compares with a measure that is carried along with its masses unchanged, those at which the run ends. It falls as 1/t; the run itself converges faster once the penalized solution is sparse.',
      ],
      tables: convergenceTables(outcomes),
      figures: convergenceFigures(outcomes),
    };
  },
};
