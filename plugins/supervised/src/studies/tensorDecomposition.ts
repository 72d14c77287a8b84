import {
  type Energy,
  euler,
  gradientFlow,
  type Measure,
  measure,
  type Study,
  type StudyContext,
  singularValues,
  symmetricEigen,
  wassersteinFisherRao,
} from '@muflow/core';
import { z } from 'zod';
import { dualityGap } from '../certificate/dualityGap.js';
import { matrixEnergy, matrixProblem, unitPairs } from '../tensor/matrixDecomposition.js';
import { momentTensor } from '../tensor/symmetricTensor.js';
import { tensorEnergy, tensorProblem } from '../tensor/tensorDecomposition.js';
import {
  facing,
  farthest,
  fillsBasins,
  gathered,
  lowered,
  loweredEnergy,
  plantedDirections,
  powerIteration,
  streamOf,
  uniformStart,
} from './tensorDecompositionProblems.js';
import { type Family, type MatrixOutcome, type Recovery, reportOf } from './tensorDecompositionReport.js';

const params = z.strictObject({
  dim: z.int().min(3).max(5).default(3).describe('d; a certificate takes a second at d = 4, a minute at 5'),
  masses: z
    .array(z.number().positive())
    .min(1)
    .max(5)
    .default([2, 1.5, 0.8])
    .describe('weights of the planted terms, at most d'),
  widths: z.array(z.int().min(1).max(500)).min(1).default([3, 6, 12, 24]).describe('numbers m of particles'),
  seeds: z.int().min(1).max(50).default(10).describe('problems and starts of each family'),
  steps: z.int().min(10).max(100_000).default(2000),
  lambda: z.number().positive().default(0.1),
  matrixDim: z.int().min(2).max(30).default(10).describe('d for matrices'),
});

export type TensorStudyParams = z.output<typeof params>;

const dt = 0.05;
const conic = wassersteinFisherRao({ alpha: 4 });
const families = [
  { name: 'orthogonal, k = 3', kind: 'orthogonal', order: 3 },
  { name: 'orthogonal, k = 4', kind: 'orthogonal', order: 4 },
  { name: 'incoherent, k = 3', kind: 'incoherent', order: 3 },
] as const;

interface Descent {
  readonly energy: Energy;
  readonly initial: Measure;
  readonly steps: number;
}

async function descend(label: string, { energy, initial, steps }: Descent, context: StudyContext): Promise<Measure> {
  const problem = { flow: gradientFlow(energy, conic), initial };
  const plan = { stepper: euler(), dt, maxSteps: steps, seed: context.seed, record: { every: steps } };
  return (await context.simulate(label, problem, plan)).profile[0];
}

async function runFamily(
  { name, kind, order }: (typeof families)[number],
  given: TensorStudyParams,
  context: StudyContext,
): Promise<Family> {
  const { dim, masses, widths, seeds, steps, lambda } = given;
  const shares: number[][] = widths.map(() => []);
  const filled: boolean[][] = widths.map(() => []);
  let [gap, proven, angle, mass, iterated] = [0, true, 0, 0, 0];
  for (let seed = 0; seed < seeds; seed++) {
    const target = plantedDirections(kind, dim, masses, streamOf(context.seed, name, seed));
    const energy = tensorEnergy({ target, order, lambda });
    const none = energy.value(lowered(target, Infinity));
    const ends: Measure[] = [];
    for (const [k, m] of widths.entries()) {
      const initial = uniformStart(dim, m, streamOf(context.seed, name, seed, m));
      filled[k].push(kind === 'orthogonal' && fillsBasins(initial, target, order));
      ends.push(
        await descend(`${name}, problem ${seed + 1} of ${seeds}, ${m} particles`, { energy, initial, steps }, context),
      );
    }
    const energies = ends.map((mu) => energy.value(mu));
    const last = ends[ends.length - 1];
    let least = loweredEnergy(masses, lambda);
    if (kind === 'incoherent') {
      await context.pause({ label: `${name}, problem ${seed + 1} of ${seeds}, certificate`, step: 0 });
      const best = ends[energies.indexOf(Math.min(...energies))];
      const found = dualityGap(tensorProblem({ target, order, lambda }), best, { tolerance: 1e-8 });
      gap = Math.max(gap, found.gap / none);
      proven &&= found.status === 'certified';
      least = found.dual;
    } else {
      const random = streamOf(context.seed, name, seed, 'power iteration');
      const found = powerIteration(momentTensor(target, order), masses.length, random);
      iterated = Math.max(iterated, farthest(facing(found, target), target).angle);
      // Terms are compared where the widest start can find them all.
      if (filled[widths.length - 1][seed]) {
        const reference = lowered(facing(found, target), lambda);
        const off = farthest(gathered(order % 2 === 0 ? facing(last, reference) : last), reference);
        [angle, mass] = [Math.max(angle, off.angle), Math.max(mass, off.mass)];
      }
    }
    energies.forEach((value, k) => {
      shares[k].push((value - least) / none);
    });
  }
  const closed = kind === 'orthogonal' ? { angle, mass, iterated, filled } : null;
  return { name, widths, shares, closed, certified: kind === 'incoherent' ? { gap, proven } : null };
}

