import { type MuflowError, randomKey, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import type { Ceiling, Floor } from './bounds.js';
import { measuredCeiling } from './measuredCeiling.js';
import { contradiction, soundness } from './soundness.js';

const floor = (value: number, units: number | null, problem?: string): Floor => ({
  value,
  units,
  norm: null,
  hypotheses: [{ name: 'class', statement: 'sums of ridge functions' }],
  problem,
});
const ceiling = (value: number, units: number, problem?: string): Ceiling => ({
  value,
  low: value - 0.01,
  high: value + 0.01,
  method: 'ridge fit',
  units,
  problem,
});

describe('the paragraph', () => {
  test('tells what is proved, measured and unknown', () => {
    expect(soundness([floor(0.5, 512)], [ceiling(0.97, 512)], [ceiling(4e-4, 1024)])).toBe(
      'Proved: the relative squared error is at least 0.5 for networks of 512 units with any weights. Hypotheses: class: sums of ridge functions. Measured only, on independent points with bands of 99 %: ridge fit reached 0.97 with 512 units. Outside the class, on independent points with bands of 99 %: ridge fit reached 4.00e-4 with 1024 units. Unknown: the least error of the class, between its floor and the best fit; the widest band runs from 0.5 to 0.98. A fit that fails proves nothing, and all of this is about approximation by some weights, not about what training finds.',
    );
  });
  test('a floor speaks about networks of at most its width and of its own problem', () => {
    expect(contradiction([floor(0.5, 512)], [ceiling(0.1, 513)])).toBeNull();
    expect(contradiction([floor(0.5, 512, 'd = 8')], [ceiling(0.1, 100, 'd = 4')])).toBeNull();
    expect(contradiction([floor(0.5, 512)], [ceiling(0.1, 100)])).not.toBeNull();
    expect(contradiction([floor(0.5, null)], [ceiling(0.1, 1e9)])).not.toBeNull();
  });
  test('a band that reaches the floor is no contradiction', () => {
    expect(contradiction([floor(0.5, 512)], [ceiling(0.495, 512)])).toBeNull();
    expect(soundness([floor(0.5, 512)], [ceiling(0.48, 512)])).toContain('Contradiction: ridge fit with 512 units');
  });
  test('errors without a band are told as exact', () => {
    const exact = { ...ceiling(0.25, 3), low: 0.25, high: 0.25 };
    expect(soundness([], [exact])).toContain('Measured only, errors integrated exactly: ridge fit reached 0.25');
    expect(soundness([], [exact, ceiling(0.3, 3)])).toContain('with bands of 99 %');
    const constructed = { ...exact, method: 'construction' };
    expect(soundness([], [constructed, ceiling(0.3, 3)])).toContain(
      'construction reached 0.25 with 3 units, integrated exactly; ridge fit reached 0.3 with 3 units.',
    );
  });
  test('floors at zero are told to exclude nothing', () => {
    expect(soundness([floor(0, 512)], [])).toContain('none of the floors is above 0 (1 computed)');
    expect(soundness([floor(0, 512), floor(0.1, 5)], [])).toContain('1 of 2 floors are 0');
    expect(() => soundness([], [])).toThrow(/nothing to tell/);
  });
});

describe('a measured ceiling', () => {
  test('its band holds the true ratio of means in 99 of 100 samples', () => {
    // 400 samples; the number outside is binomial(400, .01): more than 14 in one of 15000 runs, and none in one of 55.
    const stream = randomStream(randomKey('ceiling'));
    let outside = 0;
    for (let sample = 0; sample < 400; sample++) {
      const squaredTargets = Float64Array.from({ length: 500 }, () => stream.uniform() + 0.5);
      const squaredErrors = squaredTargets.map((size) => 0.2 * size * stream.uniform());
      const { low, high } = measuredCeiling({ squaredErrors, squaredTargets, method: 'x', units: 1 });
      if (low > 0.1 || high < 0.1) outside++;
    }
    expect(outside).toBeLessThanOrEqual(14);
    expect(outside).toBeGreaterThan(0);
  });
  test('is the plain mean where the size of the target is known', () => {
    const squaredErrors = Float64Array.of(1, 2, 3);
    const { value, low, high } = measuredCeiling({ squaredErrors, squaredTargets: 2, method: 'x', units: 1 });
    expect(value).toBe(1);
    expect(high - value).toBeCloseTo(2.5758293035489 * (0.5 / Math.sqrt(3)), 12);
    expect(low).toBeCloseTo(2 - high, 14);
  });
  test('refuses sizes that do not match, and numbers that are no squares', () => {
    const one = { method: 'x', units: 1 };
    const code = (run: () => unknown) => {
      try {
        run();
      } catch (error) {
        return (error as MuflowError).code;
      }
      return 'none';
    };
    expect(code(() => measuredCeiling({ ...one, squaredErrors: Float64Array.of(1), squaredTargets: 1 }))).toBe(
      'shape-mismatch',
    );
    expect(code(() => measuredCeiling({ ...one, squaredErrors: Float64Array.of(1, -1), squaredTargets: 1 }))).toBe(
      'invalid-argument',
    );
    expect(code(() => measuredCeiling({ ...one, squaredErrors: Float64Array.of(1, 1), squaredTargets: 0 }))).toBe(
      'invalid-argument',
    );
  });
});
