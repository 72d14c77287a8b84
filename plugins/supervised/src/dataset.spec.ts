import { randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { type DatasetOptions, makeDataset } from './dataset.js';
import { numericColumn, readTable } from './table.js';

/** `a`, `b = a^2` and `c = 10^a` on rows a = 1, ..., n. */
const tableOf = (count: number, change: (row: string[], k: number) => string[] = (row) => row) =>
  readTable(
    [
      'a,b,c',
      ...Array.from({ length: count }, (_, k) => change([`${k + 1}`, `${(k + 1) ** 2}`, `1e${k + 1}`], k).join()),
    ]
      .join('\n')
      .concat('\n'),
    'table',
  );

const options: DatasetOptions = {
  target: 'c',
  features: ['a', 'b'],
  logarithmic: ['c'],
  heldOut: 0.25,
  key: randomKey(3),
};

describe('a dataset', () => {
  test('splits the rows: each once, the stated share held out, both parts in order', () => {
    const { train, test: held } = makeDataset(tableOf(40), options);
    expect(held.rows.length).toBe(10);
    expect([...train.rows, ...held.rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, k) => k));
    for (const { rows } of [train, held]) expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
  });

  test('the split is that of the key: the same again, another for another key', () => {
    const rows = (seed: number): string =>
      makeDataset(tableOf(40), { ...options, key: randomKey(seed) }).test.rows.join();
    expect(rows(3)).toBe(rows(3));
    expect(new Set([1, 2, 3, 4, 5].map(rows)).size).toBe(5);
  });

  test('training columns have mean 0 and deviation 1; held-out rows use the same shift and scale', () => {
    const data = makeDataset(tableOf(40), options);
    const { train, test: held, featureScale, targetScale } = data;
    const column = (part: typeof train, k: number): number[] => Array.from(part.rows, (_, l) => part.inputs[2 * l + k]);
    for (const values of [column(train, 0), column(train, 1), [...train.targets]]) {
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      expect(mean).toBeCloseTo(0, 13);
      expect(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length).toBeCloseTo(1, 13);
    }
    held.rows.forEach((row, l) => {
      expect(held.inputs[2 * l] * featureScale[0].deviation + featureScale[0].mean).toBeCloseTo(row + 1, 11);
      expect(held.inputs[2 * l + 1] * featureScale[1].deviation + featureScale[1].mean).toBeCloseTo((row + 1) ** 2, 9);
      expect(held.targets[l] * targetScale.deviation + targetScale.mean).toBeCloseTo(row + 1, 11);
    });
    expect(data.inputDim).toBe(2);
  });

  test('what is held out does not enter the standardization', () => {
    const first = makeDataset(tableOf(40), options);
    const hidden = first.test.rows[0];
    const changed = makeDataset(
      tableOf(40, (row, k) => (k === hidden ? ['1e6', row[1], row[2]] : row)),
      options,
    );
    expect(changed.featureScale).toEqual(first.featureScale);
    expect(changed.train.inputs).toEqual(first.train.inputs);
  });
});

describe('a dataset that cannot be made says why', () => {
  const make = (change: Partial<DatasetOptions>, rows = 40) => makeDataset(tableOf(rows), { ...options, ...change });

  test.each([
    [
      'the target among the features',
      { features: ['a', 'c'] },
      'the features are not usable',
      'features a, c for the target c',
    ],
    ['a feature twice', { features: ['a', 'a'] }, 'the features are not usable', 'one or more different columns'],
    ['no feature', { features: [], logarithmic: [] }, 'the features are not usable', 'name the columns to learn from'],
    [
      'a logarithm of an unused column',
      { logarithmic: ['d'] },
      'a logarithmic column is not used, got "d"',
      'one of c, a, b',
    ],
    [
      'too many rows held out',
      { heldOut: 0.9 },
      'too few rows to train on, got 40 rows, 36 held out',
      'at least 8 rows',
    ],
  ])('%s', (_, change, problem, remedy) => {
    expect(() => make(change)).toThrow(problem);
    expect(() => make(change)).toThrow(remedy);
  });

  test('too few rows', () => {
    expect(() => make({}, 9)).toThrow('too few rows to train on, got 9 rows, 2 held out');
    expect(() => make({}, 11)).not.toThrow();
  });

  test('a constant column, by name and value', () => {
    const table = tableOf(40, ([a, , c]) => [a, '7', c]);
    expect(() => makeDataset(table, options)).toThrow(
      'the column "b" is constant on the training rows, got every value 7, expected a column that varies. ' +
        'Fix: leave it out of the features.',
    );
  });
});

describe('a column of numbers', () => {
  /** Row 5 of the data stands on line 6. */
  const withCell = (text: string, quoted = text) => {
    const table = tableOf(12, (row, k) => (k === 4 ? [row[0], quoted, row[2]] : row));
    return { table, text };
  };

  test.each([
    ['missing', '', 'line 6, column "b" is empty'],
    ['text', 'many', 'line 6, column "b" is not a number, got "many"'],
    ['infinite', 'Infinity', 'line 6, column "b" is not a number, got "Infinity"'],
    ['too large', '1e999', 'line 6, column "b" is not a number, got "1e999"'],
    ['not a number', 'NaN', 'line 6, column "b" is not a number, got "NaN"'],
    ['a number with a unit', '12 km', 'line 6, column "b" is not a number, got "12 km"'],
    ['hexadecimal', '0x10', 'line 6, column "b" is not a number, got "0x10"'],
    ['a quoted blank', '" "', 'line 6, column "b" is empty'],
  ])('refuses a cell that is %s, with its line and column', (_, text, message) => {
    const { table } = withCell(text);
    expect(() => numericColumn(table, 'b')).toThrow(message);
    expect(Array.from(numericColumn(table, 'a'))).toHaveLength(12);
  });

  test.each(['0', '-3'])('has no logarithm at %s: line, column and remedy', (text) => {
    const { table } = withCell(text);
    expect(numericColumn(table, 'b')[4]).toBe(Number(text));
    expect(() => numericColumn(table, 'b', { logarithmic: true })).toThrow(
      `line 6, column "b" has no logarithm, got ${text}, expected a number above 0. Fix: take the column out of`,
    );
  });

  test('counts lines of the file, not rows, where a cell holds a line break', () => {
    const table = readTable('name,b\n"two\nlines",1\nnext,?\n', 'table');
    expect(() => numericColumn(table, 'b')).toThrow('line 4, column "b" is not a number, got "?"');
  });

  test('reads decimals and powers of ten, and their logarithms', () => {
    const table = readTable('b\n1e3\n+2.5\n-.5E-2\n', 'table');
    expect(Array.from(numericColumn(table, 'b'))).toEqual([1000, 2.5, -0.005]);
    expect(numericColumn(readTable('b\n1e3\n', 'table'), 'b', { logarithmic: true })[0]).toBeCloseTo(3, 15);
  });

  test('a mistyped name is answered with the nearest column', () => {
    const table = readTable('semi_major_axis_km,period_days\n1,2\n', 'table');
    expect(() => numericColumn(table, 'semi_mayor_axis_km')).toThrow(
      'there is no column "semi_mayor_axis_km", got columns semi_major_axis_km, period_days, ' +
        'expected the name of a column. Fix: did you mean semi_major_axis_km?',
    );
  });

  test('a name far from every column is answered with the header', () => {
    expect(() => numericColumn(tableOf(12), 'temperature')).toThrow(
      'there is no column "temperature", got columns a, b, c, expected the name of a column. Fix: use a name of the header.',
    );
  });
});
