import { type Backend, type DeepNetwork, deepNetwork, fail } from '@muflow/core';
import { type Interpolant, interpolantAt, slopeChanges } from './interpolant.js';

/** A function `outer(sum_i inner(<u_i, x>))` with piecewise linear inner and outer parts. */
export interface DepthThree {
  readonly dim: number;
  /** Directions u_i, p*dim, row by row. */
  readonly directions: Float64Array;
  readonly inner: Interpolant;
  readonly outer: Interpolant;
}

/** A depth-three network with its parameters. */
export interface DepthThreeNetwork {
  readonly network: DeepNetwork;
  readonly parameters: Float64Array;
  readonly method: string;
}

/** The function by its formula at `count` points (row-major). O(count p dim). */
export function depthThreeInto(out: Float64Array, shape: DepthThree, points: Float64Array, count: number): void {
  const { dim, directions, inner, outer } = shape;
  const p = directions.length / dim;
  for (let l = 0; l < count; l++) {
    let sum = 0;
    for (let i = 0; i < p; i++) {
      let projection = 0;
      for (let k = 0; k < dim; k++) projection += directions[i * dim + k] * points[l * dim + k];
      sum += interpolantAt(inner, projection);
    }
    out[l] = interpolantAt(outer, sum);
  }
}

/**
 * The same function as a network of rectifiers with two hidden layers: one unit for each direction and inner knot,
 * then one for each outer knot, `p m + m'` in all. No weight is fitted.
 *
 * @throws `shape-mismatch` for directions that are no rows of the dimension.
 */
export function depthThreeNetwork(shape: DepthThree, backend?: Backend): DepthThreeNetwork {
  const { dim, directions, inner, outer } = shape;
  const p = directions.length / dim;
  if (!(Number.isInteger(p) && p >= 1)) {
    fail({
      code: 'shape-mismatch',
      where: 'depthThreeNetwork',
      problem: 'the directions are no rows of the dimension',
      got: `${directions.length} numbers for dimension ${dim}`,
      expected: 'p*dim numbers, p >= 1',
      fix: 'pass the directions row by row',
    });
  }
  const m = inner.knots.length;
  const network = deepNetwork({
    inputs: dim,
    widths: [p * m, outer.knots.length],
    activation: 'relu',
    biasVariance: 1,
    parameterization: 'standard',
    ...(backend && { backend }),
  });
  const parameters = new Float64Array(network.parameterCount);
  const [first, second, last] = network.layers;
  const innerChanges = slopeChanges(inner);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < m; j++) {
      const unit = i * m + j;
      parameters.set(directions.subarray(i * dim, (i + 1) * dim), first.weights + unit * dim);
      parameters[first.biases + unit] = -inner.knots[j];
      for (let u = 0; u < outer.knots.length; u++) parameters[second.weights + u * p * m + unit] = innerChanges[j];
    }
  }
  const outerChanges = slopeChanges(outer);
  for (let u = 0; u < outer.knots.length; u++) {
    parameters[second.biases + u] = p * inner.values[0] - outer.knots[u];
    parameters[last.weights + u] = outerChanges[u];
  }
  parameters[last.biases] = outer.values[0];
  return { network, parameters, method: 'explicit depth-three network' };
}
