import { linearFit, solvePositiveDefinite } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { arcCosineKernel } from '../kernels/unitKernels.js';
import { neuronHarmonicNorms } from './neuronHarmonics.js';

/** Square norm of the least interpolant of one neuron in F2, directions uniform on the circle, at equal angles. */
function interpolantSquare(count: number): number {
  const inputs = new Float64Array(2 * count);
  for (let l = 0; l < count; l++) {
    const angle = (2 * Math.PI * (l + 0.3)) / count;
    inputs.set([Math.cos(angle), Math.sin(angle)], 2 * l);
  }
  const targets = Float64Array.from({ length: count }, (_, l) => Math.max(0, inputs[2 * l]));
  const gram = new Float64Array(count * count);
  arcCosineKernel(2, { order: 1 }).gramInto(gram, inputs, count, inputs, count);
  // |w|^2 is 2 in the mean of the normal law, and 1 on the circle.
  for (let k = 0; k < gram.length; k++) gram[k] = gram[k] / 2 + (k % (count + 1) === 0 ? 1e-13 : 0);
  const alpha = solvePositiveDefinite(gram, targets, count);
  return alpha.reduce((sum, value, l) => sum + value * targets[l], 0);
}

describe('one neuron in F2', () => {
  test('diverges with the rows: the square of the least interpolant grows like their number', () => {
    const counts = [9, 17, 33, 65];
    const squares = counts.map(interpolantSquare);
    const { slope } = linearFit(counts.map(Math.log), squares.map(Math.log));
    expect(slope).toBeGreaterThan(0.8);
    expect(slope).toBeLessThan(1.2);
    expect(squares[3]).toBeGreaterThan(20);
  });

  test('cut after harmonics of degree K has the square norm of their number, by sums over the circle', () => {
    // relu(cos t) = sum c_k cos(k t), and the features multiply the k-th wave by s_k = c_k (k = 0) or c_k / 2.
    const points = 4096;
    const norms = neuronHarmonicNorms(2, 12);
    let sum = 0;
    for (let k = 0; k <= 12; k++) {
      let coefficient = 0;
      for (let l = 0; l < points; l++) {
        const t = (2 * Math.PI * (l + 0.5)) / points;
        coefficient += (Math.max(0, Math.cos(t)) * Math.cos(k * t) * (k === 0 ? 1 : 2)) / points;
      }
      const factor = k === 0 ? coefficient : coefficient / 2;
      if (Math.abs(factor) > 1e-5) sum += (coefficient / factor) ** 2 / (k === 0 ? 1 : 2);
      expect(norms[k]).toBeCloseTo(sum, 5);
    }
  });

  test('in D dimensions grows like K^(D-1), harmonics being counted as on the sphere in space: 2k + 1', () => {
    expect([...neuronHarmonicNorms(3, 4)]).toEqual([1, 4, 9, 9, 18]);
    const norms = neuronHarmonicNorms(5, 400);
    expect(Math.log2(norms[400] / norms[200])).toBeCloseTo(4, 1);
  });

  test('is refused where there are no such harmonics', () => {
    expect(() => neuronHarmonicNorms(1, 3)).toThrow(/got dimension 1, degree 3, expected an integer dimension >= 2/);
    expect(() => neuronHarmonicNorms(3, 0.5)).toThrow(/no such harmonics/);
  });
});
