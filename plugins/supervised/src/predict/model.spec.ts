import { gaussian, isMuflowError, networkUnit } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { readTable } from '../table.js';
import { createModel, loadModel, type ModelParts, modelFiles } from './model.js';

const unit = networkUnit({ activation: 'tanh', inputs: 2 });

/** `f(x) = int a tanh(<w, x> + b) dmu` of 37 random neurons; the second input and the target enter by logarithms. */
const parts: ModelParts = {
  unit,
  measure: gaussian({ dim: 4, n: 37, key: 5 }),
  features: [
    { name: 'size', logarithmic: false, mean: 3, deviation: 0.7 },
    { name: 'mass', logarithmic: true, mean: 2, deviation: 1.3 },
  ],
  target: { name: 'period', logarithmic: true, mean: 0.4, deviation: 2 },
  origin: 'a test',
};

const rows = Float64Array.from({ length: 2 * 53 }, (_, k) =>
  k % 2 === 0 ? Math.sin(k) * 4 : Math.exp(Math.cos(k) * 6),
);

/** The prediction written out. */
function byHand(size: number, mass: number): number {
  const x = [(size - 3) / 0.7, (Math.log10(mass) - 2) / 1.3];
  const { positions, masses } = parts.measure;
  let f = 0;
  masses.forEach((m, i) => {
    const [a, w0, w1, b] = positions.subarray(4 * i, 4 * i + 4);
    f += m * a * Math.tanh(w0 * x[0] + w1 * x[1] + b);
  });
  return 10 ** (2 * f + 0.4);
}

describe('a model', () => {
  test('predicts the network in the units of its table', () => {
    const predicted = createModel(parts).predict(rows);
    predicted.forEach((value, l) => {
      const expected = byHand(rows[2 * l], rows[2 * l + 1]);
      expect(Math.abs(value / expected - 1)).toBeLessThan(1e-12);
    });
  });

  test('predicts a row as it does among others, to the last bit', () => {
    const model = createModel(parts);
    const together = model.predict(rows);
    const alone = Float64Array.from(together, (_, l) => model.predict(rows.slice(2 * l, 2 * l + 2))[0]);
    expect(alone).toEqual(together);
  });

  test('comes back from its files with the bits of every prediction', () => {
    const files = modelFiles(parts);
    // A Buffer that starts inside other memory, as files are read.
    const buffer = new Uint8Array(files['model.npz'].length + 3);
    buffer.set(files['model.npz'], 3);
    const model = loadModel(files['model.json'], buffer.subarray(3));
    expect(model.predict(rows)).toEqual(createModel(parts).predict(rows));
    expect(modelFiles(model)).toEqual(files);
  });

  test('finds its columns in a table by their names, in any order', () => {
    const table = readTable(`name,mass,period,size\na,100,1,2.5\nb,3e4,,4\n`);
    const model = createModel(parts);
    expect(model.predictTable(table)).toEqual(model.predict(Float64Array.of(2.5, 100, 4, 3e4)));
  });

  const predict = (text: string) => () => createModel(parts).predictTable(readTable(text));
  test.each([
    ['a missing column', predict('size,period\n1,2\n'), /lacks the column mass, got columns size, period/],
    ['two missing columns', predict('period\n1\n'), /lacks 2 columns of the model: size, mass/],
    ['an empty cell', predict('size,mass\n1,2\n3,\n'), /line 3, column "mass" is empty/],
    [
      'a cell that is no number',
      predict('size,mass\nNaN,2\n1,2\n'),
      /line 2, column "size" is not a number, got "NaN"/,
    ],
    ['no logarithm', predict('size,mass\n1,-2\n'), /line 2, column "mass" has no logarithm, got -2/],
    [
      'half a row',
      () => createModel(parts).predict(new Float64Array(3)),
      /fill no rows, got 3 numbers, expected rows of 2 \(size, mass\)/,
    ],
    [
      'NaN among numbers',
      () => createModel(parts).predict(Float64Array.of(1, 1, Number.NaN, 1)),
      /row 1, column "size" cannot be used, got NaN/,
    ],
    [
      'a logarithm of 0',
      () => createModel(parts).predict(Float64Array.of(1, 0)),
      /row 0, column "mass".*got 0, expected a number above 0/,
    ],
    [
      'the measure of another unit',
      () => createModel({ ...parts, unit: networkUnit({ activation: 'tanh', inputs: 3 }) }),
      /does not fit the unit/,
    ],
  ])('%s is refused with its place', (_, work, message) => {
    expect(work).toThrow(message);
  });

  const files = modelFiles(parts);
  const changed = (change: object): string => JSON.stringify({ ...JSON.parse(files['model.json']), ...change });
  test.each([
    ['text that is not JSON', '{', 'parse', /this is no model/],
    ['another document', '{"study": "x"}', 'parse', /this is no model, got format undefined/],
    ['a later format', changed({ version: 2 }), 'version-mismatch', /at version, got 2, expected 1/],
    ['a missing part', changed({ target: undefined }), 'invalid-config', /params.target/],
    ['a wrong deviation', changed({ target: { ...parts.target, deviation: 0 } }), 'invalid-config', /target.deviation/],
    [
      'the measure of another run',
      changed({ measure: { file: 'model.npz', atoms: 37, checksum: '00000000' } }),
      'invalid-argument',
      /belongs to another model/,
    ],
  ])('%s is refused', (_, json, code, message) => {
    try {
      loadModel(json, files['model.npz']);
      expect.unreachable();
    } catch (error) {
      expect(isMuflowError(error) && error.code).toBe(code);
      expect((error as Error).message).toMatch(message);
    }
  });
});
