import { expect, test } from 'vitest';
import { certificate, certificateRow, solving, solvingRow } from './certified.js';
import { matrixGameOf, matrixGameRow } from './matrixGames.js';
import type { Prepared } from './serve.js';

/** What a row measures, run once. */
function ran(prepared: Prepared | string): Prepared {
  if (typeof prepared === 'string') throw new Error(prepared);
  prepared.run();
  return prepared;
}

test('certificates enclose the error to 1e-6 for each player', () => {
  for (const payoff of ['trigonometric', 'polynomial', 'exponential'] as const) {
    const [lower, upper, least, most] = ran(certificate(certificateRow(payoff).params)).check();
    expect(lower).toBeGreaterThan(0);
    expect(upper - lower).toBeLessThanOrEqual(2e-6);
    expect(upper - lower).toBeGreaterThanOrEqual(0);
    // The error is the width of what the two best replies say of the value.
    expect(most - least).toBeCloseTo(upper, 9);
  }
});

test('the solved game has a bracket of 1e-6', () => {
  const [lower, upper, ...counts] = ran(solving(solvingRow('trigonometric').params)).check();
  expect(upper - lower).toBeLessThanOrEqual(1e-6);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
});

test('matrix games have normal entries, whose value is near zero', () => {
  const [, , mean, , value] = ran(matrixGameOf(matrixGameRow(50).params)).check();
  // Standard deviation 1/50 of the mean; five of them.
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(Math.abs(value)).toBeLessThan(0.2);
});
