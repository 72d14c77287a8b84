import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillNormal, fillUniform, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure, MeasureKind } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { checkFirstVariation } from './checkFirstVariation.js';
import { allocateFirstVariation } from './checks.js';
import type { Energy } from './energy.js';
import { diffusion, entropyOfMasses, klToReference, kullbackLeiblerEnergy } from './entropy.js';
import { interactionEnergy } from './interactionEnergy.js';
import { mmdEnergy } from './mmdEnergy.js';
import { potentialEnergy } from './potentialEnergy.js';
import { risk } from './risk.js';
import { scaleEnergy, sumEnergy } from './sumEnergy.js';
import { networkUnit } from './units.js';

function sample(
  space: Space,
  seed: number,
  options: { readonly count?: number; readonly kind?: MeasureKind } = {},
): Measure {
  const { count = 7, kind = 'probability' } = options;
  const positions = new Float64Array(count * space.dim);
  fillNormal(positions, randomKey(seed));
  space.projectInto(positions, positions, count);
  const masses = new Float64Array(count);
  fillUniform(masses, randomKey(seed + 1000));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({
    space,
    positions,
    masses: kind === 'probability' ? masses.map((mass) => mass / total) : masses,
    kind,
  });
}

const inputs = new Float64Array(24);
fillNormal(inputs, randomKey('inputs'));
const targets = Float64Array.from({ length: 12 }, (_, l) => Math.sin(inputs[2 * l]) + inputs[2 * l + 1]);
const labels = targets.map((y) => (y > 0 ? 1 : -1));
const tanhUnit = networkUnit({ activation: 'tanh', inputs: 2 });
const reluUnit = networkUnit({ activation: 'relu', inputs: 2 });

const smoothCases: readonly { readonly title: string; readonly energy: Energy; readonly space: Space }[] = [
  { title: 'double well', energy: potentialEnergy({ potential: 'x^4/4 - x^2/2', dim: 1 }), space: euclidean(1) },
  {
    title: 'potential with kinks',
    energy: potentialEnergy({ potential: 'abs(x[0]) + relu(x[1])', dim: 2 }),
    space: euclidean(2),
  },
  {
    title: 'potential on a torus',
    energy: potentialEnergy({ potential: 'sin(2*pi*x[0])*cos(2*pi*x[1])', dim: 2 }),
    space: torus(2),
  },
  {
    title: 'potential on a sphere',
    energy: potentialEnergy({ potential: 'exp(x[0] - x[2]^2)', dim: 3 }),
    space: sphere(3),
  },
  { title: 'potential on a box', energy: potentialEnergy({ potential: 'x^3', dim: 1 }), space: box([[-1, 1]]) },
  {
    title: 'Gaussian interaction',
    energy: interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 2 }),
    space: euclidean(2),
  },
  {
    title: 'interaction that is not symmetric',
    energy: interactionEnergy({ kernel: 'x^2*exp(-y) + x*y', dim: 1 }),
    space: euclidean(1),
  },
  { title: 'MMD', energy: mmdEnergy({ target: sample(euclidean(2), 5), width: 0.8 }), space: euclidean(2) },
  {
    title: 'sum and scaling',
    energy: sumEnergy(
      potentialEnergy({ potential: 'norm2(x)', dim: 2 }),
      scaleEnergy(-2, interactionEnergy({ kernel: 'dot(x, y)^2', dim: 2 })),
    ),
    space: euclidean(2),
  },
  { title: 'Langevin', energy: klToReference({ potential: 'cos(x)', dim: 1, temperature: 0.3 }), space: euclidean(1) },
  { title: 'square risk', energy: risk({ unit: tanhUnit, inputs, targets }), space: euclidean(4) },
  {
    title: 'relu risk with path norm',
    energy: risk({ unit: reluUnit, inputs, targets, penalty: { kind: 'pathNorm', lambda: 0.3 } }),
    space: euclidean(4),
  },
  {
    title: 'logistic risk with weight decay',
    energy: risk({
      unit: tanhUnit,
      inputs,
      targets: labels,
      loss: 'logistic',
      penalty: { kind: 'weightDecay', lambda: 0.1 },
    }),
    space: euclidean(4),
  },
  {
    title: 'hinge risk with two penalties',
    energy: risk({
      unit: tanhUnit,
      inputs,
      targets: labels,
      loss: 'hinge',
      penalty: [
        { kind: 'mass', lambda: 0.1 },
        { kind: 'formula', lambda: 0.2, formula: 'a^2*b^2' },
      ],
    }),
    space: euclidean(4),
  },
  {
    title: 'conic risk',
    energy: risk({
      unit: networkUnit({ activation: 'relu', inputs: 2, bias: false, homogeneity: 2 }),
      inputs,
      targets,
      penalty: { kind: 'mass', lambda: 0.5 },
    }),
    space: product([euclidean(1), sphere(2)]),
  },
];

