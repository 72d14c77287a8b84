import {
  adaptive,
  deriveKey,
  dopri5,
  euclidean,
  type FormulaUnit,
  fail,
  fillNormal,
  gradientFlow,
  type Measure,
  measure,
  networkUnit,
  normalAt,
  normalsInto,
  type RandomKey,
  type Risk,
  randomStream,
  risk,
  type StudyContext,
  sphereInto,
  wasserstein,
} from '@muflow/core';
import { kernelFlow } from '../infinite/kernelFlow.js';
import { tangentKernel } from '../theory/tangentKernel.js';

/** Training and test rows, and the unit of the student `a sigma(<w, x> + b)`. */
export interface ScaledProblem {
  readonly unit: FormulaUnit;
  readonly inputDim: number;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly testInputs: Float64Array;
  readonly testTargets: Float64Array;
}

export interface ScaledProblemOptions {
  readonly activation: string;
  readonly inputDim: number;
  readonly rows: number;
  readonly testRows: number;
  /** The teacher `f*(x) = sin(frequency <theta, x>)` of a random direction theta. */
  readonly frequency: number;
  readonly key: RandomKey;
}

/** Rows uniform on the unit sphere, and a teacher of one hidden direction. */
export function scaledProblem(options: ScaledProblemOptions): ScaledProblem {
  const { activation, inputDim: d, rows, testRows, frequency, key } = options;
  const direction = new Float64Array(d);
  sphereInto(direction, 0, d, randomStream(deriveKey(key, 'teacher')));
  const draw = (count: number, name: string): { readonly inputs: Float64Array; readonly targets: Float64Array } => {
    const inputs = new Float64Array(count * d);
    const targets = new Float64Array(count);
    const random = randomStream(deriveKey(key, name));
    for (let l = 0; l < count; l++) {
      sphereInto(inputs, l * d, d, random);
      let product = 0;
      for (let k = 0; k < d; k++) product += direction[k] * inputs[l * d + k];
      targets[l] = Math.sin(frequency * product);
    }
    return { inputs, targets };
  };
  const test = draw(testRows, 'test');
  return {
    unit: networkUnit({ activation, inputs: d }),
    inputDim: d,
    ...draw(rows, 'rows'),
    testInputs: test.inputs,
    testTargets: test.targets,
  };
}

/**
 * Positions (a, w, b) of N(0, 1), independent; or in pairs of opposite a, whose sum is 0 and whose second derivatives cancel.
 *
 * @param width - even where atoms are paired.
 */
export function drawNeurons(inputDim: number, width: number, key: RandomKey, paired = false): Float64Array {
  const dim = inputDim + 2;
  const positions = new Float64Array(width * dim);
  if (!paired) {
    fillNormal(positions, key);
    return positions;
  }
  for (let i = 0; i < width; i++) {
    normalsInto(positions, i * dim, dim, key, i >> 1);
    if (i % 2 === 1) positions[i * dim] = -normalAt(key, i >> 1, 0);
  }
  return positions;
}

/** The network `factor * mean of units` as a measure of total mass `factor`. */
export function scaledMeasure(positions: Float64Array, width: number, factor: number): Measure {
  const masses = new Float64Array(width).fill(factor / width);
  return measure({ space: euclidean(positions.length / width), positions, masses, kind: 'positive' });
}

/** A trained network less what it was at its start: `f - f_0` learns the targets from 0. */
export interface ScaledRun {
  readonly initial: Measure;
  readonly last: Measure;
  /** f_0 at the rows. */
  readonly offset: Float64Array;
  /** `f - f_0` at the rows and at the test rows. */
  readonly seen: Float64Array;
  readonly watched: Float64Array;
  /** Square errors of `f - f_0` over those of 0. */
  readonly train: number;
  readonly test: number;
  /** Root mean square motion of an atom. */
  readonly displacement: number;
}

