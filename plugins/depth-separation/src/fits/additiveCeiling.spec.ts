import { gaussLegendre, randomKey } from '@muflow/core';
import { expect, test } from 'vitest';
import { sincFourthData } from '../laws/index.js';
import { measuredCeiling } from '../probe/index.js';
import { oscillatoryTarget } from '../targets/index.js';
import { tubeCertificate } from '../tube/index.js';
import { additiveCeiling } from './additiveCeiling.js';
import { drawSamples } from './problem.js';

test('the error is that of the sum of the mean and the main effects, on points', () => {
  for (const [omega, bias, band] of [
    [[0.4, 1.1, 0.2], 0.3, 1],
    [[2, 0.5, 1], [-0.5, 0, 1], 1.5],
  ] as const) {
    const dim = 3;
    const target = oscillatoryTarget({ dim, omega, bias });
    const count = 20_000;
    const problem = { target, law: sincFourthData({ dim, band }) };
    const { points, values } = drawSamples(problem, count, randomKey(1));
    // Means of the factors from other points.
    const other = drawSamples(problem, 100_000, randomKey(2)).points;
    const factor = (x: number, j: number): readonly [number, number] => {
      const phase = target.omega[j] * Math.max(0, x + target.bias[j]);
      return [Math.cos(phase), Math.sin(phase)];
    };
    const means = [0, 1, 2].map((j) => {
      let [real, imaginary] = [0, 0];
      for (let i = j; i < other.length; i += dim) {
        const [c, s] = factor(other[i], j);
        real += c / 100_000;
        imaginary += s / 100_000;
      }
      return [real, imaginary] as const;
    });
    const times = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]) =>
      [a * c - b * d, a * d + b * c] as const;
    const squaredErrors = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const mean = times(times(means[0], means[1]), means[2]);
      const sum = [-2 * mean[0], -2 * mean[1]];
      for (let j = 0; j < dim; j++) {
        let term = factor(points[i * dim + j], j);
        for (let k = 0; k < dim; k++) if (k !== j) term = times(term, means[k]);
        sum[0] += term[0];
        sum[1] += term[1];
      }
      squaredErrors[i] = (sum[0] - values[2 * i]) ** 2 + (sum[1] - values[2 * i + 1]) ** 2;
    }
    const measured = measuredCeiling({ squaredErrors, squaredTargets: 1, method: 'by hand', units: 3 });
    const { value, units } = additiveCeiling(target, band);
    // Bands of 99 %: two seeds, each outside in one of 100.
    expect(value).toBeGreaterThan(measured.low);
    expect(value).toBeLessThan(measured.high);
    expect(units).toBe(3);
  }
});

test('one coordinate leaves no error, and slow oscillations leave error of second order', () => {
  expect(additiveCeiling(oscillatoryTarget({ dim: 1, omega: 10 })).value).toBeLessThan(1e-6);
  const at = (omega: number): number => additiveCeiling(oscillatoryTarget({ dim: 4, omega })).value;
  // v ~ omega^2 Var relu: the error 6 v^2 falls by 16 with half the rate, up to the curvature of v.
  expect(at(0.04) / at(0.02)).toBeGreaterThan(14);
  expect(at(0.04) / at(0.02)).toBeLessThan(17);
});

test('v is that of the moments where the oscillation is slow', () => {
  // d = 2: the error is v^2, v -> omega^2 Var relu(u). E relu(u)^2 = 3/2; E relu(u) by quadrature to 400, the tail below 1e-5.
  const { nodes, weights } = gaussLegendre(40);
  let mean = 0;
  for (let panel = 0; panel < 100; panel++) {
    nodes.forEach((x, i) => {
      const u = 4 * panel + 2 * (x + 1);
      mean += 2 * weights[i] * u * (3 / (4 * Math.PI)) * (Math.sin(u / 2) / (u / 2)) ** 4;
    });
  }
  const variance = 1.5 - mean ** 2;
  const omega = 0.1;
  const v = Math.sqrt(additiveCeiling(oscillatoryTarget({ dim: 2, omega })).value);
  expect(v / (omega * omega * variance)).toBeGreaterThan(0.9);
  expect(v / (omega * omega * variance)).toBeLessThan(1);
});

test('never lies below the tube certificate for d units', () => {
  for (const dim of [2, 3, 5, 8, 16, 40]) {
    for (const omega of [0.1, 1, 10]) {
      const target = oscillatoryTarget({ dim, omega, bias: -0.4 });
      expect(additiveCeiling(target).value).toBeGreaterThanOrEqual(tubeCertificate(target).floor(dim).value);
    }
  }
  expect(() => additiveCeiling(oscillatoryTarget({ dim: 2, omega: 1, part: 'real' }))).toThrow(/real part/);
});
