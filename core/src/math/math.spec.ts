import { expect, test } from 'vitest';
import { philoxInPlace } from './philox.js';
import { randomKey, randomStream } from './random.js';
import { leastSquares, randomOrthogonal, symmetricEigen } from './linalg.js';
import { gaussHermite, gaussLegendre } from './quadrature.js';
import { digamma, erf, erfc, logGamma } from './special.js';

test('philox known answers', () => {
  const run = (c: number[], k0: number, k1: number) => {
    const out = Uint32Array.from(c);
    philoxInPlace(out, k0, k1);
    return [...out].map((w) => w.toString(16).padStart(8, '0')).join(' ');
  };
  expect(run([0, 0, 0, 0], 0, 0)).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  expect(run([-1, -1, -1, -1], 0xffffffff, 0xffffffff)).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  expect(run([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 0xa4093822, 0x299f31d0)).toBe('d16cfe09 94fdcceb 5001e420 24126ea1');
});
test('special', () => {
  expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
  expect(erf(2.5)).toBeCloseTo(0.999593047982555, 15);
  expect(erfc(3) / 2.209049699858544e-5).toBeCloseTo(1, 13);
  expect(erfc(10) / 2.088487583762545e-45).toBeCloseTo(1, 12);
  expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 14);
  expect(digamma(1)).toBeCloseTo(-0.5772156649015329, 14);
  const q = gaussHermite(10);
  expect(q.nodes.reduce((s, x, i) => s + q.weights[i] * x ** 4, 0)).toBeCloseTo(3, 12);
  const l = gaussLegendre(9);
  expect(l.nodes.reduce((s, x, i) => s + l.weights[i] * x ** 16, 0)).toBeCloseTo(2 / 17, 14);
  const r = randomStream(randomKey(1));
  const o = randomOrthogonal(4, r);
  expect(symmetricEigen(Float64Array.from([2, 1, 1, 2]), 2).values[0]).toBeCloseTo(1, 14);
  expect(o.slice(0, 4).reduce((s, x) => s + x * x, 0)).toBeCloseTo(1, 13);
  expect(leastSquares(Float64Array.from([1, 0, 1, 1, 1, 2]), Float64Array.from([1, 3, 5]), 3, 2)[1]).toBeCloseTo(2, 12);
});
