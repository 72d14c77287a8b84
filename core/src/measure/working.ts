import { fail } from '../errors.js';
import { normalizeLogs } from '../math/sums.js';
import { expInto, measureFromParts } from './createMeasure.js';
import type { Measure, Profile, Tangent } from './measure.js';

/**
 * A measure whose arrays its owner may write to: a buffer of a stepper. Whoever writes to `logMasses`
 * calls `touch()`, so that `masses` is computed anew on its next use.
 */
export interface WorkingMeasure extends Measure {
  readonly nextId: number;
  /** Says that the log-masses have changed. */
  touch(): void;
  /** Sets the id of the next newborn atom. */
  setNextId(nextId: number): void;
}

/**
 * A working measure with its own buffers and the same content.
 *
 * @returns n*d + 3n numbers of fresh memory; everything else in this file allocates nothing
 * (except {@link snapshot}, which is a copy).
 */
export function workingCopy(mu: Measure): WorkingMeasure {
  return new WorkingAtoms(mu);
}

/** A class, because objects with a getter of their own are slow to read: every loop asks them for their arrays. */
class WorkingAtoms implements WorkingMeasure {
  readonly space;
  readonly kind;
  readonly count: number;
  readonly dim: number;
  readonly positions: Float64Array;
  readonly logMasses: Float64Array;
  readonly ids: Uint32Array;
  nextId: number;
  readonly #masses: Float64Array;
  #stale = true;

  constructor(mu: Measure) {
    this.space = mu.space;
    this.kind = mu.kind;
    this.count = mu.count;
    this.dim = mu.dim;
    this.positions = mu.positions.slice();
    this.logMasses = mu.logMasses.slice();
    this.ids = mu.ids.slice();
    this.nextId = mu.nextId;
    this.#masses = new Float64Array(mu.count);
  }

  get masses(): Float64Array {
    const masses = this.#masses;
    if (this.#stale) {
      const { logMasses } = this;
      expInto(masses, logMasses);
      this.#stale = false;
    }
    return masses;
  }

  touch(): void {
    this.#stale = true;
  }

  setNextId(nextId: number): void {
    this.nextId = nextId;
  }
}

/** True for a buffer whose owner writes to it again and again: a measure that {@link workingCopy} made. */
export function isWorking(mu: Measure): mu is WorkingMeasure {
  return mu instanceof WorkingAtoms;
}

/** One working copy per player. */
export function workingProfile(profile: Profile): readonly WorkingMeasure[] {
  return profile.map(workingCopy);
}

/** An immutable copy, for frames and results. Cost O(n d). */
export function snapshot(mu: Measure): Measure {
  return measureFromParts({
    space: mu.space,
    kind: mu.kind,
    positions: mu.positions.slice(),
    logMasses: mu.logMasses.slice(),
    ids: mu.ids.slice(),
    nextId: mu.nextId,
  });
}

/**
 * Overwrites `target` with the atoms of `source`.
 *
 * @throws `shape-mismatch` where counts or dimensions differ: make a new working copy after a change of support.
 */
export function copyInto(target: WorkingMeasure, source: Measure): void {
  if (target === source) return;
  checkSameShape('copyInto', target, source);
  target.positions.set(source.positions);
  target.logMasses.set(source.logMasses);
  copyLineage(target, source);
  target.touch();
}

/** Moves every measure of a profile into its buffer, as {@link copyInto}. */
export function copyProfileInto(target: readonly WorkingMeasure[], source: Profile): void {
  for (let k = 0; k < target.length; k++) copyInto(target[k], source[k]);
}

/**
 * Pushes a measure along a tangent for a time dt: `x_i <- R_{x_i}(dt v_i)`, `m_i <- m_i exp(dt r_i)`,
 * and for a probability `m_i <- m_i / sum m` after the masses have moved. A null part stays as it is.
 *
 * @param target - receives the result; may be `source` itself.
 * @param tangent - velocity (n*d) and growth rate (n); either may be null.
 * Cost O(n d), allocates nothing. Numbers that are not finite pass through: the loop that steps reports them.
 * @throws `shape-mismatch` where counts or dimensions differ.
 */
export function pushInto(target: WorkingMeasure, source: Measure, tangent: Tangent, dt: number): void {
  checkSameShape('pushInto', target, source);
  const { count } = source;
  const { velocity, growth } = tangent;
  if (velocity === null) {
    if (target !== source) target.positions.set(source.positions);
  } else {
    source.space.retractInto(target.positions, source.positions, velocity, dt, count);
  }
  if (growth === null) {
    if (target !== source) target.logMasses.set(source.logMasses);
  } else {
    const { logMasses } = target;
    const before = source.logMasses;
    for (let i = 0; i < count; i++) logMasses[i] = before[i] + dt * growth[i];
    if (target.kind === 'probability') normalizeLogs(logMasses);
  }
  copyLineage(target, source);
  target.touch();
}

/** Overwrites `target` with `source` divided by its total mass; `target` may be `source`. */
export function normalizeInto(target: WorkingMeasure, source: Measure): void {
  copyInto(target, source);
  normalizeLogs(target.logMasses);
  target.touch();
}

function copyLineage(target: WorkingMeasure, source: Measure): void {
  if (target === source) return;
  target.ids.set(source.ids);
  target.setNextId(source.nextId);
}

function checkSameShape(where: string, target: Measure, source: Measure): void {
  if (target.count === source.count && target.dim === source.dim) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'source and target differ in size',
    got: `source ${source.count} x ${source.dim}, target ${target.count} x ${target.dim}`,
    expected: 'the same number of atoms and coordinates',
    fix: 'make a new workingCopy after a change of support',
  });
}
