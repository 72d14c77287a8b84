import { expect, test } from 'vitest';
import type { MuflowError } from '../errors.js';
import { checkResult } from './checkResult.js';
import { claimAtMost } from './claims.js';
import type { Figure, Mark, StudyResult } from './study.js';

const line: Mark = { type: 'line', x: [0, 1], y: [1, 2] };
const figure = (id: string, ...marks: Mark[]): Figure => ({
  id,
  title: 'T',
  caption: 'C',
  x: { label: 'x' },
  y: { label: 'y' },
  marks,
});
const good: StudyResult = {
  claims: [claimAtMost({ statement: 'one is at most two', bound: 2, measured: 1 })],
  tables: [
    {
      title: 'Numbers',
      columns: [{ name: 'a' }, { name: 'b' }],
      rows: [
        [1, 2],
        ['c', null],
      ],
    },
  ],
  figures: [figure('first-one', line, { type: 'rule', axis: 'x', at: 1 }), figure('second', { ...line, size: [1, 2] })],
  metrics: { time: [0, 1, 2], energy: [3, 2, Number.NaN] },
};

test('a result that is in order is given back as it is', () => {
  expect(checkResult('mine/study', good)).toBe(good);
});

const wrong: readonly (readonly [string, StudyResult, RegExp])[] = [
  [
    'a file outside the folder',
    { ...good, files: { '../model.json': '' } },
    /a file name is not usable, got "..\/model.json"/,
  ],
  ['no claim', { ...good, claims: [] }, /makes no claim, got 0 claims/],
  [
    'a ragged row',
    { ...good, tables: [{ ...good.tables[0], rows: [[1, 2], [1]] }] },
    /table "Numbers" has a ragged row, got 1 cells, expected 2/,
  ],
  [
    'a figure id twice',
    { ...good, figures: [figure('a', line), figure('a', line)] },
    /figure id is not usable, got "a"/,
  ],
  ['a figure id in capitals', { ...good, figures: [figure('A', line)] }, /kebab-case/],
  ['a figure without marks', { ...good, figures: [figure('a')] }, /figure a is empty/],
  [
    'a line of two lengths',
    { ...good, figures: [figure('a', { ...line, y: [1] })] },
    /a line has arrays of different lengths, got 2, 1/,
  ],
  [
    'sizes of another length',
    { ...good, figures: [figure('a', { ...line, type: 'dot', size: [1] })] },
    /a dot.*got 2, 2, 1/,
  ],
  [
    'a band of three lengths',
    { ...good, figures: [figure('a', { type: 'band', x: [1], low: [1], high: [] })] },
    /a band.*got 1, 1, 0/,
  ],
  [
    'a text of two lengths',
    { ...good, figures: [figure('a', { type: 'text', x: [1], y: [1], text: [] })] },
    /a text.*got 1, 1, 0/,
  ],
  [
    'metrics of two lengths',
    { ...good, metrics: { time: [0, 1], energy: [1] } },
    /metric energy has another length, got 1, expected 2, as time/,
  ],
];
test.each(wrong)('%s is a fault of the study, and is named', (_, result, message) => {
  try {
    checkResult('mine/study', result);
  } catch (error) {
    expect(error).toMatchObject({ code: 'internal', where: 'mine/study' });
    expect((error as MuflowError).message).toMatch(message);
    return;
  }
  expect.unreachable();
});
