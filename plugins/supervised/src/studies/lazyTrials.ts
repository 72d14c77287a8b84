import {
  deriveKey,
  type Energy,
  euclidean,
  euler,
  fail,
  gradientFlow,
  type Measure,
  measure,
  networkUnit,
  normalsInto,
  type RandomKey,
  type Risk,
  randomKey,
  randomStream,
  risk,
  type StudyContext,
  sphereInto,
  wasserstein,
} from '@muflow/core';
import { kernelFlow } from '../infinite/kernelFlow.js';
import { tangentUnit } from '../lazy/tangentUnit.js';
import { tangentKernel } from '../theory/tangentKernel.js';

/** Directions of the teacher. */
const teachers = 3;

export interface LazySizes {
  readonly inputs: number;
  readonly rows: number;
  readonly units: number;
  readonly steps: number;
  /** Bound on the step size. */
  readonly largestStep: number;
}

/** Training and test rows of one trial, and the directions of the student at scale 1. */
export interface LazyTrial {
  readonly sizes: LazySizes;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly testInputs: Float64Array;
  readonly testTargets: Float64Array;
  /** Atoms (a, w) in pairs of opposite a. */
  readonly start: Float64Array;
  readonly energy: Risk;
}

const unitOf = (inputs: number) => networkUnit({ activation: 'relu', inputs, bias: false });

/** Rows uniform on the unit sphere, a teacher of three unit neurons with random signs, and a symmetrized student. */
export function drawTrial(sizes: LazySizes, seed: number | string, trial: number): LazyTrial {
  const { inputs: d, rows, units } = sizes;
  const key = deriveKey(randomKey(seed), 'lazy', trial);
  const sphereRows = (count: number, name: string): Float64Array => {
    const out = new Float64Array(count * d);
    const random = randomStream(deriveKey(key, name));
    for (let l = 0; l < count; l++) sphereInto(out, l * d, d, random);
    return out;
  };
  const teacher = sphereRows(teachers, 'teacher');
  const signs = randomStream(deriveKey(key, 'signs'));
  const outputs = Float64Array.from({ length: teachers }, () => (signs.uniform() < 0.5 ? -1 : 1));
  const targetsOf = (inputs: Float64Array): Float64Array =>
    Float64Array.from({ length: inputs.length / d }, (_, l) => {
      let sum = 0;
      for (let j = 0; j < teachers; j++) {
        let product = 0;
        for (let k = 0; k < d; k++) product += teacher[j * d + k] * inputs[l * d + k];
        sum += outputs[j] * Math.max(0, product);
      }
      return sum;
    });
  const inputs = sphereRows(rows, 'training');
  const testInputs = sphereRows(rows, 'test');
  const targets = targetsOf(inputs);
  return {
    sizes,
    inputs,
    targets,
    testInputs,
    testTargets: targetsOf(testInputs),
    start: pairs(units, d, deriveKey(key, 'student')),
    energy: risk({ unit: unitOf(d), inputs, targets }),
  };
}

function pairs(units: number, d: number, key: RandomKey): Float64Array {
  const start = new Float64Array(units * (d + 1));
  for (let i = 0; i < units; i++) {
    normalsInto(start, i * (d + 1), d + 1, key, i >> 1);
    if (i % 2 === 1) start[i * (d + 1)] = -start[i * (d + 1)];
  }
  return start;
}

/** The plain sum of units whose weights are `scale` times those of the trial: atoms of mass 1. */
export function studentAt({ start, sizes }: LazyTrial, scale: number): Measure {
  const { inputs, units } = sizes;
  const masses = new Float64Array(units).fill(1);
  return measure({ space: euclidean(inputs + 1), positions: start.map((w) => scale * w), masses, kind: 'positive' });
}

/** Stable at small scales, and of one rate in time tau^2 t at large ones. */
const stepOf = ({ largestStep }: LazySizes, scale: number): number => Math.min(largestStep, 0.1 / scale ** 2);

/** One trained network. */
export interface LazyRun {
  readonly scale: number;
  /** Half the mean squared error, as the card counts. */
  readonly train: number;
  readonly test: number;
  readonly predictions: Float64Array;
  /** `|w_T - w_0| / |w_0|`. */
  readonly displacement: number;
  readonly last: Measure;
}

