import { deriveKey, fillNormal, type RandomKey, uniformAt } from '@muflow/core';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetNetwork, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { lipschitzBound } from '../norms/lipschitzBound.js';
import { type SetBatch, setBatch } from '../sets/setBatch.js';
import { checkedValues, checkPositive, type SetFunction } from './setFunction.js';

/** A network on sets that teaches, with its parameters, so that students can be given its features. */
export interface Teacher extends SetFunction {
  readonly network: SetNetwork;
  readonly parameters: Float64Array;
}

export interface NeuronOptions {
  readonly dim: number;
  readonly key: RandomKey;
  /** Unit of the test function, default `squared-relu`. */
  readonly inner?: string;
  /** Unit of the neuron, default `relu`. */
  readonly outer?: string;
}

/**
 * One neuron whose test function is one neuron too, `f(mu) = outer(int inner(<w, (x, 1)>) dmu)`. Every coordinate of w is
 * drawn from the equal mixture of N(1, 1/4) and N(-1, 1/4).
 *
 * With an inner unit that is nowhere negative and an outer relu f is linear in mu, as the outer unit changes nothing: it
 * tests how well the test function is learned. Pass for instance `outer: 'tanh'` for a function that is not.
 */
export function singleNeuron(options: NeuronOptions): Teacher {
  const { dim, key, inner = 'squared-relu', outer = 'relu' } = options;
  const network = setNetwork({ dim, innerWidth: 1, outerWidth: 1, inner, outer });
  const parameters = new Float64Array(network.parameterCount).fill(1);
  const weights = parameters.subarray(...network.parts.inner);
  fillNormal(weights, deriveKey(key, 'neuron'));
  const signs = deriveKey(key, 'signs');
  for (let k = 0; k <= dim; k++) weights[k] = weights[k] / 2 + (uniformAt(signs, k, 0) < 0.5 ? 1 : -1);
  return teacher('single-neuron', network, parameters);
}

export interface SmoothNeuronOptions extends NeuronOptions {
  /** Test features, default 100. */
  readonly features?: number;
  /** The neuron is switched on at the measure of the 2 d points `+-radius e_k`, > 0; default 1. */
  readonly radius?: number;
}

/**
 * One neuron with a test function of many fixed features, `f(mu) = outer(<v, Phi(mu)>)` with
 * `Phi_i(mu) = int inner(<w_i, (x, 1)>) dmu`, w_i and v uniform on unit spheres: a function of small norm in every class,
 * which S2 and S3 represent where they are given these features. The sign of v is such that the argument is positive at a
 * measure in the middle, since a relu may be 0 everywhere otherwise.
 */
export function smoothNeuron(options: SmoothNeuronOptions): Teacher {
  const { dim, key, features = 100, radius = 1, inner = 'squared-relu', outer = 'relu' } = options;
  checkPositive('smoothNeuron', 'radius', radius);
  const shape = { dim, innerWidth: features, outerWidth: 1, inner };
  const network = setNetwork({ ...shape, outer });
  const parameters = drawSetParameters(network, deriveKey(key, 'smooth neuron'));
  parameters[network.parts.outer[0]] = 1;
  const [argument] = evaluateSets(setNetwork({ ...shape, outer: 'z' }), parameters, crossOf(dim, radius));
  if (argument < 0) for (let i = network.parts.middle[0]; i < network.parts.middle[1]; i++) parameters[i] *= -1;
  return teacher('smooth-neuron', network, parameters);
}

/** The set of the 2 d points `+-radius e_k`. */
function crossOf(dim: number, radius: number): SetBatch {
  const point = (k: number, sign: number): Float64Array => {
    const x = new Float64Array(dim);
    x[k] = sign * radius;
    return x;
  };
  return setBatch([{ points: Array.from({ length: 2 * dim }, (_, at) => point(at >> 1, at % 2 === 0 ? 1 : -1)) }]);
}

function teacher(id: string, network: SetNetwork, parameters: Float64Array): Teacher {
  const { innerWidth, inner, outer } = network;
  const test = innerWidth === 1 ? `int ${inner}(<w, (x, 1)>) dmu` : `<v, Phi>, Phi_i = int ${inner}(<w_i, (x, 1)>) dmu`;
  return {
    id,
    formula: `${outer}(${test})`,
    ofMeasure: true,
    network,
    parameters,
    values: (batch) => checkedValues(id, batch, evaluateSets(network, parameters, batch)),
    lipschitz: (radius) => lipschitzBound(network, parameters, radius),
  };
}
