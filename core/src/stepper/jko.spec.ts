import { describe, expect, test } from 'vitest';
import { distanceEnergy } from '../energy/distanceEnergy.js';
import { gradientField } from '../energy/gradientField.js';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { simulate } from '../run/simulate.js';
import { box } from '../space/box.js';
import { stepperLaws } from '../testing/stepperLaws.js';
import { wassersteinDistance } from '../transport/exactWasserstein.js';
import { jko } from './jko.js';
import { mirror } from './mirror.js';
import { measureOrder } from './order.js';
import { rk4 } from './rungeKutta.js';
import { lieSplitting } from './splitting.js';

const well = potentialEnergy({ potential: 'x[0]^4/4 + x[0]*x[1] + x[1]^2', dim: 2 });
const start = diracs(
  [
    [1, 0.5],
    [-0.7, 1.2],
    [0.1, -1],
  ],
  [0.2, 0.5, 0.3],
);

describe('the proximal step in W2', () => {
  test.each(stepperLaws.filter(({ skip }) => !skip?.(jko())))('$title', ({ check }) => {
    expect(check(jko(), { seed: 5, runs: 14 })).toMatchObject({ holds: true });
  });

  test('minimizes F(nu) + W2(nu, mu)^2 / (2 dt): every nearby measure costs more, and the step itself less than mu', () => {
    const dt = 0.3;
    const flow = gradientFlow(well, wasserstein());
    const next = simulate({ flow, initial: start }, { stepper: jko(), dt, maxSteps: 1 }).profile[0];
    const cost = (nu: Measure): number => well.value(nu) + wassersteinDistance(nu, start).squared / (2 * dt);
    expect(cost(next)).toBeLessThan(cost(start));
    for (let k = 0; k < next.positions.length; k++) {
      for (const h of [-1e-3, 1e-3]) {
        const near = measure({
          space: next.space,
          positions: next.positions.map((x, c) => (c === k ? x + h : x)),
          masses: next.masses,
        });
        // The smallest mass is 0.2 and 1/dt bounds the curvature from below up to the concavity of the well (at most 1).
        expect(cost(near) - cost(next)).toBeGreaterThan(0.05 * h * h);
      }
    }
  });

  test('of a quadratic well divides positions by 1 + dt L, however stiff', () => {
    const flow = gradientFlow(potentialEnergy({ potential: '500 * x^2', dim: 1 }), wasserstein());
    const { profile, frames } = simulate(
      { flow, initial: diracs([2, -1]) },
      { stepper: jko(), dt: 0.5, maxSteps: 2, record: { every: 1 } },
    );
    expect(frames[1].profile[0].positions[0] * 501).toBeCloseTo(2, 9);
    expect(profile[0].positions[1] * 501 ** 2).toBeCloseTo(-1, 6);
  });

  test('toward a W2 reference goes the fraction dt / (1 + dt) of the geodesic', () => {
    const target = diracs(
      [
        [2, 2],
        [-3, 0],
        [0, -4],
      ],
      [0.2, 0.5, 0.3],
    );
    const flow = gradientFlow(distanceEnergy(target), wasserstein());
    const next = simulate({ flow, initial: start }, { stepper: jko(), dt: 1, maxSteps: 1 }).profile[0];
    for (let k = 0; k < 6; k++)
      expect(next.positions[k]).toBeCloseTo((start.positions[k] + target.positions[k]) / 2, 12);
  });

  test('against the border of a box stays on it', () => {
    const flow = gradientFlow(potentialEnergy({ potential: '-x', dim: 1 }), wasserstein());
    const initial = measure({ space: box([[0, 1]]), positions: [0.9, 0.2] });
    const next = simulate({ flow, initial }, { stepper: jko(), dt: 0.5, maxSteps: 1 }).profile[0];
    expect(next.positions[0]).toBe(1);
    expect(next.positions[1]).toBeCloseTo(0.7, 13);
  });

  test('never raises the energy on a double well, at steps far beyond convexity', () => {
    const energy = potentialEnergy({ potential: '(x^2 - 1)^2 * 10 + cos(9*x)', dim: 1 });
    const flow = gradientFlow(energy, wasserstein());
    const run = simulate(
      { flow, initial: diracs([0.05, 1.9, -0.6, 0.3]) },
      { stepper: jko(), dt: 2, maxSteps: 20, record: { every: 1 } },
    );
    const values = run.frames.map(({ profile }) => energy.value(profile[0]));
    for (let k = 1; k < values.length; k++)
      expect(values[k]).toBeLessThanOrEqual(values[k - 1] + 1e-12 * Math.abs(values[0]));
    expect(values.length).toBeGreaterThan(5);
  });

  test('with mirror steps of the masses follows the explicit WFR flow at order 1 as dt goes to 0', () => {
    const flow = gradientFlow(well, wassersteinFisherRao({ alpha: 0.8 }));
    const exact = (time: number): readonly Measure[] =>
      simulate({ flow, initial: start }, { stepper: rk4(), dt: 1e-3, maxTime: time, seed: 0 }).profile;
    const problem = { name: 'well', flow, initial: [start], time: 0.5, exact };
    for (const divergence of ['kl', 'hellinger'] as const) {
      const stepper = lieSplitting({ transport: jko(), reaction: mirror({ divergence }) });
      const { order } = measureOrder(stepper, problem, [50, 100, 200]);
      expect(Math.abs(order - 1)).toBeLessThan(0.1);
    }
  });

  test('follows an estimated field, which may climb, only where descent is not asked for', () => {
    const dim = 1;
    const energy = potentialEnergy({ potential: 'x^2 / 2', dim });
    const uphill = potentialEnergy({ potential: '-x', dim });
    const flow = gradientFlow(energy, wasserstein(), { estimate: gradientField(uphill) });
    const plan = { dt: 0.5, maxSteps: 1 };
    const free = simulate({ flow, initial: diracs([1]) }, { ...plan, stepper: jko({ descent: false }) });
    expect(free.profile[0].positions[0]).toBeCloseTo(1.5, 13);
    expect(simulate({ flow, initial: diracs([1]) }, { ...plan, stepper: jko() }).status).toBe('diverged');
  });

  test('refuses a tolerance of zero, and says so of flows whose gradient is not a number', () => {
    expect(() => jko({ tolerance: 0 })).toThrow(/positive numbers/);
    const flow = gradientFlow(potentialEnergy({ potential: 'sqrt(x)', dim: 1 }), wasserstein());
    const bad = diracs([-1]);
    const stepper = jko();
    const context = { time: 0, dt: 0.1, step: 0, key: randomKey(0) };
    expect(stepper.step(flow, [bad], context, stepper.init(flow, [bad])).status).toBe('stepTooSmall');
  });
});
