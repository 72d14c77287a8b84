import {
  fail,
  type Measure,
  packMeasure,
  type Recorder,
  type Risk,
  type StopRule,
  show,
  snapshot,
  unpackMeasure,
  type Watch,
} from '@muflow/core';

/** Risks of one model on different rows; only their mean losses are read, without penalties. */
export interface CurveRisks {
  readonly train?: Risk;
  readonly validation?: Risk;
  readonly test?: Risk;
}

/**
 * Columns `trainLoss`, `validationLoss` and `testLoss`, those that are given: the mean loss of the network on these
 * rows, without penalties. Cost n L units a record for each.
 */
export function lossRecorder(risks: CurveRisks): Recorder {
  const given = (['train', 'validation', 'test'] as const).flatMap((part) => {
    const risk = risks[part];
    return risk === undefined ? [] : [{ column: `${part}Loss`, risk }];
  });
  return {
    name: 'losses',
    columns: given.map(({ column }) => column),
    start:
      () =>
      ({ profile }) =>
        given.map(({ risk }) => risk.meanLoss(profile[0])),
  };
}

export interface EarlyStoppingOptions {
  /** The risk on the rows that decide. */
  readonly validation: Risk;
  /** Looks in a row without improvement after which the run stops. */
  readonly patience: number;
  /** Steps between two looks, default 1. */
  readonly every?: number;
  /** An improvement is at least this much, default 0 (any). */
  readonly leastImprovement?: number;
}

/** The measure of the least validation loss so far. */
export interface BestMeasure {
  readonly measure: Measure;
  readonly loss: number;
  readonly step: number;
  readonly time: number;
}

/** A stopping rule and what it keeps. */
export interface EarlyStopping {
  /** Goes into `Plan.stop`; adds the column `bestValidationLoss`. One run at a time. */
  readonly rule: StopRule;
  /** The best measure of the latest run, whatever ended it; undefined before its first look. */
  best(): BestMeasure | undefined;
}

/**
 * Early stopping: the run ends once the mean loss on the validation rows has not improved for `patience` looks, and the
 * measure to use is that of the best look, not the last. Time of training is the penalty: no other is needed. The best
 * measure is part of a checkpoint, so a resumed run keeps it. A look costs n L units; keeping a measure copies it.
 *
 * @throws `invalid-argument` for a patience or period that is no integer >= 1, or an improvement below 0.
 * @example
 * const stopping = earlyStopping({ validation, patience: 20, every: 10 });
 * simulate({ flow, initial }, { stepper: heun(), dt: 0.1, maxSteps: 10_000, stop: stopping.rule });
 * const { measure } = stopping.best();
 */
export function earlyStopping(options: EarlyStoppingOptions): EarlyStopping {
  const { validation, patience, every = 1, leastImprovement = 0 } = options;
  checkOptions({ patience, every, leastImprovement });
  let best: BestMeasure | undefined;
  const rule: StopRule = {
    name: 'earlyStopping',
    columns: ['bestValidationLoss'],
    start(memory) {
      best = undefined;
      let [waited, looked] = [memory?.[0] ?? 0, memory?.[1] ?? -1];
      let pending = memory !== undefined && memory.length > 2 ? memory : undefined;
      const watch = (view: Parameters<Watch>[0]): ReturnType<Watch> => {
        const [mu] = view.profile;
        // The space is not among the numbers of a memory: it is that of the measure the run goes on with.
        if (pending !== undefined) best = unpacked(pending, mu);
        pending = undefined;
        // A resumed run is asked again at the step of its checkpoint.
        if (view.step % every !== 0 || view.step === looked) return null;
        looked = view.step;
        const loss = validation.meanLoss(mu);
        if (best === undefined || loss < best.loss - leastImprovement) {
          best = { measure: snapshot(mu), loss, step: view.step, time: view.time };
          waited = 0;
          return null;
        }
        waited++;
        if (waited < patience) return null;
        return {
          status: 'converged',
          reason: `the validation loss ${loss} at step ${view.step} is the ${waited}th in a row not below ${best.loss} of step ${best.step}`,
        };
      };
      return Object.assign(watch, {
        values: () => [best?.loss ?? Number.NaN],
        memory: () => pending ?? [waited, looked, ...(best === undefined ? [] : packed(best))],
      });
    },
  };
  return { rule, best: () => best };
}

/** Loss, step and time, then the measure. */
function packed({ loss, step, time, measure }: BestMeasure): readonly number[] {
  return [loss, step, time, ...packMeasure(measure)];
}

function unpacked([, , loss, step, time, ...numbers]: readonly number[], like: Measure): BestMeasure {
  return { loss, step, time, measure: unpackMeasure(numbers, like).measure };
}

function checkOptions(options: Required<Omit<EarlyStoppingOptions, 'validation'>>): void {
  const { patience, every, leastImprovement } = options;
  const whole = (count: number): boolean => Number.isInteger(count) && count >= 1;
  if (whole(patience) && whole(every) && leastImprovement >= 0 && Number.isFinite(leastImprovement)) return;
  fail({
    code: 'invalid-argument',
    where: 'earlyStopping',
    problem: 'the options are not usable',
    got: `patience ${show(patience)}, every ${show(every)}, leastImprovement ${show(leastImprovement)}`,
    expected: 'integers >= 1 and a finite improvement >= 0',
    fix: 'pass for instance { patience: 20, every: 10 }',
  });
}
