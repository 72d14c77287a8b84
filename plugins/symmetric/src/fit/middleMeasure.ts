import { euclidean, fail, type Measure, measure } from '@muflow/core';
import { type SetNetwork, setNetwork } from '../network/setNetwork.js';

/** A network with its parameters. */
export interface ParametrizedNetwork {
  readonly network: SetNetwork;
  readonly parameters: Float64Array;
}

/**
 * The middle and outer layers of a network as a measure of atoms `(a, u)`: neuron j of n becomes `a = n A_j`,
 * `u = sqrt(m1) V_j` of mass 1/n, so that `f(mu) = int a outer(<u, Phi(mu)> / sqrt(m1)) dnu`.
 *
 * @returns n atoms of c + m1 coordinates.
 */
export function middleMeasure({ network, parameters }: ParametrizedNetwork): Measure {
  const { innerWidth, outerWidth, outputs, parts } = network;
  const dim = outputs + innerWidth;
  const scale = Math.sqrt(innerWidth);
  const positions = new Float64Array(outerWidth * dim);
  for (let j = 0; j < outerWidth; j++) {
    for (let o = 0; o < outputs; o++)
      positions[j * dim + o] = outerWidth * parameters[parts.outer[0] + j * outputs + o];
    for (let k = 0; k < innerWidth; k++) {
      positions[j * dim + outputs + k] = scale * parameters[parts.middle[0] + j * innerWidth + k];
    }
  }
  return measure({ space: euclidean(dim), positions });
}

/**
 * The network of a measure over its middle layer, with the inner layer of the one given: atom j of mass m becomes
 * `A_j = m a`, `V_j = u / sqrt(m1)`. As many neurons as atoms, so births and deaths are welcome.
 *
 * @throws `shape-mismatch` where an atom has not c + m1 coordinates.
 */
export function networkOfMeasure(from: ParametrizedNetwork, nu: Measure): ParametrizedNetwork {
  const { innerWidth, outputs } = from.network;
  const dim = outputs + innerWidth;
  if (nu.dim !== dim) {
    fail({
      code: 'shape-mismatch',
      where: 'networkOfMeasure',
      problem: 'the atoms are not those of the middle layer',
      got: `${nu.dim} coordinates`,
      expected: `${dim}: ${outputs} output weights and ${innerWidth} coefficients of test features`,
      fix: 'pass a measure that middleMeasure made, or what a flow made of it',
    });
  }
  const network = setNetwork({ ...from.network, outerWidth: nu.count });
  const parameters = new Float64Array(network.parameterCount);
  parameters.set(from.parameters.subarray(0, network.parts.inner[1]));
  const scale = 1 / Math.sqrt(innerWidth);
  const { masses, positions } = nu;
  for (let j = 0; j < nu.count; j++) {
    for (let o = 0; o < outputs; o++) {
      parameters[network.parts.outer[0] + j * outputs + o] = masses[j] * positions[j * dim + o];
    }
    for (let k = 0; k < innerWidth; k++) {
      parameters[network.parts.middle[0] + j * innerWidth + k] = scale * positions[j * dim + outputs + k];
    }
  }
  return { network, parameters };
}
