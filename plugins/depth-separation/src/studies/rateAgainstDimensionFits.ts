import { deriveKey, type RandomKey, randomKey, type StudyContext } from '@muflow/core';
import {
  additiveCeiling,
  type FitProblem,
  fitWithRestarts,
  greedyFit,
  randomFeatureFit,
  trainedFit,
} from '../fits/index.js';
import { sincFourthData } from '../laws/index.js';
import type { Ceiling, Floor } from '../probe/index.js';
import { type OscillatoryTarget, oscillatoryTarget } from '../targets/index.js';
import { tubeCertificate } from '../tube/index.js';
import type { RateParams } from './rateAgainstDimensionParams.js';

/** Bounds and fits for one rate of oscillation over dimensions. */
export interface Regime {
  readonly rate: 'constant' | 'growing';
  /** One a dimension, for networks of `unitsPerDimension` d units. */
  readonly bounds: readonly { readonly dim: number; readonly floor: Floor; readonly additive: Ceiling }[];
  /** All restarts of all methods. */
  readonly fits: readonly { readonly dim: number; readonly ceiling: Ceiling }[];
}

/** `|omega| = length` for the constant rate, `|omega| = omega sqrt(d)` for the growing one. */
function targetAt(rate: Regime['rate'], dim: number, { length, omega }: RateParams): OscillatoryTarget {
  return oscillatoryTarget({ dim, omega: rate === 'constant' ? length / Math.sqrt(dim) : omega });
}

export async function regimeAt(rate: Regime['rate'], given: RateParams, context: StudyContext): Promise<Regime> {
  const { boundDims, fitDims, unitsPerDimension } = given;
  const dims = [...new Set([...boundDims, ...fitDims])].sort((a, b) => a - b);
  const bounds: Regime['bounds'][number][] = [];
  for (const dim of dims) {
    const target = targetAt(rate, dim, given);
    const problem = labelOf(rate, dim);
    const floor = { ...tubeCertificate(target).floor(unitsPerDimension * dim), problem };
    bounds.push({ dim, floor, additive: { ...additiveCeiling(target), problem } });
    await context.pause({ label: `bounds, ${rate} rate`, step: bounds.length, fraction: bounds.length / dims.length });
  }
  const fits: Regime['fits'][number][] = [];
  for (const dim of [...new Set(fitDims)].sort((a, b) => a - b)) {
    fits.push(...(await fitsAt(rate, dim, given, context)));
  }
  return { rate, bounds, fits };
}

const labelOf = (rate: Regime['rate'], dim: number): string => `${rate} rate, d = ${dim}`;

async function fitsAt(
  rate: Regime['rate'],
  dim: number,
  given: RateParams,
  context: StudyContext,
): Promise<Regime['fits'][number][]> {
  const { rows, steps, restarts, points, unitsPerDimension } = given;
  const target = targetAt(rate, dim, given);
  const problem: FitProblem = { target, law: sincFourthData({ dim }), label: labelOf(rate, dim) };
  const { backend } = context;
  // A ramp rises over a quarter of a radian of one coordinate's phase, or over two units where that is longer.
  const shallow = { width: unitsPerDimension * dim, scale: Math.max(0.5, target.omega[0] / 4), backend };
  const pauseOf = (method: string, restart: number) => (fraction: number) =>
    context.pause({ label: `${method}, ${labelOf(rate, dim)}`, step: restart + 1, fraction });
  const greedy = (key: RandomKey, restart: number) =>
    greedyFit(problem, { ...shallow, rows, candidates: 32, refinements: 20, key, pause: pauseOf('greedy', restart) });
  const trained = (key: RandomKey, restart: number) =>
    trainedFit(randomFeatureFit(problem, { ...shallow, rows, key }), problem, {
      steps,
      batch: 128,
      key: deriveKey(key, 'training'),
      pause: pauseOf('training', restart),
      method: 'random features with ridge, then Adam',
    });
  const key = deriveKey(randomKey(context.seed), rate, dim);
  const out: Regime['fits'][number][] = [];
  for (const [name, method] of Object.entries({ greedy, trained })) {
    const { ceilings } = await fitWithRestarts(problem, method, {
      restarts,
      points,
      validation: rows,
      key: deriveKey(key, name),
    });
    out.push(...ceilings.map((ceiling) => ({ dim, ceiling })));
  }
  return out;
}
