import { randomKey, wassersteinDistance } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repeatPoints, toMeasure } from '../sets/batches.js';
import { type SetBatch, setBatch } from '../sets/setBatch.js';
import { ballSets, drawSets, gaussianSets } from '../sets/setLaws.js';
import { singleNeuron, smoothNeuron } from './neurons.js';
import { distinctPairPotential, pairPotential } from './pairs.js';
import { scores } from './score.js';
import type { SetFunction } from './setFunction.js';
import { gaussianEntropy, kernelEntropy, setVariance } from './spread.js';
import { scoreLogMeanExp, scoreMaximum, scoreMean, scoreMedian, secondLargest } from './statistics.js';

const ofMeasures: readonly SetFunction[] = [
  scoreMean(),
  scoreMean(scores['inverse-norm']),
  scoreMedian(),
  scoreMaximum(),
  scoreLogMeanExp(),
  scoreLogMeanExp(scores.first, 1),
  setVariance(),
  gaussianEntropy(0.1),
  kernelEntropy(2),
  pairPotential(),
];
const ofLists: readonly SetFunction[] = [secondLargest(), secondLargest(scores['inverse-norm'])];
const named = (functions: readonly SetFunction[]) => functions.map((f) => [`${f.id}: ${f.formula}`, f] as const);

const row = fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.double({ min: 0.1, max: 3, noNaN: true }));
const list = fc.array(row, { minLength: 2, maxLength: 9 });
const bits = (values: Float64Array): string => Buffer.from(values.buffer).toString('hex');

describe.each(named([...ofMeasures, ...ofLists]))('%s', (_, f) => {
  test('does not depend on the order of the points, to the bit', () => {
    fc.assert(
      fc.property(
        list.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }))),
        ([rows, other]) => {
          expect(bits(f.values(setBatch([{ points: other }])))).toBe(bits(f.values(setBatch([{ points: rows }]))));
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });
});

const drawn = drawSets(gaussianSets({ dim: 3, spread: 1, scales: [0.5, 2] }), {
  sets: 60,
  size: [2, 9],
  key: randomKey(1),
});

