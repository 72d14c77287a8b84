import {
  allocatePass,
  type DeepNetwork,
  type DeepPass,
  deriveKey,
  fail,
  forward,
  parameterGradientInto,
  permutation,
  type RandomKey,
  randomStream,
  show,
} from '@muflow/core';

/** Inputs (rows*n_0) and what the outputs should be there (rows*n_{L+1}). */
export interface DeepData {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
}

/** What one step of descent needs besides the parameters. Kept between steps, so that they allocate nothing. */
export interface DeepStepper {
  /** One step in place; returns the risk before it. */
  step(parameters: Float64Array, data: DeepData, stepSize: number): number;
}

/**
 * Gradient descent on half the mean square error `R = (1/2 rows) sum_r |f(x_r) - y_r|^2`: one forward, one backward
 * pass, `theta <- theta - stepSize grad R`. A step of size h is a step of length h of the gradient flow
 * `theta' = -grad R`.
 *
 * @param rows - samples in each step's data.
 */
export function deepStepper(network: DeepNetwork, rows: number): DeepStepper {
  const pass = allocatePass(network, rows);
  const cotangent = new Float64Array(rows * network.outputs);
  const gradient = new Float64Array(network.parameterCount);
  return {
    step(parameters, { inputs, targets }, stepSize) {
      const risk = riskInto(cotangent, network, pass, { parameters, inputs, targets });
      parameterGradientInto(gradient, network, pass, { parameters, cotangent });
      for (let i = 0; i < parameters.length; i++) parameters[i] -= stepSize * gradient[i];
      return risk;
    },
  };
}

/** Half the mean square error; fills `cotangent` with its derivatives in the outputs. */
function riskInto(
  cotangent: Float64Array,
  network: DeepNetwork,
  pass: DeepPass,
  { parameters, inputs, targets }: DeepData & { readonly parameters: Float64Array },
): number {
  if (targets.length !== cotangent.length) {
    fail({
      code: 'shape-mismatch',
      where: 'deepStepper',
      problem: 'the targets do not fit the outputs',
      got: `${targets.length} numbers`,
      expected: `${cotangent.length} numbers, ${network.outputs} for each of ${pass.rows} rows`,
      fix: 'pass one number for each output and row',
    });
  }
  forward(network, pass, parameters, inputs);
  let sum = 0;
  for (let i = 0; i < cotangent.length; i++) {
    const residual = pass.outputs[i] - targets[i];
    sum += residual * residual;
    cotangent[i] = residual / pass.rows;
  }
  return sum / (2 * pass.rows);
}

export interface TrainDeepOptions {
  readonly network: DeepNetwork;
  readonly data: DeepData;
  /** Where training starts; not written to. */
  readonly start: Float64Array;
  readonly stepSize: number;
  readonly steps: number;
  /** Rows in each step, drawn without replacement through the data pass by pass; default all of them. */
  readonly batch?: number;
  /** For the order of the batches. */
  readonly key?: RandomKey;
  /** Called after so many steps; stop by throwing. */
  readonly onStep?: (step: number, parameters: Float64Array, risk: number) => void;
}

export interface TrainedDeep {
  readonly parameters: Float64Array;
  /** The risk on the rows of a step, before it. */
  readonly risks: Float64Array;
}

/**
 * Trains a deep network by (stochastic) gradient descent on half the mean square error. O(steps batch weights).
 *
 * @throws `invalid-argument` for a batch larger than the data, or batches without a key; `shape-mismatch` as `forward`.
 */
export function trainDeep(options: TrainDeepOptions): TrainedDeep {
  const { network, data, start, stepSize, steps, key, onStep } = options;
  const rows = data.inputs.length / network.inputs;
  const { batch = rows } = options;
  checkBatch(batch, rows, key);
  const parameters = start.slice();
  const risks = new Float64Array(steps);
  const stepper = deepStepper(network, batch);
  const part = { inputs: new Float64Array(batch * network.inputs), targets: new Float64Array(batch * network.outputs) };
  let order: Uint32Array = new Uint32Array(0);
  let taken = rows;
  for (let k = 0; k < steps; k++) {
    if (batch < rows && key !== undefined) {
      if (taken + batch > rows) {
        order = permutation(rows, randomStream(deriveKey(key, 'order', k)));
        taken = 0;
      }
      gatherRows(part, data, order.subarray(taken, taken + batch), network);
      taken += batch;
    }
    risks[k] = stepper.step(parameters, batch < rows ? part : data, stepSize);
    onStep?.(k + 1, parameters, risks[k]);
  }
  return { parameters, risks };
}

function gatherRows(out: DeepData, data: DeepData, chosen: Uint32Array, { inputs: d, outputs: c }: DeepNetwork): void {
  for (let r = 0; r < chosen.length; r++) {
    const from = chosen[r];
    for (let k = 0; k < d; k++) out.inputs[r * d + k] = data.inputs[from * d + k];
    for (let k = 0; k < c; k++) out.targets[r * c + k] = data.targets[from * c + k];
  }
}

function checkBatch(batch: number, rows: number, key: RandomKey | undefined): void {
  if (Number.isInteger(batch) && batch >= 1 && batch <= rows && (batch === rows || key !== undefined)) return;
  fail({
    code: 'invalid-argument',
    where: 'trainDeep',
    problem: 'the batch is not usable',
    got: `batch ${show(batch)} of ${rows} rows${key === undefined ? ' without a key' : ''}`,
    expected: 'a whole number from 1 to the rows, and a key where it is below them',
    fix: 'leave batch out, or pass a key',
  });
}
