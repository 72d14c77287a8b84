import { fillNormal, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { type Neurons, neuronValuesInto, slideNeurons, withoutCopies } from './slideNeurons.js';

const [width, count] = [3, 20];
const normals = (size: number, key: string): Float64Array => {
  const out = new Float64Array(size);
  fillNormal(out, randomKey(key));
  return out;
};
const cloud = { rows: normals(width * count, 'rows').map((x, i) => x + (i % width === 0 ? 2 : 0)), width, count };
const unit = (u: Float64Array): Float64Array => u.map((x) => x / Math.hypot(...u));

function outputs({ directions, signs, weights }: Neurons): Float64Array {
  const out = new Float64Array(count);
  directions.forEach((u, j) => {
    const values = neuronValuesInto(new Float64Array(count), cloud, u);
    for (let s = 0; s < count; s++) out[s] += signs[j] * weights[j] * values[s];
  });
  return out;
}

describe('neurons that slide', () => {
  test('lower the misfit with their weights held, and stay on the sphere', () => {
    const of = (key: string, weights: number[]): Neurons => ({
      width,
      directions: weights.map((_, j) => unit(normals(width, `${key} ${j}`))),
      signs: [1, -1],
      weights,
    });
    const targets = outputs(of('teacher', [1, 2]));
    const misfit = (neurons: Neurons) => outputs(neurons).reduce((sum, f, s) => sum + (f - targets[s]) ** 2, 0);
    const start = of('start', [1, 2]);
    let last = misfit(start);
    for (const steps of [1, 5, 30]) {
      const slid = slideNeurons(cloud, targets, start, steps);
      expect(misfit(slid)).toBeLessThan(last);
      last = misfit(slid);
      for (const u of slid.directions) expect(Math.hypot(...u)).toBeCloseTo(1, 13);
      expect(slid.weights).toEqual([1, 2]);
    }
  });

  test('are put together where they are on at the same sets: the same values, and a smaller norm', () => {
    const first = unit(Float64Array.of(1, 0.1, 0));
    const near = unit(Float64Array.of(1, 0.1 + 1e-6, 1e-6));
    const neurons: Neurons = {
      width,
      directions: [first, near, first, unit(Float64Array.of(-1, 0.5, 0))],
      signs: [1, 1, -1, 1],
      weights: [1, 2, 0.5, 1],
    };
    const merged = withoutCopies(cloud, neurons);
    expect(merged.signs).toEqual([1, -1, 1]);
    outputs(merged).forEach((f, s) => {
      expect(f).toBeCloseTo(outputs(neurons)[s], 13);
    });
    expect(merged.weights[0]).toBeLessThan(3);
    expect(merged.weights[0]).toBeCloseTo(3, 10);
  });
});
