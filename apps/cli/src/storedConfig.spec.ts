import { expect, test } from 'vitest';
import { storedConfig } from './storedConfig.js';
import { summaryTable } from './summaryTable.js';

const long = (letter: string): string => letter.repeat(70_000);

test('long texts stand in files of their own, equal ones in one, short ones where they were', () => {
  const run = (table: string): object => ({ study: 'supervised/tabular', params: { table, target: 'y' } });
  const { config, files } = storedConfig({
    title: 't',
    runs: [run(long('a')), run('x,y\n'), run(long('b')), run(long('a'))],
  });
  const at = (name: string) => ({ study: 'supervised/tabular', params: { table: { $file: name }, target: 'y' } });
  expect(config).toEqual({ title: 't', runs: [at('table.txt'), run('x,y\n'), at('table-2.txt'), at('table.txt')] });
  expect(files).toEqual({ 'table.txt': long('a'), 'table-2.txt': long('b') });
});

test('a name of a parameter that is no file name gives a plain one', () => {
  expect(Object.keys(storedConfig({ '../up': long('a') }).files)).toEqual(['up.txt']);
  expect(Object.keys(storedConfig([long('a')]).files)).toEqual(['text.txt']);
});

test('a summary has a line per row, numbers at the right to four digits', () => {
  const text = summaryTable({
    title: 'Errors',
    columns: [{ name: 'who' }, { name: 'error', unit: 'm' }],
    rows: [
      ['network', 0.0123456],
      ['ridge', 12],
    ],
  });
  expect(text).toBe('  Errors\n    who      error (m)\n    network    0.01235\n    ridge           12');
});
