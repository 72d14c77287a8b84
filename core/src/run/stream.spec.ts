import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import type { MuflowError } from '../errors.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { gaussian } from '../measure/initialMeasures.js';
import { wasserstein } from '../metric/wasserstein.js';
import { eulerMaruyama } from '../stepper/eulerMaruyama.js';
import { euler } from '../stepper/rungeKutta.js';
import type { Checkpoint } from './checkpoint.js';
import type { Frame, Plan, Problem } from './problem.js';
import { customRecorder, energyRecorder, speedRecorder } from './recorders.js';
import { fractionDone, runAsync } from './runAsync.js';
import { resume, simulate } from './simulate.js';
import { stream } from './stream.js';
import { checkpointTo, every, until, untilStationary, withRecorders } from './streamOperators.js';

const energy = potentialEnergy({ potential: 'norm2(x) / 2', dim: 2 });
const initial = gaussian({ dim: 2, n: 8, key: 1, mean: [0, 0], std: 1 });
const problem: Problem = { flow: gradientFlow(energy, wasserstein(), { noise: 0.1 }), initial };
const calm: Problem = { flow: gradientFlow(energy, wasserstein()), initial };
const plan: Plan = {
  stepper: eulerMaruyama(),
  dt: 0.01,
  maxSteps: 40,
  seed: 7,
  record: { recorders: [energyRecorder()] },
};
const plain = (frames: readonly Frame[]): unknown =>
  frames.map(({ step, time, values, last, outcome, profile }) => ({
    step,
    time,
    values,
    last,
    outcome,
    numbers: [...profile[0].positions],
  }));
const framesOf = (source = stream(problem, plan)): Promise<Frame[]> => lastValueFrom(source.pipe(toArray()));

