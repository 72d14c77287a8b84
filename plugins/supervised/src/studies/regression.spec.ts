import { runStudy, type StudyResult } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { loadModel } from '../predict/model.js';
import { readTable } from '../table.js';
import { regressionStudy } from './regression.js';

/** Short training: claims of accuracy are evaluated, not expected to hold. */
const quick = { width: 20, duration: 1 };
const run = (params: object, seed = 1): Promise<StudyResult> =>
  runStudy(regressionStudy, { ...quick, ...params }, { seed });

const verdictOf = ({ claims }: StudyResult, words: string): string | undefined =>
  claims.find(({ statement }) => statement.includes(words))?.verdict;

const heldOutTable = ({ tables }: StudyResult): StudyResult['tables'][number] =>
  tables.find(({ title }) => title.startsWith('Held-out rows')) ?? tables[0];

/** `y = 3 + 2 a - b` on a grid of 5 x 8 points, with a column of names. */
const plane = ['place,a,b,y']
  .concat(
    Array.from({ length: 40 }, (_, k) => {
      const [a, b] = [k % 5, Math.floor(k / 5)];
      return `p${k},${a},${b},${3 + 2 * a - b}`;
    }),
  )
  .join('\n');
const ofPlane = { table: plane, target: 'y', features: ['a', 'b'], logarithmic: [], law: null };

