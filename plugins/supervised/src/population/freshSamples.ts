import { deriveKey, type Field, fail, type Measure, type RandomKey, show, special } from '@muflow/core';

/** Where a population is drawn from, and what is to be learned on it. */
export interface Population {
  readonly inputs: number;
  /** Fills `count` inputs (row-major) that depend on the key alone. */
  drawInto(out: Float64Array, count: number, key: RandomKey): void;
  /** Fills the targets at these inputs. */
  targetsInto(out: Float64Array, inputs: Float64Array, count: number): void;
}

/**
 * The field of stochastic gradient descent on a population: every step draws `batch` new inputs, so that no sample is
 * seen twice, and takes the gradient of the mean square loss over them. Units are sigmoids with bias: atoms are
 * `u = (a, w, b)`, `f_mu(x) = int a / (1 + exp(-<w, x> - b)) dmu`,
 *
 *     V(u) = (1/P) sum_l (f_mu(x_l) - f*(x_l)) a sigma(<w, x_l> + b).
 *
 * Batches depend on `context.key` and `context.step` alone; `potentialAt` reads the batch drawn last. Positions are
 * n*(d + 2). Cost O(n P d) a step, no allocation after the first of a size. Source: [RotskoffVandenEijnden2018], section 3.
 *
 * @throws `invalid-argument` for a batch that is not an integer from 1.
 */
export function freshSampleField(population: Population, batch: number): Field {
  if (!(Number.isInteger(batch) && batch >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'freshSampleField',
      problem: 'the batch size is not usable',
      got: show(batch),
      expected: 'an integer from 1',
      fix: 'pass the number of inputs drawn in every step, say 20',
    });
  }
  const { inputs: d } = population;
  const rows = new Float64Array(batch * d);
  const targets = new Float64Array(batch);
  const residuals = new Float64Array(batch);
  let units = new Float64Array(0);
  const draw = (key: RandomKey): void => {
    population.drawInto(rows, batch, key);
    population.targetsInto(targets, rows, batch);
  };
  return {
    name: `sigmoid network on ${batch} fresh samples a step`,
    dims: [d + 2],
    smooth: true,
    evaluateInto([out], [mu], { key, step }) {
      draw(deriveKey(key, 'fresh samples', step));
      if (units.length < batch * mu.count) units = new Float64Array(batch * mu.count);
      forward(residuals, units, mu, rows, d);
      for (let l = 0; l < batch; l++) residuals[l] = (residuals[l] - targets[l]) / batch;
      backward(out, units, mu, rows, residuals);
    },
    potentialAt(_player, out, points, count, [mu]) {
      if (units.length < batch * mu.count) units = new Float64Array(batch * mu.count);
      forward(residuals, units, mu, rows, d);
      for (let i = 0; i < count; i++) {
        const start = i * (d + 2);
        let sum = 0;
        for (let l = 0; l < batch; l++) {
          sum += (residuals[l] - targets[l]) * special.sigmoid(argument(points, start, rows, l * d, d));
        }
        out[i] = (points[start] * sum) / batch;
      }
    },
  };
}

/** Mean square `(1/count) sum_l (f_mu(x_l) - y_l)^2` of a sigmoid network on given rows. O(n count d). */
export function sigmoidLoss(mu: Measure, rows: Float64Array, targets: Float64Array): number {
  const d = mu.dim - 2;
  const row = new Float64Array(mu.count);
  let sum = 0;
  const one = new Float64Array(1);
  for (let l = 0; l < targets.length; l++) {
    forward(one, row, mu, rows.subarray(l * d, l * d + d), d);
    sum += (one[0] - targets[l]) ** 2;
  }
  return sum / targets.length;
}

function argument(points: Float64Array, start: number, rows: Float64Array, row: number, d: number): number {
  let z = points[start + d + 1];
  for (let k = 0; k < d; k++) z += points[start + 1 + k] * rows[row + k];
  return z;
}

/** Fills `f_mu(x_l)` and the units `sigma_i(x_l)`, row l at l * n. */
function forward(out: Float64Array, units: Float64Array, mu: Measure, rows: Float64Array, d: number): void {
  const { count: n, positions: u, masses, dim } = mu;
  const last = d + 1;
  for (let l = 0; l < out.length; l++) {
    let value = 0;
    for (let i = 0; i < n; i++) {
      const start = i * dim;
      let z = u[start + last];
      for (let k = 0; k < d; k++) z += u[start + 1 + k] * rows[l * d + k];
      const unit = 1 / (1 + Math.exp(-z));
      units[l * n + i] = unit;
      value += masses[i] * u[start] * unit;
    }
    out[l] = value;
  }
}

/** V and its gradient `(sum_l r_l s, a sum_l r_l s (1 - s) x_l, a sum_l r_l s (1 - s))`, with s the unit at x_l. */
function backward(
  out: { readonly potential: Float64Array; readonly gradient: Float64Array },
  units: Float64Array,
  mu: Measure,
  rows: Float64Array,
  residuals: Float64Array,
): void {
  const { count: n, positions: u, dim } = mu;
  const d = dim - 2;
  const { potential, gradient } = out;
  gradient.fill(0, 0, n * dim);
  for (let l = 0; l < residuals.length; l++) {
    for (let i = 0; i < n; i++) {
      const start = i * dim;
      const unit = units[l * n + i];
      gradient[start] += residuals[l] * unit;
      const slope = residuals[l] * u[start] * unit * (1 - unit);
      for (let k = 0; k < d; k++) gradient[start + 1 + k] += slope * rows[l * d + k];
      gradient[start + d + 1] += slope;
    }
  }
  for (let i = 0; i < n; i++) potential[i] = u[i * dim] * gradient[i * dim];
}
