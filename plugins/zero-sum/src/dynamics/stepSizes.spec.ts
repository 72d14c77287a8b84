import {
  box,
  euler,
  matrixGame,
  measure,
  open,
  type Profile,
  resume,
  simulate,
  sphere,
  torus,
  zeroSumGame,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { guessingGame, torusCounterexample } from '../games/knownGames.js';
import { portableTrigonometricGame } from '../games/trigonometricGames.js';
import { nikaidoIsodaOnGrid } from '../nikaidoIsoda.js';
import { gridStart } from '../starts.js';
import { backtracking } from './backtracking.js';
import { dynamics } from './dynamics.js';
import { stepSizes } from './stepSizes.js';

describe('step sizes', () => {
  const torusGame = torusCounterexample().game;

  test('proven bounds hold what is sampled, which comes close: the torus counterexample bends by 24 pi^2', () => {
    const [sampled, proven] = [stepSizes(torusGame), stepSizes(torusGame, { bound: 'proven' })];
    expect(proven.curvature).toBeCloseTo(24 * Math.PI ** 2, 8);
    expect(proven.range).toBeCloseTo(8, 12);
    expect([sampled.proven, proven.proven]).toEqual([false, true]);
    expect(sampled.curvature).toBeLessThanOrEqual(proven.curvature);
    expect(sampled.curvature).toBeGreaterThan(0.9 * proven.curvature);
    expect(sampled.position * sampled.curvature).toBeCloseTo(0.5, 14);
    expect(sampled.mass * sampled.range).toBeCloseTo(0.5, 14);
  });

  test('take a declared curvature at its word, and prove plain functions by it', () => {
    const bends = 4 * Math.PI ** 2;
    const payoff = {
      value: (x: Float64Array, i: number, y: Float64Array, j: number) => Math.cos(2 * Math.PI * (x[i] - y[j])),
      gradientXInto: (out: Float64Array, o: number, x: Float64Array, i: number, y: Float64Array, j: number) => {
        out[o] = -2 * Math.PI * Math.sin(2 * Math.PI * (x[i] - y[j]));
      },
      gradientYInto: (out: Float64Array, o: number, x: Float64Array, i: number, y: Float64Array, j: number) => {
        out[o] = 2 * Math.PI * Math.sin(2 * Math.PI * (x[i] - y[j]));
      },
    };
    const options = { payoff, spaces: [torus(1), torus(1)] as const, curvature: [bends, 2 * bends] as const };
    expect(stepSizes(zeroSumGame(options)).position).toBeCloseTo(0.25 / bends, 14);
    const whole = zeroSumGame({ ...options, lipschitz: [7, 7] });
    expect(stepSizes(whole, { bound: 'proven' })).toMatchObject({ proven: true, range: 7, curvature: 2 * bends });
  });

  test('scale as 1/payoff and forget its constant', () => {
    const sides = [box([[-1, 1]]), box([[0, 2]])] as const;
    const of = (payoff: string) => stepSizes(zeroSumGame({ payoff, spaces: sides }));
    const [plain, other] = [of('(x - y)^2 + x*y^3'), of('7 - 4*((x - y)^2 + x*y^3)')];
    expect(other.mass).toBeCloseTo(plain.mass / 4, 12);
    expect(other.position).toBeCloseTo(plain.position / 4, 8);
  });

  test('the guessing game bends by 2 and ranges over 4', () => {
    const { range, curvature } = stepSizes(guessingGame().game);
    expect(curvature).toBeCloseTo(2, 6);
    expect(range).toBeGreaterThan(3.5);
    expect(range).toBeLessThanOrEqual(4);
  });

  test('see the bend of a sphere, ask for no motion in a matrix, and for a bounded one where nothing bends', () => {
    const ball = sphere(3);
    const { curvature } = stepSizes(zeroSumGame({ payoff: 'dot(x, y)', spaces: [ball, ball] }));
    expect(curvature).toBeGreaterThan(1);
    expect(curvature).toBeLessThanOrEqual(Math.SQRT2 + 1e-6);
    expect(stepSizes(matrixGame([[0, 3]]))).toMatchObject({ mass: 0.5 / 3, position: 0 });
    const line = box([[-1, 1]]);
    const { position } = stepSizes(zeroSumGame({ payoff: 'x*y', spaces: [line, line] }));
    expect(position).toBeGreaterThan(0.99);
    expect(position).toBeLessThan(1.2);
  });

  test('are refused without bounds', () => {
    const ball = sphere(3);
    const dot = zeroSumGame({ payoff: 'dot(x, y)', spaces: [ball, ball] });
    expect(() => stepSizes(dot, { bound: 'proven' })).toThrow('the payoff cannot be bounded by intervals');
    expect(() => stepSizes(dot, { safety: 1 })).toThrow('safety is no share, got 1');
  });
});

describe('backtracking', () => {
  const start = (game: { readonly spaces: readonly Parameters<typeof gridStart>[0][] }): Profile =>
    game.spaces.map((space) => gridStart(space, 15));

  test('cures a game on which steps of the usual size stall: NI 0.4 becomes 0.003 after as many steps', () => {
    const game = portableTrigonometricGame(271828);
    const { flow, stepper } = dynamics(game, 'mirror-prox', { mass: 0.08, position: 0.002 });
    const errors = [stepper, backtracking(stepper)].map((one) => {
      const { profile } = simulate({ flow, initial: start(game) }, { stepper: one, dt: 1, maxSteps: 1600 });
      return nikaidoIsodaOnGrid(game, profile).error;
    });
    expect(errors[0]).toBeGreaterThan(0.1);
    expect(errors[1]).toBeLessThan(0.01);
  });

  test('changes nothing where steps are short: the same masses and places, bit for bit', () => {
    const { game } = torusCounterexample();
    const { flow, stepper } = dynamics(game, 'mirror-prox', { mass: 0.04, position: 0.001 });
    const [plain, judged] = [stepper, backtracking(stepper)].map(
      (one) => simulate({ flow, initial: start(game) }, { stepper: one, dt: 1, maxSteps: 300 }).profile,
    );
    plain.forEach((mu, k) => {
      expect(judged[k].positions).toEqual(mu.positions);
      expect(judged[k].logMasses).toEqual(mu.logMasses);
    });
  });

  const line = box([[-100, 100]]);
  const bowl = zeroSumGame({ payoff: 'x^2/2 - y^2/2', spaces: [line, line] });
  const point = [1, 1].map((x) => measure({ space: line, positions: [x] }));

  test('halves until the field changes by less than itself: on a bowl from 16 to 0.5', () => {
    const { flow } = dynamics(bowl, 'gradient', { mass: 0, position: 1 });
    const { time, rejected, profile } = simulate(
      { flow, initial: point },
      { stepper: backtracking(euler()), dt: 16, maxSteps: 1 },
    );
    expect([time, rejected]).toEqual([0.5, 5]);
    expect(profile[0].positions[0]).toBe(0.5);
  });

  test('halves a step after which the merit explodes, and goes on in longer steps when it can', () => {
    const { flow } = dynamics(bowl, 'gradient', { mass: 0, position: 0.01 });
    const merit = ([mu]: Profile): number => (mu.positions[0] < 0.99 ? 100 : 1);
    const { frames } = simulate(
      { flow, initial: point },
      { stepper: backtracking(euler(), { merit }), dt: 4, maxSteps: 6, record: { every: 1 } },
    );
    // 4 and 2 would pass below 0.99; steps of 1 stop just there, and later ones see the merit no worse than before.
    expect(frames[1].time).toBe(1);
    expect(frames[2].profile[0].positions[0]).toBeLessThan(frames[1].profile[0].positions[0]);
  });

  test('a run resumed from a checkpoint goes on bit for bit, length of steps included', () => {
    const game = portableTrigonometricGame(271828);
    const { flow, stepper } = dynamics(game, 'mirror-prox', { mass: 0.2, position: 0.01 });
    const problem = { flow, initial: start(game) };
    const plan = { stepper: backtracking(stepper), dt: 1, maxSteps: 40 };
    const paused = open(problem, plan);
    for (let step = 0; step < 17; step++) paused.step();
    const [resumed, whole] = [resume(problem, plan, paused.checkpoint()), simulate(problem, plan)];
    expect(whole.time).toBeLessThan(40);
    expect(resumed.time).toBe(whole.time);
    resumed.profile.forEach((mu, k) => {
      expect(mu.positions).toEqual(whole.profile[k].positions);
    });
  });

  test('allowances out of range are refused', () => {
    expect(() => backtracking(euler(), { change: 1 })).toThrow(
      '[backtracking] the allowance is not usable, got change 1',
    );
  });
});
