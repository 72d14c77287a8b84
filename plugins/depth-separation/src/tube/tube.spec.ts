import { gaussLegendre, randomKey, randomOrthogonal, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { sincFourthData } from '../laws/index.js';
import { oscillatoryTarget } from '../targets/index.js';
import { spectralLaw } from './spectralLaw.js';
import { tubeCertificate } from './tubeCertificate.js';
import { windowMass } from './windowMass.js';

/** `sum of exp(i w relu(x + b)) phi(x) exp(-i xi x)` over [-500, 500] by Gauss-Legendre on cells that end at -b. */
function bruteDensity(omega: number, bias: number, xi: number): number {
  const { nodes, weights } = gaussLegendre(12);
  let [re, im] = [0, 0];
  const cell = 0.25;
  for (let k = -2000; k < 2000; k++) {
    for (let l = 0; l < nodes.length; l++) {
      const x = -bias + cell * (k + (nodes[l] + 1) / 2);
      const half = x / 2;
      const phi = Math.sqrt(3 / (4 * Math.PI)) * (half === 0 ? 1 : Math.sin(half) / half) ** 2;
      const phase = omega * Math.max(0, x + bias) - xi * x;
      re += ((weights[l] * cell) / 2) * phi * Math.cos(phase);
      im += ((weights[l] * cell) / 2) * phi * Math.sin(phase);
    }
  }
  return (re * re + im * im) / (2 * Math.PI);
}

describe('the spectral law of a factor', () => {
  test('in closed form is the transform by brute force', () => {
    for (const [omega, bias] of [
      [10, 0],
      [3, 0.7],
      [3, -1.2],
    ]) {
      const law = spectralLaw(omega, bias, 30);
      for (const xi of [-5.3, -1, -0.4, 0, 0.31, 1, 2.2, omega, omega + 0.8]) {
        // Beyond 500 phi holds 2 * 4 c / 500 = 8e-3 at the very most in F, oscillating: 1e-5 of p in fact.
        expect(Math.abs(law.density(xi) - bruteDensity(omega, bias, xi))).toBeLessThan(2e-3);
      }
    }
  });
  test('moves no faster than its bounds say', () => {
    const law = spectralLaw(5, 0.6, 30);
    const slopes = new Float64Array(2);
    const stream = randomStream(randomKey('slopes'));
    const root = (xi: number) => Math.sqrt(2 * Math.PI * law.density(xi));
    let tight = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const from = -3 + 11 * stream.uniform();
      const to = from + 0.2 * stream.uniform();
      const [a, b] = [from + (to - from) * stream.uniform(), from + (to - from) * stream.uniform()];
      law.slopesInto(slopes, from, to);
      const moved = Math.abs(root(a) - root(b));
      expect(moved).toBeLessThanOrEqual(Math.abs(a - b) * slopes[0] + 1e-9);
      expect(moved).toBeLessThanOrEqual(law.modulus(to - from) + 1e-9);
      tight = Math.max(tight, moved / (Math.abs(a - b) * slopes[0] + 1e-6));
      if (slopes[1] === Infinity) continue;
      // p'' by differences against (F'^2 + |F| |F''|) / pi.
      const h = (to - from) / 2;
      const bend = Math.abs(law.density(from) + law.density(to) - 2 * law.density(from + h)) / h ** 2;
      const size = root(from + h) + h * slopes[0];
      expect(bend).toBeLessThanOrEqual((slopes[0] ** 2 + size * slopes[1]) / Math.PI + 1e-9 / h ** 2);
    }
    expect(tight).toBeGreaterThan(0.3);
  });
});

describe('the mass of the heaviest window', () => {
  test('is that of the card to four digits', () => {
    for (const [omega, expected] of [
      [10, 0.467],
      [20, 0.4623],
      [50, 0.4611],
      [400, 0.4609],
    ]) {
      const { low, high } = windowMass({ omega });
      expect(high - low).toBeLessThan(1e-6);
      expect(Math.abs(low - expected)).toBeLessThan(5e-5);
    }
  });
  test('lies in every enclosure: that of four times the resolution is inside', () => {
    for (const [omega, bias] of [
      [0.7, 0],
      [2, 0],
      [4, 0],
      [10, 0],
      [10, 0.5],
      [10, -3],
      [33.3, 0],
      [100, 0.01],
    ]) {
      let outer = windowMass({ omega, bias, resolution: 16 });
      for (const resolution of bias === 0 ? [64, 256] : [64]) {
        const inner = windowMass({ omega, bias, resolution });
        expect(inner.low).toBeGreaterThanOrEqual(outer.low);
        expect(inner.low).toBeLessThanOrEqual(outer.high);
        expect(inner.high).toBeLessThanOrEqual(outer.high);
        // Second order, and never worse than first order with a logarithm.
        expect(inner.high - inner.low).toBeLessThan((outer.high - outer.low) / 9);
        outer = inner;
      }
    }
  });
  test('is not below the mass of any window, summed without cells', () => {
    const { low, high } = windowMass({ omega: 10 });
    const law = spectralLaw(10, 0, 40);
    const { nodes, weights } = gaussLegendre(16);
    let most = 0;
    for (let c = -6; c <= 16; c += 0.125) {
      let mass = 0;
      for (let k = 0; k < 100; k++) {
        for (let l = 0; l < nodes.length; l++) {
          mass += 0.02 * weights[l] * law.density(c - 2 + 0.04 * (k + (nodes[l] + 1) / 2));
        }
      }
      most = Math.max(most, mass);
      // Summing across logarithmic points without care costs 1e-6 or so.
      expect(mass).toBeLessThan(high + 1e-5);
    }
    expect(most).toBeGreaterThan(low - 1e-4);
  });
  test('keeps under a change of units, and of sign of the bias', () => {
    const one = windowMass({ omega: 10, bias: 0.5, resolution: 64 });
    const scaled = windowMass({ omega: 20, bias: 0.25, band: 2, resolution: 64 });
    expect(scaled.low).toBeCloseTo(one.low, 12);
    expect(scaled.center).toBeCloseTo(2 * one.center, 12);
    // x -> -x swaps the half lines: exp(i w relu(-x + b)) = exp(i w (b - x)) exp(i w relu(x - b)).
    const mirrored = windowMass({ omega: 10, bias: -0.5, resolution: 64 });
    expect(Math.abs(mirrored.low - one.low)).toBeLessThan(1e-5);
  });
  test('refuses what it is no bound for', () => {
    expect(() => windowMass({ omega: 0 })).toThrow(/hypothesis "omega > 0" is not met, got 0/);
    expect(() => windowMass({ omega: 1, band: -1 })).toThrow(/"r > 0"/);
    expect(() => windowMass({ omega: 1, bias: Infinity })).toThrow(/bias is finite/);
    expect(() => windowMass({ omega: 1, resolution: 15 })).toThrow(/16 to 1024/);
    expect(() => windowMass({ omega: 1e6 })).toThrow(/too long/);
    expect(() => windowMass({ omega: 400, bias: 60 })).toThrow(/too long, got w\/r = 400 with b r = 60/);
  });
});

