import { randomKey, randomStream } from '@muflow/core';
import { expect, test } from 'vitest';
import { erfKernel } from './dotKernels.js';
import { allocateForces, pairForcesInto } from './pairForces.js';

const kernel = erfKernel();
const out = new Float64Array(4);

test.each([1, 2, 3, 4, 5, 8, 11])('forces of %i points on each other are those of the double sum', (n) => {
  const d = 3;
  const random = randomStream(randomKey(n));
  const positions = Float64Array.from({ length: n * (d + 1) }, () => random.normal());
  // One more place than points: what was there before is not read.
  const work = allocateForces(n + 1, d);
  work.slopes.fill(7);
  for (let i = 0; i < n; i++) work.charges[i] = random.normal();
  pairForcesInto(work, kernel, { count: n, d, positions });
  const row = (i: number): Float64Array => positions.subarray(i * (d + 1) + 1, (i + 1) * (d + 1));
  const dot = (i: number, j: number): number => row(i).reduce((sum, x, k) => sum + x * row(j)[k], 0);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    const gradient = new Float64Array(d);
    for (let j = 0; j < n; j++) {
      kernel.evaluateInto(out, dot(i, i), dot(j, j), dot(i, j));
      sum += work.charges[j] * out[0];
      for (let k = 0; k < d; k++) gradient[k] += work.charges[j] * (out[1] * row(i)[k] + out[3] * row(j)[k]);
    }
    expect(work.sums[i]).toBeCloseTo(sum, 13);
    for (let k = 0; k < d; k++) {
      expect(work.radial[i] * row(i)[k] + work.slopes[i * d + k]).toBeCloseTo(gradient[k], 13);
    }
  }
});
