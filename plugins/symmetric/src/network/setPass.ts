import { type Activation, compileActivation, fail, show } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { pooledFeatures } from './pooledFeatures.js';
import type { PooledFeatures } from './pooling.js';
import type { SetNetwork } from './setNetwork.js';

export interface SetPassOptions {
  /** Whether derivatives will be asked for; default true. Without them a pass takes less memory. */
  readonly derivatives?: boolean;
}

/** Buffers of passes of one network over one batch, and what the last pass left there. */
export interface SetPass {
  readonly network: SetNetwork;
  readonly batch: SetBatch;
  /** S*m1, the pooled values `Phi_i(mu_s)`. */
  readonly features: Float64Array;
  /** S*m2, the neurons `outer(<v_j, Phi(mu_s)>)`. */
  readonly neurons: Float64Array;
  /** S*c. */
  readonly outputs: Float64Array;
  /** For the functions of this file. */
  readonly workspace: SetWorkspace;
}

/** Scratch of a pass. */
export interface SetWorkspace {
  readonly inner: PooledFeatures;
  readonly outer: Activation;
  /** S*m2, `outer'(<v_j, Phi(mu_s)>)`, then cotangents of `<v_j, Phi(mu_s)>`. */
  readonly slopes: Float64Array;
  readonly cotangents: Float64Array;
  /** S*m1, cotangents of the features. */
  readonly featureCotangents: Float64Array;
  readonly derivatives: boolean;
  /** The parameters `[W | V]` of the last pass, NaN before the first. */
  readonly last: Float64Array;
}

/**
 * Buffers for passes over a batch, of any sizes of sets: `S (2 m1 + 3 m2)` numbers with derivatives. The batch and
 * its points are kept by reference and must not change.
 *
 * @throws `shape-mismatch` where the batch has another dimension than the network, `unsupported` where a set has more than 2^24
 * tuples.
 */
export function allocateSetPass(network: SetNetwork, batch: SetBatch, options: SetPassOptions = {}): SetPass {
  const { derivatives = true } = options;
  if (batch.dim !== network.dim) {
    fail({
      code: 'shape-mismatch',
      where: 'allocateSetPass',
      problem: 'the sets have another dimension than the network',
      got: show(batch.dim),
      expected: show(network.dim),
      fix: 'build the network with the dimension of the batch',
    });
  }
  const { innerWidth, outerWidth, outputs, parts, trainedFrom } = network;
  const { count } = batch;
  const isInner = derivatives && trainedFrom === 0;
  const isMiddle = derivatives && trainedFrom < parts.middle[1];
  const allocate = (size: number, isNeeded: boolean): Float64Array => new Float64Array(isNeeded ? size : 0);
  return {
    network,
    batch,
    features: new Float64Array(count * innerWidth),
    neurons: new Float64Array(count * outerWidth),
    outputs: new Float64Array(count * outputs),
    workspace: {
      inner: pooledFeatures(network, batch),
      outer: compileActivation(network.outer, network.backend),
      slopes: allocate(count * outerWidth, isMiddle),
      cotangents: allocate(count * outerWidth, isMiddle),
      featureCotangents: allocate(count * innerWidth, isInner),
      derivatives,
      last: new Float64Array(parts.middle[1]).fill(Number.NaN),
    },
  };
}

/**
 * The network at every set of the batch of a pass: fills `pass.features`, `pass.neurons`, `pass.outputs` and what
 * derivatives need. Cost `m1 (d + 1)` multiplications a point (order 1) and `m1 m2` a set; nothing is allocated. A layer whose
 * parameters, and those below it, are as they were at the last pass is not computed again: frozen layers cost one pass.
 *
 * @param parameters - `[W | V | A]`, see {@link SetNetwork.parts}.
 * @throws `shape-mismatch` for parameters of another length.
 * @example
 * import { allocateSetPass, forwardSets, setBatch, setGradientInto, setNetwork } from '@muflow/symmetric';
 * const network = setNetwork({ dim: 1, innerWidth: 1, outerWidth: 1 });
 * const parameters = Float64Array.of(1, 0, 2, 3); // f(mu) = 3 relu(2 E[relu(x)])
 * const pass = allocateSetPass(network, setBatch([{ points: [[1], [-5], [3]] }]));
 * forwardSets(pass, parameters);
 * const gradient = new Float64Array(4);
 * setGradientInto(gradient, pass, { parameters, cotangent: Float64Array.of(1) });
 * console.log(pass.outputs[0].toFixed(6), gradient[3].toFixed(6)); // => 8.000000 2.666667
 */
