import {
  type AnyLoss,
  addScaledInto,
  euclidean,
  type Field,
  fail,
  measure,
  type Profile,
  readLoss,
} from '@muflow/core';
import { allocateSetPass, forwardSets, type SetPass, setGradientInto } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import type { SetBatch } from '../sets/setBatch.js';
import { middleMeasure, networkOfMeasure, type ParametrizedNetwork } from './middleMeasure.js';

export interface LayersFieldOptions {
  /** A network of the class S1; its outer width is not looked at, its parameters are not read. */
  readonly from: ParametrizedNetwork;
  readonly batch: SetBatch;
  /** S*c, row-major. */
  readonly targets: Float64Array;
  /** Default `square`, which is `(1/2)(f - y)^2`. */
  readonly loss?: AnyLoss;
  /** Penalty of the path norm, default 0. */
  readonly lambda?: number;
}

/** The field of both hidden layers, with what it descends. */
export interface LayersField extends Field {
  /** `(1/S) sum_s loss(f(mu_s), y_s) + lambda` times the path norm. */
  objective(profile: Profile): number;
  /** The network of a profile, with as many neurons as atoms. */
  networkOf(profile: Profile): ParametrizedNetwork;
}

/** Both hidden layers of a network: the middle one as {@link middleMeasure}, and the m1 rows w_k as atoms of mass 1/m1. */
export function layersProfile(from: ParametrizedNetwork): Profile {
  const { innerWidth, order, dim, parts } = from.network;
  const positions = from.parameters.slice(...parts.inner);
  return [middleMeasure(from), measure({ space: euclidean(order * dim + 1), positions, masses: uniform(innerWidth) })];
}

/**
 * Both hidden layers of a network of the class S1 in motion, as two players that descend one objective F: the measure nu of
 * neurons `(a, u)` with the first variation of F in nu as its potential, and the m1 rows `w_k` of the inner layer with the gradient `m1 dF/dw_k`, so that both move in mean-field time. The coefficients of a neuron belong
 * to rows by their number, so rows are moved and neither weighed, born nor killed: their metric is `wasserstein()`. That
 * of the neurons is any. Cost of an evaluation: a forward and a backward pass.
 *
 * @throws `shape-mismatch` for targets that do not fit, `invalid-argument` for another class than S1; `unsupported` for the
 * potential of rows off the support.
 * @example
 * const field = layersField({ from: { network, parameters }, batch, targets });
 * const flow = fieldFlow(field, [wassersteinFisherRao({ alpha: 1 }), wasserstein()]);
 */
