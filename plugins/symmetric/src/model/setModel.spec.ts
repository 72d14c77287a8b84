import { npyArray, randomKey, readStoredNpz, writeNpz } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type Pooling, type SetNetworkOptions, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { repeatPoints, selectSets } from '../sets/batches.js';
import { setBatch } from '../sets/setBatch.js';
import { boxSets, drawSets } from '../sets/setLaws.js';
import { readNpzForModel, readSetsForModel } from './readForModel.js';
import { createSetModel, type SetModelParts } from './setModel.js';
import { loadSetModel, setModelFiles } from './setModelFiles.js';

const column = (name: string, mean: number, deviation: number) => ({ name, mean, deviation });

const partsOf = (options: Partial<SetNetworkOptions> = {}): SetModelParts => {
  const network = setNetwork({ dim: 2, innerWidth: 7, outerWidth: 5, outputs: 2, inner: 'squared-relu', ...options });
  return {
    network,
    parameters: drawSetParameters(network, randomKey(3)),
    coordinates: [column('x', 0.5, 2), column('y', -1, 0.3)],
    outputs: [column('size', 3, 10), column('age', 0, 1)],
    origin: 'a test',
  };
};
const classifier: SetModelParts = {
  ...partsOf(),
  outputs: [column('cat', 0, 1), column('dog', 0, 1)],
  label: 'animal',
};

const sets = drawSets(boxSets({ dim: 2, radius: 3 }), { sets: 40, size: [1, 60], key: randomKey(1) });
const bits = (values: Float64Array): string => Buffer.from(values.buffer).toString('hex');
const reload = (parts: SetModelParts) => {
  const files = setModelFiles(parts);
  return loadSetModel(files['model.json'], Buffer.from(files['model.npz']));
};

