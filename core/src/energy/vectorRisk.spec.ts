import { describe, expect, test } from 'vitest';
import { fillNormal, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { euclidean } from '../space/euclidean.js';
import { energyLaws } from '../testing/energyLaws.js';
import { assertLaws } from '../testing/matchers.js';
import { allocateFirstVariation } from './checks.js';
import type { AnyLoss } from './loss.js';
import { risk } from './risk.js';
import { networkUnit } from './units.js';
import { crossEntropyLoss } from './vectorLoss.js';

const normals = (n: number, seed: string): Float64Array => {
  const out = new Float64Array(n);
  fillNormal(out, randomKey(seed));
  return out;
};
const rows = 12;
const inputs = normals(rows * 2, 'inputs');
const targets = normals(rows * 3, 'targets');
const classes = Float64Array.from({ length: rows * 3 }, (_, k) => (Math.floor(k / 3) % 3 === k % 3 ? 1 : 0));
const unit = networkUnit({ activation: 'tanh', inputs: 2, outputs: 3 });
const mu = measure({ space: euclidean(6), positions: normals(30, 'atoms'), masses: [0.1, 0.3, 0.2, 0.25, 0.15] });

describe('networks of several outputs', () => {
  test.each<[AnyLoss, Float64Array]>([
    ['square', targets],
    ['crossEntropy', classes],
  ])('the %s risk holds the laws of energies', async (loss, goal) => {
    const energy = risk({ unit, inputs, targets: goal, loss, penalty: { kind: 'weightDecay', lambda: 0.1 } });
    await assertLaws(energy, energyLaws, { seed: 1, runs: 10 });
  });

  test('predictions and the square risk are those of three networks of one output that share their hidden units', () => {
    const energy = risk({ unit, inputs, targets });
    expect([energy.outputs, energy.rowCount, energy.dim]).toEqual([3, rows, 6]);
    const predicted = new Float64Array(rows * 3);
    energy.predictInto(predicted, inputs, rows, mu);
    let total = 0;
    for (let c = 0; c < 3; c++) {
      const single = risk({
        unit: networkUnit({ activation: 'tanh', inputs: 2 }),
        inputs,
        targets: Float64Array.from({ length: rows }, (_, l) => targets[3 * l + c]),
      });
      const positions = Array.from({ length: 5 }, (_, i) => [
        mu.positions[6 * i + c],
        ...mu.positions.slice(6 * i + 3, 6 * i + 6),
      ]);
      const nu = measure({ space: euclidean(4), positions: positions.flat(), masses: mu.masses });
      const alone = new Float64Array(rows);
      single.predictInto(alone, inputs, rows, nu);
      alone.forEach((f, l) => {
        expect(predicted[3 * l + c]).toBeCloseTo(f, 14);
      });
      total += single.value(nu);
    }
    expect(energy.value(mu)).toBeCloseTo(total, 13);
  });

  test('rows of a vector risk are gathered whole', () => {
    const energy = risk({ unit, inputs, targets });
    const chosen = Uint32Array.of(4, 1, 4);
    const direct = risk({
      unit,
      inputs: Float64Array.from([...chosen].flatMap((l) => [...inputs.slice(2 * l, 2 * l + 2)])),
      targets: Float64Array.from([...chosen].flatMap((l) => [...targets.slice(3 * l, 3 * l + 3)])),
    });
    const [out, expected] = [allocateFirstVariation(5, 6), allocateFirstVariation(5, 6)];
    energy.firstVariationOnRowsInto(out, mu, chosen);
    direct.firstVariationInto(expected, mu);
    expect(out).toEqual(expected);
    expect(energy.withRows(chosen).value(mu)).toBe(direct.value(mu));
    const samples = { inputs: inputs.slice(0, 4), targets: targets.slice(0, 6), count: 2 };
    energy.firstVariationOnSamplesInto(out, mu, samples);
    risk({ unit, ...samples }).firstVariationInto(expected, mu);
    expect(out).toEqual(expected);
    expect(() => energy.firstVariationOnSamplesInto(out, mu, { ...samples, count: 3 })).toThrow(/samples do not fit/);
  });
});

describe('cross-entropy', () => {
  const loss = (f: number[], y: number[]): number =>
    crossEntropyLoss.total(Float64Array.from(f), Float64Array.from(y), 1, f.length);

  test('is minus the logarithm of the softmax of the class, without overflow', () => {
    const f = [0.3, -1, 2];
    const total = f.reduce((sum, v) => sum + Math.exp(v), 0);
    expect(loss(f, [0, 1, 0])).toBeCloseTo(-Math.log(Math.exp(-1) / total), 14);
    expect(loss([0, 0, 0, 0], [0.25, 0.25, 0.25, 0.25])).toBeCloseTo(Math.log(4), 14);
    expect(loss([5000, -5000], [0, 1])).toBe(10000);
  });

  test('of two classes is the logistic loss of the difference', () => {
    for (const [f, g] of [
      [0.4, -0.3],
      [-2, 1],
      [3, 3],
    ]) {
      expect(loss([f, g], [1, 0])).toBeCloseTo(Math.log(1 + Math.exp(-(f - g))), 14);
      expect(loss([f + 7, g + 7], [1, 0])).toBeCloseTo(loss([f, g], [1, 0]), 13);
    }
  });

  test.each([
    ['probabilities that do not add up', classes.map((y) => 2 * y), unit, /not a label of the cross-entropy loss/],
    ['a negative one', classes.map((y, k) => (k === 0 ? 2 : k === 1 ? -1 : y)), unit, /label of the cross-entropy/],
    ['one output', new Float64Array(rows).fill(1), networkUnit({ activation: 'tanh', inputs: 2 }), /c >= 2 numbers/],
    ['targets in wrong rows', classes.slice(0, 35), unit, /35 targets in rows of 3/],
  ])('%s are refused', (_, goal, given, message) => {
    expect(() => risk({ unit: given, inputs, targets: goal, loss: 'crossEntropy' })).toThrow(message);
  });

  test('a unit that is a vector says so', () => {
    const vector = { formula: 'a * tanh(dot(w, x))', atom: { a: 2, w: 2 } };
    expect(() => risk({ unit: vector, inputs, targets: normals(rows, 'y') })).toThrow(
      /the unit is a vector, got size 2/,
    );
    expect(() => risk({ unit: { ...vector, outputs: 3 }, inputs, targets })).toThrow(/another number of outputs/);
  });
});
