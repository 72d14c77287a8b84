import { deriveKey, fail, type RandomKey, randomStream, show } from '@muflow/core';
import type { DataLaw } from '../laws/index.js';
import { type Ceiling, measuredCeiling } from '../probe/index.js';
import type { OscillatoryTarget } from '../targets/index.js';
import { type PhaseNetwork, phaseNetwork } from './phaseNetwork.js';

/** Options of {@link depthThreeCeiling}. */
export interface DepthThreeOptions {
  readonly target: OscillatoryTarget;
  readonly law: DataLaw;
  /** m >= 3 knots. */
  readonly knots: number;
  /** Points to measure on, and as many others to choose S on; at least 1000, default 100 000. */
  readonly points?: number;
  readonly key: RandomKey;
  /** Awaited now and then with the share of the work that is done. */
  readonly pause?: (fraction: number) => Promise<void>;
}

/** Shares of the data left above S that are tried. */
const tailShares = Array.from({ length: 25 }, (_, k) => 10 ** (-k / 5));

/**
 * The measured error of the explicit network of depth three, with the network: an upper bound for its class.
 *
 * S is chosen among 25 quantiles of the phase on one half of the points, by the error there; the error is measured on the
 * other half, which nothing was chosen on. Cost: two samples of `points` points.
 *
 * @throws `shape-mismatch` unless target and law have one dimension; `invalid-argument` for too few points.
 *
 * @example
 * const [target, law] = [oscillatoryTarget({ dim: 8, omega: 10 }), sincFourthData({ dim: 8 })];
 * const { ceiling } = await depthThreeCeiling({ target, law, knots: 1024, key: randomKey(1) }); // about 3e-4
 */
export async function depthThreeCeiling(options: DepthThreeOptions): Promise<{
  readonly ceiling: Ceiling;
  readonly network: PhaseNetwork;
}> {
  const { target, law, knots, points = 100_000, key, pause = async () => undefined } = options;
  checkOptions(target, law, points);
  const draw = (label: string, done: number): Promise<Float64Array> =>
    phasesOf(options, points, { key: deriveKey(key, label), pause: (fraction) => pause(done + 0.4 * fraction) });
  const chosen = (await draw('choose', 0)).sort();
  let [network, least]: [PhaseNetwork | null, number] = [null, Infinity];
  for (const [index, share] of tailShares.entries()) {
    const top = chosen[Math.min(points - 1, Math.floor((1 - share) * points))];
    if (!(top > 0)) continue;
    const candidate = phaseNetwork({ target, knots, top });
    const error = chosen.reduce((sum, phase) => sum + candidate.squaredErrorAt(phase), 0);
    if (error < least) [network, least] = [candidate, error];
    await pause(0.4 + (0.2 * index) / tailShares.length);
  }
  if (network === null)
    return refuse('the phase is above 0 somewhere', `${points} phases of 0`, 'a bias nearer to the data');
  const phases = await draw('measure', 0.6);
  const ceiling = measuredCeiling({
    squaredErrors: phases.map(network.squaredErrorAt),
    squaredTargets: target.complex ? 1 : phases.map((phase) => Math.cos(phase) ** 2),
    method: 'the explicit depth-three network',
    units: network.units,
  });
  return { ceiling, network };
}

/** Phases of independent points, drawn in batches. */
async function phasesOf(
  { target, law }: DepthThreeOptions,
  count: number,
  { key, pause }: { readonly key: RandomKey; readonly pause: (fraction: number) => Promise<void> },
): Promise<Float64Array> {
  const batch = 1000;
  const stream = randomStream(key);
  const phases = new Float64Array(count);
  for (let from = 0; from < count; from += batch) {
    const part = phases.subarray(from, Math.min(count, from + batch));
    const points = new Float64Array(part.length * target.dim);
    law.sampleInto(points, stream);
    target.phasesInto(part, points, part.length);
    await pause(from / count);
  }
  return phases;
}

function checkOptions(target: OscillatoryTarget, law: DataLaw, points: number): void {
  if (target.dim !== law.dim) {
    fail({
      code: 'shape-mismatch',
      where: 'depthThreeCeiling',
      problem: 'target and data have different dimensions',
      got: `${target.dim} and ${law.dim}`,
      expected: 'one dimension',
      fix: 'build both with the same dim',
    });
  }
  if (Number.isInteger(points) && points >= 1000) return;
  refuse('1000 points or more', show(points), 'a whole number from 1000');
}

function refuse(hypothesis: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: 'depthThreeCeiling',
    problem: `the hypothesis ${JSON.stringify(hypothesis)} is not met`,
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
