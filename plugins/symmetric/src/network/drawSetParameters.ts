import { deriveKey, fillNormal, type RandomKey } from '@muflow/core';
import type { SetNetwork } from './setNetwork.js';

/**
 * Parameters to begin with: rows of W and V independent and uniform on the unit spheres, which is what frozen layers are,
 * and entries of A independent N(0, 1/m2), so that the sum over neurons starts at the size of one.
 *
 * @example
 * import { randomKey } from '@muflow/core';
 * import { drawSetParameters, setNetwork } from '@muflow/symmetric';
 * const network = setNetwork({ dim: 2, innerWidth: 8, outerWidth: 4 });
 * const parameters = drawSetParameters(network, randomKey(1));
 * console.log(Math.hypot(...parameters.subarray(0, 3)).toFixed(12)); // => 1.000000000000
 */
export function drawSetParameters(network: SetNetwork, key: RandomKey): Float64Array {
  const { parts, innerWidth, outerWidth } = network;
  const parameters = new Float64Array(network.parameterCount);
  for (const name of ['inner', 'middle', 'outer'] as const) {
    fillNormal(parameters.subarray(...parts[name]), deriveKey(key, name));
  }
  normalizeRows(parameters.subarray(...parts.inner), innerWidth);
  normalizeRows(parameters.subarray(...parts.middle), outerWidth);
  for (let i = parts.outer[0]; i < parts.outer[1]; i++) parameters[i] /= Math.sqrt(outerWidth);
  return parameters;
}

/** Scales every row of a matrix to Euclidean norm 1, in place. */
function normalizeRows(matrix: Float64Array, rows: number): void {
  const length = matrix.length / rows;
  for (let i = 0; i < matrix.length; i += length) {
    let square = 0;
    for (let k = i; k < i + length; k++) square += matrix[k] * matrix[k];
    const norm = Math.sqrt(square);
    for (let k = i; k < i + length; k++) matrix[k] /= norm;
  }
}
