import {
  deriveKey,
  euler,
  gradientFlow,
  type Measure,
  networkUnit,
  type RandomKey,
  randomKey,
  randomStream,
  risk,
  rk4,
  type Study,
  type StudyContext,
  sphereInto,
  wasserstein,
} from '@muflow/core';
import { z } from 'zod';
import { aroundAxis, axialSphere, axisymmetricPopulation } from '../population/axisymmetric.js';
import { reluKernel } from '../population/dotKernels.js';
import { networkPopulation } from '../population/networkPopulation.js';
import { signedSphere } from '../population/teachers.js';
import { freshSamples, type SampleLaw } from '../risks/freshSamples.js';
import { type Place, sgdClaims, sgdFigures, sgdTables } from './sgdMeanFieldReport.js';

const params = z
  .strictObject({
    inputs: z.int().min(4).max(64).default(8).describe('dimension d of the inputs'),
    widths: z.array(z.int().min(2).max(4096)).min(3).default([24, 48, 96, 192]).describe('widths n, ascending'),
    stepSizes: z
      .array(z.number().positive())
      .min(3)
      .default([0.8, 0.4, 0.2, 0.1])
      .describe('step sizes, descending; the k-th goes with the k-th width on the diagonal'),
    draws: z.int().min(2).max(1000).default(24).describe('starts and orders of data of every width'),
    batch: z.int().min(1).max(10_000).default(4).describe('new rows in each step'),
    horizon: z.number().positive().max(1e5).default(16).describe('time of training, steps times step size'),
    nodes: z.int().min(4).max(200).default(24).describe('nodes of the population flow, for each sign'),
  })
  .refine(({ widths, stepSizes }) => widths.length === stepSizes.length, 'as many step sizes as widths');

type Params = z.output<typeof params>;

/** Two units of weight 1 in opposite directions: the target is |x_1|. */
const teacher = { weights: [1, 1], poles: [1, -1] };

/** Inputs uniform on the unit sphere with the targets |x_1|. */
function sphereRows(d: number): SampleLaw {
  return {
    name: 'uniform on the unit sphere',
    inputDim: d,
    outputs: 1,
    rowsInto(inputs, targets, count, key) {
      const random = randomStream(key);
      for (let l = 0; l < count; l++) {
        sphereInto(inputs, l * d, d, random);
        targets[l] = Math.abs(inputs[l * d]);
      }
    },
  };
}

/** Square distances in L2 of the population, all in closed form. */
interface Geometry {
  /** The flow of the n particles in the population loss. */
  flow(label: string, start: Measure): Promise<Measure>;
  /** `E|f_mu - f_nu|^2` of two networks. */
  between(mu: Measure, nu: Measure): number;
  /** To the mean-field limit. */
  toLimit(mu: Measure): number;
}

async function geometryOf({ inputs, horizon, nodes }: Params, context: StudyContext): Promise<Geometry> {
  const kernel = reluKernel('unit-sphere', inputs);
  const rows = new Float64Array(2 * inputs);
  [rows[0], rows[inputs]] = teacher.poles;
  const energy = networkPopulation(kernel, inputs, { weights: teacher.weights, rows });
  const axial = axisymmetricPopulation(kernel, inputs, teacher);
  const steps = Math.max(8, Math.ceil(horizon / 4));
  const plan = { stepper: rk4(), dt: horizon / steps, maxSteps: steps, record: { every: steps } };
  const start = axialSphere(inputs, nodes);
  const limit = (
    await context.simulate('population flow', { flow: gradientFlow(axial, wasserstein()), initial: start }, plan)
  ).profile[0];
  const own = axial.innerProduct(limit, limit);
  const flow = gradientFlow(energy, wasserstein());
  return {
    flow: async (label, initial) => (await context.simulate(label, { flow, initial }, plan)).profile[0],
    between: (mu, nu) => energy.innerProduct(mu, mu) - 2 * energy.innerProduct(mu, nu) + energy.innerProduct(nu, nu),
    toLimit: (mu) => energy.innerProduct(mu, mu) - 2 * axial.innerProduct(aroundAxis(mu), limit) + own,
  };
}

/** One width: means over the draws for every step size. */
async function measureWidth(given: Params, width: number, geometry: Geometry, context: StudyContext): Promise<Place[]> {
  const { inputs, stepSizes, draws, batch, horizon } = given;
  const law = sphereRows(inputs);
  const unit = networkUnit({ activation: 'relu', inputs, bias: false });
  const own = risk({ unit, inputs: new Float64Array(inputs), targets: new Float64Array(1) });
  const flow = gradientFlow(own, wasserstein(), { estimate: freshSamples({ risk: own, law, size: batch }) });
  const sums = stepSizes.map(() => ({ toFlow: 0, toLimit: 0 }));
  let flowToLimit = 0;
  for (let draw = 0; draw < draws; draw++) {
    const key: RandomKey = deriveKey(randomKey(context.seed), 'sgd-mean-field', width, draw);
    const initial = signedSphere(inputs, width, key);
    const label = `width ${width}, draw ${draw + 1} of ${draws}`;
    const limit = await geometry.flow(`${label}, flow`, initial);
    flowToLimit += geometry.toLimit(limit) / draws;
    for (const [s, stepSize] of stepSizes.entries()) {
      const steps = Math.round(horizon / stepSize);
      const seed = `${context.seed} sgd ${width} ${draw} ${s}`;
      const plan = { stepper: euler(), dt: horizon / steps, maxSteps: steps, seed, record: { every: steps } };
      const { profile } = await context.simulate(`${label}, step size ${stepSize}`, { flow, initial }, plan);
      sums[s].toFlow += geometry.between(profile[0], limit) / draws;
      sums[s].toLimit += geometry.toLimit(profile[0]) / draws;
    }
  }
  return stepSizes.map((stepSize, s) => ({ width, stepSize, flowToLimit, ...sums[s] }));
}

/** Stochastic gradient descent of n neurons against its mean-field limit: rates in width and step size. */
export const sgdMeanFieldStudy: Study<Params> = {
  id: 'supervised/sgd-mean-field',
  title: 'Stochastic gradient descent against its mean-field limit: rates in width and step size',
  reference: 'MeiMontanariNguyen2018, theorem 3',
  params,
  async run(given, context) {
    const { inputs, widths, stepSizes, draws, batch, horizon } = given;
    const geometry = await geometryOf(given, context);
    const places: Place[] = [];
    for (const width of widths) places.push(...(await measureWidth(given, width, geometry, context)));
    return {
      claims: sgdClaims(places, widths, stepSizes),
      notes: [
        `Relu neurons a_i relu(<w_i, x>) with outputs averaged; a start of signs and uniform directions; inputs uniform on the unit sphere of dimension ${inputs}, target |x_1|. Every step of stochastic gradient descent sees ${batch} new ${batch === 1 ? 'row' : 'rows'}; time is steps times step size, here up to ${horizon}; means over ${draws} draws.`,
        'Distances are mean squares over the population, in closed form: of the descent to the gradient flow of its n neurons from the same start, of this flow to the limit n = infinity (symmetric around the axis of the teacher, integrated on nodes), and of the descent to the limit.',
        'The published bound is of order 1/n + step size for the square, with factors of the dimension and of logarithms and a constant exponential in time; measured are the powers at this time.',
      ],
      tables: sgdTables(places),
      figures: sgdFigures(places, widths, stepSizes),
    };
  },
};