describe.each(named(ofMeasures))('%s', (_, f) => {
  test.each([2, 3, 7])('is the same for every point listed %d times, to 1e-12', (copies) => {
    const [once, again] = [f.values(drawn), f.values(repeatPoints(drawn, copies))];
    once.forEach((value, s) => {
      expect(Math.abs(again[s] - value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
    });
  });

  test('does not depend on the unit of mass', () => {
    const points = [
      [1, 2],
      [0, 1],
      [3, 0],
    ];
    const of = (...masses: number[]) => f.values(setBatch([{ points, masses }]))[0];
    expect(of(2, 4, 6)).toBe(of(1, 2, 3));
  });
});

describe.each(named([...ofLists, distinctPairPotential()]))('%s is no function of the measure', (_, f) => {
  test('with every point listed twice its values are others, or none', () => {
    expect(f.ofMeasure).toBe(false);
    const twice = repeatPoints(drawn, 2);
    const differs = (batch: SetBatch): boolean => {
      try {
        return f.values(batch).some((value, s) => Math.abs(value - f.values(drawn)[s]) > 1e-3);
      } catch (error) {
        return /no finite number, got -Infinity/.test(String(error));
      }
    };
    expect([differs(drawn), differs(twice)]).toEqual([false, true]);
  });
});

describe('continuity in W_1', () => {
  const radius = 1;
  const neuron = { dim: 2, key: randomKey(6), inner: 'relu' };
  const teachers = [singleNeuron(neuron), singleNeuron({ ...neuron, outer: 'tanh' }), smoothNeuron(neuron)];
  const smooth = [...ofMeasures, ...teachers].filter((f) => Number.isFinite(f.lipschitz(radius)));
  const batch = drawSets(ballSets({ dim: 2, radius }), { sets: 16, size: [1, 5], key: randomKey(8) });
  const measures = Array.from({ length: batch.count }, (_, s) => toMeasure(batch, s));
  const moved = setBatch(
    measures.map((mu, s) => ({
      points: Array.from({ length: mu.count }, (_, i) =>
        [0, 1].map((k) => mu.positions[2 * i + k] * (1 - 0.01 * (s + 1))),
      ),
    })),
  );
  const pairs = measures.flatMap((mu, s) => [
    ...measures.slice(0, s).map((nu, r) => ({ values: [s, r], distance: wassersteinDistance(mu, nu, { p: 1 }).upper })),
    { values: [s, s + 16], distance: wassersteinDistance(mu, toMeasure(moved, s), { p: 1 }).upper },
  ]);
  const steepest = (f: SetFunction): number => {
    const values = [...f.values(batch), ...f.values(moved)];
    return Math.max(...pairs.map(({ values: [a, b], distance }) => Math.abs(values[a] - values[b]) / distance));
  };

  test.each(named(smooth))('%s has slopes below its Lipschitz constant', (_, f) => {
    expect(steepest(f)).toBeLessThanOrEqual(f.lipschitz(radius) * (1 + 1e-9));
    expect(steepest(f)).toBeGreaterThan(0);
  });

  test('the bound of the mean is attained, that of the others not exceeded by half', () => {
    expect(steepest(scoreMean())).toBeGreaterThan(0.99);
    expect(steepest(setVariance()) / 4).toBeGreaterThan(0.3);
  });

  test('median and maximum jump where almost no mass moves', () => {
    const near = (mass: number) => setBatch([{ points: [[0], [1]], masses: [1 - mass, mass] }]);
    const jump = (f: SetFunction, a: number, b: number) => f.values(near(b))[0] - f.values(near(a))[0];
    expect(jump(scoreMaximum(), 0, 1e-9)).toBe(1);
    expect(jump(scoreMedian(), 0.5 - 1e-9, 0.5 + 1e-9)).toBe(1);
    expect(Math.abs(jump(scoreLogMeanExp(), 0, 1e-9))).toBeLessThan(1e-5);
  });
});

describe('closed values', () => {
  const of = (f: SetFunction, points: number[][], masses?: number[]): number =>
    f.values(setBatch([{ points, ...(masses && { masses }) }]))[0];

  test('statistics of the lengths 5, 1 and 2', () => {
    const points = [
      [3, 4],
      [1, 0],
      [0, 2],
    ];
    expect(of(scoreMean(), points)).toBeCloseTo(8 / 3, 14);
    expect(of(scoreMedian(), points)).toBe(2);
    expect(of(scoreMedian(), points, [1, 1, 2])).toBe(2);
    expect(of(scoreMedian(), points, [1, 2, 1])).toBe(1.5);
    expect(of(scoreMaximum(), points)).toBe(5);
    expect(of(secondLargest(), points)).toBe(2);
    expect(of(secondLargest(scores['inverse-norm']), points)).toBe(0.5);
    expect(of(scoreMean({ formula: 'x[0] * x[1]' }), points)).toBe(4);
    expect(of(scoreLogMeanExp(), points)).toBeCloseTo(5 + 0.1 * Math.log((1 + Math.exp(-30) + Math.exp(-40)) / 3), 13);
  });

  test('spread of two points at distance 2', () => {
    const points = [
      [1, 5],
      [-1, 5],
    ];
    expect(of(setVariance(), points)).toBe(1);
    const entropy = Math.log(2 * Math.PI * Math.E) + Math.log(1.1 * 0.1) / 2;
    expect(of(gaussianEntropy(0.1), points)).toBeCloseTo(entropy, 13);
    const window = -Math.log((1 + Math.exp(-2)) / (4 * Math.PI));
    expect(of(kernelEntropy(1), points)).toBeCloseTo(window, 13);
    expect(of(pairPotential(1), points)).toBeCloseTo(-(1 + 1 / Math.sqrt(5)) / 2, 14);
    expect(of(distinctPairPotential(), points)).toBe(-0.5);
  });

  // 1500 points: the entropy estimate has a deviation near sqrt(d / 2 / 1500) = 0.03 and a bias of the window, below 0.1.
  test('both entropies come near that of the normal law they are drawn from', () => {
    const law = gaussianSets({ dim: 2, spread: 0, scales: [1, 1] });
    const batch = drawSets(law, { sets: 1, size: 1500, key: randomKey(2) });
    const exact = Math.log(2 * Math.PI * Math.E);
    expect(Math.abs(gaussianEntropy(1e-6).values(batch)[0] - exact)).toBeLessThan(0.15);
    expect(Math.abs(kernelEntropy(0.3).values(batch)[0] - exact)).toBeLessThan(0.25);
  });
});

test.each([
  [
    'a set of one point has no second largest',
    () => secondLargest().values(setBatch([{ points: [[1]], id: 'a' }])),
    /set "a" has too few points, got 1 point/,
  ],
  [
    'a point at 0 has no inverse length',
    () => scoreMean(scores['inverse-norm']).values(setBatch([{ points: [[0]] }])),
    /value of set "0" is no finite number, got Infinity/,
  ],
  ['a vector is no score', () => scoreMean({ formula: '2 * x' }).values(drawn), /the score of a point is no number/],
  ['an unknown name in a score', () => scoreMean({ formula: 'y' }).values(drawn), /y/],
  ['a temperature of 0', () => scoreLogMeanExp(scores.norm, 0), /temperature is not usable, got 0/],
  ['a negative ridge', () => gaussianEntropy(-1), /ridge is not usable/],
])('%s: refused', (_, call, message) => {
  expect(call).toThrow(message);
});
