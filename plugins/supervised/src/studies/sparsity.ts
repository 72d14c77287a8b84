import {
  deriveKey,
  type Energy,
  energyRecorder,
  euclidean,
  euler,
  type Frame,
  gradientFlow,
  type Measure,
  measure,
  networkUnit,
  product,
  randomKey,
  randomStream,
  risk,
  type Study,
  type StudyContext,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { solveCellProgram } from '../cells/cellProgram.js';
import { mergeWithinCells } from '../cells/mergeCells.js';
import { type ReluProblem, reluProblem } from '../cells/reluProblem.js';
import { dualityGap } from '../certificate/dualityGap.js';
import { signedAtoms } from '../certificate/penalizedProblem.js';
import { energyOf } from '../sparse/slideAtoms.js';
import { type SparsityOutcome, type Stage, sparsityClaims, sparsityFigures, sparsityTables } from './sparsityReport.js';

const params = z.strictObject({
  problems: z.int().min(1).max(50).default(3).describe('problems without a bias, on the circle, drawn anew'),
  biasProblems: z.int().min(0).max(50).default(1).describe('problems with a bias, on the sphere'),
  rows: z.int().min(2).max(60).default(12).describe('rows L of two inputs'),
  lambda: z.number().positive().default(0.02).describe('penalty of the total variation'),
  particles: z.int().min(4).max(2000).default(60).describe('particles of each sign on the circle'),
  biasParticles: z.int().min(4).max(5000).default(120).describe('particles of each sign on the sphere'),
  steps: z.int().min(10).max(100_000).default(2000).describe('steps of each step size'),
});

type Params = z.output<typeof params>;

/** Steps fall tenfold: at a kink a particle swings by about one step. */
const stepSizes = { circle: [0.2, 0.02, 0.002], sphere: [0.05, 0.005, 0.0005] };

/** `r' = -2 r V`, `theta' = -grad V` for particles of fixed sign and mass `r^2`. */
const conic = wassersteinFisherRao({ alpha: 4, blocks: [{ start: 0, end: 1, rate: 0 }] });

function drawProblem(given: Params, bias: boolean, k: number, seed: number | string): ReluProblem {
  const random = randomStream(deriveKey(randomKey(seed), bias ? 'sparsity with bias' : 'sparsity', k));
  const normals = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
  return reluProblem({ inputs: normals(2 * given.rows), targets: normals(given.rows), lambda: given.lambda, bias });
}

/** The lifted risk on atoms `(s, theta)`, s = +-1, with its penalty of mass. */
function liftedRisk({ space, cells, targets, lambda }: ReluProblem): Energy {
  return risk({
    unit: networkUnit({ activation: 'relu', inputs: space.dim, bias: false, homogeneity: 2 }),
    inputs: cells.rows,
    targets,
    penalty: { kind: 'mass', lambda },
    space: product([euclidean(1), space]),
  });
}

/** Particles of both signs at the same places: evenly on the circle, drawn uniformly on the sphere. */
function startOf({ space }: ReluProblem, count: number, key: readonly [number | string, number]): Measure {
  const { dim } = space;
  const places = new Float64Array(count * dim);
  if (dim === 2) {
    for (let i = 0; i < count; i++) {
      const angle = (2 * Math.PI * (i + 0.5)) / count;
      places[2 * i] = Math.cos(angle);
      places[2 * i + 1] = Math.sin(angle);
    }
  } else {
    space.sampleInto(places, count, randomStream(deriveKey(randomKey(key[0]), 'sparsity start', key[1])));
  }
  const positions = new Float64Array(2 * count * (dim + 1));
  for (let i = 0; i < 2 * count; i++) {
    positions[i * (dim + 1)] = i < count ? 1 : -1;
    for (let q = 0; q < dim; q++) positions[i * (dim + 1) + 1 + q] = places[(i % count) * dim + q];
  }
  const masses = new Float64Array(2 * count).fill(0.5 / count);
  return measure({ space: product([euclidean(1), space]), kind: 'positive', positions, masses });
}

async function solveOne(given: Params, bias: boolean, k: number, context: StudyContext) {
  const problem = drawProblem(given, bias, k, context.seed);
  const label = bias ? `sphere ${k + 1}` : `circle ${k + 1}`;
  await context.pause({ label: `${label}: program of cells`, step: k });
  const program = solveCellProgram(problem);
  const energy = liftedRisk(problem);
  let end = startOf(problem, bias ? given.biasParticles : given.particles, [context.seed, k]);
  const stages: Stage[] = [];
  const frames: SparsityOutcome['frames'][number][] = [];
  const add = (list: readonly Frame[], start: number): void => {
    for (const { step, values } of list) frames.push({ step: start + step, energy: values.energy });
  };
  for (const dt of bias ? stepSizes.sphere : stepSizes.circle) {
    const { steps } = given;
    const record = { every: Math.max(1, Math.floor(steps / 40)), recorders: [energyRecorder(energy)] };
    const plan = { stepper: euler(), dt, maxSteps: steps, seed: context.seed, record };
    const flow = gradientFlow(energy, conic);
    const ran = await context.simulate(`${label}: steps of ${dt}`, { flow, initial: end }, plan);
    add(ran.frames, stages.length * steps);
    end = ran.profile[0];
    const gap = dualityGap(problem, end);
    stages.push({ dt, gap, excess: gap.primal - program.gap.primal });
  }
  const particles = signedAtoms(end);
  const merged = mergeWithinCells(problem.cells, particles);
  // Both with `sum |w_i|`: at places of both signs the total variation is less, before and after.
  const mergeChange = energyOf(problem, merged) / energyOf(problem, particles) - 1;
  return { label, bias, problem, program, stages, frames, particles, end, merged, mergeChange };
}

/** Sparsity of penalized rectifiers of two inputs: one atom for each activation cell and sign. */
export const sparsityStudy: Study<Params> = {
  id: 'supervised/sparsity',
  title: 'Rectifiers of two inputs: a certified optimum with one atom per activation cell and sign',
  reference: 'DeDiosBruna2020',
  params,
  async run(given, context) {
    const outcomes: SparsityOutcome[] = [];
    for (let k = 0; k < given.problems; k++) outcomes.push(await solveOne(given, false, k, context));
    for (let k = 0; k < given.biasProblems; k++) outcomes.push(await solveOne(given, true, k, context));
    return {
      claims: sparsityClaims(outcomes),
      tables: sparsityTables(outcomes),
      figures: sparsityFigures(outcomes, given.lambda),
      notes: [
        'Rows and targets are standard normal. On one activation cell the function is linear in a neuron, so atoms of one cell and sign merge into their sum, which costs no more: the problem over all measures is a finite convex program, one vector for each cell and sign. It is solved with digits to spare, and its optimum is proven over the whole sphere by listing all cells; the particles know nothing of cells.',
        'An optimal atom often lies on the boundary of its cell, where a row with a negative residual makes the potential a kink. Particles with a fixed step swing across such a kink by about a step, and once they do their excess falls with the step size, not with time: hence the three step sizes. Particles between two such places move slowly, and on the sphere this is what is left of the excess.',
        'Certified gaps of the particles are of first order in what the particles still miss, the excess of second, which is why the gaps are larger.',
      ],
      metrics: {
        step: outcomes[0].frames.map(({ step }) => step),
        ...Object.fromEntries(
          outcomes.map(({ label, frames, program }) => [
            `${label.replace(' ', '')}Excess`,
            frames.map(({ energy }) => energy - program.gap.primal),
          ]),
        ),
      },
      profiles: Object.fromEntries(outcomes.map(({ label, end }) => [`particles-${label.replace(' ', '-')}`, [end]])),
    };
  },
};