describe('the tube certificate', () => {
  const certificate = (dim: number) => tubeCertificate(oscillatoryTarget({ dim, omega: 10 }), { resolution: 128 });
  test('has the floors of the card for m + d units, m = 1024', () => {
    for (const [dim, expected] of [
      [8, 0],
      [12, 0.523],
      [16, 0.977],
      [24, 1],
    ]) {
      // The card's .523 is that of 1035 units; 1036 have .5223.
      expect(Math.abs(certificate(dim).floor(1024 + dim).value - expected)).toBeLessThan(8e-4);
    }
    expect(certificate(12).floor(1035).value.toFixed(3)).toBe('0.523');
  });
  test('allows so many units before it drops to one half, as the card to the error of its Q', () => {
    const dims = [8, 12, 16, 20];
    const units = dims.map((dim) => tubeCertificate(oscillatoryTarget({ dim, omega: 10 })).unitsAt(0.5));
    expect(units).toEqual([52, 1085, 22794, 479114]);
    // The card's counts belong to Q = .467017, which lies 1e-5 below the mass that one window is proven to hold.
    dims.forEach((dim, k) => {
      const card = 0.25 * 0.467017 ** (1 - dim);
      expect(Math.abs(units[k] / card - 1)).toBeLessThan(1 / card + 5e-4);
      expect(certificate(dim).factors[0].low).toBeGreaterThan(0.467017);
    });
  });
  test('says nothing in one dimension and much in 64', () => {
    expect(certificate(1).floor(1).value).toBe(0);
    expect(certificate(64).floor(1e9).value).toBeGreaterThan(1 - 1e-11);
    expect(certificate(64).unitsAt(0.5)).toBeGreaterThan(1e20);
  });
  test('takes the worst coordinate out of the product', () => {
    const mixed = tubeCertificate(oscillatoryTarget({ dim: 3, omega: [5, 10, 20] }));
    const [a, b, c] = mixed.factors.map(({ high }) => high);
    expect(mixed.tubeShare).toBeCloseTo(2 * Math.max(a * b, a * c, b * c), 10);
  });
  test('does not change under a rotation, and falls with a bias', () => {
    const rotation = randomOrthogonal(4, randomStream(randomKey(5)));
    const plain = tubeCertificate(oscillatoryTarget({ dim: 4, omega: 10 }));
    const rotated = tubeCertificate(oscillatoryTarget({ dim: 4, omega: 10, rotation }));
    expect(rotated.tubeShare).toBe(plain.tubeShare);
    expect(rotated.hypotheses[2].statement).toMatch(/^U x, U orthogonal, has the density/);
    const biased = tubeCertificate(oscillatoryTarget({ dim: 4, omega: 10, bias: [0, 0.2, -0.2, 1] }));
    expect(biased.tubeShare).toBeGreaterThan(plain.tubeShare);
  });
  test('costs the real part a factor that tends to two, and bounds its mean square from below', () => {
    const points = new Float64Array(60_000);
    const stream = randomStream(randomKey('energy'));
    for (const [dim, bias] of [
      [1, 0],
      [2, 0.5],
      [3, -0.3],
      [12, 0],
    ]) {
      const target = oscillatoryTarget({ dim, omega: 3, bias, part: 'real' });
      const { energy, tubeShare, hypotheses } = tubeCertificate(target);
      expect(hypotheses[3].statement).toContain(`mean square is at least ${Math.floor(1000 * energy) / 1000}`);
      sincFourthData({ dim }).sampleInto(points, stream);
      const count = points.length / dim;
      const values = new Float64Array(count);
      target.valuesInto(values, points, count);
      const mean = values.reduce((sum, value) => sum + value * value, 0) / count;
      // Six standard errors of at most 1/2 each.
      expect(mean).toBeGreaterThan(energy - 3 / Math.sqrt(count));
      const complex = tubeCertificate(oscillatoryTarget({ dim, omega: 3, bias }));
      if (tubeShare < 1) expect(tubeShare).toBeCloseTo(complex.tubeShare / energy, 10);
      if (dim === 12) expect(tubeShare / complex.tubeShare).toBeCloseTo(2, 1);
    }
  });
  test('refuses counts that are none', () => {
    expect(() => certificate(2).floor(0)).toThrow(/"M >= 1" is not met, got 0/);
    expect(() => certificate(2).unitsAt(1)).toThrow(/level/);
  });
});
