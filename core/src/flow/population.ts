import { fail, show } from '../errors.js';
import { normalizeLogs } from '../math/sums.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure, Profile } from '../measure/measure.js';
import { copyInto, isWorking, type WorkingMeasure, workingCopy } from '../measure/working.js';
import { refuseWithoutField } from './checkFlow.js';
import type { Flow, Jump, JumpOutcome, StepContext } from './flow.js';
import { firstVariationBuffers } from './tangents.js';

/** What every jump may be given: the player it is for (default 0) and a name of its own (keys its random numbers). */
export interface JumpOptions {
  readonly player?: number;
  readonly name?: string;
}

/** Which potential decides over the atoms. */
export interface PotentialOptions {
  /**
   * `recent` (default): V as the stepper evaluated it last, at no cost: at the start of the step for Euler's method, at
   * the predicted end for Heun's. `fresh`: V at the end of the step, one more evaluation of the field.
   *
   * Both are of first order. Transport over dt and then reaction by V at its end differ from the flow by O(dt^2) in a
   * step, whatever the order of the stepper, since the two do not commute; V at any time in the step differs from V at its
   * end by O(dt), which changes the factor `exp(-rate dt (V - Vbar))` by O(dt^2) again. With Euler's method and `recent`
   * the step is that of Euler for transport and reaction together. Errors of the two tend to the same as dt tends to 0.
   */
  readonly potential?: 'fresh' | 'recent';
}

/** The atoms of a measure in arrays that a jump may write to; the count stays. */
export interface Atoms {
  readonly positions: Float64Array;
  readonly logMasses: Float64Array;
  readonly ids: Uint32Array;
  nextId: number;
  /** The buffer that has these arrays, if any. */
  readonly buffer: WorkingMeasure | null;
}

/** Buffers of a jump, one for every buffer of a stepper that it reads. */
export type JumpBuffers = WeakMap<Measure, WorkingMeasure>;

/**
 * A copy of the atoms of `mu`. Where `mu` is a buffer of a stepper the copy is in a buffer of its own, which lives as
 * long: until the jump is applied to that buffer again. Else it is in fresh arrays.
 */
export function copyAtoms(mu: Measure, buffers: JumpBuffers): Atoms {
  const { positions, logMasses, ids, nextId } = mu;
  if (!isWorking(mu)) {
    return { positions: positions.slice(), logMasses: logMasses.slice(), ids: ids.slice(), nextId, buffer: null };
  }
  let buffer = buffers.get(mu);
  if (buffer === undefined) {
    buffer = workingCopy(mu);
    buffers.set(mu, buffer);
  } else copyInto(buffer, mu);
  return { positions: buffer.positions, logMasses: buffer.logMasses, ids: buffer.ids, nextId, buffer };
}

/** A fresh id; ids are 32-bit, and running out of them is said before one is used twice. */
export function newId(atoms: Atoms): number {
  if (atoms.nextId >= 2 ** 32) {
    fail({
      code: 'unsupported',
      where: 'jump',
      problem: 'there are no more ids for newborn atoms',
      got: `${show(atoms.nextId)} ids used`,
      expected: 'fewer than 2^32 births in a run',
      fix: 'start a new run from the last measure',
    });
  }
  return atoms.nextId++;
}

/** The atoms as a measure like `mu`, in their arrays; a probability is normalized. */
export function measureOfAtoms(mu: Measure, atoms: Atoms): Measure {
  if (mu.kind === 'probability') normalizeLogs(atoms.logMasses);
  return asMeasure(mu, atoms);
}

/** The atoms as a measure like `mu`, in their arrays, with masses as they are. */
export function asMeasure({ space, kind }: Measure, atoms: Atoms): Measure {
  const { positions, logMasses, ids, nextId, buffer } = atoms;
  if (buffer === null) return measureFromParts({ space, kind, positions, logMasses, ids, nextId });
  buffer.setNextId(nextId);
  buffer.touch();
  return buffer;
}

