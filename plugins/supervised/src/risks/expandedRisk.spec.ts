import {
  allocateFirstVariation,
  type Energy,
  euclidean,
  gaussian,
  layoutSize,
  type Measure,
  measure,
  networkUnit,
  risk,
} from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussianUnit } from '../models/units.js';
import { reluKernel } from '../population/dotKernels.js';
import { networkPopulation } from '../population/networkPopulation.js';
import { expandedRisk } from './expandedRisk.js';

const variation = (energy: Energy, mu: Measure) => {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  return out;
};

const units = [
  networkUnit({ activation: 'tanh', inputs: 2 }),
  networkUnit({ activation: 'relu', inputs: 2, bias: false }),
  networkUnit({ activation: 'erf', inputs: 2, homogeneity: 2 }),
  gaussianUnit({ inputs: 2, width: 0.7 }),
];
const number = fc.double({ min: -2, max: 2, noNaN: true });
const problems = fc
  .record({ unit: fc.constantFrom(...units), rows: fc.integer({ min: 1, max: 8 }), n: fc.integer({ min: 1, max: 6 }) })
  .chain(({ unit, rows, n }) =>
    fc.record({
      unit: fc.constant(unit),
      inputs: fc.array(number, { minLength: 2 * rows, maxLength: 2 * rows }).map((list) => Float64Array.from(list)),
      targets: fc.array(number, { minLength: rows, maxLength: rows }).map((list) => Float64Array.from(list)),
      positions: fc.array(number, { minLength: n * layoutSize(unit.atom), maxLength: n * layoutSize(unit.atom) }),
      masses: fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: n, maxLength: n }),
    }),
  );

describe('the expanded form of the square risk', () => {
  test('is the square risk: value, potential, gradient, on and off the support, to 1e-12', () => {
    fc.assert(
      fc.property(problems, ({ unit, inputs, targets, positions, masses }) => {
        const dim = layoutSize(unit.atom);
        const mu = measure({ space: euclidean(dim), kind: 'positive', positions, masses });
        const direct = risk({ unit, inputs, targets });
        const expanded = expandedRisk({ unit, inputs, targets });
        const scale = 1 + Math.abs(direct.value(mu));
        expect(Math.abs(expanded.value(mu) - direct.value(mu))).toBeLessThan(1e-12 * scale);
        const [a, b] = [variation(direct, mu), variation(expanded, mu)];
        const points = gaussian({ dim, n: 3, key: 1 }).positions;
        const [p, q] = [new Float64Array(3), new Float64Array(3)];
        direct.potentialAt(p, points, 3, mu);
        expanded.potentialAt(q, points, 3, mu);
        for (const [left, right] of [
          [a.potential, b.potential],
          [a.gradient, b.gradient],
          [p, q],
        ]) {
          left.forEach((value, k) => {
            expect(Math.abs(value - right[k])).toBeLessThan(1e-12 * (1 + Math.abs(value)) * scale);
          });
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test('its parts add up: C + int F + half the double integral of K, with K symmetric', () => {
    const inputs = gaussian({ dim: 2, n: 6, key: 2 }).positions;
    const energy = expandedRisk({ unit: units[0], inputs, targets: Float64Array.of(1, -1, 0.5, 2, 0, 1) });
    const mu = gaussian({ dim: 4, n: 5, key: 3 });
    const field = new Float64Array(5);
    const gram = new Float64Array(25);
    const atoms = { points: mu.positions, count: 5 };
    energy.externalFieldInto(field, mu.positions, 5);
    energy.kernelInto(gram, atoms, atoms);
    let sum = energy.constant;
    for (let i = 0; i < 5; i++) {
      sum += field[i] / 5;
      for (let j = 0; j < 5; j++) {
        expect(gram[i * 5 + j]).toBe(gram[j * 5 + i]);
        sum += gram[i * 5 + j] / 50;
      }
    }
    expect(energy.constant).toBeCloseTo((1 + 1 + 0.25 + 4 + 0 + 1) / 12, 14);
    expect(sum).toBeCloseTo(energy.value(mu), 14);
  });

  test('on many samples it approaches the closed form of the population at the rate of the samples', () => {
    const teacher = { weights: [1, -0.5], rows: [1, 0, 0.6, 0.8] };
    const population = networkPopulation(reluKernel('gaussian', 2), 2, teacher);
    const unit = networkUnit({ activation: 'relu', inputs: 2, bias: false });
    const mu = gaussian({ dim: 3, n: 4, key: 4 });
    const rows = 20_000;
    const inputs = gaussian({ dim: 2, n: rows, key: 5 }).positions;
    const relu = (z: number): number => Math.max(0, z);
    const targets = Float64Array.from({ length: rows }, (_, l) => {
      const [x, y] = [inputs[2 * l], inputs[2 * l + 1]];
      return relu(x) - 0.5 * relu(0.6 * x + 0.8 * y);
    });
    const energy = expandedRisk({ unit, inputs, targets });
    const out = new Float64Array(rows);
    risk({ unit, inputs, targets }).predictInto(out, inputs, rows, mu);
    const losses = out.map((f, l) => (f - targets[l]) ** 2 / 2);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / rows;
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / rows);
    const error = energy.value(mu) - population.value(mu);
    // Six standard errors: false alarm 2e-9.
    expect(Math.abs(error)).toBeLessThan((6 * deviation) / Math.sqrt(rows));
    expect(error).not.toBe(0);
  });

  test('data that do not fit are refused', () => {
    const unit = units[0];
    const [inputs, targets] = [new Float64Array(4), new Float64Array(2)];
    expect(() => expandedRisk({ unit, inputs, targets: new Float64Array(3) })).toThrow(/4 input numbers for 3 targets/);
    expect(() => expandedRisk({ unit, inputs, targets: Float64Array.of(1, Number.NaN) })).toThrow(
      /not finite, got NaN/,
    );
    const vector = networkUnit({ activation: 'tanh', inputs: 2, outputs: 2 });
    expect(() => expandedRisk({ unit: vector, inputs, targets })).toThrow(/the unit is a vector/);
    expect(() => expandedRisk({ unit, inputs, targets }).value(gaussian({ dim: 3, n: 2, key: 0 }))).toThrow(
      /expected 4/,
    );
  });
});
