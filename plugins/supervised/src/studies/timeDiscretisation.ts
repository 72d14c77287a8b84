import {
  type Claim,
  claimAtMost,
  claimWithin,
  claimWithinFactor,
  type Energy,
  euclidean,
  euler,
  type Figure,
  gradientFlow,
  heun,
  type LinearFit,
  lieSplitting,
  logLogFit,
  type Measure,
  measure,
  minibatch,
  networkUnit,
  normalsInto,
  type Profile,
  type Risk,
  randomKey,
  risk,
  rk4,
  type Stepper,
  type Study,
  type StudyContext,
  strangSplitting,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { minibatchNoise } from '../theory/minibatchNoise.js';

const params = z.strictObject({
  time: z.number().positive().default(2).describe('length of the runs'),
  steps: z
    .array(z.int().min(2).max(10_000))
    .min(2)
    .default([10, 20, 40, 80])
    .describe('numbers of steps of the steppers'),
  width: z.int().min(1).max(200).default(12),
  rows: z.int().min(4).max(1000).default(16).describe('rows of data'),
  batches: z.array(z.int().min(1).max(1000)).min(1).default([2, 8]).describe('rows per batch of stochastic runs'),
  noiseSteps: z
    .array(z.int().min(2).max(10_000))
    .min(2)
    .default([20, 40, 80, 160])
    .describe('steps of stochastic runs'),
  repeats: z.int().min(2).max(10_000).default(300).describe('stochastic runs of each batch and step size'),
});

type Params = z.output<typeof params>;

/** Each with the order that it declares. */
const steppers: readonly Stepper[] = [euler(), heun(), rk4(), lieSplitting(), strangSplitting()];

/** Band of the fitted orders of steppers, and of the slopes of noise, which are measured on random runs. */
const orderBand = 0.1;
const noiseBand = 0.2;

const unit = networkUnit({ activation: 'tanh', inputs: 1 });

interface Setting {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly energy: Risk;
  readonly initial: Measure;
}

/** Rows of sin(3x) with noise, and a network of tanh units with uneven masses; all drawn from the seed. */
function settingOf({ width, rows }: Params, seed: number | string): Setting {
  const noise = new Float64Array(rows);
  normalsInto(noise, 0, rows, randomKey(`${seed} targets`), 0);
  const inputs = noise.map((_, l) => -1 + (2 * l + 1) / rows);
  const targets = inputs.map((x, l) => Math.sin(3 * x) + 0.3 * noise[l]);
  const positions = new Float64Array(3 * width);
  normalsInto(positions, 0, 3 * width, randomKey(`${seed} start`), 0);
  const raw = Array.from({ length: width }, (_, i) => 1 + (i % 3));
  const total = raw.reduce((sum, mass) => sum + mass, 0);
  return {
    inputs,
    targets,
    energy: risk({ unit, inputs, targets }),
    initial: measure({ space: euclidean(3), positions, masses: raw.map((mass) => mass / total) }),
  };
}

/** `(sum_i m_i |u_i - u'_i|^2 + m_i (log m_i - log m'_i)^2)^(1/2)`: places and masses, atom by atom. */
function distance([mu]: Profile, [other]: Profile): number {
  const { count, dim, masses, positions, logMasses } = mu;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    let square = (logMasses[i] - other.logMasses[i]) ** 2;
    for (let k = i * dim; k < (i + 1) * dim; k++) square += (positions[k] - other.positions[k]) ** 2;
    sum += masses[i] * square;
  }
  return Math.sqrt(sum);
}

interface Orders {
  /** [stepper][number of steps] */
  readonly errors: readonly (readonly number[])[];
  readonly fits: readonly LinearFit[];
  /** Distance of the reference to one of half as many steps. */
  readonly reference: number;
}

async function measureOrders({ energy, initial }: Setting, given: Params, context: StudyContext): Promise<Orders> {
  const { time, steps } = given;
  const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 1 }));
  const end = async (stepper: Stepper, count: number): Promise<Profile> => {
    const plan = { stepper, dt: time / count, maxSteps: count, record: { every: count } };
    return (await context.simulate(`${stepper.name}, ${count} steps`, { flow, initial }, plan)).profile;
  };
  const finest = 8 * Math.max(...steps);
  const reference = await end(rk4(), finest);
  const errors: number[][] = [];
  for (const stepper of steppers) {
    const row: number[] = [];
    for (const count of steps) row.push(distance(reference, await end(stepper, count)));
    errors.push(row);
  }
  return {
    errors,
    fits: errors.map((row) =>
      logLogFit(
        steps.map((count) => time / count),
        row,
      ),
    ),
    reference: distance(reference, await end(rk4(), finest / 2)),
  };
}