/** The atoms of mu at the given indices, with their masses and ids; a probability is normalized. */
export function selectAtoms(mu: Measure, indices: readonly number[]): Measure {
  const { dim, nextId } = mu;
  const positions = new Float64Array(indices.length * dim);
  indices.forEach((i, place) => {
    for (let k = 0; k < dim; k++) positions[place * dim + k] = mu.positions[i * dim + k];
  });
  const logMasses = Float64Array.from(indices, (i) => mu.logMasses[i]);
  const ids = Uint32Array.from(indices, (i) => mu.ids[i]);
  return measureOfAtoms(mu, { positions, logMasses, ids, nextId, buffer: null });
}

/** The profile with one measure replaced. */
export function replaceMeasure(profile: Profile, player: number, mu: Measure): Profile {
  return profile.map((other, k) => (k === player ? mu : other));
}

/** Nothing happened: the profile is handed back itself. */
export function unchanged(profile: Profile): JumpOutcome {
  return { profile, births: 0, deaths: 0 };
}

/**
 * A reader of the potential of one player: the last one evaluated, or one at the profile at the end of the step. Where a
 * flow keeps none for the atoms of the profile, as after another jump has changed them, it is evaluated.
 *
 * @returns a function whose result is a buffer, valid until its next call.
 */
export function potentialReader(
  jump: string,
  player: number,
  which: 'fresh' | 'recent' = 'recent',
): (profile: Profile, flow: Flow, context: StepContext) => Float64Array {
  const buffers = firstVariationBuffers();
  return (profile, flow, context) => {
    const recent = which === 'recent' ? flow.recentPotential?.(player, profile[player]) : null;
    if (recent) return recent;
    if (flow.field === undefined) refuseWithoutField(jump, jump);
    const variations = buffers.at(profile);
    const { time, dt, step, key } = context;
    flow.field.evaluateInto(variations, profile, { time: time + dt, step, key });
    return variations[player].potential;
  };
}

/** Refuses a rate that is not a finite number >= 0. */
export function checkJumpRate(where: string, rate: number): void {
  if (rate >= 0 && Number.isFinite(rate)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the rate is not usable',
    got: show(rate),
    expected: 'a finite number >= 0 per unit of time',
    fix: 'pass the reaction rate alpha',
  });
}

/** Refuses a number of steps that is not an integer >= 1. */
export function checkPeriod(where: string, every: number): void {
  if (Number.isInteger(every) && every >= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the period is not usable',
    got: show(every),
    expected: 'an integer number of steps >= 1',
    fix: 'pass every: 1 to act after each step',
  });
}

export interface WindowOptions {
  /** First step index (from 0) after which the jump acts; default 0. */
  readonly from?: number;
  /** Step index from which on it no longer acts; default never. */
  readonly until?: number;
}

/**
 * The jump in a window of steps only: it acts after steps k with `from <= k < until`.
 *
 * @throws `invalid-argument` for an empty window.
 *
 * @example
 * ```ts
 * import { birthDeath, during } from '@muflow/core';
 * const jump = during(birthDeath({ rate: 5 }), { until: 9000 }); // no birth or death after 9000 steps
 * console.log(jump.name); // => birth-death
 * ```
 */
export function during(jump: Jump, { from = 0, until = Number.POSITIVE_INFINITY }: WindowOptions): Jump {
  if (!(from >= 0 && from < until)) {
    fail({
      code: 'invalid-argument',
      where: 'during',
      problem: 'the window is empty',
      got: `from ${show(from)} until ${show(until)}`,
      expected: '0 <= from < until',
      fix: 'count steps from 0',
    });
  }
  return {
    ...jump,
    apply: (profile, flow, context) =>
      context.step >= from && context.step < until ? jump.apply(profile, flow, context) : unchanged(profile),
  };
}
