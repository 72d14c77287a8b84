import { describe, expect, test } from 'vitest';
import type { Energy } from '../energy/energy.js';
import { interactionEnergy } from '../energy/interactionEnergy.js';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { sumEnergy } from '../energy/sumEnergy.js';
import { normalAt, randomKey } from '../math/random.js';
import { convergenceOrder } from '../math/slopes.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { simulate } from '../run/simulate.js';
import { euclidean } from '../space/euclidean.js';
import { doubling } from '../stepper/doubling.js';
import { extragradient } from '../stepper/extragradient.js';
import { optimistic } from '../stepper/optimistic.js';
import { dopri5, euler, heun, rk4 } from '../stepper/rungeKutta.js';
import type { Stepper } from '../stepper/stepper.js';
import { birthDeath } from './birthDeath.js';
import { withJumps } from './decorate.js';
import type { Flow, Jump } from './flow.js';
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

  test('is that of the atoms there are: after births, deaths or a change of support it is fresh', () => {
    const { energy } = counted();
    const flow = gradientFlow(energy, wasserstein());
    const context = { time: 0, dt: 0.1, step: 0, key: randomKey(1) };
    const initial = gaussian(5);
    expect(flow.recentPotential?.(0, initial)).toBeNull();
    simulate({ flow, initial }, { stepper: euler(), dt: 0.1, maxSteps: 1 });
    expect(flow.recentPotential?.(0, initial)).toHaveLength(5);
    const reborn = measure({ space: initial.space, positions: [4, 1, 2, 3, 9], ids: [5, 1, 2, 3, 6] });
    for (const other of [gaussian(7), reborn]) {
      expect(flow.recentPotential?.(0, other)).toBeNull();
      const [recent, fresh] = (['recent', 'fresh'] as const).map((which) => make(which).apply([other], flow, context));
      expect(recent.births).toBe(fresh.births);
      expect([...recent.profile[0].positions]).toEqual([...fresh.profile[0].positions]);
    }
  });
});

describe('the order of jumps that carry the reaction in the masses', () => {
  const energy = sumEnergy(
    potentialEnergy({ potential: 'norm2(x)/2 + cos(2*x[0])', dim: 1 }),
    interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 1 }),
  );
  const initial = measure({
    space: euclidean(1),
    positions: Array.from({ length: 24 }, (_, i) => (4.5 * (i + 0.5)) / 24 - 2.2),
  });
  const rate = 1.5;
  const end = (flow: Flow, stepper: Stepper, steps: number): Measure =>
    simulate({ flow, initial }, { stepper, dt: 0.8 / steps, maxSteps: steps, record: { every: steps } }).profile[0];
  // The threshold is never reached: nothing is random here.
  const split = (potential: 'fresh' | 'recent', stepper: Stepper, steps: number): Measure =>
    end(
      withJumps(gradientFlow(energy, wasserstein()), systematicResampling({ rate, potential, essThreshold: 1e-9 })),
      stepper,
      steps,
    );
  const whole = (stepper: Stepper, steps: number): Measure =>
    end(gradientFlow(energy, wassersteinFisherRao({ alpha: rate })), stepper, steps);
  const exact = whole(rk4(), 200);
  const error = (mu: Measure): number =>
    Math.max(
      ...mu.positions.map((x, i) => Math.abs(x - exact.positions[i])),
      ...mu.masses.map((m, i) => 24 * Math.abs(m - exact.masses[i])),
    );

  test('with the potential of the step, Euler is Euler for transport and reaction together', () => {
    const [jumps, flows] = [split('recent', euler(), 20), whole(euler(), 20)];
    for (let i = 0; i < jumps.count; i++) {
      expect(Math.abs(jumps.positions[i] - flows.positions[i])).toBeLessThan(1e-13);
      expect(Math.abs(jumps.masses[i] - flows.masses[i])).toBeLessThan(1e-15);
    }
  });

  const steppers = [euler(), heun(), rk4(), dopri5(), doubling(heun()), extragradient(), optimistic()];

  test.each(steppers)('is one with either potential, whatever that of the stepper: $name', (stepper) => {
    const steps = [20, 40, 80];
    const errors = (['recent', 'fresh'] as const).map((which) => steps.map((k) => error(split(which, stepper, k))));
    for (const list of errors) {
      const order = convergenceOrder(
        steps.map((k) => 0.8 / k),
        list,
      );
      expect(order).toBeGreaterThan(0.85);
      expect(order).toBeLessThan(1.6);
    }
    // The cheaper potential costs no accuracy to speak of.
    expect(errors[0][2]).toBeLessThan(1.25 * errors[1][2]);
  });
});

test.each([euler(), heun()])('buffers kept through jumps give the bits of fresh ones: $name', (stepper) => {
  const { buffersOnly, ...anew } = stepper;
  expect(buffersOnly).toBe(true);
  for (const { make } of jumps) {
    const kept = run({ jump: make('recent'), dt: 0.02, stepper }).mu;
    const made = run({ jump: make('recent'), dt: 0.02, stepper: anew }).mu;
    expect([...kept.positions]).toEqual([...made.positions]);
    expect([...kept.ids]).toEqual([...made.ids]);
  }
});
