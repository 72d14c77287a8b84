import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyArray, randomKey, readNpy, writeNpz } from '@muflow/core';
import {
  createSetModel,
  drawSetParameters,
  type SetModelParts,
  setBatch,
  setModelFiles,
  setNetwork,
} from '@muflow/symmetric';
import { describe, expect, test } from 'vitest';
import { inFolder, muflow } from './testing/command.js';

const network = setNetwork({ dim: 2, innerWidth: 6, outerWidth: 4, outputs: 2 });
const plain = (name: string) => ({ name, mean: 0, deviation: 1 });
const regression: SetModelParts = {
  network,
  parameters: drawSetParameters(network, randomKey(5)),
  coordinates: [plain('x'), plain('y')],
  outputs: [{ name: 'size', mean: 4, deviation: 3 }, plain('age')],
  origin: 'a test',
};
const classifier: SetModelParts = { ...regression, outputs: [plain('cat'), plain('dog')], label: 'animal' };

const points = [
  [
    [1, 2],
    [0, 1],
    [3, -2],
  ],
  [[0.5, 0.25]],
];
const sets = setBatch([
  { points: points[0], masses: [1, 1, 2], id: 'a' },
  { points: points[1], id: 'b' },
]);
const rows = ['a,1,2,1', 'b,0.5,0.25,1', 'a,0,1,1', 'a,3,-2,2'];
const csv = `set,x,y,mass\n${rows.join('\n')}\n`;

const withModel = (parts: SetModelParts, use: (at: (name: string) => string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const at = (name: string): string => join(folder, name);
    for (const [name, content] of Object.entries(setModelFiles(parts))) writeFileSync(at(name), content);
    writeFileSync(at('sets.csv'), csv);
    await use(at);
  });

const cellsOf = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(','));

