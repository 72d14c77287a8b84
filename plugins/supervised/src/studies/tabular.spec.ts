import { isMuflowError, runStudy, type StudyResult } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../predict/model.js';
import { readTable } from '../table.js';
import { tabularStudy } from './tabular.js';

const quick = { width: 20, steps: 40, landmarks: 60 };
const run = (params: object, seed = 1): Promise<StudyResult> =>
  runStudy(tabularStudy, { ...quick, ...params }, { seed });

/** `price = 9 + 2 size - rooms + size rooms / 4` on 60 rows, with names. */
const houses = ['name,size,rooms,price']
  .concat(
    Array.from({ length: 60 }, (_, k) => {
      const [size, rooms] = [(k * 7) % 10, k % 6];
      return `h${k},${size},${rooms},${9 + 2 * size - rooms + (size * rooms) / 4}`;
    }),
  )
  .join('\n');
const ofHouses = { table: houses, target: 'price', ignore: ['name'] };

const shares = ({ tables }: StudyResult): number[][] => tables[0].rows.map((row) => row.slice(2, 5) as number[]);
const modelOf = ({ files = {} }: StudyResult) =>
  loadModel(files['model.json'] as string, files['model.npz'] as Uint8Array);

describe('a table of the reader', () => {
  test('is learned by all three predictors, and only the network against the mean is claimed', async () => {
    const result = await run({ ...ofHouses, steps: 200 });
    const [network, ridge, kernel] = shares(result);
    for (const parts of [network, ridge, kernel]) for (const share of parts) expect(share).toBeLessThan(0.5);
    expect(kernel[2]).toBeLessThan(ridge[2]);
    expect(result.claims.map(({ verdict }) => verdict)).toEqual(['holds']);
  });

  test('is the same by number of the target, by names of the features, and with one name in place of a list', async () => {
    const first = shares(await run(ofHouses));
    expect(shares(await run({ ...ofHouses, target: -1 }))).toEqual(first);
    expect(shares(await run({ table: houses, target: 3, features: ['size', 'rooms'] }))).toEqual(first);
    expect(shares(await run({ ...ofHouses, ignore: 'name' }))).toEqual(first);
  });

  test('leaves a model that predicts what the report says, in the unit of the target', async () => {
    const result = await run({ ...ofHouses, steps: 200, logarithmic: ['price'] });
    const predicted = modelOf(result).predictTable(readTable(houses));
    const line = result.figures[1].marks[1];
    if (line.type !== 'dot') expect.unreachable();
    else {
      // Every held-out row of the figure is one of the table, with the prediction of the model.
      const table = readTable(houses);
      const pairs = Array.from(predicted, (value, l) => `${table.numbers(3)[l].toFixed(6)} ${value.toFixed(9)}`);
      expect(line.x.length).toBe(12);
      line.x.forEach((x, k) => {
        expect(pairs).toContain(`${x.toFixed(6)} ${line.y[k].toFixed(9)}`);
      });
    }
    expect(Math.min(...predicted)).toBeGreaterThan(0);
  });

  test('splits by the seed: the same again, other numbers for another', async () => {
    const first = shares(await run(ofHouses));
    expect(shares(await run(ofHouses))).toEqual(first);
    expect(shares(await run(ofHouses, 2))).not.toEqual(first);
  });

  test.each([
    [
      'text among the features',
      { ...ofHouses, ignore: [] },
      /the column "name" holds text, not numbers, got "h0" on line 2/,
    ],
    ['a target that is not there', { ...ofHouses, target: 'prize' }, /there is no column "prize".*did you mean price/],
    [
      'an ignored column that is not there',
      { ...ofHouses, ignore: ['nam'] },
      /there is no column "nam".*did you mean name/,
    ],
    [
      'nothing to predict from',
      { ...ofHouses, ignore: ['name', 'size', 'rooms'] },
      /no columns are left to predict from/,
    ],
    ['a missing value', { ...ofHouses, table: houses.replace('h3,1,', 'h3,,') }, /line 5, column "size" is empty/],
    [
      'a constant column',
      { ...ofHouses, table: houses.replaceAll(/^(h\d+),\d+,/gm, '$1,7,') },
      /the column "size" is constant/,
    ],
    ['a path without @', { table: 'houses.csv' }, /the path of a table, not its text.*write @houses.csv/],
    ['too few rows', { ...ofHouses, table: houses.split('\n').slice(0, 10).join('\n') }, /too few rows to train on/],
    ['an unknown activation', { ...ofHouses, activation: 'rleu' }, /rleu/],
  ])('%s is refused with its place', async (_, params, message) => {
    await expect(run(params)).rejects.toThrow(message);
    await run(params).catch((error: unknown) => expect(isMuflowError(error)).toBe(true));
  });
});

describe('generated tables', () => {
  test.each(['single-index', 'teacher-student', 'three-spin', 'sparse-spikes', 'circles', 'orbits'])(
    '%s: every predictor is measured on every part, and losses fall',
    async (law) => {
      const result = await run({ generated: { law, rows: 120, inputs: 3 } });
      for (const parts of shares(result))
        expect(parts.every((share) => share >= 0 && Number.isFinite(share))).toBe(true);
      const { trainLoss = [] } = result.metrics ?? {};
      expect(trainLoss[trainLoss.length - 1]).toBeLessThan(trainLoss[0]);
      expect(result.claims).toHaveLength(law === 'single-index' ? 3 : 1);
    },
  );

  test('a smooth unit has its kernel by neurons drawn from the start', async () => {
    const result = await run({ generated: { law: 'circles', rows: 120 }, activation: 'tanh' });
    expect(result.notes?.[0]).toContain('on 60 neurons drawn from the start law');
    expect(modelOf(result).unit.formula).toBe('a * tanh(dot(w, x) + b)');
  });

  test('batches train where rows are many', async () => {
    const result = await run({ generated: { law: 'teacher-student', rows: 400, inputs: 3 }, batch: 50, steps: 100 });
    expect(shares(result)[0][2]).toBeLessThan(0.5);
  });
});