describe('a model of sets', () => {
  const poolings: readonly Pooling[] = ['mean', 'sum', 'max', { logMeanExp: 0.3 }];
  test.each(poolings)('with pooling %j predicts the same bits after it was saved and loaded', (pooling) => {
    for (const order of [1, 2]) {
      const parts = partsOf({ pooling, order, class: 'S2', outer: 'tanh' });
      const few = selectSets(sets, [0, 1, 2, 3, 4, 5]);
      const loaded = reload(parts);
      expect(bits(loaded.predict(few))).toBe(bits(createSetModel(parts).predict(few)));
      expect(loaded.network).toMatchObject({ pooling, order, class: 'S2', outer: 'tanh' });
    }
  });

  test('predicts for a set the same bits alone as among others, whatever its size', () => {
    const model = reload(partsOf());
    const together = model.predict(sets);
    for (let s = 0; s < sets.count; s++) {
      expect(bits(model.predict(selectSets(sets, [s])))).toBe(bits(together.slice(2 * s, 2 * s + 2)));
    }
  });

  test('keeps the measure: every point listed three times changes nothing beyond 1e-12', () => {
    const model = reload(partsOf());
    const [once, again] = [model.predict(sets), model.predict(repeatPoints(sets, 3))];
    once.forEach((value, at) => {
      expect(Math.abs(again[at] - value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
    });
  });

  test('is the network in the units of the data', () => {
    const parts = partsOf();
    const scaled = setBatch([{ points: [[(1 - 0.5) / 2, (2 + 1) / 0.3]] }]);
    const [size, age] = createSetModel(parts).predict(setBatch([{ points: [[1, 2]] }]));
    const [a, b] = evaluateSets(parts.network, parts.parameters, scaled);
    expect([size, age]).toEqual([a * 10 + 3, b]);
  });

  test('of normalized sets does not see where a set lies nor how large it is', () => {
    const model = reload({ ...partsOf(), normalized: true });
    const moved = { ...sets, points: sets.points.map((x) => 3 * x - 2) };
    const [here, there] = [model.predict(sets), model.predict(moved)];
    here.forEach((value, at) => {
      expect(Math.abs(there[at] - value)).toBeLessThan(1e-11 * (1 + Math.abs(value)));
    });
  });

  test('classifies by the largest score, with probabilities that follow the scores', () => {
    const model = reload(classifier);
    const [scores, probabilities] = [model.predict(sets), model.probabilities(sets)];
    model.classify(sets).forEach((name, s) => {
      const [cat, dog] = scores.subarray(2 * s, 2 * s + 2);
      expect(name).toBe(cat >= dog ? 'cat' : 'dog');
      expect(probabilities[2 * s]).toBeCloseTo(1 / (1 + Math.exp(dog - cat)), 13);
    });
    expect(() => reload(partsOf()).classify(sets)).toThrow(/the model does not classify, got a model of size, age/);
  });
});

describe('sets for a model', () => {
  const parts = partsOf();
  test('are read by the names of its coordinates, in any order, with its targets where they are there', () => {
    const text = 'color,y,set,x,age,size\nred,2,a,1,5,6\n';
    const found = readSetsForModel(parts, text);
    expect(found.batch.points).toEqual(Float64Array.of(1, 2));
    expect([found.targetNames, Array.from(found.targets)]).toEqual([
      ['size', 'age'],
      [6, 5],
    ]);
    expect(readSetsForModel(parts, 'set,x,y\na,1,2\n').targets.length).toBe(0);
    expect(readSetsForModel(classifier, 'set,x,y,animal\na,1,2,cat\n').labels).toEqual(['cat']);
  });

  test('are read from arrays, their targets where there is one for every output', () => {
    const arrays = { points: npyArray(Float64Array.of(1, 2), [1, 2]), offsets: npyArray(Int32Array.of(0, 1)) };
    const read = (more: object) => readNpzForModel(parts, readStoredNpz(writeNpz({ ...arrays, ...more })));
    expect(read({ targets: npyArray(Float64Array.of(3, 4), [1, 2]) }).targetNames).toEqual(['size', 'age']);
    expect(read({ targets: npyArray(Float64Array.of(3)) }).targets.length).toBe(0);
    expect(() => read({ points: npyArray(Float64Array.of(1)) })).toThrow(/got 1 coordinates, expected 2 \(x, y\)/);
  });

  test('are images, with classes or without, where the model was trained on images', () => {
    const images = { width: 2, height: 1, white: 10, threshold: 0.5, most: null, weighted: true };
    const read = (text: string) => readSetsForModel({ ...classifier, images }, text);
    expect(read('cat,9,1\ndog,1,8\n')).toMatchObject({ labels: ['cat', 'dog'], batch: { count: 2, dim: 2 } });
    expect(read('p,q,animal\n9,1,cat\n').labels).toEqual(['cat']);
    expect(read('9,1\n').batch.points).toEqual(Float64Array.of(-0.5, 0));
    expect(() => read('4,1\n')).toThrow(/image "0" has no bright pixel/);
  });
});

describe('a damaged model is refused', () => {
  const files = setModelFiles(partsOf());
  const document = JSON.parse(files['model.json']) as Record<string, unknown>;
  const other = setModelFiles({ ...partsOf(), parameters: new Float64Array(partsOf().parameters.length) });
  test.each([
    ['text', 'no json', /this is no model of sets/],
    ['a model of rows', JSON.stringify({ ...document, format: 'muflow model' }), /got format "muflow model"/],
    ['a later version', JSON.stringify({ ...document, version: 2 }), /does not know at version, got 2, expected 1/],
    ['no network', JSON.stringify({ ...document, network: undefined }), /params.network/],
    [
      'another width',
      JSON.stringify({ ...document, coordinates: [column('x', 0, 1)] }),
      /got 66, 1, 2 .* expected 66, 2, 2/,
    ],
    ['a deviation of 0', JSON.stringify({ ...document, outputs: [column('x', 0, 0)] }), /deviation/],
  ])('%s', (_, json, message) => {
    expect(() => loadSetModel(json, files['model.npz'])).toThrow(message);
  });

  test('the parameters of another one', () => {
    expect(() => loadSetModel(files['model.json'], other['model.npz'])).toThrow(/belong to another model/);
  });
});
