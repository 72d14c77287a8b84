import { describe, expect, test } from 'vitest';
import type { Flow } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import { normalAt, randomKey } from '../math/random.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { combineInto, copyTangentInto } from '../measure/tangent.js';
import { pushInto, type WorkingMeasure, workingProfile } from '../measure/working.js';
import { adaptive } from '../stepper/adaptive.js';
import { eulerMaruyama } from '../stepper/eulerMaruyama.js';
import { dopri5, euler, explicitRungeKutta, heun } from '../stepper/rungeKutta.js';
import type { Stepper, StepResult } from '../stepper/stepper.js';
import { eulerTableau, heunTableau } from '../stepper/tableaus.js';
import { complaints, type Mistake, mistakeRows, untested, verdictsOn } from './mistakes.js';
import { stepperLaws } from './stepperLaws.js';

/** A stepper whose result is changed afterwards. */
function changed<S>(
  stepper: Stepper<S>,
  change: (next: readonly WorkingMeasure[], dt: number, before: Profile) => void,
) {
  return {
    ...stepper,
    step: (...[flow, profile, context, state]: Parameters<Stepper<S>['step']>): StepResult<S> => {
      const result = stepper.step(flow, profile, context, state);
      // The result of a stepper lives in its own buffers.
      change(result.next as readonly WorkingMeasure[], context.dt, profile);
      return result;
    },
  } as Stepper;
}

/** A stepper that follows another flow than it is given. */
function misled<S>(stepper: Stepper<S>, tangent: (out: readonly Tangent[], profile: Profile) => void): Stepper {
  const other = (flow: Flow): Flow => ({
    ...flow,
    tangentInto: (out, profile, context) => {
      flow.tangentInto(out, profile, context);
      tangent(out, profile);
    },
  });
  return {
    ...stepper,
    step: (flow, profile, context, state) => stepper.step(other(flow), profile, context, state as S),
  };
}

interface AdamsState {
  readonly last: readonly Tangent[];
  readonly now: readonly Tangent[];
  readonly combined: readonly Tangent[];
  readonly pair: readonly [readonly WorkingMeasure[], readonly WorkingMeasure[]];
  steps: number;
}

/** The two-step method of Adams and Bashforth, which must remember the last tangent; the first step is Euler's. */
function adams({ remembers }: { readonly remembers: 'openly' | 'in its state only' | 'in itself' }): Stepper {
  const kept: { state?: AdamsState } = {};
  const fresh = (flow: Flow, profile: Profile): AdamsState => ({
    last: allocateTangents(flow, profile),
    now: allocateTangents(flow, profile),
    combined: allocateTangents(flow, profile),
    pair: [workingProfile(profile), workingProfile(profile)],
    steps: 0,
  });
  const parts = ({ last }: AdamsState): readonly Float64Array[] =>
    last.flatMap(({ velocity, growth }) => [velocity, growth]).filter((part) => part !== null);
  const stepper: Stepper<AdamsState> = {
    name: 'adams',
    order: 2,
    accepts: { noise: false, transport: true, reaction: true },
    conservesMass: true,
    init: (flow, profile) => {
      const state = fresh(flow, profile);
      const same = kept.state?.pair[0].every(({ space, count }, k) => {
        const parts = (of: Tangent): readonly boolean[] => [of.velocity === null, of.growth === null];
        const moved = kept.state !== undefined && `${parts(kept.state.last[k])}` === `${parts(state.last[k])}`;
        return space === profile[k].space && count === profile[k].count && moved;
      });
      if (remembers !== 'in itself' || kept.state === undefined || !same) kept.state = state;
      return kept.state;
    },
    step: (flow, profile, context, state) => {
      const { last, now, combined, pair } = state;
      flow.tangentInto(now, profile, context);
      const weights = state.steps === 0 ? [1, 0] : [1.5, -0.5];
      const next = pair[state.steps % 2];
      profile.forEach((mu, k) => {
        combineInto(combined[k], weights, [now[k], last[k]]);
        pushInto(next[k], mu, combined[k], context.dt);
        copyTangentInto(last[k], now[k]);
      });
      state.steps++;
      return { next, dt: context.dt, state, evaluations: 1, rejected: 0, changedSupport: false, status: 'ok' };
    },
  };
  if (remembers !== 'openly') return stepper as Stepper;
  return {
    ...stepper,
    memory: (state: AdamsState) => [state.steps, ...parts(state).flatMap((part) => Array.from(part))],
    recall: (flow, profile, [steps, ...numbers]) => {
      const state = fresh(flow, profile);
      state.steps = steps;
      let start = 0;
      for (const part of parts(state)) {
        part.set(numbers.slice(start, start + part.length));
        start += part.length;
      }
      return state;
    },
  } as Stepper;
}

/** Positions `x + dt v` without the retraction. */
function straight(next: readonly WorkingMeasure[], dt: number, before: Profile): void {
  next.forEach(({ positions, space, count }, k) => {
    const moved = positions.map((x, c) => x + (x - before[k].positions[c]) * dt);
    if (space.intrinsicDim > 0) positions.set(moved.subarray(0, count * space.dim));
  });
}

