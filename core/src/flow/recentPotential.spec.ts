import { describe, expect, test } from 'vitest';
import type { Energy } from '../energy/energy.js';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { normalAt, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { wasserstein } from '../metric/wasserstein.js';
import { simulate } from '../run/simulate.js';
import { euclidean } from '../space/euclidean.js';
import { euler, heun } from '../stepper/rungeKutta.js';
import type { Stepper } from '../stepper/stepper.js';
import { birthDeath } from './birthDeath.js';
import { withJumps } from './decorate.js';
import type { Jump } from './flow.js';
import { gradientFlow } from './gradientFlow.js';
import { systematicResampling } from './resampling.js';

const gaussian = (count: number): Measure =>
  measure({
    space: euclidean(1),
    positions: Array.from({ length: count }, (_, i) => normalAt(randomKey('atoms'), i, 0)),
  });

/** The quadratic potential, and how often it was evaluated. */
function counted(): { readonly energy: Energy; readonly count: () => number } {
  const energy = potentialEnergy({ potential: 'norm2(x)/2', dim: 1 });
  let evaluations = 0;
  return {
    energy: {
      ...energy,
      firstVariationInto(out, mu) {
        evaluations++;
        energy.firstVariationInto(out, mu);
      },
    },
    count: () => evaluations,
  };
}

interface Ask {
  readonly jump: Jump;
  readonly dt: number;
  readonly stepper?: Stepper;
  readonly atoms?: number;
}

function run({ jump, dt, stepper = euler(), atoms = 200 }: Ask) {
  const { energy, count } = counted();
  const flow = withJumps(gradientFlow(energy, wasserstein()), jump);
  const steps = Math.round(0.4 / dt);
  const { profile } = simulate(
    { flow, initial: gaussian(atoms) },
    { stepper, dt, maxSteps: steps, seed: 3, record: { every: steps } },
  );
  const [mu] = profile;
  return { mu, perStep: count() / steps, second: mu.positions.reduce((sum, x) => sum + x * x, 0) / mu.count };
}

const jumps = [
  { name: 'birth-death', make: (potential: 'fresh' | 'recent') => birthDeath({ rate: 1, potential }) },
  {
    name: 'systematic resampling',
    make: (potential: 'fresh' | 'recent') => systematicResampling({ rate: 1, potential }),
  },
];

describe.each(jumps)('$name with the potential that the stepper evaluated last', ({ make }) => {
  test('costs no evaluation, where a fresh one costs one in each step', () => {
    for (const [stepper, stages] of [
      [euler(), 1],
      [heun(), 2],
    ] as const) {
      expect(run({ jump: make('recent'), dt: 0.02, stepper }).perStep).toBe(stages);
      expect(run({ jump: make('fresh'), dt: 0.02, stepper }).perStep).toBe(stages + 1);
    }
  });

  test('tends to the second moment of the exact flow', () => {
    // d/dt s = -2 s - s^2 for the variance s of N(0, s) under d_t mu = div(mu x) - (x^2 / 2 - mean) mu, from 1.
    const exact = 2 / (3 * Math.exp(0.8) - 1);
    // 6,000 atoms: standard error of the second moment about sqrt(2 / 6,000) s = 0.0065, below 0.01 after resampling;
    // 0.05 is 4 standard errors besides Euler's own 0.01: a false alarm in one of 10,000 choices of the seed. Without
    // reaction s would be exp(-0.8), 0.09 more.
    for (const which of ['recent', 'fresh'] as const) {
      const { second } = run({ jump: make(which), dt: 0.01, atoms: 6000 });
      expect(Math.abs(second - exact)).toBeLessThan(0.05);
    }
  });

  test('is a potential of the same size only: after a change of support it is fresh', () => {
    const { energy } = counted();
    const flow = gradientFlow(energy, wasserstein());
    const context = { time: 0, dt: 0.1, step: 0, key: randomKey(1) };
    expect(flow.recentPotential?.(0)).toBeNull();
    const small = simulate({ flow, initial: gaussian(5) }, { stepper: euler(), dt: 0.1, maxSteps: 1 }).profile;
    expect(flow.recentPotential?.(0)).toHaveLength(5);
    expect(small[0].count).toBe(5);
    const [recent, fresh] = (['recent', 'fresh'] as const).map((which) =>
      make(which).apply([gaussian(7)], flow, context),
    );
    expect(recent.births).toBe(fresh.births);
    expect([...recent.profile[0].positions]).toEqual([...fresh.profile[0].positions]);
  });
});

test.each([euler(), heun()])('buffers kept through jumps give the bits of fresh ones: $name', (stepper) => {
  const { buffersOnly, ...anew } = stepper;
  expect(buffersOnly).toBe(true);
  for (const { make } of jumps) {
    const kept = run({ jump: make('fresh'), dt: 0.02, stepper }).mu;
    const made = run({ jump: make('fresh'), dt: 0.02, stepper: anew }).mu;
    expect([...kept.positions]).toEqual([...made.positions]);
    expect([...kept.ids]).toEqual([...made.ids]);
  }
});
