import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npyArray, readNpy, writeNpy } from '@muflow/core';
import { loadModel, readTable } from '@muflow/supervised';
import { beforeAll, describe, expect, test } from 'vitest';
import { inFolder, muflow, type Outcome } from './testing/command.js';

/** `price = 1000 size + 5000 rooms + 100 size rooms`, with names. */
const houses = ['name,size,rooms,price']
  .concat(
    Array.from({ length: 40 }, (_, k) => {
      const [size, rooms] = [20 + ((k * 37) % 100), 1 + (k % 6)];
      return `h${k},${size},${rooms},${1000 * size + 5000 * rooms + 100 * size * rooms}`;
    }),
  )
  .join('\n');
const settings = ['table=@houses.csv', 'target=price', 'ignore=name', 'width=20', 'steps=60', 'landmarks=20'];

let first: Record<string, Uint8Array> = {};

/** Calls `use` with a folder that holds the table and a run that was trained on it. */
const withRun = (use: (folder: string, at: (...names: string[]) => string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    const at = (...names: string[]): string => join(folder, ...names);
    mkdirSync(at('run'));
    for (const [name, bytes] of Object.entries(first)) writeFileSync(at('run', name), bytes);
    writeFileSync(at('houses.csv'), houses);
    await use(folder, at);
  });

const train = (folder: string, out: string): Promise<Outcome> =>
  muflow(
    'run',
    'supervised/tabular',
    ...settings.flatMap((setting) => ['--set', setting.replace('@', `@${folder}/`)]),
    '--out',
    out,
  );

beforeAll(() =>
  inFolder(async (folder) => {
    writeFileSync(join(folder, 'houses.csv'), houses);
    const { code, out } = await train(folder, join(folder, 'run'));
    expect(out).toMatch(/network +step \d+ .*\n.*ridge regression +penalty .*\n.*kernel ridge regression +penalty/);
    expect(code).toBe(0);
    first = Object.fromEntries(
      ['model.json', 'model.npz'].map((name) => [name, new Uint8Array(readFileSync(join(folder, 'run', name)))]),
    );
  }),
);

const numbersOf = (csv: string): number[] => csv.trim().split('\n').slice(1).map(Number);

describe('muflow predict', () => {
  test('prints a column of predictions, with the bits that a program gets from loadModel', async () => {
    await withRun(async (_, at) => {
      const { code, out, err } = await muflow('predict', at('run'), at('houses.csv'));
      expect(code).toBe(0);
      expect(out.startsWith('price\n')).toBe(true);
      const model = loadModel(readFileSync(at('run', 'model.json'), 'utf8'), readFileSync(at('run', 'model.npz')));
      const table = readTable(houses);
      expect(numbersOf(out)).toEqual(Array.from(model.predictTable(table)));
      const rows = Float64Array.from([table.numbers(1)[7], table.numbers(2)[7]]);
      expect(model.predict(rows)[0]).toBe(numbersOf(out)[7]);
      expect(err).toMatch(/against price of 40 rows: root mean square error [\d.]+, share of the variance left 0\.\d+/);
    });
  });

  test('gives the same bits to --json, to CSV and to NumPy, from the folder as from its model.json', async () => {
    await withRun(async (_, at) => {
      const printed = numbersOf((await muflow('predict', at('run'), at('houses.csv'))).out);
      const { out } = await muflow('predict', at('run', 'model.json'), at('houses.csv'), '--json');
      const document = JSON.parse(out) as { rows: number; predictions: number[]; model: object; errors: object };
      expect(document).toMatchObject({ rows: 40, model: { target: 'price', neurons: 20 }, errors: { rows: 40 } });
      expect(document.predictions).toEqual(printed);
      for (const name of ['p.csv', 'p.npy']) {
        expect((await muflow('predict', at('run'), at('houses.csv'), '--out', at(name))).out).toContain('wrote');
      }
      expect(numbersOf(readFileSync(at('p.csv'), 'utf8'))).toEqual(printed);
      expect(Array.from(readNpy(new Uint8Array(readFileSync(at('p.npy')))).data as Float64Array)).toEqual(printed);
    });
  });

  test('a table without the target, its columns in another order, is predicted without errors to tell', async () => {
    await withRun(async (_, at) => {
      writeFileSync(at('new.csv'), 'rooms,garden,size\n3,big,100\n');
      const { code, out, err } = await muflow('predict', at('run'), at('new.csv'));
      expect([code, err, numbersOf(out).length]).toEqual([0, '', 1]);
    });
  });

  const table = (name: string, text: string) => (at: (...names: string[]) => string) => {
    writeFileSync(at(name), text);
    return [at('run'), at(name)];
  };
  const changed = (change: object) => (at: (...names: string[]) => string) => {
    const model = JSON.parse(readFileSync(at('run', 'model.json'), 'utf8')) as object;
    writeFileSync(at('run', 'model.json'), JSON.stringify({ ...model, ...change }));
    return [at('run'), at('houses.csv')];
  };
  test.each([
    ['a missing column', table('t.csv', 'size\n3\n'), /the table lacks the column rooms, got columns size/],
    ['a row of another width', table('t.csv', 'size,rooms\n3,1\n4\n'), /line 3 has another number of columns/],
    ['a NaN', table('t.csv', 'size,rooms\n3,1\n4,NaN\n'), /line 3, column "rooms" is not a number, got "NaN"/],
    ['an empty cell', table('t.csv', 'size,rooms\n3,1\n,2\n'), /line 3, column "size" is empty/],
    ['words', table('t.csv', 'size,rooms\nlarge,1\n'), /the column "size" holds text, not numbers/],
    ['no rows', table('t.csv', 'size,rooms\n'), /the table has no rows/],
    ['an unknown version', changed({ version: 9 }), /does not know at version, got 9, expected 1/],
    ['a model without its unit', changed({ unit: undefined }), /params.unit/],
    ['a folder without a model', (at) => [at('.'), at('houses.csv')], /the folder holds no model/],
    ['a file that is no model', (at) => [at('houses.csv'), at('houses.csv')], /this is no model|cannot read the file/],
    ['a table that is not there', (at) => [at('run'), at('none.csv')], /cannot read the file, got .*ENOENT/],
    ['a folder as table', (at) => [at('run'), at('run')], /a folder was given/],
    ['another kind of output', (at) => [at('run'), at('houses.csv'), '--out', at('p.txt')], /ends in .csv or .npy/],
  ] as readonly [string, (at: (...names: string[]) => string) => string[], RegExp][])(
    '%s is one line on stderr and exit code 2',
    async (_, argv, message) => {
      await withRun(async (_, at) => {
        const { code, out, err } = await muflow('predict', ...argv(at));
        expect(err).toMatch(message);
        expect(err).toMatch(/^\[[^\]]+\] .+, got .+, expected .+\. Fix: .+\n$/);
        expect([code, out]).toEqual([2, '']);
        expect(existsSync(at('p.txt'))).toBe(false);
      });
    },
  );
});

