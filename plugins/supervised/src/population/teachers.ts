import { deriveKey, euclidean, type Measure, measure, type RandomKey, randomStream, sphereInto } from '@muflow/core';
import type { Teacher } from './networkPopulation.js';

/** Two units of weight 1 on unit rows that enclose an angle of the given cosine, in the first two coordinates. */
export function twoUnits(inputs: number, cosine: number): Teacher {
  const rows = new Float64Array(2 * inputs);
  rows[0] = 1;
  rows[inputs] = cosine;
  rows[inputs + 1] = Math.sqrt(1 - cosine * cosine);
  return { weights: [1, 1], rows };
}

/** `width` independent atoms (a, w) of equal mass: a = -1 or 1, w uniform on the unit sphere. */
export function signedSphere(inputs: number, width: number, key: RandomKey): Measure {
  const stride = inputs + 1;
  const positions = new Float64Array(width * stride);
  const signs = randomStream(deriveKey(key, 'signs'));
  const rows = randomStream(deriveKey(key, 'rows'));
  for (let i = 0; i < width; i++) {
    positions[i * stride] = signs.uniform() < 0.5 ? -1 : 1;
    sphereInto(positions, i * stride + 1, inputs, rows);
  }
  return measure({ space: euclidean(stride), positions });
}
