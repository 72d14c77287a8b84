import { describe, expect, test } from 'vitest';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { matrixGame } from '../energy/zeroSumGame.js';
import { gameFlow } from '../flow/fieldFlow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { merge } from '../flow/thinning.js';
import { measure } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { finite } from '../space/finite.js';
import { euler, heun, rk4 } from '../stepper/rungeKutta.js';
import { checkpointFromBytes, checkpointToBytes } from './checkpoint.js';
import { event } from './events.js';
import { open } from './integrator.js';
import type { Plan, Problem, Recorder, StopRule } from './problem.js';
import * as recorders from './recorders.js';
import { resume, simulate } from './simulate.js';
import { whenStalled } from './stalled.js';
import { afterSteps, afterTime, allOf, anyOf, whenBelow, whenMassLost, whenStationary } from './stop.js';

const quadratic = potentialEnergy({ potential: 'norm2(x) / 2', dim: 1 });
const problem: Problem = { flow: gradientFlow(quadratic, wasserstein()), initial: diracs([[1], [3]]) };
const record = (recorder: Recorder, plan: Partial<Plan> = {}, given = problem): Record<string, number>[] =>
  simulate(given, { stepper: rk4(), dt: 0.01, maxTime: 1, record: { recorders: [recorder] }, ...plan }).frames.map(
    ({ values }) => ({ ...values }),
  );
const until = (stop: StopRule, given = problem) => simulate(given, { stepper: rk4(), dt: 0.01, stop });

describe('recorders', () => {
  test('energy and speed of the quadratic potential fall as e^{-2t} and e^{-t}', () => {
    const last = { ...record(recorders.energyRecorder()).at(-1), ...record(recorders.speedRecorder()).at(-1) };
    expect(last.energy).toBeCloseTo(2.5 * Math.exp(-2), 9);
    expect(last.speed).toBeCloseTo(Math.sqrt(5) * Math.exp(-1), 9);
  });

  test('measured rate and predicted dissipation agree to second order in the spacing of frames', () => {
    const worst = [4, 2].map((every) => {
      const rows = record(recorders.dissipationRecorder(), {
        record: { every, recorders: [recorders.dissipationRecorder()] },
      }).slice(1);
      return Math.max(...rows.map(({ energyRate, dissipation }) => Math.abs(energyRate - dissipation)));
    });
    expect(worst[0] / worst[1]).toBeGreaterThan(3.6);
    expect(worst[0] / worst[1]).toBeLessThan(4.4);
  });

  test('the imbalance tells a stepper that loses energy from one that does not', () => {
    const [good, bad] = [rk4(), euler()].map(
      (stepper) => record(recorders.dissipationRecorder(), { stepper, dt: 0.1 }).at(-1)?.dissipationImbalance ?? 0,
    );
    expect(Math.abs(good)).toBeLessThan(4e-3);
    expect(Math.abs(bad)).toBeGreaterThan(1e-2);
  });

  test('mass drifts with the Fisher-Rao flow of a positive measure as its closed form says', () => {
    const energy = potentialEnergy({ potential: '2 + 0 * norm2(x)', dim: 1 });
    const positive = measure({
      space: problem.flow.energy?.space ?? diracs([[1]]).space,
      positions: [1, 3],
      kind: 'positive',
      masses: [1, 3],
    });
    const given: Problem = { flow: gradientFlow(energy, fisherRao({ alpha: 0.5 })), initial: positive };
    const last = {
      ...record(recorders.massRecorder(), {}, given).at(-1),
      ...record(recorders.massDriftRecorder(), {}, given).at(-1),
    };
    expect(last.mass).toBeCloseTo(4 * Math.exp(-1), 12);
    expect(last.massDrift).toBeCloseTo(1 - Math.exp(-1), 12);
  });

  test('players of a game have a column each, and a wrong number of players is refused', () => {
    const game = matrixGame([
      [1, -1],
      [-1, 1],
    ]);
    const initial = [0.7, 0.4].map((p) => measure({ space: finite(2), positions: [0, 1], masses: [p, 1 - p] }));
    const given: Problem = { flow: gameFlow(game, fisherRao()), initial };
    const rows = record(recorders.effectiveSampleSizeRecorder({ players: 2 }), {}, given);
    expect(rows[0].effectiveSampleSize0).toBeCloseTo(1 / (0.49 + 0.09), 12);
    expect(rows[0].effectiveSampleSize1).toBeCloseTo(1 / (0.16 + 0.36), 12);
    expect(() => record(recorders.massRecorder(), {}, given)).toThrow('players: 2');
    const [gaps] = record(recorders.potentialGapRecorder({ players: 2 }), {}, given);
    // V_x = (2q - 1) (1, -1) with q = 0.4; Vbar = (2q - 1)(2p - 1), p = 0.7
    expect(gaps.potentialGap0).toBeCloseTo(-0.2 * 0.4 + 0.2, 12);
  });

  test('the support shrinks where atoms merge, and deaths say by how many', () => {
    const flow = gradientFlow(quadratic, wasserstein(), { jumps: [merge({ radius: 0.5 })] });
    const given: Problem = { flow, initial: diracs([[1], [1.2], [3]]) };
    const both = [recorders.supportSizeRecorder(), recorders.birthsAndDeathsRecorder()];
    const run = simulate(given, { stepper: heun(), dt: 0.1, maxSteps: 2, record: { recorders: both } });
    expect(run.frames.map(({ values }) => [values.supportSize, values.deaths])).toEqual([
      [3, 0],
      [2, 1],
      [2, 1],
    ]);
    expect(record(recorders.supportSizeRecorder({ mergeRadius: 2.5 }))[0].supportSize).toBe(1);
  });

  test('a flow without energy is refused by recorders that need one', () => {
    const { energy: _, ...bare } = problem.flow;
    expect(() => record(recorders.energyRecorder(), {}, { ...problem, flow: bare })).toThrow('no energy');
    expect(record(recorders.energyRecorder(quadratic), {}, { ...problem, flow: bare })[0].energy).toBe(2.5);
  });

  test('a recorder that does not fill its columns is refused', () => {
    expect(() => record({ name: 'short', columns: ['a', 'b'], start: () => () => [1] })).toThrow(
      'does not fill its columns',
    );
  });
});

