import {
  checkpointFromBytes,
  checkpointToBytes,
  dopri5,
  euler,
  fisherRao,
  gameFlow,
  matrixGame,
  measure,
  open,
  type Plan,
  type Problem,
  type RunView,
  simulate,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { ergodicAverage, ergodicRecorder } from './ergodicAverage.js';

/** Matching pennies from a start off its equilibrium: an orbit whose average moves. */
function orbit(): Problem {
  const game = matrixGame([
    [1, -1],
    [-1, 1],
  ]);
  const initial = [0.8, 0.4].map((p, k) => measure({ space: game.spaces[k], positions: [0, 1], masses: [p, 1 - p] }));
  return { flow: gameFlow(game, fisherRao()), initial };
}

const plan: Plan = {
  stepper: euler(),
  dt: 0.1,
  maxSteps: 40,
  record: { every: 1, recorders: [ergodicRecorder([2, 1])] },
};

test('the average of constant masses is constant, and weights count by their size', () => {
  const average = ergodicAverage(2);
  expect(Array.from(average.masses())).toEqual([0, 0]);
  average.add([0.25, 0.75], 3);
  average.add([0.25, 0.75]);
  expect(Array.from(average.masses())).toEqual([0.25, 0.75]);
  average.add([1, 0], 4);
  expect(Array.from(average.masses())).toEqual([0.625, 0.375]);
  expect(average.totalWeight).toBe(8);
});

test('an average goes on from its memory bit for bit', () => {
  const whole = ergodicAverage(1);
  const first = ergodicAverage(1);
  for (const value of [0.1, 0.2, 0.7]) for (const part of [whole, first]) part.add([value], 0.3);
  const second = ergodicAverage(1, first.memory());
  for (const part of [whole, second]) part.add([0.9], 0.7);
  expect(second.masses()).toEqual(whole.masses());
});

test('the recorder averages the strategies that were played: step k counts those of steps 0 to k - 1', () => {
  const { frames } = simulate(orbit(), plan);
  expect(frames[0].values.average0_0).toBeCloseTo(0.8, 15);
  for (const step of [1, 2, 17, 40]) {
    const played = frames.slice(0, step).map(({ profile }) => profile);
    const mean = (player: number): number => played.reduce((sum, mu) => sum + mu[player].masses[0], 0) / step;
    expect(frames[step].values.average0_0).toBeCloseTo(mean(0), 13);
    expect(frames[step].values.average0_1).toBeCloseTo(1 - mean(0), 13);
    expect(frames[step].values.average1_0).toBeCloseTo(mean(1), 13);
  }
});

test('records count for the time until the next one: here 0.3, 0.3, 0.3 and a shortened last step of 0.05', () => {
  const recordPlan = { ...plan.record, every: 3 };
  const { frames } = simulate(orbit(), { stepper: euler(), dt: 0.1, maxTime: 0.95, record: recordPlan });
  expect(frames.map(({ time }) => time)).toEqual([0, 0.3, 0.6, 0.9, 0.95].map((time) => expect.closeTo(time, 12)));
  const [a, b, c, d] = frames.map(({ profile }) => profile[0].masses[0]);
  expect(frames[4].values.average0_0).toBeCloseTo((0.3 * (a + b + c) + 0.05 * d) / 0.95, 13);
});

test('time averages of the replicator orbit tend to the equilibrium like 1/T', () => {
  const { frames } = simulate(orbit(), { ...plan, stepper: dopri5(), dt: 0.05, maxSteps: 8000 });
  const error = (step: number): number => Math.abs(frames[step].values.average0_0 - 0.5);
  // |average - 1/2| is the change of the other's log-ratio over 4 T; on this orbit log-ratios stay within +-1.5.
  for (const step of [500, 2000, 8000]) expect(error(step)).toBeLessThanOrEqual(3 / 4 / (0.05 * step));
  expect(Math.max(...frames.slice(7000).map(({ profile }) => profile[0].masses[0]))).toBeGreaterThan(0.75);
});

test('a run that resumes from a checkpoint averages as the run without pause, bit for bit', () => {
  const whole = simulate(orbit(), plan);
  const paused = open(orbit(), plan);
  while (paused.view.step < 23) paused.step();
  const checkpoint = checkpointFromBytes(checkpointToBytes(paused.checkpoint()));
  const resumed = open(orbit(), plan, { from: checkpoint });
  while (resumed.step() === 'running');
  expect(resumed.result().frames.at(-1)?.values).toEqual(whole.frames[40].values);
});

test('more averaged atoms than a player has are refused with their number', () => {
  const recording = ergodicRecorder([3, 2]).start();
  const { initial } = orbit();
  const view = { time: 0, profile: initial } as unknown as RunView;
  expect(() => recording(view)).toThrow('fewer atoms than are averaged, got 2 atoms, expected at least 3');
});