export async function trainAt(trial: LazyTrial, scale: number, label: string, context: StudyContext): Promise<LazyRun> {
  const initial = studentAt(trial, scale);
  const last = await descend(trial.energy, initial, { trial, scale, label, context });
  const predictions = predict(trial.energy, trial.testInputs, last);
  return {
    scale,
    train: trial.energy.value(last),
    test: halfMeanSquare(predictions, trial.testTargets),
    predictions,
    displacement: relativeDistance(last.positions, initial.positions),
    last,
  };
}

interface Descent {
  readonly trial: LazyTrial;
  readonly scale: number;
  readonly label: string;
  readonly context: StudyContext;
  readonly frozen?: readonly { readonly start: number; readonly end: number; readonly rate: number }[];
}

async function descend(energy: Energy, initial: Measure, descent: Descent): Promise<Measure> {
  const { trial, scale, label, context, frozen } = descent;
  const { steps } = trial.sizes;
  const flow = gradientFlow(energy, wasserstein(frozen && { blocks: frozen }));
  const plan = { stepper: euler(), dt: stepOf(trial.sizes, scale), maxSteps: steps, record: { every: steps } };
  const { status, step, profile } = await context.simulate(label, { flow, initial }, plan);
  if (status === 'diverged') {
    fail({
      code: 'invalid-argument',
      where: 'supervised/lazy',
      problem: `${label} has diverged`,
      got: `step size ${plan.dt}, no finite weights after step ${step}`,
      expected: 'a step size below 2 over the largest rate of the tangent kernel',
      fix: 'set largestStep to a smaller number; low dimensions need one',
    });
  }
  return profile[0];
}

/** The same gradient descent of the model that is linear around the start, integrated and in closed form. */
export interface TangentRun {
  readonly test: number;
  /** Values at the test rows. */
  readonly predictions: Float64Array;
  /** Largest difference of the integrated values to the closed form, over the largest value. */
  readonly closedError: number;
  /** Eigenvalues of the tangent kernel over the rows, ascending: rates of decay. */
  readonly rates: Float64Array;
}

export async function trainTangent(
  trial: LazyTrial,
  scale: number,
  label: string,
  context: StudyContext,
): Promise<TangentRun> {
  const { inputs, testInputs, targets, testTargets, sizes } = trial;
  const unit = unitOf(sizes.inputs);
  const initial = studentAt(trial, scale);
  const tangent = tangentUnit(unit, sizes.inputs);
  const energy = risk({ unit: tangent.unit, inputs, targets });
  const frozen = tangent.blocks;
  const last = await descend(energy, tangent.at(initial), { trial, scale, label, context, frozen });
  const predictions = predict(energy, testInputs, last);
  const kernel = { unit, inputs, inputDim: sizes.inputs };
  const gram = tangentKernel(kernel, initial);
  const cross = tangentKernel({ ...kernel, at: testInputs }, initial);
  const flow = kernelFlow({ gram, cross, targets, stepSize: stepOf(sizes, scale) });
  const zero = { seen: new Float64Array(sizes.rows), watched: new Float64Array(sizes.rows) };
  const closed = flow.valuesAt(sizes.steps * stepOf(sizes, scale), zero);
  const largest = closed.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = predictions.reduce((most, value, l) => Math.max(most, Math.abs(value - closed[l])), 0);
  return {
    test: halfMeanSquare(predictions, testTargets),
    predictions,
    closedError: error / largest,
    rates: flow.values.map((value) => value / sizes.rows),
  };
}

/** Eigenvalues of the tangent kernel of a network over the rows, ascending. */
export function tangentRates({ inputs, targets, sizes }: LazyTrial, mu: Measure): Float64Array {
  const gram = tangentKernel({ unit: unitOf(sizes.inputs), inputs, inputDim: sizes.inputs }, mu);
  return kernelFlow({ gram, targets }).values.map((value) => value / sizes.rows);
}

function predict(energy: Risk, inputs: Float64Array, mu: Measure): Float64Array {
  const count = inputs.length / energy.inputDim;
  const out = new Float64Array(count);
  energy.predictInto(out, inputs, count, mu);
  return out;
}

export function halfMeanSquare(values: Float64Array, targets: Float64Array): number {
  let sum = 0;
  for (let l = 0; l < targets.length; l++) sum += (values[l] - targets[l]) ** 2;
  return sum / (2 * targets.length);
}

/** `|a - b| / |b|`. */
export function relativeDistance(a: Float64Array, b: Float64Array): number {
  let [difference, size] = [0, 0];
  for (let k = 0; k < b.length; k++) {
    difference += (a[k] - b[k]) ** 2;
    size += b[k] ** 2;
  }
  return Math.sqrt(difference / size);
}
