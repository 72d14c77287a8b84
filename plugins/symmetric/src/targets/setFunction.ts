import { fail, show } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';

/** A function of sets with values in R: what a network on sets is asked to learn. */
export interface SetFunction {
  readonly id: string;
  readonly formula: string;
  /** Whether it depends on the measure `mu = sum_i m_i delta_{x_i}` alone, not on how often its points are listed. */
  readonly ofMeasure: boolean;
  /**
   * One value a set.
   *
   * @throws `not-finite` naming the first set whose value is no finite number, and what single functions state.
   */
  values(batch: SetBatch): Float64Array;
  /**
   * An L with `|f(mu) - f(nu)| <= L W_1(mu, nu)` for all measures of the ball `|x| <= radius`; Infinity where f has none,
   * or none is known.
   */
  lipschitz(radius: number): number;
}

/** The points of one set: those `from <= i < to` of the batch. */
export interface SetRange {
  readonly from: number;
  readonly to: number;
  readonly id: string;
}

/** Values of a function that takes one set at a time, checked to be finite. */
export function valuesBySet(name: string, batch: SetBatch, valueAt: (range: SetRange) => number): Float64Array {
  const { count, offsets, ids } = batch;
  const out = new Float64Array(count);
  for (let s = 0; s < count; s++) out[s] = valueAt({ from: offsets[s], to: offsets[s + 1], id: ids[s] });
  return checkedValues(name, batch, out);
}

/** The values themselves where all are finite. @throws `not-finite` naming the first set that has none. */
export function checkedValues(name: string, { ids }: SetBatch, values: Float64Array): Float64Array {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    fail({
      code: 'not-finite',
      where: name,
      problem: `the value of set ${show(ids[wrong])} is no finite number`,
      got: show(values[wrong]),
      expected: 'points at which the function is defined',
      fix: 'leave out the set, or move its points',
    });
  }
  return values;
}

/** Refuses a set of one point. */
export function onePoint(where: string, id: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: `set ${show(id)} has too few points`,
    got: '1 point',
    expected: 'two or more',
    fix: 'leave the set out, or take a function of the measure',
  });
}

/** Refuses a number that is not positive. */
export function checkPositive(where: string, name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the ${name} is not usable`,
    got: show(value),
    expected: 'a finite number > 0',
    fix: 'leave it out for the default',
  });
}
