import {
  type AnyLoss,
  adam,
  addScaledInto,
  deriveKey,
  fail,
  firstNonFinite,
  gradientDescent,
  type Optimizer,
  permutation,
  type RandomKey,
  randomStream,
  readLoss,
  show,
  type VectorLoss,
} from '@muflow/core';
import type { SetNetwork } from '../network/setNetwork.js';
import { allocateSetPass, forwardSets, type SetPass, setGradientInto } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import { selectSets } from '../sets/batches.js';
import type { SetBatch } from '../sets/setBatch.js';

/** How gradients become steps: Adam with its usual decays, or stochastic gradient descent. */
export type Rule =
  | { readonly kind: 'adam'; readonly rate: number }
  | { readonly kind: 'sgd'; readonly rate: number; readonly momentum?: number };

export interface TrainSetOptions {
  readonly network: SetNetwork;
  readonly batch: SetBatch;
  /** S*c, row-major. */
  readonly targets: Float64Array;
  /** Where training starts; not written to. */
  readonly start: Float64Array;
  readonly steps: number;
  /** Default Adam at the rate 1e-3. */
  readonly rule?: Rule;
  /** Default `square`, which is `(1/2)(f - y)^2`. */
  readonly loss?: AnyLoss;
  /** Penalty of the norm of the class, default 0. */
  readonly lambda?: number;
  /** Largest norm of the class: where a step leaves this ball, A is scaled back onto it. Default Infinity. */
  readonly maxNorm?: number;
  /** Sets of a step, drawn without replacement through the data pass by pass; default all of them. */
  readonly minibatch?: { readonly size: number; readonly key: RandomKey };
  /** Steps between points of the curve, default a fiftieth of all. */
  readonly recordEvery?: number;
  /** Called at every point of the curve with the parameters, which are not to be kept or written to. */
  readonly onRecord?: (point: SetCurvePoint, parameters: Float64Array) => void;
}

/** Where training stood after a number of steps. */
export interface SetCurvePoint {
  readonly step: number;
  /** `(1/S) sum_s loss(f(mu_s), y_s)` on all sets, without the penalty. */
  readonly risk: number;
  /** The norm of the class: path, group or density. */
  readonly norm: number;
}

export interface TrainedSets {
  readonly parameters: Float64Array;
  /** From the start to the end; the last point is that of `parameters`. */
  readonly curve: readonly SetCurvePoint[];
  /** The first step after which a parameter was no finite number, and training ended; else null. */
  readonly diverged: number | null;
}

/**
 * Trains what the class of a network leaves free, by Adam or stochastic gradient descent, on
 *
 *     (1/S) sum_s loss(f(mu_s), y_s) + lambda * norm(theta),
 *
 * with the norm of the class ({@link setNorm}), a subgradient where it has a kink. The same start and key give the same
 * bits. Cost: a forward and a backward pass a step, and a forward pass more at every point of the curve.
 *
 * @throws `shape-mismatch` for targets or a start that do not fit; `invalid-argument` for steps, a penalty or a minibatch
 * out of range.
 * @example
 * const { parameters, curve } = trainSetNetwork({ network, batch, targets, start, steps: 2000, lambda: 1e-4 });
 */
export function trainSetNetwork(options: TrainSetOptions): TrainedSets {
  const training = trainSetSteps(options);
  for (;;) {
    const next = training.next();
    if (next.done) return next.value;
  }
}

/**
 * {@link trainSetNetwork} in single steps: yields the number of steps done after each of them, so that a host can report,
 * take a turn, or give up.
 */
export function* trainSetSteps(options: TrainSetOptions): Generator<number, TrainedSets, void> {
  checkOptions(options);
  const { network, batch, targets, start, steps, lambda = 0, maxNorm = Infinity, minibatch } = options;
  const { recordEvery = Math.max(1, Math.ceil(steps / 50)) } = options;
  const loss = readLoss(options.loss);
  const parameters = start.slice();
  const gradient = new Float64Array(network.parameterCount);
  const charge = new Float64Array(network.parameterCount);
  const norm = setNorm(network);
  const free = network.trainedFrom;
  const [moved, slope] = [parameters.subarray(free), gradient.subarray(free)];
  const rule = ruleOf(options.rule, moved.length);
  const sampler = minibatch && minibatch.size < batch.count ? setSampler(options, minibatch) : null;
  const all = allocateSetPass(network, batch, { derivatives: sampler === null });
  const residual = new Float64Array(targets.length);
  const curve: SetCurvePoint[] = [];
  const record = (step: number): void => {
    forwardSets(all, parameters);
    const risk = loss.total(all.outputs, targets, batch.count, network.outputs) / batch.count;
    const point = { step, risk, norm: norm.value(parameters) };
    curve.push(point);
    options.onRecord?.(point, parameters);
  };
  record(0);
  for (let step = 1; step <= steps; step++) {
    const on = sampler === null ? { pass: all, targets } : sampler(step);
    forwardSets(on.pass, parameters);
    gradientInto(gradient, { ...on, residual, parameters, loss });
    if (lambda > 0) {
      norm.subgradientInto(charge, parameters);
      addScaledInto(gradient, lambda, charge);
    }
    rule.step(moved, slope);
    if (maxNorm < Infinity) scaleBack(parameters, { network, size: norm.value(parameters), maxNorm });
    const isLost = firstNonFinite(moved) >= 0;
    if (step % recordEvery === 0 || step === steps || isLost) record(step);
    if (isLost) return { parameters, curve, diverged: step };
    yield step;
  }
  return { parameters, curve, diverged: null };
}