describe('stopping rules', () => {
  test('steps and time', () => {
    expect(until(afterSteps(7))).toMatchObject({ status: 'maxSteps', step: 7 });
    expect(until(afterTime(0.125))).toMatchObject({ status: 'maxTime', step: 13 });
  });

  test('stationarity: at the first asked step whose speed is below the tolerance', () => {
    const run = until(whenStationary({ tolerance: 0.1, every: 5 }));
    // sqrt(5) e^{-t} = 0.1 at t = 3.107: the next multiple of 5 steps is 315
    expect(run).toMatchObject({ status: 'converged', step: 315 });
    expect(run.reason).toContain('0.1');
  });

  test('a column below a value', () => {
    const plan: Plan = {
      stepper: rk4(),
      dt: 0.01,
      stop: whenBelow('energy', 1),
      record: { recorders: [recorders.energyRecorder()] },
    };
    expect(simulate(problem, plan)).toMatchObject({ status: 'converged', step: Math.ceil((100 * Math.log(2.5)) / 2) });
    expect(() => simulate(problem, { ...plan, stop: whenBelow('enery', 1) })).toThrow('one of energy');
  });

  test('a column without a new least value for so many steps, also over a pause', () => {
    const wave = recorders.customRecorder('wave', ({ step }) => [3, 2, 2, 1, 2, 1, 1.5, 1, 1, 1][step] ?? 0);
    const plan: Plan = { stepper: rk4(), dt: 0.01, stop: whenStalled('wave', 4), record: { recorders: [wave] } };
    const run = simulate(problem, plan);
    expect(run).toMatchObject({ status: 'converged', step: 7 });
    expect(run.reason).toBe('wave has not been below 1 of step 3 for 4 steps');
    const paused = open(problem, plan);
    for (let k = 0; k < 5; k++) paused.step();
    expect(resume(problem, plan, paused.checkpoint())).toMatchObject({ step: 7, reason: run.reason });
    expect(() => simulate(problem, { ...plan, stop: whenStalled('wafe', 4) })).toThrow('one of wave');
  });

  test('a stalled run keeps the profile of the least value on demand, also over a pause and among other rules', () => {
    const wave = recorders.customRecorder('wave', ({ step }) => [3, 2, 2, 1, 2, 1, 1.5, 1, 1, 1][step] ?? 0);
    const stop = anyOf(afterSteps(90), whenStalled('wave', 4, { keepBest: true }));
    const plan: Plan = { stepper: rk4(), dt: 0.01, stop, record: { recorders: [wave] } };
    const { best, frames } = simulate(problem, plan);
    expect(best).toEqual({ profile: frames[3].profile, step: 3, time: frames[3].time, column: 'wave', value: 1 });
    for (const steps of [0, 2, 5, 7]) {
      const paused = open(problem, plan);
      for (let k = 0; k < steps; k++) paused.step();
      const saved = checkpointFromBytes(checkpointToBytes(paused.checkpoint()), [frames[0].profile[0].space]);
      expect(resume(problem, plan, saved).best).toEqual(best);
      // A checkpoint of what has just been resumed is the same.
      expect(open(problem, plan, { from: saved }).checkpoint().stopMemory).toEqual(saved.stopMemory);
    }
    const paused = open(problem, plan);
    for (let k = 0; k < 5; k++) paused.step();
    expect(resume(problem, { ...plan, maxSteps: 5 }, paused.checkpoint()).best).toEqual(best);
    expect(simulate(problem, { ...plan, stop: whenStalled('wave', 4) }).best).toBeUndefined();
  });

  test('a share of the mass lost', () => {
    const energy = potentialEnergy({ potential: 'norm2(x) / 2', dim: 1 });
    const flow = gradientFlow(energy, wassersteinFisherRao());
    const initial = measure({ space: diracs([[1]]).space, positions: [1, 3], kind: 'positive', masses: [1, 3] });
    const run = until(whenMassLost(0.5), { flow, initial });
    expect(run.status).toBe('massLost');
    expect(run.profile[0].masses[0] + run.profile[0].masses[1]).toBeLessThan(2);
  });

  test('anyOf stops with the first reason, allOf when all hold', () => {
    expect(until(anyOf(afterSteps(9), afterTime(0.05)))).toMatchObject({ status: 'maxTime', step: 5 });
    const both = until(allOf(afterSteps(9), afterTime(0.05)));
    expect(both).toMatchObject({ status: 'maxSteps', step: 9 });
    expect(both.reason.split(';')).toHaveLength(2);
  });

  test('bounds that are no bounds are refused', () => {
    for (const make of [
      () => afterSteps(0),
      () => afterTime(Number.NaN),
      () => whenStationary({ tolerance: -1 }),
      () => whenBelow('x', Number.NaN),
      () => whenStalled('x', 0),
    ]) {
      expect(make).toThrow('not usable');
    }
  });
});