export function forwardSets(pass: SetPass, parameters: Float64Array): void {
  const { network, workspace, features, neurons, outputs } = pass;
  const { parts, innerWidth: m1, outerWidth: m2, backend } = network;
  checkLength('forwardSets', 'parameters', parameters, network.parameterCount);
  const count = pass.batch.count;
  const { last, inner, outer, slopes } = workspace;
  const isInnerNew = !isSame(parameters, last, parts.inner);
  if (isInnerNew) inner.run(parameters.subarray(...parts.inner), features);
  if (isInnerNew || !isSame(parameters, last, parts.middle)) {
    const middle = parameters.subarray(...parts.middle);
    backend.matmulInto(neurons, features, middle, { n: count, k: m1, m: m2, transposeB: true });
    if (slopes.length > 0) outer.slopeInto(neurons, slopes, neurons, count * m2);
    else outer.valueInto(neurons, neurons, count * m2);
  }
  last.set(parameters.subarray(0, last.length));
  backend.matmulInto(outputs, neurons, parameters.subarray(...parts.outer), { n: count, k: m2, m: network.outputs });
}

/**
 * The vector-Jacobian product: fills `out` (one number a parameter) with `sum_s <c_s, df(mu_s)/dtheta>` for cotangents c
 * (S*outputs), after a forward pass at these parameters; 0 for frozen parameters. With `c = (f - y)/S` it is the gradient of half
 * the mean square error. Cost twice that of the forward pass.
 *
 * @throws `shape-mismatch` for arrays of another length, `invalid-argument` where the pass was made without derivatives.
 */
export function setGradientInto(
  out: Float64Array,
  pass: SetPass,
  { parameters, cotangent }: { readonly parameters: Float64Array; readonly cotangent: Float64Array },
): void {
  const { network, workspace, features, batch } = pass;
  const { parts, innerWidth: m1, outerWidth: m2, outputs, backend, trainedFrom } = network;
  const count = batch.count;
  checkLength('setGradientInto', 'out', out, network.parameterCount);
  checkLength('setGradientInto', 'parameters', parameters, network.parameterCount);
  checkLength('setGradientInto', 'cotangent', cotangent, count * outputs);
  if (!workspace.derivatives) withoutDerivatives();
  out.fill(0, 0, trainedFrom);
  outerGradientInto(out, pass, { parameters, cotangent });
  if (trainedFrom === parts.outer[0]) return;
  const { cotangents, featureCotangents, inner } = workspace;
  const middlePart = out.subarray(...parts.middle);
  backend.matmulInto(middlePart, cotangents, features, { n: m2, k: count, m: m1, transposeA: true });
  if (trainedFrom > 0) return;
  const middle = parameters.subarray(...parts.middle);
  backend.matmulInto(featureCotangents, cotangents, middle, { n: count, k: m2, m: m1 });
  inner.gradientInto(out.subarray(...parts.inner), parameters.subarray(...parts.inner), featureCotangents);
}

/** The part of A, and unless V is frozen the cotangents of `<v_j, Phi(mu_s)>`, `outer'(...) sum_o c_so A_jo`. */
function outerGradientInto(
  out: Float64Array,
  { network, workspace, neurons, batch }: SetPass,
  { parameters, cotangent }: { readonly parameters: Float64Array; readonly cotangent: Float64Array },
): void {
  const { parts, outerWidth: m2, outputs, backend, trainedFrom } = network;
  const { slopes, cotangents } = workspace;
  const count = batch.count;
  const A = parameters.subarray(...parts.outer);
  const part = out.subarray(...parts.outer);
  const isDeeper = trainedFrom < parts.outer[0];
  if (outputs === 1) {
    // One pass over the neurons where products of matrices would take three.
    part.fill(0);
    for (let s = 0, at = 0; s < count; s++) {
      const c = cotangent[s];
      for (let j = 0; j < m2; j++, at++) {
        part[j] += c * neurons[at];
        if (isDeeper) cotangents[at] = c * A[j] * slopes[at];
      }
    }
    return;
  }
  backend.matmulInto(part, neurons, cotangent, { n: m2, k: count, m: outputs, transposeA: true });
  if (!isDeeper) return;
  backend.matmulInto(cotangents, cotangent, A, { n: count, k: outputs, m: m2, transposeB: true });
  for (let i = 0; i < count * m2; i++) cotangents[i] *= slopes[i];
}

/**
 * The values of a network at every set of a batch, S*outputs, of sets of any sizes.
 *
 * @throws `shape-mismatch` where the batch or the parameters do not fit the network.
 */
export function evaluateSets(network: SetNetwork, parameters: Float64Array, batch: SetBatch): Float64Array {
  const pass = allocateSetPass(network, batch, { derivatives: false });
  forwardSets(pass, parameters);
  return pass.outputs;
}

function isSame(a: Float64Array, b: Float64Array, [start, end]: readonly [number, number]): boolean {
  for (let i = start; i < end; i++) if (a[i] !== b[i]) return false;
  return true;
}

function checkLength(where: string, name: string, array: Float64Array, length: number): void {
  if (array.length === length) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: `the length of the ${name} is wrong`,
    got: String(array.length),
    expected: String(length),
    fix: 'pass arrays of the network and the batch of the pass',
  });
}

function withoutDerivatives(): never {
  return fail({
    code: 'invalid-argument',
    where: 'setGradientInto',
    problem: 'the pass was made without derivatives',
    got: 'derivatives: false',
    expected: 'a pass that keeps what derivatives need',
    fix: 'leave the option out of allocateSetPass',
  });
}
