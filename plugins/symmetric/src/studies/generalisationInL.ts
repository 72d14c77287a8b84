import {
  deriveKey,
  generalizationBound,
  type RandomKey,
  randomKey,
  type Study,
  type StudyContext,
  uniformAt,
} from '@muflow/core';
import { z } from 'zod';
import { setComplexity } from '../bounds/index.js';
import { trainSetSteps } from '../fit/trainSetNetwork.js';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetNetwork, setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, evaluateSets, forwardSets } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import { ballSets, drawSets, type SetBatch } from '../sets/index.js';
import { type Gap, gapClaims, gapFigures, gapNotes, gapTable, type Search } from './generalisationInLReport.js';

const params = z.strictObject({
  dim: z.int().min(1).max(64).default(4).describe('dimension d of the points, uniform in the unit ball'),
  points: z.int().min(1).max(256).default(4).describe('points of a set'),
  rows: z
    .array(z.int().min(4).max(100_000))
    .min(2)
    .default([32, 64, 128, 256])
    .describe('numbers L of training sets, ascending'),
  norm: z.number().positive().default(1).describe('largest path norm of the student, which training reaches'),
  teacherNorm: z.number().positive().default(4).describe('path norm of the target'),
  noise: z.number().positive().default(0.5).describe('targets carry this with a random sign'),
  innerWidth: z.int().min(1).max(2000).default(24),
  outerWidth: z.int().min(1).max(2000).default(8),
  steps: z.int().min(1).max(100_000).default(150),
  rate: z.number().positive().default(0.05).describe('step size of Adam'),
  repeats: z.int().min(2).max(200).default(8).describe('training samples of each size'),
  searches: z.int().min(1).max(10_000).default(100).describe('samples of each size on which drawn neurons are tried'),
  directions: z.int().min(2).max(10_000).default(60).describe('neurons drawn'),
  testSets: z.int().min(100).max(1_000_000).default(8000),
});

type Params = z.output<typeof params>;

/** What all trainings share. */
interface Setting {
  readonly network: SetNetwork;
  readonly testSets: SetBatch;
  readonly testTargets: Float64Array;
  readonly key: RandomKey;
  targetOf(batch: SetBatch): Float64Array;
  readonly given: Params;
}

function settingOf(given: Params, { seed, backend }: StudyContext): Setting {
  const { dim, points, innerWidth, outerWidth, teacherNorm } = given;
  const key = deriveKey(randomKey(seed), 'generalisation in L');
  const shape = { dim, inner: 'relu', outer: 'relu', backend };
  // One neuron on the difference of two test functions: its path norm is 2 |A|.
  const teacher = setNetwork({ ...shape, innerWidth: 2, outerWidth: 1 });
  const parameters = drawSetParameters(teacher, deriveKey(key, 'teacher'));
  parameters.set([1, -1, teacherNorm / 2], teacher.parts.middle[0]);
  const targetOf = (batch: SetBatch): Float64Array => evaluateSets(teacher, parameters, batch);
  const test = { sets: given.testSets, size: points, key: deriveKey(key, 'test') };
  const testSets = drawSets(ballSets({ dim, radius: 1 }), test);
  const network = setNetwork({ ...shape, innerWidth, outerWidth });
  return { network, testSets, testTargets: targetOf(testSets), key, targetOf, given };
}

interface Sample {
  readonly rows: number;
  readonly repeat: number;
}

/** L sets, their targets without noise, and the signs of it. */
interface Drawn {
  readonly batch: SetBatch;
  readonly truth: Float64Array;
  readonly signs: Float64Array;
  readonly key: RandomKey;
}

function draw({ key, given, targetOf }: Setting, { rows, repeat }: Sample, task: 'teacher' | 'search'): Drawn {
  const own = deriveKey(key, task, rows, repeat);
  const batch = drawSets(ballSets({ dim: given.dim, radius: 1 }), { sets: rows, size: given.points, key: own });
  const noise = deriveKey(own, 'noise');
  const signs = Float64Array.from({ length: rows }, (_, l) => (uniformAt(noise, l, 0) < 0.5 ? -1 : 1));
  return { batch, truth: targetOf(batch), signs, key: own };
}

/** Parameters of a student trained on targets in the ball of its norm. */
async function train(
  { network, given }: Setting,
  { batch, key }: Drawn,
  { targets, label }: { readonly targets: Float64Array; readonly label: string },
  context: StudyContext,
): Promise<Float64Array> {
  const start = drawSetParameters(network, deriveKey(key, 'start'));
  const factor = given.norm / (2 * setNorm(network).value(start));
  for (let i = network.parts.outer[0]; i < start.length; i++) start[i] *= factor;
  const training = trainSetSteps({
    ...{ network, batch, targets, start, steps: given.steps, maxNorm: given.norm, recordEvery: given.steps },
    rule: { kind: 'adam', rate: given.rate },
  });
  let next = training.next();
  for (; !next.done; next = training.next()) {
    await context.pause({ label, step: next.value, fraction: next.value / given.steps });
  }
  return next.value.parameters;
}

const meanSquare = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length;

