import { deriveKey, type RandomKey, type RandomStream, randomKey, randomStream } from '../math/random.js';
import type { Space } from '../space/space.js';
import type { LawOptions, LawOutcome } from './law.js';

/** Points of a space, row-major: uniform where there is a uniform law, else a Gaussian projected to the space. */
export function randomPoints(space: Space, count: number, random: RandomStream): Float64Array {
  const d = space.dim;
  const out = new Float64Array(count * d);
  if (Number.isFinite(space.volume)) {
    space.sampleInto(out, count, random);
    return out;
  }
  if (space.factors === undefined) {
    for (let i = 0; i < out.length; i++) out[i] = random.normal();
    space.projectInto(out, out, count);
    return out;
  }
  let start = 0;
  for (const factor of space.factors) {
    const part = randomPoints(factor, count, random);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < factor.dim; k++) out[i * d + start + k] = part[i * factor.dim + k];
    }
    start += factor.dim;
  }
  return out;
}

/** Tangent vectors of length about one at the given points. */
export function randomTangents(space: Space, points: Float64Array, count: number, random: RandomStream): Float64Array {
  const out = Float64Array.from({ length: count * space.dim }, () => random.normal());
  space.projectTangentInto(out, points, out, count);
  return out;
}

/** The stream of case `k` of a law: cases are independent and can be run again alone. */
export function caseStream(options: LawOptions, law: string, k: number): RandomStream {
  return randomStream(caseKey(options, law, k));
}

export function caseKey(options: LawOptions, law: string, k: number): RandomKey {
  return deriveKey(randomKey(options.seed), 'law', law, k);
}

/** What one case measured: it holds where `error <= tolerance`; NaN does not. */
export interface CaseReport {
  readonly error: number;
  readonly tolerance: number;
  /** The case in words, for the counterexample. */
  readonly detail: string;
}

/**
 * Runs random cases of a law until one fails. The worst figure seen is reported with the verdict,
 * so that a law that holds also says how well.
 */
export function overCases(
  options: LawOptions,
  law: string,
  run: (random: RandomStream, k: number) => CaseReport,
  runs = options.runs ?? 50,
): LawOutcome {
  let worst = 0;
  for (let k = 0; k < runs; k++) {
    const { error, tolerance, detail } = run(caseStream(options, law, k), k);
    const ratio = error === 0 ? 0 : error / tolerance;
    if (!(ratio <= 1)) {
      return {
        holds: false,
        measurement: `error ${error.toExponential(2)} against ${tolerance.toExponential(2)} in case ${k}`,
        counterexample: `seed ${options.seed}, case ${k}: ${detail}`,
      };
    }
    worst = Math.max(worst, ratio);
  }
  return {
    holds: true,
    measurement: `${runs} cases, largest error ${(100 * worst).toPrecision(2)} % of the tolerance`,
  };
}
