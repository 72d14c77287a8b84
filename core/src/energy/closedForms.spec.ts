import { describe, expect, test } from 'vitest';
import { column, exp, negate, norm2, row, subtract } from '../formula/build.js';
import { parseFormula } from '../formula/parse.js';
import { fillNormal, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { allocateFirstVariation } from './checks.js';
import type { Energy } from './energy.js';
import { diffusion, entropyEstimate, entropyOfMasses, klToReference, kullbackLeiblerEnergy } from './entropy.js';
import { gradientField, scaleField, sumFields } from './gradientField.js';
import { interactionEnergy } from './interactionEnergy.js';
import { mmdEnergy } from './mmdEnergy.js';
import { estimateOptimalityGap, optimalityGap } from './optimalityGap.js';
import { potentialEnergy } from './potentialEnergy.js';
import { scaleEnergy, sumEnergy } from './sumEnergy.js';
import { symmetrized } from './symmetry.js';

const mu = measure({ space: euclidean(1), positions: [-1, 0, 2], masses: [0.5, 0.3, 0.2] });
const context = { time: 0, step: 0, key: randomKey(0) };
const variation = (energy: Energy, at: Measure) => {
  const out = allocateFirstVariation(at.count, at.dim);
  energy.firstVariationInto(out, at);
  return out;
};

describe('potentialEnergy', () => {
  test("F = int W dmu, V = W, grad V = W'", () => {
    const energy = potentialEnergy({ potential: 'x^3', dim: 1 });
    expect(energy.value(mu)).toBeCloseTo(-0.5 + 1.6, 14);
    expect([...variation(energy, mu).potential]).toEqual([-1, 0, 8]);
    expect([...variation(energy, mu).gradient]).toEqual([3, 0, 12]);
  });

  test('functions and formula give the same energy', () => {
    const byFormula = potentialEnergy({ potential: 'x[0]*x[1] + x[1]^2', dim: 2 });
    const byFunction = potentialEnergy({
      potential: {
        value: (p, i) => p[i] * p[i + 1] + p[i + 1] ** 2,
        gradientInto: (out, o, p, i) => {
          out[o] = p[i + 1];
          out[o + 1] = p[i] + 2 * p[i + 1];
        },
      },
      dim: 2,
    });
    const plane = measure({ space: euclidean(2), positions: [1, 2, -3, 0.5] });
    expect(byFunction.value(plane)).toBeCloseTo(byFormula.value(plane), 14);
    expect(variation(byFunction, plane)).toEqual(variation(byFormula, plane));
    expect(byFunction.smooth).toBe(true);
    expect(potentialEnergy({ potential: { value: (p, i) => p[i] }, dim: 1 }).smooth).toBe(false);
  });

  test('a formula in other names, a vector and a wrong dimension are refused', () => {
    expect(() => potentialEnergy({ potential: 'z^2', dim: 1 })).toThrow(/z/);
    expect(() => potentialEnergy({ potential: '2*x', dim: 2 })).toThrow(/scalar/);
    expect(() => potentialEnergy({ potential: row('y'), dim: 1 })).toThrow(/potentialEnergy.*"y"/);
    expect(() => potentialEnergy({ potential: 'x', dim: 1, space: euclidean(2) })).toThrow(/euclidean/);
  });
});

describe('interactionEnergy', () => {
  test('K = x y gives half the squared mean and V = mean x', () => {
    const energy = interactionEnergy({ kernel: 'x*y', dim: 1 });
    const mean = -0.5 + 0.4;
    expect(energy.value(mu)).toBeCloseTo((mean * mean) / 2, 15);
    const { potential, gradient } = variation(energy, mu);
    mu.positions.forEach((x, i) => {
      expect(potential[i]).toBeCloseTo(mean * x, 15);
      expect(gradient[i]).toBeCloseTo(mean, 15);
    });
  });

  test('functions with both gradients equal the formula of a kernel that is not symmetric', () => {
    const byFormula = interactionEnergy({ kernel: 'x^2*exp(-y)', dim: 1 });
    const byFunction = interactionEnergy({
      kernel: {
        value: (a, i, b, j) => a[i] ** 2 * Math.exp(-b[j]),
        gradientInto: (out, o, a, i, b, j) => {
          out[o] = 2 * a[i] * Math.exp(-b[j]);
        },
        gradientSecondInto: (out, o, a, i, b, j) => {
          out[o] = -(a[i] ** 2) * Math.exp(-b[j]);
        },
      },
      dim: 1,
    });
    const [f, g] = [variation(byFormula, mu), variation(byFunction, mu)];
    expect(byFunction.value(mu)).toBeCloseTo(byFormula.value(mu), 13);
    for (let i = 0; i < 3; i++) {
      expect(g.potential[i]).toBeCloseTo(f.potential[i], 13);
      expect(g.gradient[i]).toBeCloseTo(f.gradient[i], 13);
    }
  });

  test('a kernel seen to be symmetric is not evaluated twice', () => {
    const [x, y] = [row('x', 2), column('y', 2)];
    const gaussian = exp(negate(norm2(subtract(x, y))));
    expect(symmetrized(gaussian, 2)).toBe(gaussian);
    for (const kernel of [
      'cos(2*pi*(x - y)) + 0.3*x*y',
      'exp(-(x - y)^2/2)',
      'abs(x - y)',
      'sin(x - y)^2',
      'x*y + x + y',
      'norm2(x)*norm2(y)',
      'dot(x, y)^2',
      'exp(-norm2(x - y)/2)/3',
    ]) {
      const energy = interactionEnergy({ kernel, dim: 1 });
      const given = parseFormula(kernel, { variables: { x: { role: 'row' }, y: { role: 'column' } } });
      expect(energy.formula, kernel).toBe(given);
    }
    const lopsided = interactionEnergy({ kernel: 'sin(x - y)', dim: 1 });
    expect(lopsided.value(mu)).toBeCloseTo(0, 15);
  });
});

describe('mmdEnergy', () => {
  test('two Diracs at distance r: F = 1 - exp(-r^2 / (2 s^2))', () => {
    const at = (x: number): Measure => measure({ space: euclidean(1), positions: [x] });
    const energy = mmdEnergy({ target: at(0), width: 0.7 });
    expect(energy.value(at(1.3))).toBeCloseTo(1 - Math.exp(-(1.3 ** 2) / (2 * 0.49)), 14);
    expect(energy.value(at(0))).toBe(0);
    const { potential, gradient } = variation(energy, at(1.3));
    expect(potential[0]).toBeCloseTo(1 - Math.exp(-(1.3 ** 2) / 0.98), 14);
    expect(gradient[0]).toBeCloseTo((1.3 / 0.49) * Math.exp(-(1.3 ** 2) / 0.98), 14);
  });

  test('it is the sum of interaction, potential and constant that defines it', () => {
    const nu = measure({ space: euclidean(1), positions: [0.4, -0.6], masses: [0.25, 0.75] });
    const mmd = mmdEnergy({ target: nu, kernel: 'exp(-abs(x - y))' });
    const self = interactionEnergy({ kernel: 'exp(-abs(x - y))', dim: 1 });
    const cross = potentialEnergy({ potential: '-0.25*exp(-abs(x - 0.4)) - 0.75*exp(-abs(x + 0.6))', dim: 1 });
    expect(mmd.value(mu)).toBeCloseTo(sumEnergy(self, cross).value(mu) + self.value(nu), 14);
    expect(mmd.value(nu)).toBeCloseTo(0, 15);
    expect(() => mmdEnergy({ target: nu, width: 0 })).toThrow(/width/);
  });
});

describe('entropies', () => {
  const half = measure({ space: finite(3), positions: [0, 2, 2], masses: [0.5, 0.2, 0.3] });

  test('sum p log(p/q) over sites, first variation log(p/q) + 1', () => {
    const energy = entropyOfMasses({ reference: [0.25, 0.25, 0.5] });
    expect(energy.value(half)).toBeCloseTo(0.5 * Math.log(2), 15);
    const { potential } = variation(energy, half);
    expect(potential[0]).toBeCloseTo(Math.log(2) + 1, 15);
    expect(potential[1]).toBeCloseTo(1, 15);
    const everywhere = new Float64Array(3);
    energy.potentialAt(everywhere, Float64Array.of(0, 1, 2), 3, half);
    expect(everywhere[1]).toBe(Number.NEGATIVE_INFINITY);
  });

  test('KL carries the mass terms and vanishes at the reference', () => {
    const reference = measure({
      space: euclidean(2),
      positions: [1, 0, 0, 1, 1, 1],
      masses: [2, 1, 0.5],
      kind: 'positive',
    });
    const energy = kullbackLeiblerEnergy({ reference });
    expect(energy.value(reference)).toBe(0);
    const other = measure({ space: euclidean(2), positions: [1, 1, 1, 0], masses: [1, 1], kind: 'positive' });
    expect(energy.value(other)).toBeCloseTo(Math.log(2) - 0.5 + (Math.log(0.5) + 1) + 1, 14);
    const off = measure({ space: euclidean(2), positions: [5, 5] });
    expect(energy.value(off)).toBe(Number.POSITIVE_INFINITY);
    expect(() => kullbackLeiblerEnergy({ reference: [1, 0] })).toThrow(/reference mass 1/);
  });

  test('klToReference is the potential energy with the temperature of its noise', () => {
    const energy = klToReference({ potential: 'x^2/2', dim: 1, temperature: 0.25 });
    expect([energy.value(mu), energy.temperature]).toEqual([0.5 * 0.5 + 0.4, 0.25]);
    expect(sumEnergy(energy, scaleEnergy(2, diffusion({ temperature: 1, dim: 1 }))).temperature).toBe(2.25);
    expect(() => scaleEnergy(-1, energy)).toThrow(/factor/);
  });

  test('the Kozachenko-Leonenko estimate finds the entropy of a Gaussian', () => {
    // Standard error about sqrt((var log p + pi^2/6 in d = 1, less above) / n) < 0.03 for n = 2000: five of them, false alarm < 1e-6.
    for (const dim of [1, 2, 3]) {
      const positions = new Float64Array(2000 * dim);
      fillNormal(positions, randomKey(dim));
      const estimate = entropyEstimate(measure({ space: euclidean(dim), positions }));
      expect(Math.abs(estimate + (dim / 2) * Math.log(2 * Math.PI * Math.E)), `d = ${dim}`).toBeLessThan(0.2);
    }
    expect(() => entropyEstimate(mu)).toThrow(/masses differ/);
  });
});

describe('sums, scalings and fields', () => {
  const a = potentialEnergy({ potential: 'x^2', dim: 1 });
  const b = interactionEnergy({ kernel: 'cos(x - y)', dim: 1 });

  test('values, potentials and gradients are linear, as energies and as fields', () => {
    const energy = sumEnergy(a, scaleEnergy(-3, b));
    const field = sumFields(gradientField(a), scaleField(-3, gradientField(b)));
    expect(energy.value(mu)).toBe(a.value(mu) + -3 * b.value(mu));
    const out = allocateFirstVariation(3, 1);
    field.evaluateInto([out], [mu], context);
    expect(out).toEqual(variation(energy, mu));
    const [fa, fb] = [variation(a, mu), variation(b, mu)];
    for (let i = 0; i < 3; i++) {
      expect(out.potential[i]).toBe(fa.potential[i] - 3 * fb.potential[i]);
      expect(out.gradient[i]).toBe(fa.gradient[i] - 3 * fb.gradient[i]);
    }
    const at = [new Float64Array(2), new Float64Array(2)];
    energy.potentialAt(at[0], Float64Array.of(0.5, 0.7), 2, mu);
    field.potentialAt(0, at[1], Float64Array.of(0.5, 0.7), 2, [mu]);
    expect(at[0]).toEqual(at[1]);
  });

  test('a proximal step of c F of size tau is one of F of size c tau', () => {
    const steps: number[] = [];
    const withProximal: Energy = {
      ...a,
      proximal(at, tau) {
        steps.push(tau);
        return at;
      },
    };
    scaleEnergy(3, withProximal).proximal?.(mu, 0.5);
    expect(steps).toEqual([1.5]);
    expect(scaleEnergy(-1, withProximal).proximal).toBeUndefined();
  });

  test('what does not fit is refused', () => {
    expect(() => sumEnergy()).toThrow(/nothing to add/);
    expect(() => sumEnergy(a, potentialEnergy({ potential: 'norm2(x)', dim: 2 }))).toThrow(/dimensions 1, 2/);
    const onBox = potentialEnergy({ potential: 'x', dim: 1, space: box([[0, 1]]) });
    expect(() => sumEnergy(onBox, potentialEnergy({ potential: 'x', dim: 1, space: euclidean(1) }))).toThrow(
      /different spaces/,
    );
    expect(sumEnergy(a, onBox).space?.kind).toBe('box');
    expect(() => sumFields()).toThrow(/no field/);
    expect(() => gradientField(a).evaluateInto([], [mu, mu], context)).toThrow(/one player/);
  });
});

describe('optimality gap', () => {
  test('it bounds the distance of a convex energy from its minimum and vanishes at the optimum', () => {
    const space = box([[-1, 1]]);
    // F = (1/2) (mean - 1/2)^2 up to a constant: minimum wherever the mean is 1/2.
    const energy = sumEnergy(
      interactionEnergy({ kernel: 'x*y', dim: 1 }),
      potentialEnergy({ potential: '-x/2', dim: 1 }),
    );
    const optimal = measure({ space, positions: [0, 1] });
    expect(estimateOptimalityGap(energy, optimal).gap).toBeCloseTo(0, 12);
    for (const x of [-0.9, -0.2, 0.3, 0.8]) {
      const at = measure({ space, positions: [x, 0.1] });
      const { gap, infimum, status, at: where } = estimateOptimalityGap(energy, at);
      const mean = (x + 0.1) / 2;
      const exact = (mean - 0.5) * mean + Math.abs(mean - 0.5);
      expect(status).toBe('estimated');
      expect(gap).toBeLessThanOrEqual(exact + 1e-12);
      // 10,000 uniform points miss an end by more than 2e-3 with probability (1 - 1e-3)^10000 < 5e-5.
      expect(gap).toBeGreaterThan(exact - 2e-3 * Math.abs(mean - 0.5) - 1e-12);
      expect(infimum).toBeCloseTo((mean - 0.5) * where[0], 14);
      expect(energy.value(at) - energy.value(optimal)).toBeLessThanOrEqual(exact + 1e-12);
    }
    expect(optimalityGap(Float64Array.of(1, 3), Float64Array.of(1, 1), -1)).toBe(3);
    expect(() => estimateOptimalityGap(energy, mu)).toThrow(/finite volume/);
    expect(() => optimalityGap(new Float64Array(1), new Float64Array(1), Number.NaN)).toThrow(/infimum/);
  });
});
