import { runStudy, type StudyResult } from '@muflow/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSetsForModel } from '../model/readForModel.js';
import { loadSetModel } from '../model/setModelFiles.js';
import { drawShapes } from '../sets/shapes.js';
import { setsToCsv } from '../sets/writeSets.js';
import { pointCloudsStudy } from './pointClouds.js';

const run = (params: object, seed = 1): Promise<StudyResult> =>
  runStudy(pointCloudsStudy, { seeds: 1, innerWidth: 10, outerWidth: 12, ...params }, { seed });

const modelOf = ({ files = {} }: StudyResult) =>
  loadSetModel(files['model.json'] as string, files['model.npz'] as Uint8Array);

describe('generated shapes', () => {
  let result: StudyResult;
  beforeAll(async () => {
    result = await run({ each: 60, sizes: [6, 12], shapes: ['circle', 'blobs'], steps: 200 });
  });

  test('are learned at every size by every learner, and told apart by S1', () => {
    const rows = result.tables[0].rows;
    expect(rows.map(([learner, size]) => `${learner} ${size}`)).toEqual(
      [6, 12].flatMap((size) => ['S1', 'S2', 'S3', 'S3 ridge'].map((learner) => `${learner} ${size}`)),
    );
    // Chance is 50 %: 12 or fewer wrong of 60 by guessing has probability below 1e-5.
    expect(rows[4][3]).toBeLessThan(20.1);
  });

  test('leave a model that makes the errors of the table on the clouds left beside it, and takes other sizes', async () => {
    const model = modelOf(result);
    const { batch, labels } = readSetsForModel(model, result.files?.['held-out.csv'] as string);
    const wrong = model.classify(batch).filter((name, s) => name !== labels[s]).length;
    expect((100 * wrong) / labels.length).toBeCloseTo(result.tables[0].rows[4][3] as number, 3);
    const others = drawShapes({
      shapes: ['circle', 'blobs'],
      each: 40,
      size: [3, 90],
      noise: 0.1,
      key: { high: 1, low: 2 },
    });
    const found = model.classify(others.batch).filter((name, s) => name === others.labels[s]).length;
    // 80 clouds of sizes never seen: 56 right by guessing has probability below 3e-4.
    expect(found).toBeGreaterThan(56);
  });

  test('a run is its seed', async () => {
    const params = { each: 6, sizes: [4], shapes: ['circle', 'blobs'], steps: 5 };
    expect(await run(params, 3)).toEqual(await run(params, 3));
    expect((await run(params, 4)).tables).not.toEqual((await run(params, 3)).tables);
  });
});

/** Images of 5 by 5 pixels with a bright row or a bright column, and dim noise. */
const image = (k: number): string => {
  const pixels = Array.from({ length: 25 }, (_, at) => {
    const onLine = (k % 2 === 0 ? Math.floor(at / 5) : at % 5) === (k >> 1) % 5;
    return onLine ? 200 + ((k * at) % 50) : (k * 7 + at * 3) % 90;
  });
  return `${k % 2 === 0 ? 'row' : 'column'},${pixels.join(',')}`;
};
const images = Array.from({ length: 60 }, (_, k) => image(k)).join('\n');

describe('a table of the reader', () => {
  test('of images without a header is classified as clouds of bright pixels, and the model reads images', async () => {
    const result = await run({ table: images, label: 0, sizes: [5], steps: 120, inner: 'squared-relu' });
    const model = modelOf(result);
    const { batch, labels } = readSetsForModel(model, images);
    const wrong = model.classify(batch).filter((name, s) => name !== labels[s]).length;
    expect(wrong).toBeLessThan(12);
    expect(batch.count).toBe(60);
    expect(result.files?.['held-out.csv']).toBeUndefined();
  });

  test('of sets is classified by its own coordinates', async () => {
    const key = { high: 3, low: 4 };
    const { batch, labels } = drawShapes({ shapes: ['cross', 'blobs'], each: 20, size: [9, 12], noise: 0, key });
    const table = setsToCsv(batch, ['left', 'up'], { kind: labels });
    const result = await run({ table, layout: 'sets', label: 'kind', sizes: [4, 9], steps: 40 });
    const model = modelOf(result);
    expect(model.coordinates.map(({ name }) => name)).toEqual(['left', 'up']);
    expect([model.label, model.outputs.map(({ name }) => name)]).toEqual(['kind', ['blobs', 'cross']]);
  });

  test.each([
    [
      'one class',
      { table: images.replaceAll('column', 'row'), label: 0 },
      /nothing to classify, got the one class "row"/,
    ],
    ['no such column', { table: images }, /no such column of classes, got "label"/],
    ['images that are not square', { table: 'label,a,b\nx,1,2\ny,2,1\n' }, /columns are no images/],
  ])('with %s is refused', async (_, params, message) => {
    await expect(run(params)).rejects.toThrow(message);
  });
});
