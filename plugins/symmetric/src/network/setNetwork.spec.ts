import { expect, test } from 'vitest';
import { setNetwork } from './setNetwork.js';

test('the parts follow each other and the class freezes the first of them', () => {
  const options = { dim: 3, order: 2, innerWidth: 5, outerWidth: 4, outputs: 2 } as const;
  const { parts, parameterCount } = setNetwork(options);
  expect(parts).toEqual({ inner: [0, 35], middle: [35, 55], outer: [55, 63] });
  expect(parameterCount).toBe(63);
  expect((['S1', 'S2', 'S3'] as const).map((kind) => setNetwork({ ...options, class: kind }).trainedFrom)).toEqual([
    0, 35, 55,
  ]);
});

const sizes = { dim: 2, innerWidth: 3, outerWidth: 4 };

test.each([
  [{ ...sizes, dim: 0 }, /\[setNetwork\] the dim is not usable, got 0/],
  [{ ...sizes, outerWidth: 2.5 }, /the outerWidth is not usable, got 2.5/],
  [{ ...sizes, order: Number.NaN }, /the order is not usable, got NaN/],
  [{ ...sizes, class: 'S4' as 'S1' }, /the class is unknown, got "S4", expected S1, S2 or S3/],
  [{ ...sizes, pooling: 'median' as 'max' }, /the pooling is not usable, got "median"/],
  [{ ...sizes, pooling: { logMeanExp: 0 } }, /the pooling is not usable/],
  [{ ...sizes, inner: 'rellu' }, /did you mean relu/],
])('%o is refused', (options, message) => {
  expect(() => setNetwork(options)).toThrow(message);
});
