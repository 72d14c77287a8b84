import {
  deriveKey,
  type Field,
  fail,
  type InitialLaw,
  normalAt,
  type RandomKey,
  type Risk,
  type RiskData,
  show,
} from '@muflow/core';

/** A population from which rows are drawn: row `index` of a key is a pure function of both. */
export interface SampleLaw {
  readonly name: string;
  readonly inputDim: number;
  readonly outputs: number;
  /** Writes `count` rows: count*inputDim inputs and count*outputs targets, row-major. */
  rowsInto(inputs: Float64Array, targets: Float64Array, count: number, key: RandomKey): void;
}

export interface TeacherSamplesOptions {
  /** Law of the inputs x. */
  readonly inputs: InitialLaw;
  /** `f*(x)` at the input that begins at `start`. */
  readonly teacher: (inputs: Float64Array, start: number) => number;
  /** Standard deviation of Gaussian noise on the targets, default 0. */
  readonly noise?: number;
}

/** Rows `(x, f*(x) + noise)`. */
export function teacherSamples({ inputs: law, teacher, noise = 0 }: TeacherSamplesOptions): SampleLaw {
  const inputDim = law.space.dim;
  return {
    name: `inputs ${law.name}`,
    inputDim,
    outputs: 1,
    rowsInto(inputs, targets, count, key) {
      const [points, errors] = [deriveKey(key, 'inputs'), deriveKey(key, 'noise')];
      for (let l = 0; l < count; l++) {
        law.pointInto(inputs, l * inputDim, points, l);
        targets[l] = teacher(inputs, l * inputDim);
        if (noise > 0) targets[l] += noise * normalAt(errors, l, 0);
      }
    },
  };
}

/** `count` rows of a law, for a fixed data set or a test set. */
export function drawSamples(law: SampleLaw, count: number, key: RandomKey): RiskData {
  checkSize('drawSamples', count);
  const inputs = new Float64Array(count * law.inputDim);
  const targets = new Float64Array(count * law.outputs);
  law.rowsInto(inputs, targets, count, key);
  return { inputs, targets, count };
}

export interface FreshSamplesOptions {
  /** Unit, loss and penalties; its own rows serve `potentialAt` alone, as a fixed sample of the population. */
  readonly risk: Risk;
  readonly law: SampleLaw;
  /** Rows per step, from 1. */
  readonly size: number;
}

/**
 * The unbiased estimate of the gradient field of a population risk `E loss(f_mu(x), y)` from new rows at every step, the
 * same for all stages of the step and for every repetition of it: no row is ever seen twice, so that nothing is
 * overfitted. Pass it as the `estimate` of `gradientFlow`.
 *
 * Rows depend on `context.key` and `context.step` alone. Cost per step: that of the law and of the risk on `size` rows.
 * Source: [RotskoffVandenEijnden2018] for stochastic gradient descent of particles.
 *
 * @throws `invalid-argument` for a size that is no integer >= 1, `shape-mismatch` for rows that do not fit the risk.
 * @example
 * const flow = gradientFlow(risk, wasserstein(), { estimate: freshSamples({ risk, law, size: 64 }) });
 */
export function freshSamples({ risk, law, size }: FreshSamplesOptions): Field {
  checkSize('freshSamples', size);
  if (law.inputDim !== risk.inputDim || law.outputs !== risk.outputs) {
    fail({
      code: 'shape-mismatch',
      where: 'freshSamples',
      problem: 'the rows of the law do not fit the risk',
      got: `${law.inputDim} inputs and ${law.outputs} targets per row`,
      expected: `${risk.inputDim} and ${risk.outputs}`,
      fix: 'state law and risk for rows of one shape',
    });
  }
  const samples = {
    inputs: new Float64Array(size * law.inputDim),
    targets: new Float64Array(size * law.outputs),
    count: size,
  };
  let drawnFor: { readonly key: RandomKey; readonly step: number } | null = null;
  return {
    name: `${risk.name} on ${size} new rows a step, ${law.name}`,
    dims: [risk.dim],
    smooth: risk.smooth,
    evaluateInto(out, profile, { key, step }) {
      const { high, low } = drawnFor?.key ?? {};
      if (drawnFor?.step !== step || high !== key.high || low !== key.low) {
        law.rowsInto(samples.inputs, samples.targets, size, deriveKey(key, 'fresh samples', step));
        drawnFor = { key, step };
      }
      risk.firstVariationOnSamplesInto(out[0], profile[0], samples);
    },
    potentialAt: (_player, out, points, count, profile) => risk.potentialAt(out, points, count, profile[0]),
  };
}

function checkSize(where: string, size: number): void {
  if (Number.isInteger(size) && size >= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the number of rows is not usable',
    got: show(size),
    expected: 'an integer >= 1',
    fix: 'pass for instance 64',
  });
}
