import { deriveKey, euclidean, type Measure, measure, normalsInto, type RandomKey, type Risk } from '@muflow/core';

/**
 * A symmetric start for `a sigma(<w, x> + b)`: atoms in pairs with the same (w, b) ~ N(0, I) and output
 * weights +1 and -1, so that the network is 0 and every sign stands at every place.
 * @param width - number of atoms, even.
 */
export function symmetricStart(inputDim: number, width: number, key: RandomKey): Measure {
  const dim = inputDim + 2;
  const positions = new Float64Array(width * dim);
  const draw = deriveKey(key, 'initial');
  for (let i = 0; i < width; i++) {
    positions[i * dim] = i % 2 === 0 ? 1 : -1;
    normalsInto(positions, i * dim + 1, dim - 1, draw, i >> 1);
  }
  return measure({ space: euclidean(dim), positions });
}

/** Mean gradient of the network in each input, by central differences over the given inputs. */
export function meanSlopes(risk: Risk, mu: Measure, inputs: Float64Array, count: number): Float64Array {
  const d = risk.inputDim;
  const h = 1e-3;
  const slopes = new Float64Array(d);
  const [up, down] = [new Float64Array(count), new Float64Array(count)];
  for (let k = 0; k < d; k++) {
    const shifted = inputs.slice();
    for (let l = 0; l < count; l++) shifted[l * d + k] = inputs[l * d + k] + h;
    risk.predictInto(up, shifted, count, mu);
    for (let l = 0; l < count; l++) shifted[l * d + k] = inputs[l * d + k] - h;
    risk.predictInto(down, shifted, count, mu);
    for (let l = 0; l < count; l++) slopes[k] += (up[l] - down[l]) / (2 * h * count);
  }
  return slopes;
}
