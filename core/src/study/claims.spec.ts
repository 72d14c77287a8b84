import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimAtLeast, claimAtMost, claimWithin, tallyClaims } from './claims.js';

const statement = 'the measured number';
const anything = fc.double();

describe('claims', () => {
  test('at most: holds exactly where measured <= bound', () => {
    fc.assert(
      fc.property(anything, anything, (bound, measured) => {
        const { verdict } = claimAtMost({ statement, bound, measured });
        expect(verdict).toBe(measured <= bound ? 'holds' : 'fails');
      }),
      { seed: 1, numRuns: 500 },
    );
    expect(claimAtMost({ statement, bound: 2, measured: 2 }).verdict).toBe('holds');
  });

  test('at least: holds exactly where measured >= bound', () => {
    fc.assert(
      fc.property(anything, anything, (bound, measured) => {
        const { verdict } = claimAtLeast({ statement, bound, measured });
        expect(verdict).toBe(measured >= bound ? 'holds' : 'fails');
      }),
      { seed: 2, numRuns: 500 },
    );
    expect(claimAtLeast({ statement, bound: 2, measured: 2 }).verdict).toBe('holds');
  });

  test('within: holds exactly where the distance is at most the tolerance', () => {
    const within = (predicted: number, measured: number, tolerance: number) =>
      claimWithin({ statement, predicted, measured, tolerance }).verdict;
    expect(within(1, 1.5, 0.5)).toBe('holds');
    expect(within(1, 0.5, 0.5)).toBe('holds');
    expect(within(1, 1.6, 0.5)).toBe('fails');
    expect(within(1, 0.4, 0.5)).toBe('fails');
    expect(within(1, 1, 0)).toBe('holds');
    expect(within(1, Number.POSITIVE_INFINITY, 1e300)).toBe('fails');
  });

  test('NaN never holds, wherever it stands', () => {
    const { NaN: nan } = Number;
    const verdicts = [
      claimAtMost({ statement, bound: 1, measured: nan }),
      claimAtMost({ statement, bound: nan, measured: 1 }),
      claimAtLeast({ statement, bound: 1, measured: nan }),
      claimAtLeast({ statement, bound: nan, measured: 1 }),
      claimWithin({ statement, predicted: 1, measured: nan, tolerance: 1 }),
      claimWithin({ statement, predicted: nan, measured: 1, tolerance: 1 }),
      claimWithin({ statement, predicted: 1, measured: 1, tolerance: nan }),
    ].map(({ verdict }) => verdict);
    expect(verdicts).toEqual(verdicts.map(() => 'fails'));
  });

  test('prediction and measurement are printed for a reader', () => {
    expect(claimAtMost({ statement, bound: 0.1 + 0.2, measured: 1 / 3 })).toEqual({
      statement,
      prediction: 'at most 0.3',
      measurement: '0.3333333',
      verdict: 'fails',
    });
    expect(claimAtLeast({ statement, bound: 1e-9, measured: 0 })).toMatchObject({
      prediction: 'at least 1e-9',
      measurement: '0',
    });
    expect(claimWithin({ statement, predicted: 2, measured: Number.NaN, tolerance: 1e8 })).toMatchObject({
      prediction: '2 ± 1e+8',
      measurement: 'NaN',
    });
  });
});

test('a tally counts every verdict, and an empty list has none', () => {
  const claim = (verdict: 'holds' | 'fails' | 'undecided') => ({ statement, prediction: '', measurement: '', verdict });
  expect(tallyClaims([])).toEqual({ holds: 0, fails: 0, undecided: 0 });
  expect(tallyClaims([claim('holds'), claim('undecided'), claim('fails'), claim('holds')])).toEqual({
    holds: 2,
    fails: 1,
    undecided: 1,
  });
});
