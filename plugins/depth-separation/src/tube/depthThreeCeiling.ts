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
 * const target = oscillatoryTarget({ dim: 8, omega: 10 });
 * depthThreeCeiling({ target, law: sincFourthData({ dim: 8 }), knots: 1024, key: randomKey(1) }).ceiling.value; // 2.8e-4
 */
export function depthThreeCeiling(options: DepthThreeOptions): {
  readonly ceiling: Ceiling;
  readonly network: PhaseNetwork;
} {
  const { target, law, knots, points = 100_000, key } = options;
  checkOptions(target, law, points);
  const chosen = phasesOf(target, law, points, deriveKey(key, 'choose')).sort();
  const candidates = tailShares.flatMap((share) => {
    const top = chosen[Math.min(points - 1, Math.floor((1 - share) * points))];
    return top > 0 ? [phaseNetwork({ target, knots, top })] : [];
  });
  const network = candidates
    .map((candidate) => ({ candidate, error: meanError(candidate, chosen) }))
    .reduce((a, b) => (b.error < a.error ? b : a)).candidate;
  const phases = phasesOf(target, law, points, deriveKey(key, 'measure'));
  const ceiling = measuredCeiling({
    squaredErrors: phases.map(network.squaredErrorAt),
    squaredTargets: target.complex ? 1 : phases.map((phase) => Math.cos(phase) ** 2),
    method: 'the explicit depth-three network',
    units: network.units,
  });
  return { ceiling, network };
}

const meanError = (network: PhaseNetwork, phases: Float64Array): number =>
  phases.reduce((sum, phase) => sum + network.squaredErrorAt(phase), 0) / phases.length;

/** Phases of independent points, drawn in batches. */
function phasesOf(target: OscillatoryTarget, law: DataLaw, count: number, key: RandomKey): Float64Array {
  const batch = 1000;
  const stream = randomStream(key);
  const phases = new Float64Array(count);
  for (let from = 0; from < count; from += batch) {
    const part = phases.subarray(from, Math.min(count, from + batch));
    const points = new Float64Array(part.length * target.dim);
    law.sampleInto(points, stream);
    target.phasesInto(part, points, part.length);
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
  fail({
    code: 'invalid-argument',
    where: 'depthThreeCeiling',
    problem: 'the number of points is not usable',
    got: show(points),
    expected: 'a whole number from 1000',
    fix: 'pass 100000 or so: the error lies in the tail',
  });
}
