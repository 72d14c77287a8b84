import { allocatePass, convergenceOrder, fillNormal, forward, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { depthThreeInto, depthThreeNetwork } from './depthThree.js';
import { interpolantAt, interpolate, slopeChanges } from './interpolant.js';

describe('interpolants', () => {
  test('are exact at knots, constant outside, and of second order between', () => {
    const worst = (count: number): number => {
      const sine = interpolate(Math.sin, 0, 3, count);
      let most = 0;
      for (let k = 0; k <= 3000; k++)
        most = Math.max(most, Math.abs(interpolantAt(sine, k / 1000) - Math.sin(k / 1000)));
      return most;
    };
    const sine = interpolate(Math.sin, 0, 3, 7);
    expect(interpolantAt(sine, 1.5)).toBe(Math.sin(1.5));
    expect([interpolantAt(sine, -4), interpolantAt(sine, 9)]).toEqual([Math.sin(0), Math.sin(3)]);
    const counts = [11, 21, 41, 81];
    expect(
      convergenceOrder(
        counts.map((count) => 3 / (count - 1)),
        counts.map(worst),
      ),
    ).toBeCloseTo(2, 1);
  });

  test('are sums of rectifiers, one a knot', () => {
    const bump = interpolate((t) => Math.exp(-t * t), -2, 3, 9);
    const changes = slopeChanges(bump);
    for (const t of [-5, -2, -1.3, 0, 0.7, 2.9, 3, 8]) {
      let sum = bump.values[0];
      changes.forEach((change, j) => {
        sum += change * Math.max(0, t - bump.knots[j]);
      });
      expect(sum).toBeCloseTo(interpolantAt(bump, t), 13);
    }
  });

  test('need an interval and values', () => {
    expect(() => interpolate(Math.sin, 1, 1, 4)).toThrow(/\[interpolate\]/);
    expect(() => interpolate(Math.log, -1, 1, 4)).toThrow(/finite values/);
  });
});

test('a depth-three construction evaluated as a network is its formula', () => {
  const directions = Float64Array.of(1, 0, 2, 0.5, -1, 1);
  const inner = interpolate((t) => t * t, -4, 4, 12);
  const outer = interpolate((s) => Math.sin(s), 0, 20, 40);
  const shape = { dim: 3, directions, inner, outer };
  const { network, parameters } = depthThreeNetwork(shape);
  const points = new Float64Array(3 * 300);
  fillNormal(points, randomKey(1));
  const [pass, formula] = [allocatePass(network, 300), new Float64Array(300)];
  forward(network, pass, parameters, points);
  depthThreeInto(formula, shape, points, 300);
  for (let l = 0; l < 300; l++) expect(Math.abs(pass.outputs[l] - formula[l])).toBeLessThan(1e-11);
  expect(Math.max(...formula) - Math.min(...formula)).toBeGreaterThan(1);
  expect(() => depthThreeNetwork({ ...shape, dim: 4 })).toThrow(/\[depthThreeNetwork\]/);
});
