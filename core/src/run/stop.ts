import { fail, show } from '../errors.js';
import type { RunView, StopReason, StopRule, Watch } from './problem.js';
import { speedReader } from './speed.js';

/** Stops at step `steps` (counted from the start of the run, pauses included). */
export function afterSteps(steps: number): StopRule {
  checkBound('afterSteps', steps, 1);
  return plainRule('afterSteps', ({ step }) =>
    step < steps ? null : { status: 'maxSteps', reason: `${step} steps were taken, at most ${steps} were asked for` },
  );
}

/** Stops at the first step that ends at or after `time`; `Plan.maxTime` lands on a time exactly. */
export function afterTime(time: number): StopRule {
  checkBound('afterTime', time);
  return plainRule('afterTime', (view) =>
    view.time < time ? null : { status: 'maxTime', reason: `time ${view.time} has passed ${time}` },
  );
}

/**
 * Stops where the metric speed `sqrt(sum_k norm2_k(T_k))` is at most `tolerance`: nothing moves any more.
 * Costs one evaluation of the tangent at every `every`-th step (default 10). Never holds under noise.
 */
export function whenStationary(options: { readonly tolerance: number; readonly every?: number }): StopRule {
  const { tolerance, every = 10 } = options;
  checkBound('whenStationary', tolerance, 0);
  checkBound('whenStationary', every, 1);
  return {
    name: 'whenStationary',
    start: () => {
      const read = speedReader();
      return (view) => {
        if (view.step % every !== 0) return null;
        const speed = Math.sqrt(read(view));
        if (!(speed <= tolerance)) return null;
        return {
          status: 'converged',
          reason: `the metric speed ${speed} is at most ${tolerance} at step ${view.step}`,
        };
      };
    },
  };
}

/** Stops as converged once a recorded column is at most `value`; asked with the values of the latest recorded step. */
export function whenBelow(column: string, value: number): StopRule {
  checkBound('whenBelow', value);
  return plainRule('whenBelow', ({ values, step }) => {
    const recorded = values[column];
    if (recorded === undefined) return missingColumn('whenBelow', column, Object.keys(values));
    return recorded <= value
      ? { status: 'converged', reason: `${column} = ${recorded} is at most ${value} at step ${step}` }
      : null;
  });
}

/** Stops once a player has less than `fraction` of the mass it started with. */
export function whenMassLost(fraction: number): StopRule {
  checkBound('whenMassLost', fraction, 0);
  return plainRule('whenMassLost', ({ profile, initialMasses, step }) => {
    for (let player = 0; player < profile.length; player++) {
      const left = profile[player].masses.reduce((sum, mass) => sum + mass, 0) / initialMasses[player];
      if (left < fraction)
        return {
          status: 'massLost',
          reason: `player ${player} has ${left} of its first mass at step ${step}, less than ${fraction}`,
        };
    }
    return null;
  });
}

/** Stops when one of the rules does, for its reason; all rules are asked at every step. */
export function anyOf(...rules: readonly StopRule[]): StopRule {
  return combined('anyOf', rules, (reasons) => reasons.find((reason) => reason !== null) ?? null);
}

/** Stops when all rules do at the same step; the status is that of the first. */
export function allOf(...rules: readonly StopRule[]): StopRule {
  return combined('allOf', rules, (reasons) => {
    const given = reasons.filter((reason) => reason !== null);
    if (given.length < reasons.length || given.length === 0) return null;
    return { status: given[0].status, reason: given.map(({ reason }) => reason).join('; ') };
  });
}

function plainRule(name: string, watch: Watch): StopRule {
  return { name, start: () => watch };
}

/** Memories of the parts are kept one after the other, each behind its length. */
function combined(
  name: string,
  rules: readonly StopRule[],
  decide: (reasons: readonly (StopReason | null)[]) => StopReason | null,
): StopRule {
  return {
    name: `${name}(${rules.map((rule) => rule.name).join(', ')})`,
    columns: rules.flatMap((rule) => rule.columns ?? []),
    start: (memory) => {
      const parts = memory === undefined ? rules.map(() => undefined) : unpack(memory);
      const watches = rules.map((rule, k) => rule.start(parts[k]));
      const watch = (view: Parameters<Watch>[0]): StopReason | null => decide(watches.map((part) => part(view)));
      return Object.assign(watch, {
        values: () => watches.flatMap((part) => part.values?.() ?? []),
        memory: () => watches.flatMap((part) => pack(part.memory?.())),
        best: (view: RunView) => watches.map((part) => part.best?.(view)).find((kept) => kept !== undefined),
      });
    },
  };
}

function pack(memory: readonly number[] | undefined): readonly number[] {
  return memory === undefined ? [-1] : [memory.length, ...memory];
}

function unpack(memory: readonly number[]): readonly (readonly number[] | undefined)[] {
  const parts: (readonly number[] | undefined)[] = [];
  for (let at = 0; at < memory.length; ) {
    const length = memory[at++];
    parts.push(length < 0 ? undefined : memory.slice(at, at + length));
    at += Math.max(0, length);
  }
  return parts;
}

/** Refuses a bound that is not finite or below `least`. */
export function checkBound(where: string, value: number, least = Number.NEGATIVE_INFINITY): void {
  if (Number.isFinite(value) && value >= least) return;
  const expected = Number.isFinite(least) ? `a finite number >= ${least}` : 'a finite number';
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the bound is not usable',
    got: show(value),
    expected,
    fix: `pass ${expected}`,
  });
}

/** Refuses a column that no recorder fills. */
export function missingColumn(where: string, column: string, known: readonly string[]): never {
  return fail({
    code: 'unknown-id',
    where,
    problem: 'nothing records this column',
    got: show(column),
    expected: known.length === 0 ? 'a recorded column (there is none)' : `one of ${known.join(', ')}`,
    fix: 'add the recorder that fills it',
  });
}
