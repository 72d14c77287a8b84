import { describe, expect, test } from 'vitest';
import { fieldFlow } from '../flow/fieldFlow.js';
import type { StepContext } from '../flow/flow.js';
import { randomKey } from '../math/random.js';
import type { Profile } from '../measure/measure.js';
import { snapshot } from '../measure/working.js';
import { wasserstein } from '../metric/wasserstein.js';
import { torusCosine, wfrQuadratic } from '../testing/closedFlows.js';
import { adaptive } from './adaptive.js';
import { doubling } from './doubling.js';
import { follow, profileDistance } from './order.js';
import { dopri5, heun, rk4 } from './rungeKutta.js';
import { strangSplitting } from './splitting.js';
import type { Stepper } from './stepper.js';

const at = (step: number, dt: number): StepContext => ({ time: step * dt, dt, step, key: randomKey(step) });

describe('error control', () => {
  const problem = wfrQuadratic('probability');
  const errorAt = (rtol: number): number =>
    profileDistance(follow(adaptive(dopri5(), { rtol, atol: rtol / 100 }), problem, 1), problem.exact(1));

  test('brings the error down with the tolerance, and below a hundred times it', () => {
    for (const rtol of [1e-4, 1e-6, 1e-8]) expect(errorAt(rtol)).toBeLessThan(100 * rtol);
    expect(errorAt(1e-8)).toBeLessThan(errorAt(1e-4) / 100);
  });

  test('rejects a first step that is far too long, and says what it spent', () => {
    const stepper = adaptive(dopri5(), { rtol: 1e-9, atol: 1e-12 });
    const state = stepper.init(problem.flow, problem.initial);
    const result = stepper.step(problem.flow, problem.initial, at(0, 50), state);
    expect(result.status).toBe('ok');
    expect(result.rejected).toBeGreaterThan(0);
    expect(result.evaluations).toBe(7 * (result.rejected + 1));
    expect(result.dt).toBeLessThan(50);
    expect(result.errorEstimate).toBeLessThanOrEqual(1);
  });

  test('does not forget a long step because one was cut short', () => {
    const stepper = adaptive(dopri5());
    const state = stepper.init(problem.flow, problem.initial);
    stepper.step(problem.flow, problem.initial, at(0, 0.05), state);
    const before = state.dt;
    stepper.step(problem.flow, problem.initial, at(0, 1e-9), state);
    expect(state.dt).toBeGreaterThanOrEqual(before);
  });

  test.each([
    ['dopri5', adaptive(dopri5(), { rtol: 1e-7, atol: 1e-9 })],
    [
      'a splitting with error control inside',
      strangSplitting({ transport: adaptive(dopri5()), reaction: adaptive(doubling(heun())) }),
    ],
  ])('continues on the same path from its memory: %s', (_, stepper: Stepper) => {
    const run = (pauseAt: number): Profile => {
      let profile = problem.initial;
      let state = stepper.init(problem.flow, profile);
      for (let step = 0; step < 8; step++) {
        if (step === pauseAt) {
          profile = profile.map(snapshot);
          const memory = JSON.parse(JSON.stringify(stepper.memory?.(state)));
          state = stepper.recall?.(problem.flow, profile, memory);
        }
        profile = stepper.step(problem.flow, profile, at(step, 0.5), state).next;
      }
      return profile.map(snapshot);
    };
    expect(profileDistance(run(4), run(-1))).toBe(0);
  });

  test('stops with the profile unmoved where the field is not finite', () => {
    const broken = fieldFlow(
      {
        name: 'broken',
        dims: [2],
        smooth: true,
        evaluateInto: ([{ potential, gradient }]) => {
          potential.fill(Number.NaN);
          gradient.fill(Number.NaN);
        },
        potentialAt: () => undefined,
      },
      wasserstein(),
    );
    const stepper = adaptive(dopri5());
    const result = stepper.step(broken, problem.initial, at(0, 1), stepper.init(broken, problem.initial));
    expect(result.status).toBe('stepTooSmall');
    expect(result.next).toBe(problem.initial);
  });

  test.each<Stepper & { readonly errorOrder: number }>([dopri5(), doubling(heun()), doubling(rk4())])(
    'estimates an error of order errorOrder + 1 in the step: $name',
    (stepper) => {
      const estimate = (dt: number): number =>
        stepper.step(problem.flow, problem.initial, at(0, dt), stepper.init(problem.flow, problem.initial))
          .errorEstimate ?? Number.NaN;
      const slope = Math.log2(estimate(0.02) / estimate(0.01));
      expect(Math.abs(slope - stepper.errorOrder - 1)).toBeLessThan(0.15);
    },
  );

  test('by doubling is the true error of the whole step over 2^p - 1, on a torus across its cut', () => {
    const { flow, initial, exact } = torusCosine();
    const tolerance = { rtol: 0, atol: 1 };
    const stepper = doubling(heun(), tolerance);
    const dt = 0.6;
    const result = stepper.step(flow, initial, at(0, dt), stepper.init(flow, initial));
    const truth = profileDistance(result.next, exact(dt));
    expect(result.errorEstimate).toBeGreaterThan(truth / 5);
    expect(result.errorEstimate).toBeLessThan(truth * 5);
  });
});