interface Noise {
  /** [batch][number of steps]: mean square distance of predictions to the flow, over rows and runs. */
  readonly levels: readonly (readonly number[])[];
  readonly fits: readonly LinearFit[];
  /** [batch]: the levels at the smallest dt that first-order theory gives, bias of the Euler steps included. */
  readonly theory: readonly number[];
}

const predictions = (energy: Risk, mu: Measure, inputs: Float64Array): Float64Array => {
  const out = new Float64Array(inputs.length);
  energy.predictInto(out, inputs, inputs.length, mu);
  return out;
};

async function measureNoise(setting: Setting, given: Params, context: StudyContext): Promise<Noise> {
  const { energy, initial, inputs: watched } = setting;
  const { time, noiseSteps, batches, repeats, rows } = given;
  const follow = async (label: string, count: number, batch?: number, seed?: string): Promise<Float64Array> => {
    const estimate = batch === undefined ? {} : { estimate: minibatch(energy, { size: batch }) };
    const flow = gradientFlow(energy as Energy, wasserstein(), estimate);
    const stepper = batch === undefined ? rk4() : euler();
    const plan = { stepper, dt: time / count, maxSteps: count, record: { every: count }, ...(seed && { seed }) };
    const { profile } = await context.simulate(label, { flow, initial }, plan);
    return predictions(energy, profile[0], watched);
  };
  const limit = await follow('flow', 4 * Math.max(...noiseSteps));
  const levels: number[][] = [];
  for (const batch of batches) {
    const row: number[] = [];
    for (const count of noiseSteps) {
      let sum = 0;
      for (let repeat = 0; repeat < repeats; repeat++) {
        const label = `batches of ${batch}, ${count} steps, run ${repeat + 1} of ${repeats}`;
        const seen = await follow(label, count, batch, `${context.seed} noise ${batch} ${count} ${repeat}`);
        for (let l = 0; l < rows; l++) sum += (seen[l] - limit[l]) ** 2 / (rows * repeats);
      }
      row.push(sum);
    }
    levels.push(row);
  }
  const count = Math.max(...noiseSteps);
  return {
    levels,
    theory: batches.map((batch) => predictedLevel(setting, { batch, time, count, limit })),
    fits: levels.map((row) =>
      logLogFit(
        noiseSteps.map((count) => time / count),
        row,
      ),
    ),
  };
}

/** `Var f + |f_euler - f_flow|^2`, means over the rows. */
function predictedLevel(
  { energy, inputs, targets, initial }: Setting,
  run: { readonly batch: number; readonly time: number; readonly count: number; readonly limit: Float64Array },
): number {
  const { batch, time, count, limit } = run;
  const noise = minibatchNoise({ unit, inputs, targets, initial, dt: time / count, batch });
  noise.advance(count);
  const bias = predictions(energy, noise.mean(), inputs).map((f, l) => (f - limit[l]) ** 2);
  return noise.variance() + bias.reduce((sum, square) => sum + square, 0) / bias.length;
}

/** Variance of a mean of b of L rows without replacement, as a multiple of that of one row: `(L - b) / (b (L - 1))`. */
const batchFactor = (batch: number, rows: number): number => (rows - batch) / (batch * (rows - 1));