/** The gap of one student of the teacher, with its bound. */
async function gapOf(setting: Setting, sample: Sample, context: StudyContext): Promise<Gap> {
  const { network, testSets, testTargets, given } = setting;
  const drawn = draw(setting, sample, 'teacher');
  const targets = drawn.truth.map((value, l) => value + given.noise * drawn.signs[l]);
  const label = `teacher, L = ${sample.rows}, sample ${sample.repeat + 1} of ${given.repeats}`;
  const parameters = await train(setting, drawn, { targets, label }, context);
  const trainLoss = meanSquare(evaluateSets(network, parameters, drawn.batch), targets) / 2;
  // The sign of the noise is independent of the set and has mean 0.
  const risk = (meanSquare(evaluateSets(network, parameters, testSets), testTargets) + given.noise ** 2) / 2;
  // |(x, 1)| <= sqrt 2 in the unit ball, so the mean of the complexity is at most 4 sqrt(2 / L); see setComplexity.
  const { bound } = generalizationBound({
    norm: given.norm,
    smallestNorm: given.norm,
    complexity: 4 * Math.sqrt(2 / sample.rows),
    rows: sample.rows,
    featureBound: Math.SQRT2,
    targetBound: given.teacherNorm * Math.SQRT2 + given.noise,
  });
  return { rows: sample.rows, gap: risk - trainLoss, risk, trainLoss, bound, norm: setNorm(network).value(parameters) };
}

/** Single neurons `+-delta int relu(<w, (x, 1)>) dmu` of the ball, with their risks. */
interface Neurons {
  readonly network: SetNetwork;
  readonly parameters: Float64Array;
  /** 2M mean losses over the test sets, both signs of each neuron, without noise. */
  readonly losses: Float64Array;
}

function drawNeurons({ network: { dim, backend }, key, testSets, testTargets, given }: Setting): Neurons {
  const network = setNetwork({ dim, innerWidth: given.directions, outerWidth: 1, backend });
  const parameters = drawSetParameters(network, deriveKey(key, 'directions'));
  return { network, parameters, losses: lossesOf(featuresOf(network, parameters, testSets), testTargets, given.norm) };
}

function featuresOf(network: SetNetwork, parameters: Float64Array, batch: SetBatch): Float64Array {
  const pass = allocateSetPass(network, batch, { derivatives: false });
  forwardSets(pass, parameters);
  return pass.features;
}

/** `(1/(2L)) sum_l (+-delta h_lw - y_l)^2` for all neurons w, the minus signs first. */
function lossesOf(features: Float64Array, targets: Float64Array, norm: number): Float64Array {
  const [rows, width] = [targets.length, features.length / targets.length];
  const out = new Float64Array(2 * width);
  for (let l = 0; l < rows; l++) {
    for (let w = 0; w < width; w++) {
      const value = norm * features[l * width + w];
      out[w] += (value + targets[l]) ** 2 / (2 * rows);
      out[width + w] += (value - targets[l]) ** 2 / (2 * rows);
    }
  }
  return out;
}

/** Floors under the largest gap in the ball, and under the complexity of the unit ball, over the neurons drawn. */
function searchOf(setting: Setting, neurons: Neurons, sample: Sample): Search {
  const { network, given } = setting;
  const { batch, truth, signs } = draw(setting, sample, 'search');
  const features = featuresOf(neurons.network, neurons.parameters, batch);
  const targets = truth.map((value, l) => value + given.noise * signs[l]);
  const onTraining = lossesOf(features, targets, given.norm);
  const sums = new Float64Array(given.directions);
  for (const [at, value] of features.entries()) {
    sums[at % sums.length] += (value * signs[Math.floor(at / sums.length)]) / sample.rows;
  }
  const { complexity } = setComplexity(network, new Float64Array(network.parameterCount), batch);
  return {
    rows: sample.rows,
    gap: neurons.losses.reduce(
      (most, loss, w) => Math.max(most, loss + given.noise ** 2 / 2 - onTraining[w]),
      -Infinity,
    ),
    found: sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 0),
    complexity,
  };
}

/** Networks of class S1 held at one path norm: the gap of generalization against the number of training sets. */
export const generalisationInLStudy: Study<Params> = {
  id: 'symmetric/generalisation-in-l',
  title: 'Gap of generalization of set networks at a fixed path norm, against the number of training sets',
  reference: 'ZweigBruna2021',
  params,
  async run(given, context) {
    const setting = settingOf(given, context);
    const neurons = drawNeurons(setting);
    const gaps: Gap[] = [];
    const searches: Search[] = [];
    for (const rows of given.rows) {
      for (let repeat = 0; repeat < given.repeats; repeat++) gaps.push(await gapOf(setting, { rows, repeat }, context));
      for (let repeat = 0; repeat < given.searches; repeat++) {
        searches.push(searchOf(setting, neurons, { rows, repeat }));
        await context.pause({
          label: `search, L = ${rows}`,
          step: repeat + 1,
          fraction: (repeat + 1) / given.searches,
        });
      }
    }
    return {
      claims: gapClaims(gaps, searches, given.norm),
      notes: gapNotes(given),
      tables: [gapTable(gaps, searches)],
      figures: gapFigures(gaps, searches),
    };
  },
};