describe('regression', () => {
  test('every claim is evaluated: a finite measurement and a verdict', async () => {
    const { claims } = await run({});
    for (const { statement, measurement, verdict } of claims) {
      expect(Number.isFinite(Number(measurement)), `${statement}: ${measurement}`).toBe(true);
      expect(['holds', 'fails']).toContain(verdict);
    }
    expect(claims.map(({ statement }) => statement.split(':')[0])).toEqual(
      expect.arrayContaining(['Mean exponent of the semi-major axis', 'Mean exponent of the central mass']),
    );
  });

  test('mass is conserved and the energy falls by the dissipation, however short the training', async () => {
    for (const params of [{}, { activation: 'tanh' }, { alpha: 0 }, { gamma: 0 }, ofPlane]) {
      const result = await run(params);
      expect(verdictOf(result, 'Total mass is conserved')).toBe('holds');
      expect(verdictOf(result, 'The energy falls by the dissipation')).toBe('holds');
      const energy = result.metrics?.energy ?? [];
      expect(energy[energy.length - 1]).toBeLessThan(energy[0]);
    }
  });

  test('masses move where the reaction rate is not 0, and only there', async () => {
    const spread = async (alpha: number): Promise<number> => {
      const masses = (await run({ ...ofPlane, alpha })).profiles?.trained[0].masses ?? new Float64Array(1);
      return Math.max(...masses) / Math.min(...masses) - 1;
    };
    expect(await spread(0)).toBeLessThan(1e-12);
    expect(await spread(1)).toBeGreaterThan(0.05);
  });

  test('a table of the reader: no law, no exponents, its own names, held-out rows once each', async () => {
    const result = await run(ofPlane);
    expect(verdictOf(result, 'exponent')).toBeUndefined();
    expect(verdictOf(result, 'reference law')).toBeUndefined();
    const held = heldOutTable(result);
    // 0.3 of 40 rows.
    expect(new Set(held.rows.map(([place]) => place)).size).toBe(12);
    expect(held.columns.map(({ name }) => name)).not.toContain('law');
    expect(held.columns[0].name).toBe('place');
    for (const [place, measured] of held.rows) {
      const k = Number(String(place).slice(1));
      expect(measured).toBeCloseTo(3 + 2 * (k % 5) - Math.floor(k / 5), 12);
    }
  });

  test('leaves a model that predicts the held-out rows as its table says', async () => {
    const result = await run(ofPlane);
    const { files = {} } = result;
    const model = loadModel(files['model.json'] as string, files['model.npz'] as Uint8Array);
    const predicted = model.predictTable(readTable(plane));
    for (const [place, , network] of heldOutTable(result).rows) {
      expect(predicted[Number(String(place).slice(1))]).toBe(network);
    }
  });

  test('longer training learns the plane: little variance is left on rows never seen', async () => {
    const { claims } = await run({ ...ofPlane, width: 50, duration: 20 });
    const [left] = claims.filter(({ statement }) => statement.includes('share of the variance left'));
    expect(left.verdict).toBe('holds');
    expect(Number(left.measurement)).toBeLessThan(0.01);
  });

  test('a run is that of its seed: the same again, other rows held out for another seed', async () => {
    const held = async (seed: number) => heldOutTable(await run(ofPlane, seed)).rows;
    const [first, again, other] = [await held(1), await held(1), await held(2)];
    expect(again).toEqual(first);
    expect(other.map(([place]) => place)).not.toEqual(first.map(([place]) => place));
  });

  test.each([
    ['a mistyped column', { features: ['a', 'bbbbb'] }, 'there is no column "bbbbb"'],
    [
      'a column of text',
      { features: ['place', 'a'] },
      'the column "place" holds text, not numbers, got "p0" on line 2',
    ],
    ['a logarithm of 0', { logarithmic: ['a'] }, 'line 2, column "a" has no logarithm, got 0'],
    ['a law in a name that is no feature', { law: '2*c' }, 'c'],
    ['a law without value', { law: '1/a + b' }, 'value on line 2, got Infinity'],
    ['an empty table', { table: '' }, 'the table is empty, got 0 characters'],
    ['a header without rows', { table: 'a,b,y\n' }, 'the table has no rows, got only the header a, b, y'],
    ['a missing cell', { table: `${plane}\np40,1,,5\n` }, 'line 42, column "b" is empty'],
    ['text in a column', { table: `${plane}\np40,1,two,5\n` }, 'line 42, column "b" is not a number, got "two"'],
    ['a repeated column', { table: 'a,a,y\n1,2,3\n' }, 'column a is there twice'],
    ['semicolons', { table: plane.replaceAll(',', ';') }, 'line 1: the columns are separated by semicolons'],
    [
      'values too large to square',
      { table: plane.replaceAll(/,(\d),/g, ',$1e200,') },
      'column "a" is too large to square',
    ],
    ['an odd width', { width: 7 }, 'params.width'],
    ['a ragged table', { table: 'a,b,y\n1,2\n' }, 'line 2 has another number of columns'],
  ])('%s is refused with its place', async (_, params, message) => {
    await expect(run({ ...ofPlane, ...params })).rejects.toThrow(message);
  });

  test('a column in a tiny unit is no constant column: the result does not depend on units', async () => {
    const inUnit = (unit: string) => ({ ...ofPlane, table: plane.replaceAll(/,(\d),/g, `,$1${unit},`) });
    const [plain, tiny] = [await run(ofPlane), await run(inUnit('e-30'))];
    expect(tiny.claims.map(({ verdict }) => verdict)).toEqual(plain.claims.map(({ verdict }) => verdict));
    const [[, , atPlain], [, , atTiny]] = [heldOutTable(plain).rows[0], heldOutTable(tiny).rows[0]];
    expect(Number(atTiny)).toBeCloseTo(Number(atPlain), 6);
  });

  test('one feature and an exact power law: the network finds it where it was not trained', async () => {
    const rows = Array.from({ length: 40 }, (_, k) => 10 ** (k / 13));
    const result = await run({
      table: `x,y\n${rows.map((x) => `${x},${5 * x ** 1.5}`).join('\n')}`,
      target: 'y',
      features: ['x'],
      logarithmic: ['x', 'y'],
      law: '5*x^1.5',
      width: 50,
      duration: 60,
    });
    expect(result.claims.map(({ statement, verdict }) => `${verdict}: ${statement}`)).toEqual(
      result.claims.map(({ statement }) => `holds: ${statement}`),
    );
    const [accuracy] = result.tables;
    // Rows: network held out, network training, least squares, law; the law and its logarithm's plane are exact.
    expect(accuracy.rows[2][3]).toBeLessThan(1e-20);
    expect(accuracy.rows[3][3]).toBeLessThan(1e-20);
  });

  test('figures hold one point per row, finite, and positive on logarithmic axes', async () => {
    for (const [params, rows] of [[{}, 64] as const, [ofPlane, 40] as const]) {
      const { figures } = await run(params);
      expect(figures.map(({ id }) => id)).toEqual(['predictions', 'loss', 'residuals', 'balance', 'neurons']);
      const dots = (id: string) =>
        (figures.find((figure) => figure.id === id)?.marks ?? []).flatMap((mark) =>
          mark.type === 'dot' ? [mark] : [],
        );
      expect(dots('predictions').reduce((sum, mark) => sum + mark.x.length, 0)).toBe(rows);
      expect(dots('neurons').reduce((sum, mark) => sum + mark.x.length, 0)).toBe(quick.width);
      for (const { id, x, y, marks } of figures) {
        for (const mark of marks) {
          if (!('x' in mark) || !('y' in mark)) continue;
          expect([...mark.x, ...mark.y].every(Number.isFinite), id).toBe(true);
          if (x.scale === 'log') expect(Math.min(...mark.x), id).toBeGreaterThan(0);
          if (y.scale === 'log') expect(Math.min(...mark.y), id).toBeGreaterThan(0);
        }
      }
    }
  });
});