describe('stream', () => {
  test('the frames are those of simulate, and a second subscription gives the same bytes', async () => {
    const source = stream(problem, plan);
    const [first, second] = await Promise.all([framesOf(source), framesOf(source)]);
    expect(plain(first)).toEqual(plain(simulate(problem, plan).frames));
    expect(plain(second)).toEqual(plain(first));
  });

  test('it is cold: nothing is computed before, or without, a subscription', async () => {
    let steps = 0;
    const recorders = [customRecorder('count', () => ++steps)];
    const source = stream(problem, { ...plan, record: { recorders } });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(steps).toBe(0);
    const subscription = source.subscribe();
    expect(steps).toBe(0);
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(steps).toBe(0);
  });

  test('unsubscribing inside a frame cancels the run at that step', async () => {
    let steps = 0;
    const recorders = [customRecorder('count', () => ++steps)];
    const endless: Plan = { ...plan, maxSteps: 1e9, record: { recorders } };
    expect(await lastValueFrom(stream(problem, endless).pipe(take(4)))).toMatchObject({ step: 3 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(steps).toBe(4);
  });

  test('an endless run leaves the thread to timers, which can end it', async () => {
    const frames: Frame[] = [];
    const subscription = stream(problem, { ...plan, maxSteps: 1e9, record: { every: 100 } }).subscribe((frame) =>
      frames.push(frame),
    );
    await new Promise((resolve) => setTimeout(resolve, 40));
    subscription.unsubscribe();
    const seen = frames.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(seen).toBeGreaterThan(0);
    expect(frames.length).toBe(seen);
  });

  test('misuse throws when the stream is made', () => {
    expect(() => stream(problem, { ...plan, dt: -1 })).toThrow('step size');
  });

  test('a run that diverges is an error that carries the last good frame', async () => {
    const cubic = potentialEnergy({ potential: '-dot(x, x)^2', dim: 2 });
    const wild: Problem = { flow: gradientFlow(cubic, wasserstein()), initial };
    const error = (await lastValueFrom(stream(wild, { stepper: euler(), dt: 1, maxSteps: 50 })).catch(
      (reason) => reason,
    )) as MuflowError;
    const frame = error.details.lastFrame as Frame;
    expect(error.code).toBe('not-finite');
    expect([...frame.profile[0].positions].every(Number.isFinite)).toBe(true);
    expect(frame.step).toBe(simulate(wild, { stepper: euler(), dt: 1, maxSteps: 50 }).step);
  });

  test('a recorder that throws is an error that carries the last good frame', async () => {
    const recorders = [customRecorder('fragile', ({ step }) => (step === 3 ? Number(undefinedFunction()) : step))];
    const error = (await lastValueFrom(stream(problem, { ...plan, record: { recorders } })).catch(
      (reason) => reason,
    )) as MuflowError;
    expect([error.code, (error.details.lastFrame as Frame).step, (error.cause as Error).message]).toEqual([
      'internal',
      2,
      'no such thing',
    ]);
  });
});

function undefinedFunction(): number {
  throw new Error('no such thing');
}

describe('operators', () => {
  test('every keeps the frames of every n-th step and the last', async () => {
    const frames = await framesOf(stream(problem, { ...plan, maxSteps: 11 }).pipe(every(4)));
    expect(frames.map(({ step }) => step)).toEqual([0, 4, 8, 11]);
    expect(() => every(0)).toThrow('spacing');
  });

  test('until ends with the frame that satisfies the predicate', async () => {
    const frames = await framesOf(stream(problem, plan).pipe(until(({ time }) => time >= 0.05)));
    expect(frames.at(-1)?.step).toBe(5);
  });

  test('untilStationary ends where the column is small, and names the columns there are', async () => {
    const slow: Plan = { stepper: euler(), dt: 0.1, maxSteps: 1000, record: { recorders: [speedRecorder()] } };
    const frames = await framesOf(stream(calm, slow).pipe(untilStationary({ tolerance: 1e-3 })));
    expect(frames.at(-1)?.values.speed).toBeLessThanOrEqual(1e-3);
    expect(frames.at(-2)?.values.speed).toBeGreaterThan(1e-3);
    await expect(framesOf(stream(calm, slow).pipe(untilStationary({ tolerance: 1, key: 'sped' })))).rejects.toThrow(
      'speed',
    );
  });

  test('withRecorders adds the columns that the plan would have recorded', async () => {
    const bare: Plan = { ...plan, record: { every: 3 } };
    const frames = await framesOf(
      stream(problem, bare).pipe(withRecorders(energyRecorder(), speedRecorder()), every(6)),
    );
    const full = simulate(problem, { ...plan, record: { every: 3, recorders: [energyRecorder(), speedRecorder()] } });
    expect(frames.map(({ values }) => values)).toEqual(
      full.frames.filter(({ step, last }) => last || step % 6 === 0).map(({ values }) => values),
    );
  });

  test('a checkpoint handed to the sink resumes to the same end', async () => {
    const saved: Checkpoint[] = [];
    await lastValueFrom(
      stream(problem, plan).pipe(
        every(15),
        checkpointTo((checkpoint) => saved.push(checkpoint)),
      ),
    );
    expect(saved.map(({ step }) => step)).toEqual([0, 15, 30, 40]);
    const straight = simulate(problem, plan);
    for (const checkpoint of saved)
      expect(resume(problem, plan, checkpoint).profile[0].positions).toEqual(straight.profile[0].positions);
  });

  test('a frame from nowhere is refused by operators that need its run', async () => {
    const { frames } = simulate(problem, plan);
    const { of } = await import('rxjs');
    await expect(firstValueFrom(of(frames[0]).pipe(checkpointTo(() => undefined)))).rejects.toThrow(
      'does not come from a stream',
    );
  });
});

describe('runAsync', () => {
  test('gives what simulate gives, frames and all', async () => {
    const seen: number[] = [];
    const {
      seconds: _,
      frames,
      ...outcome
    } = await runAsync(problem, plan, { onFrame: ({ step }) => seen.push(step) });
    const { seconds: __, frames: expected, ...same } = simulate(problem, plan);
    expect(plain(frames)).toEqual(plain(expected));
    expect(outcome.profile[0].positions).toEqual(same.profile[0].positions);
    expect([outcome.status, outcome.reason]).toEqual([same.status, same.reason]);
    expect(seen).toEqual(frames.map(({ step }) => step));
  });

  test('an abort is an outcome with the profile reached', async () => {
    const controller = new AbortController();
    const run = runAsync(problem, { ...plan, maxSteps: 1e9, record: { every: 1e6 } }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 30);
    const result = await run;
    expect(result.status).toBe('aborted');
    expect(result.step).toBeGreaterThan(0);
    expect(result.frames.at(-1)).toMatchObject({ step: result.step, last: true });
  });

  test('progress is the larger fraction of the two bounds', () => {
    expect(fractionDone({ step: 5, time: 0.9 }, { ...plan, maxSteps: 10, maxTime: 1 })).toBe(0.9);
    expect(fractionDone({ step: 5, time: 2 }, { ...plan, maxSteps: 10 })).toBe(0.5);
    const { maxSteps: _, ...unbounded } = plan;
    expect(fractionDone({ step: 5, time: 2 }, unbounded)).toBeUndefined();
  });
});