export interface ScaledTraining {
  readonly problem: ScaledProblem;
  readonly positions: Float64Array;
  readonly width: number;
  readonly factor: number;
  /** In units in which `f - f_0` of the tangent model moves at the same rate for every factor. */
  readonly horizon: number;
  readonly label: string;
  readonly context: StudyContext;
}

/**
 * The flow of the square risk of `f - f_0`, f the network `factor * mean`, up to the time `horizon / factor`: in this time
 * the tangent model goes equally far for every factor, `d/dT f = -(1/L) K (f - y)` with the kernel K of the mean.
 */
export async function trainScaled(training: ScaledTraining): Promise<ScaledRun> {
  const { problem, positions, width, factor, horizon, label, context } = training;
  const { unit, inputs, targets, testInputs, testTargets } = problem;
  const initial = scaledMeasure(positions, width, factor);
  const plain = risk({ unit, inputs, targets, backend: context.backend });
  const offset = predictions(plain, inputs, initial);
  const energy = risk({ unit, inputs, targets: targets.map((y, l) => y + offset[l]), backend: context.backend });
  const { status, reason, profile } = await context.simulate(
    label,
    { flow: gradientFlow(energy, wasserstein()), initial },
    {
      stepper: adaptive(dopri5(), { rtol: 1e-7, atol: 1e-9 }),
      dt: Math.min(horizon, 10) / factor,
      maxTime: horizon / factor,
      maxSteps: 1_000_000,
      record: { every: 1_000_000 },
    },
  );
  if (status !== 'maxTime') {
    fail({
      code: 'invalid-argument',
      where: 'scaledNetworks',
      problem: `${label} has not come to its end`,
      got: `${status}: ${reason}`,
      expected: `a run up to the time ${horizon / factor}`,
      fix: 'take a shorter horizon or a larger factor',
    });
  }
  const last = profile[0];
  const seen = difference(predictions(energy, inputs, last), offset);
  const watched = difference(predictions(energy, testInputs, last), predictions(energy, testInputs, initial));
  return {
    initial,
    last,
    offset,
    seen,
    watched,
    train: relativeSquare(seen, targets),
    test: relativeSquare(watched, testTargets),
    displacement: Math.sqrt(squareDistance(last.positions, initial.positions) / width),
  };
}

/** The tangent model of a start at the same time. */
export interface TangentValues {
  readonly seen: Float64Array;
  readonly watched: Float64Array;
  readonly test: number;
  /** Kernel of the mean at the rows, rows*rows. */
  readonly gram: Float64Array;
}

/**
 * `f - f_0` of the tangent model at the horizon, in closed form. In the time of `trainScaled` it is the same for every factor.
 */
export function tangentValues(
  { unit, inputDim, inputs, targets, testInputs, testTargets }: ScaledProblem,
  positions: Float64Array,
  width: number,
  horizon: number,
): TangentValues {
  const start = scaledMeasure(positions, width, 1);
  const rows = targets.length;
  const both = new Float64Array(inputs.length + testInputs.length);
  both.set(inputs);
  both.set(testInputs, inputs.length);
  const cross = tangentKernel({ unit, inputs, inputDim, at: both }, start);
  const gram = cross.slice(0, rows * rows);
  const zero = { seen: new Float64Array(rows), watched: new Float64Array(both.length / inputDim) };
  const values = kernelFlow({ gram, cross, targets }).valuesAt(horizon, zero);
  const watched = values.slice(rows);
  return { seen: values.slice(0, rows), watched, test: relativeSquare(watched, testTargets), gram };
}

export function predictions(energy: Risk, inputs: Float64Array, mu: Measure): Float64Array {
  const count = inputs.length / energy.inputDim;
  const out = new Float64Array(count);
  energy.predictInto(out, inputs, count, mu);
  return out;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, l) => value - b[l]);

export function squareDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}

/** `|a - b|^2 / |b|^2`. */
export function relativeSquare(a: Float64Array, b: Float64Array): number {
  return squareDistance(a, b) / b.reduce((sum, value) => sum + value * value, 0);
}