export function layersField({ from, batch, targets, lambda = 0, ...options }: LayersFieldOptions): LayersField {
  const { innerWidth: m1, outputs, order, dim } = from.network;
  checkField(from, batch, targets);
  const loss = readLoss(options.loss);
  const cotangent = new Float64Array(targets.length);
  const dims = [outputs + m1, order * dim + 1];
  let kept: SetPass | null = null;

  const networkOf = ([nu, rows]: Profile): ParametrizedNetwork => {
    const { network, parameters } = networkOfMeasure(from, nu);
    parameters.set(rows.positions, 0);
    return { network, parameters };
  };
  /** A forward pass; buffers are kept while the number of neurons stays. */
  const passOf = ({ network, parameters }: ParametrizedNetwork): SetPass => {
    if (kept?.network.outerWidth !== network.outerWidth) kept = allocateSetPass(network, batch);
    forwardSets(kept, parameters);
    return kept;
  };
  /** Leaves `loss'(f(mu_s), y_s) / S`. */
  const residuals = (pass: SetPass): void => {
    loss.derivativesInto(cotangent, pass.outputs, targets, { rows: batch.count, outputs });
    for (let i = 0; i < cotangent.length; i++) cotangent[i] /= batch.count;
  };

  /** `sum_s <c_s, df(mu_s)/dtheta>` at a network for the residuals c as they are, and the penalty's part. */
  const gradientOf = (at: ParametrizedNetwork, pass: SetPass): Float64Array => {
    const gradient = new Float64Array(at.network.parameterCount);
    setGradientInto(gradient, pass, { parameters: at.parameters, cotangent });
    if (lambda > 0) {
      const charge = new Float64Array(gradient.length);
      setNorm(at.network).subgradientInto(charge, at.parameters);
      addScaledInto(gradient, lambda, charge);
    }
    return gradient;
  };
  /** `<a_j, dF/dA_j>`: the potential of neuron j. */
  const potentialInto = (out: Float64Array, atoms: Float64Array, { network }: ParametrizedNetwork, g: Float64Array) => {
    for (let j = 0; j < network.outerWidth; j++) {
      out[j] = 0;
      for (let o = 0; o < outputs; o++) out[j] += atoms[j * dims[0] + o] * g[network.parts.outer[0] + j * outputs + o];
    }
  };

  return {
    name: 'hidden layers of a network on sets',
    dims,
    smooth: true,
    networkOf,
    objective(profile) {
      const at = networkOf(profile);
      const risk = loss.total(passOf(at).outputs, targets, batch.count, outputs) / batch.count;
      return lambda > 0 ? risk + lambda * setNorm(at.network).value(at.parameters) : risk;
    },
    evaluateInto([neurons, rows], profile) {
      const at = networkOf(profile);
      const pass = passOf(at);
      residuals(pass);
      const g = gradientOf(at, pass);
      const { parts } = at.network;
      const [nu] = profile;
      rows.potential.fill(0);
      for (let i = 0; i < parts.inner[1]; i++) rows.gradient[i] = m1 * g[i];
      potentialInto(neurons.potential, nu.positions, at, g);
      for (let j = 0; j < nu.count; j++) {
        const start = j * dims[0];
        for (let o = 0; o < outputs; o++) neurons.gradient[start + o] = g[parts.outer[0] + j * outputs + o];
        const scale = 1 / (nu.masses[j] * Math.sqrt(m1));
        for (let k = 0; k < m1; k++) neurons.gradient[start + outputs + k] = scale * g[parts.middle[0] + j * m1 + k];
      }
    },
    potentialAt(player, out, points, count, profile) {
      if (player !== 0) rowsStay();
      residuals(passOf(networkOf(profile)));
      const positions = points.slice(0, count * dims[0]);
      const at = networkOf([measure({ space: euclidean(dims[0]), positions, masses: uniform(count) }), profile[1]]);
      const pass = allocateSetPass(at.network, batch);
      forwardSets(pass, at.parameters);
      potentialInto(out, positions, at, gradientOf(at, pass));
    },
  };
}

const uniform = (count: number): Float64Array => new Float64Array(count).fill(1 / count);

function rowsStay(): never {
  return fail({
    code: 'unsupported',
    where: 'layersField',
    problem: 'rows of the inner layer have no potential off their support',
    got: 'player 1',
    expected: 'player 0, the neurons',
    fix: 'let rows neither be born nor die',
  });
}

function checkField({ network, parameters }: ParametrizedNetwork, batch: SetBatch, targets: Float64Array): void {
  if (network.class !== 'S1') {
    fail({
      code: 'invalid-argument',
      where: 'layersField',
      problem: 'the inner layer of this class is frozen',
      got: network.class,
      expected: 'S1',
      fix: 'for S2 move the middle layer alone, with middleLayerRisk',
    });
  }
  if (targets.length === batch.count * network.outputs && parameters.length === network.parameterCount) return;
  fail({
    code: 'shape-mismatch',
    where: 'layersField',
    problem: 'targets or parameters do not fit',
    got: `${targets.length} targets for ${batch.count} sets, ${parameters.length} parameters`,
    expected: `${batch.count * network.outputs} targets and ${network.parameterCount} parameters`,
    fix: 'pass c targets a set, and parameters of this network',
  });
}
