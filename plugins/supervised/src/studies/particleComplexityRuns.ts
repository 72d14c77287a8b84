import {
  deriveKey,
  euler,
  forwardBackward,
  gradientFlow,
  type Measure,
  measure,
  randomKey,
  randomStream,
  type SignedAtoms,
  type StudyContext,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { type DualityGap, dualityGap } from '../certificate/dualityGap.js';
import { kernelProblem } from '../certificate/penalizedProblem.js';
import { circle, deconvolutionEnergy } from '../sparse/deconvolution.js';
import { optimizeWeights } from '../sparse/optimizeWeights.js';
import { slidingFrankWolfe } from '../sparse/slidingFrankWolfe.js';
import { dirichletKernel, kernelFormula } from '../sparse/waveKernel.js';

const kinds = ['positive', 'signed'] as const;
export type SpikeKind = (typeof kinds)[number];

export const particleComplexityParams = z.strictObject({
  spikes: z
    .array(z.enum(kinds))
    .min(1)
    .default([...kinds])
    .describe('spikes of positive mass, and spikes of either sign'),
  seeds: z.int().min(1).max(50).default(10).describe('problems with spikes drawn anew'),
  widths: z.array(z.int().min(1).max(500)).min(1).default([5, 10, 20, 40, 100]).describe('numbers m of atoms'),
  randomWidths: z.array(z.int().min(1).max(500)).default([10, 20, 40]).describe('those tried from random places too'),
  steps: z.int().min(10).max(100_000).default(4000).describe('steps of the particles of positive spikes'),
  signedSteps: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(16_000)
    .describe('steps of signed particles, which move at the rate of their charge'),
  lambda: z.number().positive().default(1),
});

export type ParticleComplexityParams = z.output<typeof particleComplexityParams>;

const kernel = dirichletKernel(7);
const space = circle(1);
/** Spikes of a problem. */
export const count = 5;
/** Least distance of two spikes: a tenth of the circle. */
const separation = 0.2 * Math.PI;
const dt = 0.002;

/** Half the width of the main lobe of the kernel: its first zero. */
const lobe = (2 * Math.PI) / 15;

export const methods = ['particles, even start', 'particles, random start', 'masses on a fixed grid'] as const;
export type Method = (typeof methods)[number];

/** Five spikes of masses in [1/2, 3/2] at places that are drawn until all are apart; then signs, where they have any. */
function drawSpikes(kind: SpikeKind, seed: number | string, repeat: number): SignedAtoms {
  const random = randomStream(deriveKey(randomKey(seed), 'particle-complexity', repeat));
  for (;;) {
    const places = Float64Array.from({ length: count }, () => 2 * Math.PI * random.uniform());
    const apart = places.every((p, i) =>
      places.slice(0, i).every((q) => Math.abs(Math.sin((p - q) / 2)) >= Math.sin(separation / 2)),
    );
    const masses = Float64Array.from(places, () => 0.5 + random.uniform());
    if (!apart) continue;
    const weights = kind === 'signed' ? masses.map((mass) => (random.uniform() < 0.5 ? -mass : mass)) : masses;
    return { space, positions: places, weights };
  }
}

const even = (width: number): Float64Array =>
  Float64Array.from({ length: width }, (_, i) => (2 * Math.PI * (i + 0.5)) / width);

const chord = 2 * Math.sin(lobe / 2);

/** Whether every spike has an atom within its main lobe. */
const covers = (places: Float64Array, { positions }: SignedAtoms): boolean =>
  positions.every((spike) => places.some((place) => 2 * Math.abs(Math.sin((place - spike) / 2)) < chord));

/** Chance that m uniform places cover five spikes, as if their lobes were hit independently. */
export const chanceOfCover = (m: number): number => (1 - (1 - lobe / Math.PI) ** m) ** count;

/** One problem with each method: excess energy over a proven lower bound, as a share of that of no atoms. */
export interface Repeat {
  readonly spikes: SignedAtoms;
  readonly shares: ReadonlyMap<Method, readonly number[]>;
  /** Whether the start of each particle run has an atom in the main lobe of every spike. */
  readonly covered: ReadonlyMap<Method, readonly boolean[]>;
  /** Excess of Frank-Wolfe and of its sliding version after each atom. */
  readonly frankWolfe: readonly number[];
  readonly sliding: readonly number[];
}

/** How the particles of one kind of spikes start and move. */
interface Particles {
  readonly signed: boolean;
  readonly metric: ReturnType<typeof wasserstein>;
  readonly stepper: ReturnType<typeof euler> | ReturnType<typeof forwardBackward>;
}
const particles: Readonly<Record<SpikeKind, Particles>> = {
  positive: { signed: false, metric: wassersteinFisherRao({ alpha: 4 }), stepper: euler() },
  signed: { signed: true, metric: wasserstein(), stepper: forwardBackward() },
};

/** Positive atoms have mass 0.01 each; signed ones `(s, theta)` have mass 1 and the charge s = 0. */
function startAt(places: Float64Array, signed: boolean, on: Measure['space']): Measure {
  const positions = signed ? Array.from(places, (theta) => [0, theta]).flat() : places;
  const masses = new Array<number>(places.length).fill(signed ? 1 : 0.01);
  return measure({ space: on, kind: 'positive', positions, masses });
}

/** One problem of one kind with every method. */
export async function runRepeat(
  kind: SpikeKind,
  given: ParticleComplexityParams,
  repeat: number,
  context: StudyContext,
): Promise<Repeat> {
  const { seeds, widths, randomWidths, lambda } = given;
  const { signed, metric, stepper } = particles[kind];
  const steps = signed ? given.signedSteps : given.steps;
  const target = drawSpikes(kind, context.seed, repeat);
  const energy = deconvolutionEnergy({ target, kernel, lambda, signed });
  const dual = kernelProblem({ target, kernel: kernelFormula(kernel, 1), lambda, sign: kind });
  const random = randomStream(deriveKey(randomKey(context.seed), 'particle-complexity start', repeat));
  const ends = new Map<Method, DualityGap[]>(methods.map((method) => [method, []]));
  const covered = new Map<Method, boolean[]>(methods.map((method) => [method, []]));
  const flowed = async (method: Method, places: Float64Array): Promise<void> => {
    const run = { flow: gradientFlow(energy, metric), initial: startAt(places, signed, energy.space ?? space) };
    const plan = { stepper, dt, maxSteps: steps, seed: context.seed, record: { every: steps } };
    const label = `${kind} problem ${repeat + 1} of ${seeds}: ${method}, ${places.length} atoms`;
    const [end] = (await context.simulate(label, run, plan)).profile;
    covered.get(method)?.push(covers(places, target));
    ends.get(method)?.push(dualityGap(dual, end));
  };
  for (const m of widths) {
    await flowed('particles, even start', even(m));
    ends.get('masses on a fixed grid')?.push(dualityGap(dual, optimizeWeights(dual, even(m))));
  }
  for (const m of randomWidths) {
    const places = Float64Array.from({ length: m }, () => 2 * Math.PI * random.uniform());
    await flowed('particles, random start', places);
  }
  const maxAtoms = 2 * count;
  const plain = slidingFrankWolfe(dual, { maxAtoms, slide: false });
  const sliding = slidingFrankWolfe(dual, { maxAtoms });
  const gaps = [...plain.gaps, ...sliding.gaps, ...[...ends.values()].flat()];
  // The greatest dual value is a proven lower bound of J*.
  const bound = Math.max(...gaps.filter(({ status }) => status !== 'estimated').map((gap) => gap.dual));
  const none = plain.gaps[0].primal - bound;
  const shares = (list: readonly DualityGap[]): number[] => list.map(({ primal }) => (primal - bound) / none);
  return {
    spikes: target,
    shares: new Map([...ends].map(([method, list]) => [method, shares(list)])),
    covered,
    frankWolfe: shares(plain.gaps),
    sliding: shares(sliding.gaps),
  };
}