describe('events', () => {
  const first = ({ profile }: { profile: typeof problem.initial }): number =>
    Array.isArray(profile) ? profile[0].positions[0] : 0;

  test('a crossing is located to second order in dt', () => {
    const errors = [0.1, 0.05].map((dt) => {
      const stop = event({ name: 'half', when: (view) => first(view) - 0.5, action: 'stop' });
      const run = simulate(problem, { stepper: rk4(), dt, maxTime: 2, stop });
      expect(run.status).toBe('converged');
      return Math.abs((run.frames.at(-1)?.values.halfTime ?? 0) - Math.log(2));
    });
    expect(errors[0]).toBeLessThan(0.1 ** 2);
    expect(errors[1]).toBeLessThan(0.05 ** 2);
  });

  test('crossings are counted by direction, once each, also where the function is exactly 0', () => {
    const wave = (view: { readonly step: number }): number => [1, 0, -1, 0, 1, 1, -1][view.step];
    const count = (direction: 'up' | 'down' | 'both'): number | undefined =>
      simulate(problem, {
        stepper: rk4(),
        dt: 0.1,
        maxSteps: 6,
        stop: event({ name: 'wave', when: wave, direction }),
      }).frames.at(-1)?.values.waveCount;
    expect([count('up'), count('down'), count('both')]).toEqual([1, 2, 3]);
  });
});
