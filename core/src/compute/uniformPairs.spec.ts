import { afterEach, describe, expect, test, vi } from 'vitest';
import { randomKey, uniformAt, uniformPairsInto } from '../math/random.js';
import { type UniformPairs, uniformPairs } from './uniformPairs.js';

const counts = [0, 1, 15, 16, 17, 18, 19, 1000, 1003, 70_000, 33];
const indicesOf = (count: number) =>
  Uint32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? i : (i * 2654435761) >>> 0));

const differences = (a: Float64Array, b: Float64Array): number =>
  a.length === b.length ? a.reduce((count, value, i) => count + Number(value !== b[i]), 0) : Number.POSITIVE_INFINITY;

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

describe('uniform pairs of many indices', () => {
  test.each(counts)('are those of the single draws, bit for bit: %i indices', (count) => {
    for (const seed of [0, 'another', 2 ** 40]) {
      const key = randomKey(seed);
      const indices = indicesOf(count);
      const { first, second } = uniformPairs(key, indices);
      const draws = [0, 1].map((component) => Float64Array.from(indices, (index) => uniformAt(key, index, component)));
      expect(differences(first, draws[0])).toBe(0);
      expect(differences(second, draws[1])).toBe(0);
    }
  });

  test('are the same where the host has no WebAssembly, or no memory for it', async () => {
    const key = randomKey(7);
    const indices = indicesOf(60_000);
    const expected = { first: new Float64Array(60_000), second: new Float64Array(60_000) };
    uniformPairsInto(expected.first, expected.second, key, indices);
    const differing = ({ first, second }: UniformPairs): number =>
      differences(first, expected.first) + differences(second, expected.second);
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    const poor = await import('./uniformPairs.js');
    expect(differing(poor.uniformPairs(key, indices))).toBe(0);
    vi.resetModules();
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    const none = await import('./uniformPairs.js');
    expect(differing(none.uniformPairs(key, indices))).toBe(0);
  });
});
