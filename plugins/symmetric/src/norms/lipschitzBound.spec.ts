import { euclidean, fillNormal, measure, randomKey, wassersteinDistance } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetNetworkOptions, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { setBatch } from '../sets/setBatch.js';
import { lipschitzBound } from './lipschitzBound.js';

const radius = 1.5;

/** A set of points in the ball, its second half at random distances from the first. */
function points(size: number, dim: number, seed: number): number[][] {
  const flat = new Float64Array(size * dim);
  fillNormal(flat, randomKey(seed));
  return Array.from({ length: size }, (_, i) => {
    const x = Array.from(flat.subarray(i * dim, (i + 1) * dim));
    const norm = Math.hypot(...x);
    return norm > radius ? x.map((value) => (radius * value) / norm) : x;
  });
}

const asMeasure = (list: readonly number[][], dim: number) =>
  measure({ space: euclidean(dim), positions: Float64Array.from(list.flat()) });

const cases: readonly SetNetworkOptions[] = [
  { dim: 2, innerWidth: 6, outerWidth: 5 },
  { dim: 3, innerWidth: 8, outerWidth: 5, inner: 'squared-relu', outer: 'tanh', outputs: 2 },
  { dim: 2, order: 2, innerWidth: 6, outerWidth: 4, inner: 'tanh' },
  { dim: 2, innerWidth: 6, outerWidth: 5, pooling: { logMeanExp: 2 }, inner: 'leaky-relu' },
];

describe.each(cases)('order $order, inner $inner, outer $outer, pooling $pooling', (options) => {
  test('values differ by at most the bound times W1, near and far', () => {
    const network = setNetwork(options);
    const { dim } = network;
    let largest = 0;
    for (let seed = 0; seed < 20; seed++) {
      const parameters = drawSetParameters(network, randomKey(seed)).map((value) => 1.5 * value);
      const bound = lipschitzBound(network, parameters, radius);
      const near = points(5, dim, 100 + seed);
      const close = near.map((x) => x.map((value) => 0.99 * value));
      for (const other of [points(4, dim, 200 + seed), points(1, dim, 300 + seed), close]) {
        const distance = wassersteinDistance(asMeasure(near, dim), asMeasure(other, dim), { p: 1 }).lower;
        const values = evaluateSets(network, parameters, setBatch([{ points: near }, { points: other }]));
        const c = network.outputs;
        const change = Math.hypot(...Array.from({ length: c }, (_, o) => values[o] - values[c + o]));
        expect(change).toBeLessThanOrEqual(bound * distance + 1e-12);
        largest = Math.max(largest, change / (bound * distance));
      }
    }
    // The bound is within two decades of what is seen, so that it would not hold of anything.
    expect(largest).toBeGreaterThan(0.01);
  });
});

test('it is sharp where both units are linear', () => {
  const network = setNetwork({ dim: 3, innerWidth: 6, outerWidth: 5, inner: 'z', outer: 'z' });
  const parameters = drawSetParameters(network, randomKey(1));
  const unit = [0, 1, 2].map((k) => [0, 1, 2].map((l) => (k === l ? 1 : 0)));
  const [origin, ...along] = evaluateSets(
    network,
    parameters,
    setBatch([[0, 0, 0], ...unit].map((x) => ({ points: [x] }))),
  );
  const slope = Math.hypot(...along.map((value) => value - origin));
  expect(lipschitzBound(network, parameters, 1) / slope).toBeCloseTo(1, 8);
});

test('it grows with the ball where slopes do, and units without bounded slope have none', () => {
  const network = setNetwork({ dim: 2, innerWidth: 3, outerWidth: 3, inner: 'z^2', outer: 'z' });
  const parameters = drawSetParameters(network, randomKey(1));
  const at = (r: number): number => lipschitzBound(network, parameters, r);
  expect(at(1000) / at(500)).toBeCloseTo(2, 2);
  const root = setNetwork({ dim: 2, innerWidth: 3, outerWidth: 3, inner: 'sqrt(abs(z))' });
  expect(lipschitzBound(root, parameters, 1)).toBe(Infinity);
});

test('what has no bound is refused', () => {
  const sizes = { dim: 2, innerWidth: 3, outerWidth: 3 };
  const network = setNetwork(sizes);
  const parameters = drawSetParameters(network, randomKey(1));
  const bound = (pooling: 'sum' | 'max') => () => lipschitzBound(setNetwork({ ...sizes, pooling }), parameters, 1);
  expect(bound('sum')).toThrow(/a sum is no function of the probability measure, got pooling "sum"/);
  expect(bound('max')).toThrow(/a maximum is not continuous/);
  expect(() => lipschitzBound(network, parameters, 0)).toThrow(/the radius is not usable, got 0/);
  expect(() => lipschitzBound(network, new Float64Array(2), 1)).toThrow(/the length of the parameters is wrong, got 2/);
});