describe('tables of muflow run', () => {
  test('may be arrays of NumPy, to the same bits', async () => {
    await inFolder(async (folder) => {
      const numbers = Array.from({ length: 120 }, (_, k) => Math.sin(k * k) * 10 ** (k % 7));
      const rows = Array.from({ length: 40 }, (_, l) => numbers.slice(3 * l, 3 * l + 3).join(','));
      writeFileSync(join(folder, 't.csv'), `x0,x1,x2\n${rows.join('\n')}\n`);
      writeFileSync(join(folder, 't.npy'), writeNpy(npyArray(Float64Array.from(numbers), [40, 3])));
      const run = async (name: string): Promise<unknown> => {
        const argv = ['--set', `table=@${join(folder, name)}`, '--set', 'steps=20', '--set', 'width=10', '--json'];
        const result = JSON.parse((await muflow('run', 'supervised/tabular', ...argv)).out) as { tables: unknown };
        return result.tables;
      };
      expect(await run('t.npy')).toEqual(await run('t.csv'));
    });
  });

  test('are written beside the config where they are long, and the config runs again to the same model', async () => {
    await inFolder(async (folder) => {
      const rows = Array.from({ length: 4000 }, (_, l) => `${Math.sin(l)},${Math.cos(3 * l)},${Math.sin(l) ** 2}`);
      const text = `a,b,y\n${rows.join('\n')}\n`;
      writeFileSync(join(folder, 'long.csv'), text);
      const settings = ['--set', `table=@${join(folder, 'long.csv')}`, '--set', 'steps=20', '--set', 'width=10'];
      const [first, again] = [join(folder, 'first'), join(folder, 'again')];
      await muflow('run', 'supervised/tabular', ...settings, '--set', 'landmarks=20', '--out', first);
      const config = JSON.parse(readFileSync(join(first, 'config.json'), 'utf8')) as { params: object };
      expect(config.params).toMatchObject({ table: { $file: 'table.txt' } });
      expect(readFileSync(join(first, 'table.txt'), 'utf8')).toBe(text);
      await muflow('run', join(first, 'config.json'), '--out', again);
      for (const name of ['config.json', 'model.json', 'model.npz']) {
        expect(readFileSync(join(again, name)), name).toEqual(readFileSync(join(first, name)));
      }
      expect(readFileSync(join(first, 'report.html'), 'utf8').length).toBeLessThan(1e6);
    });
  });

  test('an array of three axes is refused', async () => {
    await inFolder(async (folder) => {
      writeFileSync(join(folder, 't.npy'), writeNpy(npyArray(new Float64Array(8), [2, 2, 2])));
      const { code, err } = await muflow('run', 'supervised/tabular', '--set', `table=@${join(folder, 't.npy')}`);
      expect(code).toBe(2);
      expect(err).toMatch(/t.npy is no table, got an array of shape \(2, 2, 2\)/);
    });
  });
});
