import { deriveKey, randomKey, type Study, type StudyContext, solvePositiveDefinite } from '@muflow/core';
import { z } from 'zod';
import {
  type PairSpectrum,
  pairNetworkError,
  pairSpectrum,
  polynomialRank,
  singleParticleFloor,
  singleParticleRank,
} from '../bounds/index.js';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, forwardSets } from '../network/setPass.js';
import { drawSets, type SetBatch, sphereSets } from '../sets/index.js';
import { type DrawnFit, type PairRow, pairClaims, pairFigures, pairNotes, pairTables } from './pairwiseProbeReport.js';

const params = z.strictObject({
  dims: z
    .array(z.int().min(2).max(32))
    .min(2)
    .default([3, 4, 6, 8, 12, 16, 20, 24])
    .describe('dimensions d of the sphere, ascending'),
  frequencyPerDim: z
    .number()
    .positive()
    .max(3)
    .default(1)
    .describe('the pair function is sin(omega <x, y>), omega / d'),
  fixedFrequency: z.number().positive().max(50).default(4).describe('omega of the pair function that does not grow'),
  knots: z.int().min(2).max(10_000).default(128).describe('units of the pair network for sin'),
  share: z.number().gt(0).lt(1).default(0.5).describe('unexplained share whose number of features is told'),
  fitDim: z.int().min(2).max(8).default(4).describe('dimension in which drawn features are fitted'),
  fitFeatures: z
    .array(z.int().min(1).max(60))
    .min(1)
    .default([2, 4, 8, 12, 16])
    .describe('numbers M of drawn features, all their squares and products fitted by least squares'),
  fitSets: z.int().min(100).max(100_000).default(2000),
  fitPoints: z.int().min(2).max(256).default(12).describe('points of a set'),
});

type Params = z.output<typeof params>;

/** The spectrum of sin(omega <x, y>) with degrees enough for its energy. */
const spectrumOf = (omega: number, dim: number): PairSpectrum =>
  pairSpectrum((t) => Math.sin(omega * t), { dim, degree: Math.ceil(4 * dim + 4 * omega) });

function rowOf(dim: number, omega: number, { knots, share }: Params): PairRow {
  const spectrum = spectrumOf(omega, dim);
  const network = pairNetworkError((t) => Math.sin(omega * t), dim, knots);
  const rank = singleParticleRank(spectrum, share);
  return {
    dim,
    omega,
    unresolved: spectrum.unresolved,
    rank,
    features: Math.min(rank, leastFeatures(rank)),
    floor: singleParticleFloor(spectrum, network.units),
    units: network.units,
    unexplained: network.unexplained,
  };
}

/** The least M of which polynomials of degree 4 reach a rank. */
function leastFeatures(rank: number): number {
  if (!Number.isFinite(rank)) return rank;
  let features = Math.max(1, Math.floor((6 * rank) ** (1 / 3)) - 3);
  while (polynomialRank(features, 4) < rank) features++;
  return features;
}

/** `int int sin(omega <x, y>) dmu dmu` of every set. */
function targetOf({ dim, count, offsets, points, masses }: SetBatch, omega: number): Float64Array {
  const out = new Float64Array(count);
  for (let s = 0; s < count; s++) {
    for (let i = offsets[s]; i < offsets[s + 1]; i++) {
      for (let j = offsets[s]; j < offsets[s + 1]; j++) {
        let t = 0;
        for (let k = 0; k < dim; k++) t += points[i * dim + k] * points[j * dim + k];
        out[s] += masses[i] * masses[j] * Math.sin(omega * t);
      }
    }
  }
  return out;
}

/** 1, the features, and their squares and products: S rows. */
function productsOf(features: Float64Array, width: number): { readonly rows: Float64Array; readonly columns: number } {
  const columns = 1 + width + (width * (width + 1)) / 2;
  const count = features.length / width;
  const rows = new Float64Array(count * columns);
  for (let s = 0; s < count; s++) {
    let at = s * columns;
    rows[at++] = 1;
    for (let k = 0; k < width; k++) rows[at++] = features[s * width + k];
    for (let k = 0; k < width; k++) {
      for (let l = 0; l <= k; l++) rows[at++] = features[s * width + k] * features[s * width + l];
    }
  }
  return { rows, columns };
}

