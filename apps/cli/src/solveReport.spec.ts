import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bracketText } from './solveReport.js';

const ends = (text: string): readonly number[] => text.slice(1, -1).split(', ').map(Number);

test('a printed bracket holds the bracket it stands for, and is little wider', () => {
  const number = fc.oneof(
    fc.double({ min: -2, max: 2, noNaN: true }),
    fc.double({ min: -1e-3, max: 1e-3, noNaN: true }),
  );
  const wide = fc.integer({ min: -14, max: 1 }).map((exponent) => 10 ** exponent);
  const far = fc.integer({ min: -20, max: 20 }).map((exponent) => 10 ** exponent);
  fc.assert(
    fc.property(number, wide, far, (middle, width, scale) => {
      const [lower, upper] = [(middle - width) * scale, (middle + width) * scale];
      const [low, high] = ends(bracketText(lower, upper));
      expect(low).toBeLessThanOrEqual(lower);
      expect(high).toBeGreaterThanOrEqual(upper);
      // Three digits where the ends lie near zero, and the last digits of a double, may be all the width there is.
      expect(high - low).toBeLessThanOrEqual(
        (upper - lower) * 1.1 + 2e-3 * Math.min(1, Math.max(-lower, upper)) + 1e-12 * scale,
      );
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('small and large ends have an exponent, others have none', () => {
  expect(bracketText(-1.4e-14, 6e-15)).toBe('[-1.40e-14, 6.00e-15]');
  expect(bracketText(1.27323954373, 1.27323954573)).toBe('[1.27323954373, 1.27323954573]');
  expect(bracketText(0, 0)).toBe('[0.0000000000000000, 0.0000000000000000]');
  expect(bracketText(Number.NEGATIVE_INFINITY, 1)).toBe('[-Infinity, 1]');
});
