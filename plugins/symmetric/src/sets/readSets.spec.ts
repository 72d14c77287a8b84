import { npyArray, readStoredNpz, writeNpz } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { imageSets, imagesFromCsv } from './images.js';
import { type CsvSetsOptions, setsFromCsv, setsFromNpz } from './readSets.js';
import { setBatch } from './setBatch.js';
import { setsToCsv } from './writeSets.js';

const expected = setBatch([
  {
    points: [
      [0, 1],
      [3, 4],
    ],
    masses: [1, 3],
    id: 'a',
  },
  { points: [[2, 2.5]], masses: [2], id: 'b' },
]);

describe('setsFromCsv', () => {
  test('gathers the points of a set wherever its rows stand, with masses, targets and labels', () => {
    const text = '\uFEFFkind,y,set,mass,x,size\r\nred,4,a,3,3,7\r\nblue,2.5,b,2,2,9\r\nred,1,a,1,0,7\r\n\r\n';
    const options = { coordinates: ['x', 'y'], targets: ['size'], label: 'kind' };
    expect(setsFromCsv(text, options)).toEqual({
      batch: expected,
      coordinateNames: ['x', 'y'],
      targetNames: ['size'],
      targets: Float64Array.of(7, 9),
      labels: ['red', 'blue'],
    });
  });

  test('takes targets from a second table, in the order of the sets', () => {
    const text = 'id,x,y,m\na,3,4,3\nb,2,2.5,2\na,0,1,1\n';
    const targetTable = 'one,id,two,kind\n1,b,2,blue\n3,a,4,"red, dark"\n';
    expect(setsFromCsv(text, { set: 'id', mass: 'm', label: 'kind', targetTable })).toEqual({
      batch: expected,
      coordinateNames: ['x', 'y'],
      targetNames: ['one', 'two'],
      targets: Float64Array.of(3, 4, 1, 2),
      labels: ['red, dark', 'blue'],
    });
  });

  test('reads what setsToCsv has written, to the bit', () => {
    const columns = { kind: ['red, dark', 'blue'], size: [0.1, 2] };
    const { batch, labels, targets } = setsFromCsv(setsToCsv(expected, ['x', 'y'], columns), {
      label: 'kind',
      targets: ['size'],
    });
    expect([batch, labels, Array.from(targets)]).toEqual([expected, columns.kind, columns.size]);
    const plain = setBatch([{ points: [[0.1], [1e-300]] }]);
    expect(setsFromCsv(setsToCsv(plain)).batch).toEqual(plain);
    expect(() => setsToCsv(expected, ['x'])).toThrow(/names do not fit the coordinates, got 1 names, expected 2/);
    expect(() => setsToCsv(expected, ['x', 'y'], { kind: ['a'] })).toThrow(/column kind does not fit, got 1 values/);
  });

  const cases: readonly [string, string, CsvSetsOptions, RegExp][] = [
    [
      'no column of ids',
      'Set,x\na,1\n',
      {},
      /\[f.csv\] the table lacks the column "set", got columns Set, x.*did you mean Set/,
    ],
    ['numbers without a header', '1,2\n3,4\n', {}, /lacks the column "set"/],
    ['no rows', 'set,x\n', {}, /the table has no rows/],
    ['no coordinates', 'set,mass\na,1\n', {}, /no columns are left for coordinates, got columns set, mass/],
    ['a ragged row', 'set,x\na,1\nb,1,2\n', {}, /line 3 has another number of columns .* got 3 columns, expected 2/],
    ['a word', 'set,x\na,1\na,two\n', {}, /line 3 \(set "a"\), column "x" is no finite number, got "two"/],
    ['an empty cell', 'set,x,y\na,1,\n', {}, /line 2 \(set "a"\), column "y" is no finite number, got ""/],
    ['NaN', 'set,x\na,1\nb,NaN\n', {}, /line 3 \(set "b"\), column "x" is no finite number, got "NaN"/],
    ['a negative mass', 'set,x,mass\na,1,1\nb,1,-2\n', {}, /line 3 \(set "b"\) has a negative mass, got -2/],
    ['a set without mass', 'set,x,mass\na,1,1\nb,1,0\n', {}, /set "b" has no usable total mass/],
    ['a point without a set', 'set,x\na,1\n,2\n', {}, /line 3 names no set/],
    [
      'a target that varies',
      'set,x,y\na,1,5\na,2,6\n',
      { targets: ['y'] },
      /line 3: "y" differs within the set, got 6 after 5/,
    ],
    ['a label that varies', 'set,x,y\na,1,r\na,2,b\n', { label: 'y' }, /"y" differs within the set, got "b" after "r"/],
    [
      'an unknown set id',
      'set,x\na,1\n',
      { targetTable: 'set,y\na,1\nz,2\n' },
      /\[f.csv targets\] line 3 names an unknown set, got "z"/,
    ],
    ['a set named twice', 'set,x\na,1\n', { targetTable: 'set,y\na,1\na,2\n' }, /line 3 names a set again/],
    ['a set without target', 'set,x\na,1\nb,1\n', { targetTable: 'set,y\na,1\n' }, /set "b" has no row/],
    ['a column twice', 'set,x,x\na,1,2\n', {}, /column "x" is there twice/],
  ];
  test.each(cases)('%s is one error that names the place', (_, text, options, message) => {
    expect(() => setsFromCsv(text, options, 'f.csv')).toThrow(message);
    expect(() => setsFromCsv(text, options, 'f.csv')).toThrow(/^\[f.csv.*\] .+, got .+, expected .+\. Fix: .+$/);
  });
});

