import {
  checkpointFromBytes,
  checkpointToBytes,
  euler,
  gaussian,
  gaussianLaw,
  gradientFlow,
  networkUnit,
  open,
  randomKey,
  resume,
  risk,
  simulate,
  wasserstein,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { earlyStopping, lossRecorder } from './curves.js';
import { drawSamples, teacherSamples } from './freshSamples.js';

// Few noisy rows and many neurons: the training loss falls for ever, the validation loss turns.
const law = teacherSamples({
  inputs: gaussianLaw({ dim: 1 }),
  teacher: (x, start) => Math.tanh(2 * x[start]),
  noise: 0.5,
});
const unit = networkUnit({ activation: 'relu', inputs: 1 });
const on = (count: number, key: string, lambda = 0) =>
  risk({ unit, ...drawSamples(law, count, randomKey(key)), penalty: { kind: 'weightDecay', lambda } });
const [train, validation, heldOut] = [on(12, 'train'), on(200, 'validation'), on(500, 'test')];
const initial = gaussian({ dim: 3, n: 60, key: 2, std: 2 });
const problem = { flow: gradientFlow(train, wasserstein()), initial };
const plan = { stepper: euler(), dt: 0.05, maxSteps: 600 };

describe('loss curves', () => {
  test('are the mean losses on their rows, without penalties', () => {
    const recorders = [lossRecorder({ train: on(12, 'train', 0.3), validation, test: heldOut })];
    const { frames } = simulate(problem, { ...plan, maxSteps: 40, record: { every: 20, recorders } });
    expect(frames).toHaveLength(3);
    for (const { values, profile } of frames) {
      expect(values).toEqual({
        trainLoss: train.meanLoss(profile[0]),
        validationLoss: validation.meanLoss(profile[0]),
        testLoss: heldOut.meanLoss(profile[0]),
      });
    }
    expect(lossRecorder({ validation }).columns).toEqual(['validationLoss']);
  });
});

describe('early stopping', () => {
  const options = { validation, patience: 8, every: 5 };

  test('ends a run that overfits, and keeps the measure of the least validation loss that was looked at', () => {
    const stopping = earlyStopping(options);
    const recorders = [lossRecorder({ train, validation, test: heldOut })];
    const run = simulate(problem, { ...plan, stop: stopping.rule, record: { every: 5, recorders } });
    expect([run.status, run.reason.includes('8th in a row')]).toEqual(['converged', true]);
    const best = stopping.best();
    const looked = run.frames.map(({ values }) => values.validationLoss);
    expect(best?.loss).toBe(Math.min(...looked));
    expect(best?.step).toBe(5 * looked.indexOf(Math.min(...looked)));
    expect(run.step).toBe((best?.step ?? 0) + 40);
    expect(best && validation.meanLoss(best.measure)).toBe(best?.loss);
    expect(run.frames.at(-1)?.values.bestValidationLoss).toBe(best?.loss);
    // What it is for: rows that decided nothing are predicted better than at the end of a long run.
    const long = simulate(problem, { ...plan, record: { every: 600 } }).profile[0];
    expect(train.meanLoss(long)).toBeLessThan(train.meanLoss(initial));
    expect(best && heldOut.meanLoss(best.measure)).toBeLessThan(heldOut.meanLoss(long));
  });

  test.each([3, 5, 10])(
    'a run resumed from bytes %i steps before its end stops there with the same measure',
    (before) => {
      const whole = earlyStopping(options);
      const straight = simulate(problem, { ...plan, stop: whole.rule });
      const first = earlyStopping(options);
      const run = open(problem, { ...plan, stop: first.rule });
      while (run.view.step < straight.step - before) run.step();
      const saved = checkpointFromBytes(checkpointToBytes(run.checkpoint()), [initial.space]);
      const second = earlyStopping(options);
      const resumed = resume(problem, { ...plan, stop: second.rule }, saved);
      expect([resumed.step, resumed.reason]).toEqual([straight.step, straight.reason]);
      expect(second.best()).toEqual(whole.best());
    },
  );

  test('a run is not stopped by what an earlier run has seen', () => {
    const stopping = earlyStopping({ validation, patience: 1000 });
    simulate(problem, { ...plan, maxSteps: 30, stop: stopping.rule });
    const first = stopping.best();
    simulate(problem, { ...plan, maxSteps: 30, stop: stopping.rule });
    expect(stopping.best()).toEqual(first);
  });

  test('a least improvement asks for more than a smaller number', () => {
    const stopping = earlyStopping({ validation, patience: 3, leastImprovement: 1e6 });
    expect(simulate(problem, { ...plan, stop: stopping.rule }).step).toBe(3);
    expect(stopping.best()?.step).toBe(0);
  });

  test.each([{ patience: 0 }, { patience: 2.5 }, { patience: 1, every: 0 }, { patience: 1, leastImprovement: -1 }])(
    '%o is refused',
    (wrong) => {
      expect(() => earlyStopping({ validation, ...wrong })).toThrow(/\[earlyStopping\] the options are not usable/);
    },
  );
});
