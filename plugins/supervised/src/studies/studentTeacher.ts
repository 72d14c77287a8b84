import {
  birthDeath,
  birthsAndDeathsRecorder,
  deriveKey,
  effectiveSampleSizeRecorder,
  energyRecorder,
  euclidean,
  euler,
  type Flow,
  gradientFlow,
  type Measure,
  measure,
  type RandomKey,
  randomKey,
  randomStream,
  reinjection,
  type Study,
  type StudyContext,
  sphereInto,
  systematicResampling,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { reluKernel } from '../population/dotKernels.js';
import { type NetworkPopulation, networkPopulation, type Teacher } from '../population/networkPopulation.js';
import { type Method, methods, type Series, studentTeacherReport } from './studentTeacherReport.js';

/** Time that one published step takes: learning rate 2e-2 on the mean square error, which is twice the energy. */
const publishedStep = 0.04;
/** Published rates: 1 for birth-death, 1e-2 for deaths with re-injection. See {@link studentTeacherStudy}. */
const rate = 1;
const reinjectionRate = 0.01;

const params = z.strictObject({
  inputs: z.int().min(2).max(200).default(50).describe('dimension d of the inputs'),
  teacherUnits: z.int().min(1).max(100).default(10),
  width: z.int().min(2).max(1000).default(50).describe('units of the student'),
  seeds: z.int().min(1).max(64).default(3).describe('teachers, each with its start; all methods share them'),
  steps: z
    .int()
    .min(20)
    .max(1_000_000)
    .default(10_000)
    .describe('published steps, of which the experiment had 100 000'),
  dt: z.number().positive().max(4).default(1).describe('step size of the flow; a published step is 0.04'),
});

type Params = z.output<typeof params>;

function teacherOf(inputs: number, units: number, key: RandomKey): Teacher {
  const random = randomStream(key);
  const rows = new Float64Array(units * inputs);
  const weights: number[] = [];
  for (let k = 0; k < units; k++) {
    weights.push(random.uniform() < 0.5 ? -1 : 1);
    sphereInto(rows, k * inputs, inputs, random);
  }
  return { weights, rows };
}

/** The published start in mean-field form: output weights uniform on (-1, 1), rows standard normal. */
function studentOf(inputs: number, width: number, key: RandomKey): Measure {
  const random = randomStream(key);
  const positions = new Float64Array(width * (inputs + 1));
  for (let i = 0; i < width; i++) {
    const start = i * (inputs + 1);
    positions[start] = 2 * random.uniform() - 1;
    for (let k = 1; k <= inputs; k++) positions[start + k] = random.normal();
  }
  return measure({ space: euclidean(inputs + 1), positions });
}

function flowOf(method: Method, energy: NetworkPopulation, { inputs, width }: Params): Flow {
  if (method === 'Fisher-Rao masses') return gradientFlow(energy, wassersteinFisherRao({ alpha: rate }));
  const jumps = {
    'gradient flow': [],
    // As the figures of the published end in docs/guide/mean-field-theory.md were measured.
    'systematic resampling': [systematicResampling({ rate, potential: 'fresh' })],
    'birth-death': [birthDeath({ rate, potential: 'fresh' })],
    're-injection': [
      reinjection({
        rate: reinjectionRate,
        clones: false,
        zeroCoordinates: [0],
        // Published rows of newborns are normal over n, that is N(0, 1/n) in mean-field form.
        law: (out: Float64Array, start: number, random: ReturnType<typeof randomStream>) => {
          for (let k = 1; k <= inputs; k++) out[start + k] = random.normal() / Math.sqrt(width);
        },
      }),
    ],
  }[method];
  return gradientFlow(energy, wasserstein(), { jumps });
}

async function runSeed(seed: number, given: Params, context: StudyContext): Promise<Record<Method, Series>> {
  const { inputs, teacherUnits, width, seeds, steps, dt } = given;
  const key = deriveKey(randomKey(context.seed), 'student-teacher', seed);
  const teacher = teacherOf(inputs, teacherUnits, deriveKey(key, 'teacher'));
  const energy = networkPopulation(reluKernel('unit-sphere', inputs), inputs, teacher);
  const initial = studentOf(inputs, width, deriveKey(key, 'student'));
  const maxSteps = Math.max(1, Math.round((steps * publishedStep) / dt));
  const entries: [Method, Series][] = [];
  for (const method of methods) {
    const { frames } = await context.simulate(
      `teacher ${seed + 1} of ${seeds}: ${method}`,
      { flow: flowOf(method, energy, given), initial },
      {
        stepper: euler(),
        dt,
        maxSteps,
        seed: `${context.seed} ${seed}`,
        record: {
          every: Math.max(1, Math.floor(maxSteps / 50)),
          recorders: [energyRecorder(energy), birthsAndDeathsRecorder(), effectiveSampleSizeRecorder()],
        },
      },
    );
    const last = frames[frames.length - 1].values;
    entries.push([
      method,
      {
        steps: frames.map((frame) => Math.round(frame.time / publishedStep)),
        energies: frames.map((frame) => frame.values.energy),
        deaths: last.deaths,
        effective: last.effectiveSampleSize,
      },
    ]);
  }
  return Object.fromEntries(entries) as Record<Method, Series>;
}

/** A wide student of a narrow teacher in dimension 50: where birth and death of neurons does not help. */
export const studentTeacherStudy: Study<Params> = {
  id: 'supervised/student-teacher',
  title: 'A student and a teacher of ReLU units: birth-death with the published constants',
  reference: 'RotskoffEtAl2019, section 5.2',
  params,
  async run(given, context) {
    const runs: Record<Method, Series>[] = [];
    for (let seed = 0; seed < given.seeds; seed++) runs.push(await runSeed(seed, given, context));
    return studentTeacherReport(runs, given);
  },
};
