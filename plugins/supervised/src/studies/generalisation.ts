import {
  deriveKey,
  euclidean,
  euler,
  generalizationBound,
  gradientFlow,
  type Measure,
  measure,
  product,
  type RandomKey,
  type Risk,
  randomKey,
  randomStream,
  risk,
  type Study,
  type StudyContext,
  sphere,
  totalMass,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { contractionComplexity, reluComplexity } from '../theory/generalization.js';
import { type Decomposition, type Fit, gapClaims, gapFigures, gapTables } from './generalisationReport.js';

const params = z.strictObject({
  rows: z.array(z.int().min(4).max(5000)).min(2).default([20, 40, 80, 160]).describe('numbers L of training rows'),
  lambdas: z
    .array(z.number().positive())
    .min(2)
    .default([0.001, 0.01, 0.1])
    .describe('penalties of the variation norm'),
  widths: z
    .array(z.int().min(4).max(1000))
    .min(2)
    .default([8, 16, 32, 64, 128])
    .describe('numbers n of units tried at one L and lambda; the last but one is that of all other runs'),
  repeats: z.int().min(2).max(200).default(10).describe('training sets of each kind'),
  steps: z.int().min(10).max(100_000).default(800),
});

type Params = z.output<typeof params>;

const dt = 0.5;
/** Noise is uniform on [-1/2, 1/2]: targets are bounded, as the bound needs. */
const noise = 0.5;
const relu = (z: number): number => Math.max(0, z);
/** The target, below 0.75 in size on [-1, 1]. */
const truth = (x: number): number => 1.5 * relu(x + 0.3) - 2 * relu(x - 0.2) + 0.8 * relu(-x - 0.4);
const targetBound = 0.75 + noise;
/** `|relu(w x + b)| <= sqrt(x^2 + 1)` on the circle of (w, b). */
const featureBound = Math.SQRT2;

const unit = { formula: 's * relu(w[0]*x + w[1])', atom: { s: 1, w: 2 } };
const space = product([euclidean(1), sphere(2)]);
/** Signs stand still: the conic lift, masses r^2. */
const conic = wassersteinFisherRao({ alpha: 4, blocks: [{ start: 0, end: 1, rate: 0 }] });

interface TrainingSet {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly energy: Risk;
  readonly complexity: number;
}

function drawRows(count: number, key: RandomKey): TrainingSet {
  const random = randomStream(key);
  const inputs = Float64Array.from({ length: count }, () => 2 * random.uniform() - 1);
  const targets = inputs.map((x) => truth(x) + noise * (2 * random.uniform() - 1));
  const energy = risk({ unit, inputs, targets, space });
  return { inputs, targets, energy, complexity: reluComplexity(inputs, 50, deriveKey(key, 'complexity')) };
}

/** n/2 directions evenly around the circle, each with both signs. */
function startOf(width: number): Measure {
  const positions = Array.from({ length: width }, (_, i) => {
    const angle = (2 * Math.PI * (i >> 1)) / (width / 2);
    return [i % 2 === 0 ? 1 : -1, Math.cos(angle), Math.sin(angle)];
  });
  const masses = positions.map(() => 1 / width);
  return measure({ space, positions: positions.flat(), masses, kind: 'positive' });
}

/** 2,000 inputs evenly on [-1, 1], whose targets are the truth: means over them are those of the law of x. */
function population(): Risk {
  const inputs = Float64Array.from({ length: 2000 }, (_, k) => -1 + (2 * k + 1) / 2000);
  return risk({ unit, inputs, targets: inputs.map(truth), space });
}

interface Training {
  readonly label: string;
  readonly lambda: number;
  readonly width: number;
  readonly steps: number;
  readonly every?: number;
}

/** The network after every `every` steps (default: at the end only), the last at the end. */
async function train(
  { inputs, targets }: Pick<TrainingSet, 'inputs' | 'targets'>,
  { label, lambda, width, steps, every = steps }: Training,
  context: StudyContext,
): Promise<Measure[]> {
  const energy = risk({ unit, inputs, targets, space, penalty: { kind: 'mass', lambda } });
  const problem = { flow: gradientFlow(energy, conic), initial: startOf(width) };
  const plan = { stepper: euler(), dt, maxSteps: steps, record: { every } };
  return (await context.simulate(label, problem, plan)).frames.map(({ profile }) => profile[0]);
}

/** What is known without data: the risk over the law of x, and the best network of each penalty for it. */
interface Law {
  readonly whole: Risk;
  readonly best: ReadonlyMap<number, Measure>;
}

async function solveLaw({ lambdas, widths, steps }: Params, context: StudyContext): Promise<Law> {
  const whole = population();
  const width = widths[widths.length - 2];
  const inputs = Float64Array.from({ length: 400 }, (_, k) => -1 + (2 * k + 1) / 400);
  const best = new Map<number, Measure>();
  for (const lambda of lambdas) {
    const how = { label: `whole law, lambda ${lambda}`, lambda, width, steps };
    best.set(lambda, last(await train({ inputs, targets: inputs.map(truth) }, how, context)));
  }
  return { whole, best };
}

const bestOf = ({ best }: Law, lambda: number): Measure => best.get(lambda) ?? startOf(4);

/** Gaps and bounds of a network. */
function judge(set: TrainingSet, mu: Measure, how: Training, law: Law): Fit {
  const rows = set.targets.length;
  // Uniform noise of half width h has variance h^2/3.
  const gapOf = (nu: Measure): number => law.whole.meanLoss(nu) + noise ** 2 / 6 - set.energy.meanLoss(nu);
  const gap = gapOf(mu);
  const norm = totalMass(mu);
  const common = { norm, rows, featureBound, targetBound };
  return {
    rows,
    lambda: how.lambda,
    width: how.width,
    gap,
    relativeGap: gap - gapOf(bestOf(law, how.lambda)),
    excess: law.whole.meanLoss(mu),
    norm,
    bound: generalizationBound({ ...common, complexity: contractionComplexity(featureBound, rows) }).bound,
    empiricalBound: generalizationBound({ ...common, complexity: set.complexity, empirical: true }).bound,
  };
}

async function fitAll(given: Params, law: Law, context: StudyContext): Promise<Fit[]> {
  const { rows, lambdas, widths, repeats, steps } = given;
  const usual = widths[widths.length - 2];
  const middle = { rows: rows[1], lambda: lambdas[0] };
  const kinds = [
    ...rows.flatMap((count) => lambdas.map((lambda) => ({ rows: count, lambda, width: usual }))),
    ...widths.filter((width) => width !== usual).map((width) => ({ ...middle, width })),
  ];
  const fits: Fit[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const sets = new Map(
      rows.map((count) => [
        count,
        drawRows(count, deriveKey(randomKey(context.seed), 'generalisation', count, repeat)),
      ]),
    );
    for (const { rows: count, lambda, width } of kinds) {
      const set = sets.get(count);
      if (set === undefined) continue;
      const label = `L ${count}, lambda ${lambda}, n ${width}, set ${repeat + 1} of ${repeats}`;
      const how = { label, lambda, width, steps };
      fits.push(judge(set, last(await train(set, how, context)), how, law));
    }
  }
  return fits;
}

const last = (measures: readonly Measure[]): Measure => measures[measures.length - 1];

async function decompose(given: Params, law: Law, context: StudyContext): Promise<Decomposition[]> {
  const { rows, lambdas, widths, repeats, steps } = given;
  const width = widths[widths.length - 2];
  const { whole } = law;
  const every = Math.ceil(steps / 40);
  const early = [1, 5];
  const parts: Decomposition[] = [];
  for (const lambda of lambdas) {
    const approximation = whole.meanLoss(bestOf(law, lambda));
    let full = 0;
    const stopped = early.map(() => 0);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const set = drawRows(rows[1], deriveKey(randomKey(context.seed), 'generalisation', rows[1], repeat));
      const label = `parts of the error, lambda ${lambda}, set ${repeat + 1} of ${repeats}`;
      const along = await train(set, { label, lambda, width, steps, every }, context);
      full += whole.meanLoss(last(along)) / repeats;
      for (const [e, k] of early.entries())
        stopped[e] += whole.meanLoss(along[Math.min(k, along.length - 1)]) / repeats;
    }
    for (const [e, k] of early.entries()) {
      const statistical = full - approximation;
      parts.push({ lambda, steps: k * every, approximation, statistical, optimization: stopped[e] - full });
    }
  }
  return parts;
}