/** Scales A onto the ball where the norm, of degree 1 in A, is larger. */
function scaleBack(
  parameters: Float64Array,
  { network, size, maxNorm }: { readonly network: SetNetwork; readonly size: number; readonly maxNorm: number },
): void {
  if (!(size > maxNorm)) return;
  const [start, end] = network.parts.outer;
  for (let i = start; i < end; i++) parameters[i] *= maxNorm / size;
}

/** Sets of one step. */
interface StepData {
  readonly pass: SetPass;
  readonly targets: Float64Array;
}

interface GradientData extends StepData {
  readonly residual: Float64Array;
  readonly parameters: Float64Array;
  readonly loss: VectorLoss;
}

/** The gradient of the mean loss over the sets of a pass. */
function gradientInto(out: Float64Array, { pass, targets, residual, parameters, loss }: GradientData): void {
  const rows = pass.batch.count;
  const size = rows * pass.network.outputs;
  const cotangent = residual.subarray(0, size);
  loss.derivativesInto(cotangent, pass.outputs, targets, { rows, outputs: pass.network.outputs });
  for (let k = 0; k < size; k++) cotangent[k] /= rows;
  setGradientInto(out, pass, { parameters, cotangent });
}

function ruleOf(rule: Rule = { kind: 'adam', rate: 1e-3 }, size: number): Optimizer {
  const { rate } = rule;
  if (rule.kind === 'adam') return adam(size, { rate });
  return gradientDescent(size, { rate, ...(rule.momentum !== undefined && { momentum: rule.momentum }) });
}

/** The sets of every step: a random order of all, cut in pieces, then another order; what is left over waits. */
function setSampler(
  { network, batch, targets }: TrainSetOptions,
  { size, key }: { readonly size: number; readonly key: RandomKey },
): (step: number) => StepData {
  const c = network.outputs;
  const perOrder = Math.floor(batch.count / size);
  let order: Uint32Array = new Uint32Array(0);
  const chosenTargets = new Float64Array(size * c);
  return (step) => {
    const at = (step - 1) % perOrder;
    if (at === 0) order = permutation(batch.count, randomStream(deriveKey(key, 'order', step)));
    const chosen = order.subarray(at * size, (at + 1) * size);
    chosen.forEach((s, r) => {
      for (let o = 0; o < c; o++) chosenTargets[r * c + o] = targets[s * c + o];
    });
    return { pass: allocateSetPass(network, selectSets(batch, chosen)), targets: chosenTargets };
  };
}

function checkOptions({
  network,
  batch,
  targets,
  start,
  steps,
  lambda = 0,
  minibatch,
  ...rest
}: TrainSetOptions): void {
  const { parameterCount, outputs } = network;
  if (targets.length !== batch.count * outputs || start.length !== parameterCount) {
    refuse('shape-mismatch', 'targets or start do not fit', {
      got: `${targets.length} targets for ${batch.count} sets, a start of ${start.length}`,
      expected: `${batch.count * outputs} targets and ${parameterCount} parameters`,
      fix: 'pass c targets a set, and parameters of this network',
    });
  }
  const { recordEvery = 1, maxNorm = Infinity } = rest;
  const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
  if (!whole(steps, 0) || !whole(recordEvery, 1) || !(lambda >= 0 && lambda < Infinity)) {
    refuse('invalid-argument', 'steps or penalty are not usable', {
      got: `${show(steps)} steps, recorded every ${show(recordEvery)}, lambda ${show(lambda)}`,
      expected: 'whole numbers of steps, and a penalty >= 0',
      fix: 'pass for instance { steps: 2000, lambda: 1e-4 }',
    });
  }
  if (!(maxNorm > 0)) {
    refuse('invalid-argument', 'the largest norm is not usable', {
      got: show(maxNorm),
      expected: 'a number > 0',
      fix: 'leave it out for none',
    });
  }
  if (minibatch !== undefined && !(whole(minibatch.size, 1) && minibatch.size <= batch.count)) {
    refuse('invalid-argument', 'the minibatch is not usable', {
      got: `${show(minibatch.size)} of ${batch.count} sets`,
      expected: 'a whole number of sets, from 1 to all',
      fix: 'leave it out for all sets',
    });
  }
}

function refuse(
  code: 'invalid-argument' | 'shape-mismatch',
  problem: string,
  parts: { readonly got: string; readonly expected: string; readonly fix: string },
): never {
  return fail({ code, where: 'trainSetNetwork', problem, ...parts });
}