/** Coefficients of least squares by normal equations, with a ridge of 1e-10 of the mean of the diagonal. */
function fitProducts(products: Float64Array, columns: number, targets: Float64Array, context: StudyContext) {
  const count = targets.length;
  const gram = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  const shape = { n: columns, k: count, transposeA: true } as const;
  context.backend.matmulInto(gram, products, products, { ...shape, m: columns });
  context.backend.matmulInto(right, products, targets, { ...shape, m: 1 });
  let trace = 0;
  for (let k = 0; k < columns; k++) trace += gram[k * (columns + 1)];
  for (let k = 0; k < columns; k++) gram[k * (columns + 1)] += (1e-10 * trace) / columns;
  return solvePositiveDefinite(gram, right, columns);
}

/** Quadratic functions of drawn test functions, fitted to the target on sets and judged on others. */
async function fitDrawn(given: Params, context: StudyContext): Promise<DrawnFit[]> {
  const { fitDim: dim, fitPoints, fitSets } = given;
  const omega = given.frequencyPerDim * dim;
  const key = deriveKey(randomKey(context.seed), 'pairwise probe');
  const spectrum = spectrumOf(omega, dim);
  const [train, test] = ['train', 'test'].map((name) =>
    drawSets(sphereSets({ dim, radius: 1 }), { sets: fitSets, size: fitPoints, key: deriveKey(key, name) }),
  );
  const [targets, wanted] = [targetOf(train, omega), targetOf(test, omega)];
  const center = wanted.reduce((sum, value) => sum + value, 0) / fitSets;
  const variance = wanted.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const fits: DrawnFit[] = [];
  for (const [i, features] of given.fitFeatures.entries()) {
    const network = setNetwork({ dim, innerWidth: features, outerWidth: 1, backend: context.backend });
    const parameters = drawSetParameters(network, deriveKey(key, 'features', features));
    const [own, other] = [train, test].map((batch) => {
      const pass = allocateSetPass(network, batch, { derivatives: false });
      forwardSets(pass, parameters);
      return productsOf(pass.features, features);
    });
    const coefficients = fitProducts(own.rows, own.columns, targets, context);
    const found = new Float64Array(fitSets);
    context.backend.matmulInto(found, other.rows, coefficients, { n: fitSets, k: other.columns, m: 1 });
    const residual = found.reduce((sum, value, s) => sum + (value - wanted[s]) ** 2, 0);
    fits.push({ dim, features, floor: singleParticleFloor(spectrum, features), measured: residual / variance });
    const fraction = (i + 1) / given.fitFeatures.length;
    await context.pause({ label: `${features} drawn features`, step: i + 1, fraction });
  }
  return fits;
}

/** Interactions of pairs that networks on single particles need exponentially many features for. */
export const pairwiseProbeStudy: Study<Params> = {
  id: 'symmetric/pairwise-probe',
  title: 'Networks on pairs against networks on single particles: features needed for one interaction',
  reference: 'ZweigBruna2022',
  params,
  async run(given, context) {
    const [growing, fixed]: PairRow[][] = [[], []];
    for (const [i, dim] of given.dims.entries()) {
      growing.push(rowOf(dim, given.frequencyPerDim * dim, given));
      fixed.push(rowOf(dim, given.fixedFrequency, given));
      await context.pause({ label: `dimension ${dim}`, step: i + 1, fraction: (i + 1) / given.dims.length });
    }
    const fits = await fitDrawn(given, context);
    return {
      claims: pairClaims(growing, fixed, fits),
      notes: pairNotes(given),
      tables: pairTables(growing, fixed, { fits, share: given.share }),
      figures: pairFigures(growing, fixed, { fits, share: given.share }),
      metrics: {
        dim: growing.map(({ dim }) => dim),
        features: growing.map(({ rank }) => rank),
        pairUnits: growing.map(({ units }) => units),
      },
    };
  },
};
