import { allocatePass, forward, randomKey, randomOrthogonal, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { rotatedData, sincFourthData } from '../laws/index.js';
import { type OscillatoryOptions, oscillatoryTarget } from '../targets/index.js';
import { depthThreeCeiling } from './depthThreeCeiling.js';
import { phaseNetwork } from './phaseNetwork.js';

const rotation = randomOrthogonal(3, randomStream(randomKey(3)));
const cases: readonly (readonly [string, OscillatoryOptions])[] = [
  ['plain', { dim: 3, omega: 10 }],
  ['biased, of different frequencies', { dim: 3, omega: [4, 7, 11], bias: [0.3, -0.2, 0] }],
  ['rotated', { dim: 3, omega: 5, rotation }],
  ['real', { dim: 3, omega: 10, part: 'real' }],
];

describe.each(cases)('the explicit network of depth three, %s', (_, options) => {
  const target = oscillatoryTarget(options);
  const f = phaseNetwork({ target, knots: 200, top: 20 });
  const count = 500;
  const points = new Float64Array(count * 3);
  sincFourthData({ dim: 3 }).sampleInto(points, randomStream(randomKey('points')));
  const outputs = target.complex ? 2 : 1;
  const values = new Float64Array(count * outputs);
  f.valuesInto(values, points, count);

  test('evaluated as a network equals its formula', () => {
    const { network, parameters } = f.layers();
    expect(network.layers.map((layer) => layer.outputs)).toEqual([3, 200, outputs]);
    expect(f.units).toBe(203);
    const pass = allocatePass(network, count);
    forward(network, pass, parameters, points);
    const phases = new Float64Array(count);
    target.phasesInto(phases, points, count);
    pass.outputs.forEach((value, k) => {
      // A sum of 200 terms of size s with slopes of at most 2: rounding grows with the phase.
      expect(Math.abs(value - values[k])).toBeLessThan(1e-13 * (1 + 200 * phases[Math.floor(k / outputs)]));
    });
  });
  test('is within an eighth of the squared spacing below the last knots, and 0 above', () => {
    const exact = new Float64Array(count * outputs);
    const phases = new Float64Array(count);
    target.valuesInto(exact, points, count);
    target.phasesInto(phases, points, count);
    let [below, above, largest] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const gap = Array.from({ length: outputs }, (_, part) => values[outputs * i + part] - exact[outputs * i + part]);
      const size = Math.hypot(...gap);
      expect(f.squaredErrorAt(phases[i])).toBeCloseTo(size ** 2, 12);
      if (phases[i] <= 20 - f.spacing) {
        below++;
        largest = Math.max(largest, size);
      } else if (phases[i] >= 20) {
        above++;
        expect(Math.max(...values.subarray(outputs * i, outputs * (i + 1)).map(Math.abs))).toBe(0);
      }
    }
    expect(Math.min(below, above)).toBeGreaterThan(5);
    expect(largest).toBeLessThan(f.spacing ** 2 / 8);
    expect(largest).toBeGreaterThan(f.spacing ** 2 / 20);
  });
});

describe('the measured error', () => {
  test('is that of the card, m = 256, within a factor 1.5', async () => {
    for (const [dim, expected] of [
      [4, 1.8e-3],
      [8, 5.1e-3],
      [12, 7.0e-3],
    ]) {
      const target = oscillatoryTarget({ dim, omega: 10 });
      const { ceiling } = await depthThreeCeiling({
        target,
        law: sincFourthData({ dim }),
        knots: 256,
        points: 20_000,
        key: randomKey(dim),
      });
      expect(ceiling.units).toBe(256 + dim);
      expect(ceiling.value / expected).toBeLessThan(1.5);
      expect(ceiling.value / expected).toBeGreaterThan(1 / 1.5);
      expect(ceiling.low).toBeLessThan(ceiling.value);
    }
  });
  test('of a rotated problem is that of the plain one on the same draws, turned', async () => {
    const common = { knots: 64, points: 20_000, key: randomKey(9) };
    const plain = await depthThreeCeiling({
      ...common,
      target: oscillatoryTarget({ dim: 3, omega: 10 }),
      law: sincFourthData({ dim: 3 }),
    });
    const rotated = await depthThreeCeiling({
      ...common,
      target: oscillatoryTarget({ dim: 3, omega: 10, rotation }),
      law: rotatedData(sincFourthData({ dim: 3 }), rotation),
    });
    expect(rotated.ceiling.value / plain.ceiling.value).toBeCloseTo(1, 6);
  });
  test('falls with the knots, and the real part has about the same share of its mean square', async () => {
    const law = sincFourthData({ dim: 4 });
    const error = async (knots: number, part: 'complex' | 'real') => {
      const target = oscillatoryTarget({ dim: 4, omega: 10, part });
      return (await depthThreeCeiling({ target, law, knots, points: 20_000, key: randomKey(2) })).ceiling.value;
    };
    const coarse = await error(64, 'complex');
    const fine = await error(256, 'complex');
    const real = await error(256, 'real');
    // Balance of (S/m)^4 against S^-3: a power -12/7 of m at the least.
    expect(Math.log(coarse / fine) / Math.log(4)).toBeGreaterThan(1.5);
    expect(Math.abs(Math.log(real / fine))).toBeLessThan(Math.log(1.5));
  });
  test('bad input is refused', async () => {
    const target = oscillatoryTarget({ dim: 2, omega: 10 });
    const law = sincFourthData({ dim: 2 });
    const key = randomKey(1);
    expect(() => phaseNetwork({ target, knots: 2, top: 1 })).toThrow(/"m >= 3" is not met, got 2/);
    expect(() => phaseNetwork({ target, knots: 8, top: 0 })).toThrow(/"S > 0"/);
    const refusal = (options: object) => depthThreeCeiling({ target, law, knots: 8, key, ...options });
    await expect(refusal({ law: sincFourthData({ dim: 3 }) })).rejects.toThrow(/got 2 and 3/);
    await expect(refusal({ points: 10 })).rejects.toThrow(/"1000 points or more" is not met/);
    const far = oscillatoryTarget({ dim: 2, omega: 1, bias: -1e9 });
    await expect(refusal({ target: far, points: 1000 })).rejects.toThrow(/the phase is above 0 somewhere/);
  });
});
