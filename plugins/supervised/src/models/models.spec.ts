import {
  checkFirstVariation,
  euclidean,
  fillNormal,
  gaussian,
  measure,
  networkUnit,
  randomKey,
  risk,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { separates } from '../theory/separation.js';
import { lawSeparates, type NeuronsOptions, neurons } from './neurons.js';
import { dirichletUnit, gaussianUnit } from './units.js';

const normals = (n: number, seed: string): Float64Array => {
  const out = new Float64Array(n);
  fillNormal(out, randomKey(seed));
  return out;
};
const inputs = normals(20, 'x');
const targets = normals(10, 'y');

describe('units around a center', () => {
  const point = (unit: ReturnType<typeof gaussianUnit>, u: number[], x: number[]): number[] => {
    const { outputs = 1 } = unit;
    const energy = risk({ unit, inputs: Float64Array.from(x), targets: new Float64Array(outputs) });
    const out = new Float64Array(outputs);
    energy.predictInto(out, Float64Array.from(x), 1, measure({ space: euclidean(u.length), positions: u }));
    return [...out];
  };

  test('a Gaussian unit is the bump of its width', () => {
    const unit = gaussianUnit({ inputs: 2, width: 0.7 });
    const expected = 1.5 * Math.exp(-(0.4 ** 2 + 1.3 ** 2) / (2 * 0.49));
    expect(point(unit, [1.5, 0.6, -1], [1, 0.3])[0]).toBeCloseTo(expected, 14);
    const several = point(gaussianUnit({ inputs: 1, outputs: 2 }), [1, -2, 0.5], [0]);
    expect(several[1]).toBeCloseTo(-2 * several[0], 15);
  });

  test('a Dirichlet unit is sin((p + 1/2) t) / sin(t / 2) in every coordinate', () => {
    const kernel = (t: number): number => Math.sin(3.5 * t) / Math.sin(t / 2);
    const value = point(dirichletUnit({ inputs: 2, order: 3 }), [0.5, 1, 2], [1.4, -0.3])[0];
    expect(value).toBeCloseTo(0.5 * kernel(0.4) * kernel(-2.3), 12);
  });

  test.each([
    ['gaussian', gaussianUnit({ inputs: 2, width: 0.8 }), 3],
    ['dirichlet', dirichletUnit({ inputs: 2, order: 2 }), 3],
    ['leaky-relu', networkUnit({ activation: 'leaky-relu', inputs: 2 }), 4],
    ['squared-relu', networkUnit({ activation: 'squared-relu', inputs: 2 }), 4],
    ['cos', networkUnit({ activation: 'cos', inputs: 2 }), 4],
    ['z * sigmoid(z)', networkUnit({ activation: 'z * sigmoid(z)', inputs: 2, bias: false }), 3],
  ])('the risk of %s units has the gradient of its differences', (_, unit, dim) => {
    const energy = risk({ unit, inputs, targets });
    expect(checkFirstVariation(energy, gaussian({ dim, n: 5, key: 3 }))).toMatchObject({ holds: true });
  });

  test('sizes that are none are refused', () => {
    expect(() => gaussianUnit({ inputs: 0 })).toThrow(/inputs 0/);
    expect(() => gaussianUnit({ inputs: 1, width: -1 })).toThrow(/width -1/);
    expect(() => dirichletUnit({ inputs: 1.5, order: 2 })).toThrow(/inputs 1.5/);
  });
});

describe('neurons', () => {
  const norms = (mu: ReturnType<typeof neurons>, from: number, to: number): number[] =>
    Array.from({ length: mu.count }, (_, i) => Math.hypot(...mu.positions.slice(i * mu.dim + from, i * mu.dim + to)));

  test.each<NeuronsOptions>([
    { hiddenDim: 3 },
    { hiddenDim: 3, hidden: { law: 'sphere' }, onSphere: true },
    { hiddenDim: 3, outputs: 2, hidden: { law: 'ball' }, output: { law: 'gaussian' } },
    { hiddenDim: 3, hidden: { law: 'grid', perAxis: 2 } },
  ])('a symmetric start is the zero function: %o', (options) => {
    const mu = neurons({ ...options, symmetric: true }, 40, 5);
    const { outputs = 1 } = options;
    const unit = networkUnit({ activation: 'relu', inputs: 2, outputs });
    const out = new Float64Array(10 * outputs);
    risk({ unit, inputs, targets: new Float64Array(10 * outputs) }).predictInto(out, inputs, 10, mu);
    for (const value of out) expect(Math.abs(value)).toBeLessThan(1e-15);
    expect(mu.count).toBe(40);
  });

  test('laws put hidden weights where they say, and signs on the outputs', () => {
    const on = (options: Omit<NeuronsOptions, 'hiddenDim'>) => neurons({ hiddenDim: 3, ...options }, 64, 1);
    for (const r of norms(on({ hidden: { law: 'sphere', radius: 2 } }), 1, 4)) expect(r).toBeCloseTo(2, 14);
    expect(Math.max(...norms(on({ hidden: { law: 'ball', radius: 2 } }), 1, 4))).toBeLessThanOrEqual(2);
    for (const r of norms(on({ joint: { law: 'sphere', radius: 3 } }), 0, 4)) expect(r).toBeCloseTo(3, 14);
    const half = on({ hidden: { law: 'half-sphere' }, output: { law: 'sign', size: 0.5 } });
    for (let i = 0; i < 64; i++) expect(half.positions[4 * i + 1]).toBeGreaterThanOrEqual(0);
    expect(new Set(norms(half, 0, 1))).toEqual(new Set([0.5]));
    expect(new Set(half.positions.filter((_, k) => k % 4 === 0))).toEqual(new Set([0.5, -0.5]));
    const cells = on({ hidden: { law: 'grid', perAxis: 4, halfWidth: 2 }, output: { law: 'constant', value: 0 } });
    const places = Array.from({ length: 64 }, (_, i) => cells.positions.slice(4 * i + 1, 4 * i + 4).join());
    expect(new Set(places).size).toBe(64);
    expect([...cells.positions.slice(0, 4)]).toEqual([0, -1.5, -1.5, -1.5]);
    expect(neurons({ hiddenDim: 2, kind: 'positive' }, 3, 0).kind).toBe('positive');
  });

  test('a smaller start is the beginning of a larger one', () => {
    const [small, large] = [8, 32].map((n) => neurons({ hiddenDim: 2, symmetric: true }, n, 'seed'));
    expect([...large.positions.slice(0, small.positions.length)]).toEqual([...small.positions]);
  });

  test('which laws separate, in either sense', () => {
    const either = (options: NeuronsOptions) =>
      (['partially-1-homogeneous', '2-homogeneous'] as const).map((lift) => lawSeparates(options, lift));
    expect(either({ hiddenDim: 2, output: { law: 'gaussian' } })).toEqual([true, true]);
    expect(either({ hiddenDim: 2 })).toEqual([true, false]);
    expect(either({ hiddenDim: 2, hidden: { law: 'sphere' }, onSphere: true })).toEqual([true, false]);
    expect(either({ hiddenDim: 2, hidden: { law: 'half-sphere' }, onSphere: true })).toEqual([false, false]);
    expect(either({ hiddenDim: 2, hidden: { law: 'ball' }, output: { law: 'gaussian' } })).toEqual([false, true]);
    expect(either({ hiddenDim: 2, joint: { law: 'sphere' } })).toEqual([false, true]);
    expect(either({ hiddenDim: 2, hidden: { law: 'points', points: [[0, 1]] } })).toEqual([false, false]);
  });

  // 600 points on a circle of length 6.3 leave a gap of 0.4 with probability below 600 exp(-38).
  test('what separates does so with many neurons, thickened; what does not leaves a way through', () => {
    const axes = [
      { low: -2, high: 2 },
      { low: -Math.PI, high: Math.PI, periodic: true },
    ];
    const thick = (points: number[]): boolean => separates(points, { axes, resolution: 0.3 });
    for (const law of ['sphere', 'half-sphere'] as const) {
      const options = { hiddenDim: 2, hidden: { law }, onSphere: true };
      const { positions } = neurons(options, 600, 1);
      const places = Array.from({ length: 600 }, (_, i) => i).flatMap((i) => [
        positions[3 * i],
        Math.atan2(positions[3 * i + 2], positions[3 * i + 1]),
      ]);
      expect(thick(places)).toBe(lawSeparates(options, 'partially-1-homogeneous'));
    }
    for (const options of [
      { hiddenDim: 1, joint: { law: 'sphere' } },
      { hiddenDim: 1, hidden: { law: 'sphere' } },
    ] as const) {
      const { positions } = neurons(options, 600, 2);
      const places = Array.from({ length: 600 }, (_, i) => positions.slice(2 * i, 2 * i + 2)).flatMap(([a, w]) => [
        Math.log(Math.hypot(a, w)),
        Math.atan2(w, a),
      ]);
      expect(thick(places)).toBe(lawSeparates(options, '2-homogeneous'));
    }
  });

  test.each<[NeuronsOptions, number, RegExp]>([
    [{ hiddenDim: 2, symmetric: true }, 5, /an even number of neurons/],
    [{ hiddenDim: 99, symmetric: true }, 1_000_002, /would be too large, got 1000002 neurons of 100 numbers/],
    [{ hiddenDim: 2, hidden: { law: 'ball' }, onSphere: true }, 4, /a ball does not lie on the sphere/],
    [{ hiddenDim: 2, joint: { law: 'ball' }, output: { law: 'sign' } }, 4, /a joint law draws all weights/],
    [{ hiddenDim: 2, hidden: { law: 'points', points: [[1]] } }, 4, /another number of coordinates/],
    [{ hiddenDim: 2, hidden: { law: 'sphere', radius: -1 } }, 4, /the radius is not usable/],
  ])('%o of %i neurons is refused', (options, count, message) => {
    expect(() => neurons(options, count, 1)).toThrow(message);
  });
});