describe('setsFromNpz', () => {
  const arrays = {
    points: npyArray(Float64Array.of(3, 4, 0, 1, 2, 2.5), [3, 2]),
    offsets: npyArray(BigInt64Array.of(0n, 2n, 3n)),
    masses: npyArray(Float64Array.of(3, 1, 2)),
    ids: npyArray(Int32Array.of(12, 7)),
    targets: npyArray(Float64Array.of(1, 2, 3, 4), [2, 2]),
  };
  const read = (change: object) => setsFromNpz(readStoredNpz(writeNpz({ ...arrays, ...change })), 'f.npz');

  test('reads points, offsets, masses, ids and targets', () => {
    const { batch, targets, targetNames } = read({});
    expect({ ...batch, ids: ['a', 'b'] }).toEqual(expected);
    expect([batch.ids, targetNames, Array.from(targets)]).toEqual([
      ['12', '7'],
      ['target0', 'target1'],
      [1, 2, 3, 4],
    ]);
  });

  test.each([
    ['an empty set', { offsets: npyArray(Int32Array.of(0, 3, 3)) }, /\[f.npz\] set "7" is empty/],
    ['offsets beyond the points', { offsets: npyArray(Int32Array.of(0, 2, 4)) }, /points have the wrong length/],
    ['a negative mass', { masses: npyArray(Float64Array.of(1, 1, -1)) }, /set "7", point 0 has a negative mass/],
    ['one id twice', { ids: npyArray(Int32Array.of(7, 7)) }, /set id "7" occurs twice/],
    ['targets of other sets', { targets: npyArray(Float64Array.of(1)) }, /got 1 rows of targets, expected 2/],
    ['a target that is NaN', { targets: npyArray(Float64Array.of(1, NaN)) }, /a target of set "7" is no finite number/],
    [
      'points on three axes',
      { points: npyArray(new Float64Array(8), [2, 2, 2]) },
      /points has an unusable shape, got \(2, 2, 2\)/,
    ],
  ])('%s is refused', (_, change, message) => {
    expect(() => read(change)).toThrow(message);
  });

  test('a missing array is named', () => {
    expect(() => setsFromNpz(readStoredNpz(writeNpz({ points: arrays.points })))).toThrow(/there is no array offsets/);
  });
});

describe('images', () => {
  const image = [0, 10, 0, 8, 5, 0]; // two rows of three pixels

  test('bright pixels become points at their centers, with their intensities as masses', () => {
    const batch = imageSets({ width: 3, height: 2, intensities: Float64Array.from(image) });
    expect(batch).toEqual(
      setBatch([
        {
          points: [
            [0, 0.5],
            [1 / 3 - 1, -0.5],
          ],
          masses: [10, 8],
        },
      ]),
    );
    const two = {
      width: 3,
      height: 2,
      intensities: Float64Array.from(image),
      threshold: 0.1,
      most: 2,
      weighted: false,
    };
    expect(imageSets(two).masses).toEqual(Float64Array.of(0.5, 0.5));
  });

  test('come from a table with a header or without, with words or numbers as classes', () => {
    const withHeader = `label,${image.map((_, k) => `p${k}`).join(',')}\n7,${image.join(',')}\n`;
    const bare = `seven,${image.join(',')}\neight,${image.join(',')}\n`;
    const last = `${image.join(',')},7\n`;
    const options = { width: 3 };
    expect(imagesFromCsv(withHeader, { ...options, label: 'label' }).batch.points).toEqual(
      imageSets({ width: 3, height: 2, intensities: Float64Array.from(image) }).points,
    );
    expect(imagesFromCsv(withHeader, options).labels).toEqual(['7']);
    expect(imagesFromCsv(bare, options).labels).toEqual(['seven', 'eight']);
    expect(imagesFromCsv(last, { ...options, label: 6 })).toMatchObject({ labels: ['7'], height: 2 });
  });

  test.each([
    ['columns that fill no image', 'label,a,b,c\n1,1,1,1\n', {}, /columns are no images, got 3 columns .* width 1.7/],
    ['no such class column', 'label,a\n1,1\n', { label: 'kind' }, /no such column of classes, got "kind"/],
    ['a word for a pixel', '1,2\n1,two\n', {}, /line 2, column "x1" is no finite number, got "two"/],
    ['a black image', '1,2\n1,0\n', {}, /image "1" has no bright pixel, got no intensity above 1/],
    ['a negative intensity', '1,-2\n', {}, /image 0, pixel 0 has no usable intensity, got -2/],
    ['a threshold of 1', '1,2\n', { threshold: 1 }, /threshold 1/],
  ])('%s: refused', (_, text, options, message) => {
    expect(() => imagesFromCsv(text, options)).toThrow(message);
  });
});