const massCases: readonly { readonly title: string; readonly energy: Energy; readonly space: Space }[] = [
  { title: 'entropy of masses', energy: entropyOfMasses({ reference: [0.1, 0.2, 0.3, 0.4] }), space: finite(4) },
  { title: 'KL on a finite space', energy: kullbackLeiblerEnergy({ reference: [1, 2, 3, 4] }), space: finite(4) },
  {
    title: 'potential that jumps',
    energy: potentialEnergy({ potential: 'sign(x) + step(x - 1)', dim: 1 }),
    space: euclidean(1),
  },
  { title: 'interaction that jumps', energy: interactionEnergy({ kernel: 'sign(x*y)', dim: 1 }), space: euclidean(1) },
];

const kinds = ['probability', 'positive'] as const;

describe.each(smoothCases)('$title', ({ energy, space }) => {
  test('the first variation is the derivative in masses and in positions', () => {
    for (const kind of kinds) {
      for (const seed of [1, 2, 3]) {
        const report = checkFirstVariation(energy, sample(space, seed, { kind }), { seed });
        expect(report, `${kind}, seed ${seed}, slopes ${report.slopeMasses} ${report.slopePositions}`).toMatchObject({
          holds: true,
        });
        expect(report.slopePositions).not.toBeNull();
      }
    }
  });
});

describe.each(massCases)('$title', ({ energy, space }) => {
  test('the first variation is the derivative in masses, and nothing is said about motion', () => {
    for (const kind of kinds) {
      for (const seed of [1, 2, 3]) {
        const report = checkFirstVariation(energy, sample(space, seed, { kind }), { seed });
        expect(report).toMatchObject({ holds: true, slopePositions: null });
      }
    }
    expect(energy.smooth).toBe(false);
  });
});

const firstVariation = (energy: Energy, mu: Measure) => {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  return out;
};
/** Equal up to the rounding of a sum taken in another order. */
const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (actual[i] !== expected[i])
      expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(expected[i])));
  }
};

describe.each([...smoothCases, ...massCases])('$title', ({ energy, space }) => {
  const seeds = fc.integer({ min: 0, max: 1_000_000 });

  test('the order of the atoms does not matter', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...kinds), (seed, kind) => {
        const mu = sample(space, seed, { kind });
        const { dim, count } = mu;
        const reversed = measure({
          space,
          kind,
          positions: Array.from(
            { length: count * dim },
            (_, k) => mu.positions[(count - 1 - Math.floor(k / dim)) * dim + (k % dim)],
          ),
          masses: mu.masses.slice().reverse(),
        });
        expectClose([energy.value(reversed)], [energy.value(mu)]);
        const [a, b] = [firstVariation(energy, mu), firstVariation(energy, reversed)];
        expectClose(b.potential.slice().reverse(), a.potential);
        for (let i = 0; i < count; i++) {
          const j = count - 1 - i;
          expectClose(b.gradient.slice(j * dim, (j + 1) * dim), a.gradient.slice(i * dim, (i + 1) * dim));
        }
      }),
      { numRuns: 20, seed: 11 },
    );
  });

  test('splitting an atom into two at one place changes nothing', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (seed, share) => {
        const mu = sample(space, seed);
        const { dim, count } = mu;
        const split = measure({
          space,
          positions: [...mu.positions, ...mu.positions.slice((count - 1) * dim)],
          masses: [...mu.masses.slice(0, count - 1), share * mu.masses[count - 1], (1 - share) * mu.masses[count - 1]],
        });
        expectClose([energy.value(split)], [energy.value(mu)]);
        const [a, b] = [firstVariation(energy, mu), firstVariation(energy, split)];
        expectClose(b.potential.slice(0, count), a.potential);
        expectClose(b.gradient.slice(0, count * dim), a.gradient);
        expect(b.potential[count]).toBe(b.potential[count - 1]);
      }),
      { numRuns: 20, seed: 12 },
    );
  });

  test('the potential off the support agrees with the potential on it', () => {
    const mu = sample(space, 77);
    const at = new Float64Array(mu.count);
    energy.potentialAt(at, mu.positions, mu.count, mu);
    expectClose(at, firstVariation(energy, mu).potential);
  });

  test('a measure of another dimension and short buffers are refused', () => {
    const other = sample(euclidean(energy.dim + 1), 1);
    expect(() => energy.value(other)).toThrow(/another dimension.*Fix:/);
    const mu = sample(space, 1);
    expect(() => energy.firstVariationInto(allocateFirstVariation(1, mu.dim), mu)).toThrow(/too short/);
  });
});

test('a diffusion is silent: value and first variation 0, temperature told', () => {
  const energy = diffusion({ temperature: 0.5, dim: 2 });
  const mu = sample(euclidean(2), 3);
  expect([energy.temperature, energy.value(mu), ...firstVariation(energy, mu).potential]).toEqual([
    0.5,
    0,
    ...new Array(7).fill(0),
  ]);
  expect(() => diffusion({ temperature: -1, dim: 2 })).toThrow(/temperature/);
});