/** Training and test loss of networks of bounded variation norm: the measured gap beside its bound. */
export const generalisationStudy: Study<Params> = {
  id: 'supervised/generalisation',
  title: 'The gap between test and training loss against L, lambda and n, beside its bound',
  reference: 'Bach2017, section 5',
  params,
  async run(given, context) {
    const law = await solveLaw(given, context);
    const fits = await fitAll(given, law, context);
    const parts = await decompose(given, law, context);
    return {
      claims: gapClaims(fits, given),
      notes: [
        'Networks of relu units with bias on the circle learn a sum of three units from L rows with uniform noise, by the conic flow of (1/2) mean square + lambda |nu|. Losses over the law of x are means over 2,000 even inputs, those of the noise are exact.',
        `The bound holds with 95 % confidence for all networks of a norm at once. Its complexity is that of any inputs on [-1, 1], or that of the rows themselves, with exact suprema over the units. Both are far above the measured gap: they hold for the worst target and noise.`,
        'Mean gaps are taken relative to the network of the same penalty that is best for the whole law, which does not depend on the rows and has a gap of mean 0: the same mean, with much less noise.',
        'Width is no cause of overfitting here: with the penalty the gap settles as n grows.',
      ],
      tables: gapTables(fits, parts, given),
      figures: gapFigures(fits, given),
    };
  },
};