function claimsOf({ errors, fits, reference }: Orders, noise: Noise, { batches, noiseSteps, rows }: Params): Claim[] {
  const finest = noiseSteps.indexOf(Math.max(...noiseSteps));
  return [
    claimAtMost({
      statement:
        'The reference is exact beside the errors measured: its change at half the steps over the least of them',
      bound: 0.01,
      measured: reference / Math.min(...errors.flat()),
    }),
    ...steppers.map(({ name, order }, s) =>
      claimWithin({
        statement: `Order of ${name}: slope of its distance to the flow in dt`,
        predicted: order,
        tolerance: orderBand,
        measured: fits[s].slope,
      }),
    ),
    ...batches.map((batch, b) =>
      claimWithin({
        statement: `Noise of batches of ${batch}: slope of E|f - f_flow|^2 in dt`,
        predicted: 1,
        tolerance: noiseBand,
        measured: noise.fits[b].slope,
      }),
    ),
    ...batches.map((batch, b) =>
      claimWithinFactor({
        statement: `Noise of batches of ${batch} at the smallest dt, against linear theory`,
        predicted: noise.theory[b],
        measured: noise.levels[b][finest],
        factor: 1.25,
      }),
    ),
    ...batches.slice(1).map((batch, b) =>
      claimWithinFactor({
        statement: `Noise of batches of ${batches[0]} over that of ${batch} at the smallest dt: (L - b)/(b (L - 1))`,
        predicted: batchFactor(batches[0], rows) / batchFactor(batch, rows),
        measured: noise.levels[0][finest] / noise.levels[b + 1][finest],
        factor: 1.3,
      }),
    ),
  ];
}

function figuresOf({ errors }: Orders, { levels }: Noise, { time, steps, noiseSteps, batches }: Params): Figure[] {
  return [
    {
      id: 'orders',
      title: 'Distance to the flow against step size',
      caption: 'Places and log-masses at the end, atom by atom. The slopes are the orders of the steppers.',
      x: { label: 'dt', scale: 'log' },
      y: { label: 'distance', scale: 'log' },
      marks: steppers.map(({ name }, s) => ({
        type: 'line' as const,
        label: name,
        x: steps.map((count) => time / count),
        y: errors[s],
      })),
    },
    {
      id: 'noise',
      title: 'Noise of stochastic descent against step size',
      caption: 'Mean square distance of the predictions to those of the flow, over random runs: of order dt.',
      x: { label: 'dt', scale: 'log' },
      y: { label: 'E|f - f_flow|^2', scale: 'log' },
      marks: batches.map((batch, b) => ({
        type: 'line' as const,
        label: `batches of ${batch}`,
        x: noiseSteps.map((count) => time / count),
        y: levels[b],
      })),
    },
  ];
}

/** Steps in time against the flow that they approach: orders of steppers, and the noise of minibatches. */
export const timeDiscretisationStudy: Study<Params> = {
  id: 'supervised/time-discretisation',
  title: 'Step size and stepper against the flow: global orders, and noise of order dt',
  reference: 'HairerNorsettWanner1993, section II.3',
  params,
  async run(given, context) {
    const { time, steps, noiseSteps, batches, repeats, width, rows } = given;
    const setting = settingOf(given, context.seed);
    const orders = await measureOrders(setting, given, context);
    const noise = await measureNoise(setting, given, context);
    return {
      claims: claimsOf(orders, noise, given),
      notes: [
        `${width} tanh units of uneven masses fit ${rows} noisy rows of sin(3x) by the square risk. Orders are those of the Wasserstein-Fisher-Rao flow with alpha 1 at time ${time}, against Runge-Kutta steps of order 4, eight times finer; the splittings take Euler (Lie) and Heun (Strang) steps in both parts.`,
        `Stochastic descent takes Euler steps of the Wasserstein flow on batches without replacement; ${repeats} runs for each batch and step size. The bias of the Euler steps is of order dt and enters the mean square as dt^2: at large steps the slope is a little above 1. Linear theory follows the covariance that the noise of the batches gives to the places of the atoms, to first order.`,
        'The risk is smooth. With relu units the flow has kinks and no order above 1 is to be expected where atoms cross data.',
      ],
      tables: [
        {
          title: 'Distance to the flow',
          columns: [{ name: 'stepper' }, ...steps.map((count) => ({ name: `${count} steps` })), { name: 'order' }],
          rows: steppers.map(({ name }, s) => [name, ...orders.errors[s], orders.fits[s].slope]),
        },
        {
          title: 'Mean square noise of the predictions',
          columns: [
            { name: 'batch' },
            ...noiseSteps.map((count) => ({ name: `${count} steps` })),
            { name: 'smallest dt, linear theory' },
            { name: 'slope' },
          ],
          rows: batches.map((batch, b) => [batch, ...noise.levels[b], noise.theory[b], noise.fits[b].slope]),
        },
      ],
      figures: figuresOf(orders, noise, given),
    };
  },
};
