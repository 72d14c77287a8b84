import {
  allocatePass,
  type DeepNetwork,
  type DeepPass,
  deriveKey,
  directionalInto,
  euclideanNorm,
  fillNormal,
  forward,
  parameterGradientInto,
} from '@muflow/core';
import { empiricalNtk } from '../deep/empiricalKernels.js';
import { largestByPowers, type NormOptions, readNormOptions } from './curvature.js';
import type { ModelScales } from './scaleCriterion.js';

export interface DeepScalesOptions extends NormOptions {
  readonly parameters: Float64Array;
  /** rows*n_0. */
  readonly inputs: Float64Array;
}

/** Step of central differences along unit directions: their error is about `step^2`, rounding about `1e-16 / step`. */
const step = 1e-5;

/**
 * The scales of a deep network in the Euclidean metric of its parameters: `|Dh|^2` is the largest eigenvalue of its tangent
 * kernel over the rows; `|D2h| = sup |D2h[v, v]|` by power iteration with Hessian-vector products, which are central
 * differences of products with the Jacobian (relative error about 1e-9 for smooth activations). From below. A round costs
 * about nine passes; kinks are crossed like curves of width `step`, so take the activation smooth.
 *
 * @throws `shape-mismatch` for parameters or inputs of another length.
 */
export function deepScales(network: DeepNetwork, options: DeepScalesOptions): ModelScales {
  const { parameters, inputs } = options;
  const { tolerance, rounds, starts, key } = readNormOptions(options);
  const rows = inputs.length / network.inputs;
  const slope = largestByPowers(empiricalNtk(network, { parameters, inputs }), rows * network.outputs, options);
  const products = secondProducts(network, parameters, inputs);
  const v = new Float64Array(network.parameterCount);
  let [curvatureNorm, converged] = [0, slope.converged];
  for (let start = 0; start < starts; start++) {
    fillNormal(v, deriveKey(key, 'deep', start));
    normalize(v);
    let [value, settled] = [0, false];
    for (let round = 0; round < rounds && !settled; round++) {
      const { image, norm, shift } = products(v);
      settled = Math.abs(norm - value) <= tolerance * norm;
      value = Math.max(value, norm);
      // The shift keeps eigenvalues of the other sign, as large by symmetry, from turning v over and over.
      for (let k = 0; k < v.length; k++) v[k] = image[k] + shift * v[k];
      normalize(v);
    }
    if (value > curvatureNorm) [curvatureNorm, converged] = [value, slope.converged && settled];
  }
  const values = allocatePass(network, rows);
  forward(network, values, parameters, inputs);
  return {
    values: values.outputs.slice(),
    slopeNorm: Math.sqrt(slope.value / rows),
    curvatureNorm,
    converged,
  };
}

/** For a unit v: with `g = D2h[v, v] / |D2h[v, v]|`, the image `D2<g, h> v`, the norm `|D2h[v, v]|`, and `|image|`. */
function secondProducts(network: DeepNetwork, parameters: Float64Array, inputs: Float64Array) {
  const rows = inputs.length / network.inputs;
  const passes: readonly [DeepPass, DeepPass] = [allocatePass(network, rows), allocatePass(network, rows)];
  const shifted: readonly [Float64Array, Float64Array] = [parameters.slice(), parameters.slice()];
  const along = passes.map(({ outputs }) => new Float64Array(outputs.length));
  const gradients = shifted.map(({ length }) => new Float64Array(length));
  const second = new Float64Array(along[0].length);
  const image = new Float64Array(parameters.length);
  return (v: Float64Array): { readonly image: Float64Array; readonly norm: number; readonly shift: number } => {
    passes.forEach((pass, side) => {
      const h = side === 0 ? step : -step;
      for (let k = 0; k < v.length; k++) shifted[side][k] = parameters[k] + h * v[k];
      forward(network, pass, shifted[side], inputs);
      directionalInto(along[side], network, pass, { parameters: shifted[side], direction: v });
    });
    for (let r = 0; r < second.length; r++) second[r] = (along[0][r] - along[1][r]) / (2 * step);
    const norm = euclideanNorm(second) / Math.sqrt(rows);
    // The mean over rows in the inner product of values: g_r / rows as cotangent.
    const cotangent = norm === 0 ? second : second.map((value) => value / (norm * rows));
    passes.forEach((pass, side) => {
      parameterGradientInto(gradients[side], network, pass, { parameters: shifted[side], cotangent });
    });
    for (let k = 0; k < image.length; k++) image[k] = (gradients[0][k] - gradients[1][k]) / (2 * step);
    return { image, norm, shift: euclideanNorm(image) };
  };
}

function normalize(v: Float64Array): void {
  const size = euclideanNorm(v);
  if (size > 0) for (let k = 0; k < v.length; k++) v[k] /= size;
}
