import { readFileSync } from 'node:fs';
import { fillNormal, randomKey, symmetricEigen } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { infiniteNetwork } from './infiniteNetwork.js';

/** Written by infiniteNetwork.py beside it. */
const file = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/infiniteNetwork.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly VectorCase[] };

interface VectorCase {
  readonly activation: string;
  readonly depth: number;
  readonly weightVariance: number;
  readonly biasVariance: number;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly nngp: number;
  readonly ntk: number;
}

const normals = (count: number, seed: number): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(seed));
  return out;
};

describe.each(['relu', 'leaky-relu', 'erf', 'tanh'])('%s', (activation) => {
  test('NNGP and NTK are those of the definition, integrated elsewhere, to 1e-10', () => {
    const cases = file.cases.filter((item) => item.activation === activation);
    expect(cases.length).toBeGreaterThanOrEqual(16);
    for (const { x, y, nngp, ntk, depth, weightVariance, biasVariance } of cases) {
      const network = infiniteNetwork({ inputs: 3, depth, activation, weightVariance, biasVariance });
      const found = { nngp: new Float64Array(1), ntk: new Float64Array(1) };
      network.bothInto(found, Float64Array.from(x), 1, Float64Array.from(y), 1);
      expect(Math.abs(found.nngp[0] - nngp)).toBeLessThan(1e-10 * (1 + Math.abs(nngp)));
      expect(Math.abs(found.ntk[0] - ntk)).toBeLessThan(1e-10 * (1 + Math.abs(ntk)));
    }
  });

  test('Gram matrices are symmetric and positive semidefinite, the NTK above the NNGP', () => {
    const [n, d] = [14, 3];
    const x = normals(n * d, 5);
    const network = infiniteNetwork({ inputs: d, depth: 3, activation, weightVariance: 1.5, biasVariance: 0.1 });
    const found = { nngp: new Float64Array(n * n), ntk: new Float64Array(n * n) };
    network.bothInto(found, x, n, x, n);
    const cross = new Float64Array(n * n);
    network.ntk(cross, x, n, x.slice(), n);
    const above = found.ntk.map((value, i) => value - found.nngp[i]);
    for (const gram of [found.nngp, found.ntk, above]) {
      const { values } = symmetricEigen(gram, n);
      expect(values[0]).toBeGreaterThan(-1e-9 * values[n - 1]);
    }
    cross.forEach((value, i) => {
      expect(Math.abs(value - found.ntk[i])).toBeLessThan(1e-9);
    });
  });
});

test('one hidden layer of relu is the arc-cosine kernel of order 1, and the NTK adds that of order 0', () => {
  const network = infiniteNetwork({ inputs: 2, depth: 1, activation: 'relu', weightVariance: 2 });
  const found = { nngp: new Float64Array(1), ntk: new Float64Array(1) };
  for (const t of [0, 0.3, 1.2, 2.9]) {
    // |x| = |y| = sqrt 2 = sqrt d: S_0 = 2 cos t, and J_1 and J_0 are those of [ChoSaul2009], equations 4 and 6.
    const [x, y] = [0, t].map((a) => Float64Array.of(Math.SQRT2 * Math.cos(a), Math.SQRT2 * Math.sin(a)));
    network.bothInto(found, x, 1, y, 1);
    const first = (2 / Math.PI) * (Math.sin(t) + (Math.PI - t) * Math.cos(t));
    const zeroth = (Math.PI - t) / Math.PI;
    expect(found.nngp[0]).toBeCloseTo(first, 13);
    expect(found.ntk[0]).toBeCloseTo(first + zeroth * 2 * Math.cos(t), 12);
  }
});

test('at weight variance 2 relu keeps the length of inputs, and the NTK of x with itself is depth + 1 times it', () => {
  const x = normals(4, 2);
  const square = (2 * x.reduce((sum, value) => sum + value * value, 0)) / 4;
  for (const depth of [0, 1, 2, 7]) {
    const network = infiniteNetwork({ inputs: 4, depth, activation: 'relu', weightVariance: 2 });
    const found = { nngp: new Float64Array(1), ntk: new Float64Array(1) };
    network.bothInto(found, x, 1, x, 1);
    expect(found.nngp[0]).toBeCloseTo(square, 12);
    expect(found.ntk[0]).toBeCloseTo((depth + 1) * square, 11);
  }
});

test('what does not fit is refused', () => {
  expect(() => infiniteNetwork({ inputs: 2, depth: -1, activation: 'relu' })).toThrow(/depth -1/);
  const step = infiniteNetwork({ inputs: 1, depth: 1, activation: 'step' });
  const one = new Float64Array(1);
  step.nngp(one, Float64Array.of(1), 1, Float64Array.of(1), 1);
  expect(one[0]).toBeCloseTo(0.5, 13);
  expect(() => step.ntk(one, one, 1, one, 1)).toThrow(/units without slope/);
  expect(() => step.nngp(one, one, 2, one, 1)).toThrow(/2 and 1 rows of 1/);
});