/** Distance of the certified optimum from the planted incoherent terms at falling penalties. */
async function runRecovery(given: TensorStudyParams, context: StudyContext): Promise<Recovery> {
  const { dim, masses, steps } = given;
  const order = 3;
  const target = plantedDirections('incoherent', dim, masses, streamOf(context.seed, 'recovery'));
  const lambdas = [given.lambda, given.lambda / 4, given.lambda / 16];
  const angles: number[] = [];
  const gaps: number[] = [];
  for (const lambda of lambdas) {
    const energy = tensorEnergy({ target, order, lambda });
    // From the planted terms the descent is of linear rate at any penalty; that it ends at the optimum is certified.
    const end = await descend(`penalty ${lambda}`, { energy, initial: target, steps }, context);
    angles.push(farthest(end, target).angle);
    await context.pause({ label: `penalty ${lambda}, certificate`, step: 0 });
    gaps.push(dualityGap(tensorProblem({ target, order, lambda }), end, { tolerance: lambda * 1e-7 }).gap);
  }
  return { lambdas, angles, gaps };
}

/** A matrix of rank 3: symmetric on the sphere, or of other shape on pairs of unit vectors. */
async function runMatrix(
  shape: 'symmetric' | 'rectangular',
  { matrixDim, widths, steps, lambda }: TensorStudyParams,
  context: StudyContext,
): Promise<MatrixOutcome> {
  const random = streamOf(context.seed, shape);
  const [rows, columns] = shape === 'symmetric' ? [matrixDim, matrixDim] : [matrixDim, Math.max(2, matrixDim - 3)];
  const space = unitPairs(rows, columns);
  const places = new Float64Array(3 * (rows + columns));
  space.sampleInto(places, 3, random);
  const weights = [1.6, 1.2, 0.8];
  const matrix = new Float64Array(rows * columns);
  const partner = shape === 'symmetric' ? 0 : rows;
  weights.forEach((w, k) => {
    const start = k * (rows + columns);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) matrix[i * columns + j] += w * places[start + i] * places[start + partner + j];
    }
  });
  const count = 2 * Math.max(...widths);
  const label = `${shape} matrix, ${count} particles`;
  if (shape === 'symmetric') {
    const { values, vectors } = symmetricEigen(matrix, rows);
    const turned = Float64Array.from(vectors, (_, f) => vectors[(f % rows) * rows + Math.floor(f / rows)]);
    const target = { space: uniformStart(rows, 1, random).space, positions: turned, weights: values };
    const energy = tensorEnergy({ target, order: 2, lambda });
    const end = await descend(label, { energy, initial: uniformStart(rows, count, random), steps }, context);
    const gap = dualityGap(tensorProblem({ target, order: 2, lambda }), end);
    return { shape, gap, least: loweredEnergy(values, lambda), found: energy.value(end), values, atoms: end };
  }
  const energy = matrixEnergy({ matrix, rows, columns, lambda });
  const positions = new Float64Array(count * space.dim);
  space.sampleInto(positions, count, random);
  const masses = new Array<number>(count).fill(0.1 / count);
  const initial = measure({ space, kind: 'positive', positions, masses });
  const end = await descend(label, { energy, initial, steps }, context);
  const values = singularValues(matrix, rows, columns);
  const gap = dualityGap(matrixProblem({ matrix, rows, columns, lambda }), end);
  return { shape, gap, least: loweredEnergy(values, lambda), found: energy.value(end), values, atoms: end };
}

/** Tensors and matrices of low rank as sparse measures: what particles find, beside closed forms and certificates. */
export const tensorDecompositionStudy: Study<TensorStudyParams> = {
  id: 'supervised/tensor-decomposition',
  title: 'Low-rank tensors and matrices found by particles on the sphere, with gaps that prove it',
  reference: 'ChizatBach2018, section 2',
  params,
  async run(given, context) {
    const { dim, masses } = given;
    const usable = { ...given, masses: masses.slice(0, dim) };
    const all: Family[] = [];
    for (const family of families) all.push(await runFamily(family, usable, context));
    const recovery = await runRecovery(usable, context);
    const matrices = [await runMatrix('symmetric', usable, context), await runMatrix('rectangular', usable, context)];
    return reportOf({ given: usable, families: all, recovery, matrices });
  },
};
