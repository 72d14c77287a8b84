import { deriveKey, fillNormal, type RandomKey, randomStream, sphereInto, uniformAt } from '@muflow/core';
import { threeSpin, wideSphere } from '../population/threeSpin.js';
import { type DataTable, tableOfNumbers } from '../table.js';

/** What every generator takes; tables have columns `x0`, `x1`, ..., `y`. */
export interface GeneratorOptions {
  readonly rows: number;
  readonly key: RandomKey;
  /** Standard deviation of the Gaussian noise; default 0. */
  readonly noise?: number;
}

/**
 * A network of a few neurons as teacher: `y = sum_k a_k relu(<w_k, x>)` and noise, x ~ N(0, I), w_k uniform on the unit
 * sphere, a_k = 1 and -1 in turns.
 */
export function teacherStudentTable(
  options: GeneratorOptions & { readonly inputs: number; readonly neurons: number },
): DataTable {
  const { inputs, neurons, key } = options;
  const directions = unitVectors(neurons, inputs, deriveKey(key, 'teacher'));
  return withTargets(normalInputs(options), options, (x) => {
    let sum = 0;
    for (let k = 0; k < neurons; k++) sum += (k % 2 === 0 ? 1 : -1) * Math.max(0, dot(directions, k, x));
    return sum;
  });
}

/**
 * One bent direction in many: `y = |<w, x>|` and noise, x ~ N(0, I), w uniform on the unit sphere. No linear function of
 * x explains any of it, and to a kernel that treats all directions alike its even part is one of d^2/2 quadratic forms.
 */
export function singleIndexTable(options: GeneratorOptions & { readonly inputs: number }): DataTable {
  const direction = unitVectors(1, options.inputs, deriveKey(options.key, 'teacher'));
  return withTargets(normalInputs(options), options, (x) => Math.abs(dot(direction, 0, x)));
}

/** The three-spin polynomial and noise, on the sphere of radius sqrt(d); see {@link threeSpin}. */
export function threeSpinTable(options: GeneratorOptions & { readonly inputs: number }): DataTable {
  const { inputs, rows, key } = options;
  const target = threeSpin(inputs, key);
  const one = new Float64Array(1);
  return withTargets(wideSphere(inputs, rows, key), options, (x) => {
    target.valuesInto(one, x, 1);
    return one[0];
  });
}

/**
 * Samples of a sparse measure: `y = sum_k a_k exp(-(x - p_k)^2 / (2 width^2))` and noise at the grid x = l / rows, with
 * a_k = 1 and -1 in turns and one place p_k in the middle half of each of as many equal cells of [0, 1).
 */
export function sparseSpikesTable(
  options: GeneratorOptions & { readonly spikes: number; readonly width: number },
): DataTable {
  const { rows, spikes, width, key } = options;
  const draw = deriveKey(key, 'spikes');
  const places = Array.from({ length: spikes }, (_, k) => (k + 0.25 + 0.5 * uniformAt(draw, k, 0)) / spikes);
  const grid = Float64Array.from({ length: rows }, (_, l) => l / rows);
  return withTargets(grid, options, ([x]) =>
    places.reduce((sum, p, k) => sum + (k % 2 === 0 ? 1 : -1) * Math.exp(-((x - p) ** 2) / (2 * width ** 2)), 0),
  );
}

/**
 * Two concentric circles: rows in turns on the circle of radius 1 with y = 1 and on that of radius 2 with y = -1, at
 * uniform angles, with noise on both coordinates and none on y. No line separates them.
 */
export function circlesTable(options: GeneratorOptions): DataTable {
  const { rows, key, noise = 0 } = options;
  const points = normalInputs({ rows, key: deriveKey(key, 'noise'), inputs: 2 });
  const draw = deriveKey(key, 'angles');
  for (let l = 0; l < rows; l++) {
    const angle = 2 * Math.PI * uniformAt(draw, l, 0);
    const radius = l % 2 === 0 ? 1 : 2;
    points[2 * l] = radius * Math.cos(angle) + noise * points[2 * l];
    points[2 * l + 1] = radius * Math.sin(angle) + noise * points[2 * l + 1];
  }
  return withTargets(points, { rows, key }, (_, row) => (row % 2 === 0 ? 1 : -1));
}

function withTargets(
  inputs: Float64Array,
  { rows, key, noise = 0 }: GeneratorOptions,
  target: (x: Float64Array, row: number) => number,
): DataTable {
  const d = inputs.length / rows;
  const values = new Float64Array(rows * (d + 1));
  const errors = new Float64Array(rows);
  fillNormal(errors, deriveKey(key, 'target noise'));
  for (let l = 0; l < rows; l++) {
    const x = inputs.subarray(l * d, (l + 1) * d);
    values.set(x, l * (d + 1));
    values[l * (d + 1) + d] = target(x, l) + noise * errors[l];
  }
  return tableOfNumbers([...Array.from({ length: d }, (_, k) => `x${k}`), 'y'], values);
}

function normalInputs({ rows, key, inputs }: GeneratorOptions & { readonly inputs: number }): Float64Array {
  const out = new Float64Array(rows * inputs);
  fillNormal(out, deriveKey(key, 'inputs'));
  return out;
}

function unitVectors(count: number, d: number, key: RandomKey): Float64Array {
  const out = new Float64Array(count * d);
  const random = randomStream(key);
  for (let k = 0; k < count; k++) sphereInto(out, k * d, d, random);
  return out;
}

function dot(vectors: Float64Array, k: number, x: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += vectors[k * x.length + j] * x[j];
  return sum;
}