describe('muflow predict for a network on sets', () => {
  test('prints the ids and the predictions of the sets, with the bits of a program', async () => {
    await withModel(regression, async (at) => {
      const { code, out, err } = await muflow('predict', at('.'), at('sets.csv'));
      const expected = createSetModel(regression).predict(sets);
      expect([code, err]).toEqual([0, '']);
      const [header, ...lines] = cellsOf(out);
      expect(header).toEqual(['set', 'size', 'age']);
      expect(lines.map(([id]) => id)).toEqual(['a', 'b']);
      expect(lines.flatMap(([, ...numbers]) => numbers.map(Number))).toEqual(Array.from(expected));
    });
  });

  test('gives the same bits from NumPy arrays, to NumPy, to CSV and to --json', async () => {
    await withModel(regression, async (at) => {
      const arrays = {
        points: npyArray(Float64Array.from(points.flat(2)), [4, 2]),
        offsets: npyArray(Int32Array.of(0, 3, 4)),
        masses: npyArray(Float64Array.of(1, 1, 2, 1)),
      };
      writeFileSync(at('sets.npz'), writeNpz(arrays));
      const expected = Array.from(createSetModel(regression).predict(sets));
      await muflow('predict', at('model.json'), at('sets.npz'), '--out', at('p.npy'));
      const { out } = await muflow('predict', at('.'), at('sets.npz'), '--out', at('p.csv'));
      expect(out).toMatch(/p.csv: predictions of size, age for 2 sets/);
      expect(Array.from(readNpy(new Uint8Array(readFileSync(at('p.npy')))).data as Float64Array)).toEqual(expected);
      const written = cellsOf(readFileSync(at('p.csv'), 'utf8')).slice(1);
      expect(written.flatMap(([, ...numbers]) => numbers.map(Number))).toEqual(expected);
      const document = JSON.parse((await muflow('predict', at('.'), at('sets.csv'), '--json')).out) as {
        predictions: Record<string, number[]>;
      };
      expect(document).toMatchObject({ sets: 2, model: { outputs: ['size', 'age'], class: 'S1' } });
      expect([document.predictions.size[0], document.predictions.age[1]]).toEqual([expected[0], expected[3]]);
    });
  });

  test('tells the errors where the table has the targets, or the labels', async () => {
    await withModel(regression, async (at) => {
      writeFileSync(at('known.csv'), `age,size,set,x,y\n1,2,a,0,1\n0,1,b,3,4\n`);
      const { err } = await muflow('predict', at('.'), at('known.csv'));
      expect(err).toMatch(/against size of 2 sets: root mean square error .*\nagainst age of 2 sets: /);
    });
    await withModel(classifier, async (at) => {
      const [first, second] = createSetModel(classifier).classify(sets);
      const wrong = second === 'cat' ? 'dog' : 'cat';
      const label = (row: string): string => (row.startsWith('a') ? first : wrong);
      writeFileSync(at('known.csv'), `set,x,y,mass,animal\n${rows.map((row) => `${row},${label(row)}`).join('\n')}\n`);
      const { out, err } = await muflow('predict', at('.'), at('known.csv'));
      expect(err).toBe('against animal of 2 sets: 1 wrong, 50.0 %\n');
      const [header, line] = cellsOf(out);
      expect(header).toEqual(['set', 'animal', 'probability of cat', 'probability of dog']);
      expect(line.slice(0, 2)).toEqual(['a', first]);
      expect(Number(line[2]) + Number(line[3])).toBeCloseTo(1, 14);
    });
  });

  const table = (text: string) => (at: (name: string) => string) => {
    writeFileSync(at('t.csv'), text);
    return [at('.'), at('t.csv')];
  };
  test.each([
    ['no set ids', table('x,y\n1,2\n'), /lacks the column "set", got columns x, y/],
    ['a missing coordinate', table('set,x\na,1\n'), /lacks the column "y", got columns set, x/],
    ['a negative mass', table('set,x,y,mass\na,1,2,-1\n'), /line 2 \(set "a"\) has a negative mass, got -1/],
    ['a set without mass', table('set,x,y,mass\na,1,2,0\n'), /set "a" has no usable total mass/],
    ['a NaN', table('set,x,y\na,1,NaN\n'), /line 2 \(set "a"\), column "y" is no finite number, got "NaN"/],
    ['a ragged row', table('set,x,y\na,1,2\nb,1\n'), /line 3 has another number of columns/],
    ['no points at all', table('set,x,y\n'), /the table has no rows/],
    [
      'points of three coordinates',
      (at) => {
        const arrays = { points: npyArray(new Float64Array(3), [1, 3]), offsets: npyArray(Int32Array.of(0, 1)) };
        writeFileSync(at('t.npz'), writeNpz(arrays));
        return [at('.'), at('t.npz')];
      },
      /points of another dimension than the model, got 3 coordinates, expected 2 \(x, y\)/,
    ],
    [
      'an empty set',
      (at) => {
        const arrays = { points: npyArray(new Float64Array(2), [1, 2]), offsets: npyArray(Int32Array.of(0, 0, 1)) };
        writeFileSync(at('t.npz'), writeNpz(arrays));
        return [at('.'), at('t.npz')];
      },
      /set "0" is empty, got 0 points/,
    ],
    [
      'the parameters of another model',
      (at) => {
        const other = setModelFiles({ ...regression, parameters: new Float64Array(network.parameterCount) });
        writeFileSync(at('model.npz'), other['model.npz']);
        return [at('.'), at('sets.csv')];
      },
      /the parameters belong to another model/,
    ],
  ] as readonly [string, (at: (name: string) => string) => string[], RegExp][])(
    '%s is one line on stderr and exit code 2',
    async (_, argv, message) => {
      await withModel(regression, async (at) => {
        const { code, out, err } = await muflow('predict', ...argv(at));
        expect(err).toMatch(message);
        expect(err).toMatch(/^\[[^\]]+\] .+, got .+, expected .+\. Fix: .+\n$/);
        expect([code, out]).toEqual([2, '']);
      });
    },
  );
});