function kickByIndex(next: readonly WorkingMeasure[], dt: number): void {
  const key = randomKey('kick');
  next.forEach((mu) => {
    const kick = Float64Array.from({ length: mu.count * mu.dim }, (_, c) =>
      normalAt(key, Math.floor(c / mu.dim), c % mu.dim),
    );
    mu.space.projectTangentInto(kick, mu.positions, kick, mu.count);
    pushInto(mu, mu, { velocity: kick, growth: null }, dt);
  });
}

const largestStep = 0.1;
const steppers: readonly Mistake<Stepper>[] = [
  {
    law: 'declared-order',
    mistake: 'Euler declared to be of order 2',
    wrong: { ...euler(), order: 2 },
    right: euler(),
  },
  { law: 'declared-order', mistake: 'Heun declared to be of order 1', wrong: { ...heun(), order: 1 }, right: heun() },
  {
    law: 'declared-order',
    mistake: 'Heun with a wrong weight',
    wrong: explicitRungeKutta({ ...heunTableau, weights: [0.6, 0.4] }),
    right: explicitRungeKutta(heunTableau),
  },
  {
    law: 'declared-order',
    mistake: 'weights that do not sum to 1',
    wrong: explicitRungeKutta({ ...eulerTableau, weights: [1.01] }),
    right: explicitRungeKutta(eulerTableau),
  },
  {
    law: 'follows-exact-flows',
    mistake: 'an adaptive stepper that reports more time than it covers',
    wrong: {
      ...adaptive(dopri5()),
      step: (flow, profile, context, state) => {
        const inner = adaptive(dopri5());
        const result = inner.step(flow, profile, { ...context, dt: 0.9 * context.dt }, state as never);
        return { ...result, dt: Math.min(context.dt, result.dt / 0.9) };
      },
    },
    right: adaptive(dopri5()) as Stepper,
  },
  {
    law: 'stays-inside',
    mistake: 'steps in straight lines on curved spaces',
    wrong: changed(euler(), straight),
    right: euler(),
  },
  {
    law: 'mass-is-conserved',
    mistake: 'a leak of 1e-9 per unit of time from a stepper declared to conserve mass',
    wrong: changed(euler(), (next, dt) => {
      for (const mu of next) {
        for (let i = 0; i < mu.count; i++) mu.logMasses[i] -= 1e-9 * dt;
        mu.touch();
      }
    }),
    right: euler(),
  },
  {
    law: 'takes-what-is-asked',
    mistake: 'a step twice as long as asked for',
    wrong: {
      ...euler(),
      step: (flow, profile, context, state) =>
        euler().step(flow, profile, { ...context, dt: 2 * context.dt }, state as never),
    },
    right: euler(),
  },
  {
    law: 'takes-what-is-asked',
    mistake: 'a step that covers no time',
    wrong: {
      ...euler(),
      step: (flow, profile, context, state) => ({ ...euler().step(flow, profile, context, state as never), dt: 0 }),
    },
    right: euler(),
  },
  {
    law: 'takes-what-is-asked',
    mistake: 'a stepper that writes to the profile it starts from',
    wrong: changed(euler(), (_, dt, before) => {
      before[0].logMasses[0] -= 1e-6 * dt;
    }),
    right: euler(),
  },
  {
    law: 'same-seed-same-bytes',
    mistake: 'a stepper that keeps its last tangent in itself, from run to run',
    wrong: adams({ remembers: 'in itself' }),
    right: adams({ remembers: 'openly' }),
  },
  {
    law: 'pause-and-resume',
    mistake: 'a last tangent that is not in the memory of the stepper',
    wrong: adams({ remembers: 'in its state only' }),
    right: adams({ remembers: 'openly' }),
  },
  {
    law: 'permutation-of-atoms',
    mistake: 'random kicks by the number of an atom, not by its id',
    wrong: changed(eulerMaruyama(), kickByIndex),
    right: eulerMaruyama() as Stepper,
  },
  {
    law: 'splitting-an-atom',
    mistake: 'velocities multiplied by n m_i, the gradient in the positions for equal masses only',
    wrong: misled(euler(), ([{ velocity }], [{ masses, count, dim }]) => {
      for (let c = 0; velocity !== null && c < velocity.length; c++) velocity[c] *= count * masses[Math.floor(c / dim)];
    }),
    right: euler(),
  },
  {
    law: 'isometry',
    mistake: 'velocities clipped coordinate by coordinate',
    wrong: misled(euler(), ([{ velocity }]) => {
      for (let c = 0; velocity !== null && c < velocity.length; c++) {
        velocity[c] = Math.max(-largestStep, Math.min(largestStep, velocity[c]));
      }
    }),
    right: euler(),
  },
];

describe('steppers', () => {
  test.each(mistakeRows(stepperLaws, steppers))('%s', async (_, row) => {
    const { wrong, right } = await verdictsOn(stepperLaws, row, { seeds: [1, 2], runs: 12 });
    expect(wrong).toEqual(['fails', 'fails']);
    expect(right).toEqual(['holds', 'holds']);
  });

  test('the right steppers hold every law, and every law catches something', async () => {
    expect(await complaints(stepperLaws, steppers, { seed: 1, runs: 8 })).toEqual([]);
    expect(untested(stepperLaws, steppers)).toEqual([]);
  });
});
