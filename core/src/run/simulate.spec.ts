import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import type { MuflowError } from '../errors.js';
import { birthDeath } from '../flow/birthDeath.js';
import type { Flow } from '../flow/flow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { measure } from '../measure/createMeasure.js';
import { diracs, gaussian } from '../measure/initialMeasures.js';
import type { Measure, Profile } from '../measure/measure.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { euclidean } from '../space/euclidean.js';
import { adaptive } from '../stepper/adaptive.js';
import { eulerMaruyama } from '../stepper/eulerMaruyama.js';
import { dopri5, euler, heun } from '../stepper/rungeKutta.js';
import type { Stepper } from '../stepper/stepper.js';
import { checkpointFromBytes, checkpointToBytes } from './checkpoint.js';
import { event } from './events.js';
import { open } from './integrator.js';
import type { Plan, Problem, RunResult } from './problem.js';
import {
  birthsAndDeathsRecorder,
  customRecorder,
  dissipationRecorder,
  energyRecorder,
  massRecorder,
} from './recorders.js';
import { resume, simulate } from './simulate.js';

const quadratic = potentialEnergy({ potential: 'norm2(x) / 2', dim: 2 });
const initial = diracs([
  [1, 0],
  [0, 2],
  [-1, 1],
]);
const transport: Problem = { flow: gradientFlow(quadratic, wasserstein()), initial };
const reaction: Problem = { flow: gradientFlow(quadratic, wassersteinFisherRao({ alpha: 0.7 })), initial };
const bimodal = potentialEnergy({ potential: 'dot(x, x)^2 - dot(x, x)', dim: 2 });
const random: Problem = {
  flow: gradientFlow(bimodal, wasserstein(), { noise: 0.1, jumps: [birthDeath({ rate: 0.3 })] }),
  initial: gaussian({ dim: 2, n: 12, key: 5, mean: [0, 0], std: 1 }),
};

const numbersOf = (profile: Profile): number[] =>
  profile.flatMap((mu) => [...mu.positions, ...mu.logMasses, ...mu.ids, mu.nextId]);
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as MuflowError).code;
  }
  return 'none';
};

/** A flow with a given tangent on the line, for outcomes that no honest energy has. */
function lineFlow(velocity: (x: number, time: number) => number, growth: (x: number) => number = () => 0): Flow {
  return {
    name: 'line',
    dims: [1],
    transports: [true],
    reacts: [true],
    conservesMass: () => false,
    noise: [],
    jumps: [],
    tangentInto([out], [mu], { time }) {
      for (let i = 0; i < mu.count; i++) {
        if (out.velocity) out.velocity[i] = velocity(mu.positions[i], time);
        if (out.growth) out.growth[i] = growth(mu.positions[i]);
      }
    },
  };
}
const onLine = (...xs: number[]): Measure =>
  measure({ space: euclidean(1), positions: xs, kind: 'positive', masses: xs.map(() => 1) });

describe('simulate', () => {
  test('the quadratic potential is followed to e^{-t} x with the order of the stepper', () => {
    const errors = [0.1, 0.05].map((dt) =>
      Math.abs(simulate(transport, { stepper: heun(), dt, maxTime: 1 }).profile[0].positions[0] - Math.exp(-1)),
    );
    expect(Math.log2(errors[0] / errors[1])).toBeGreaterThan(1.85);
    expect(Math.log2(errors[0] / errors[1])).toBeLessThan(2.15);
  });

  test('times of equal steps are products k dt, and the last step lands on maxTime exactly', () => {
    const run = simulate(transport, { stepper: euler(), dt: 0.1, maxTime: 1.25 });
    expect(run.frames.map(({ time }) => time)).toEqual([...Array.from({ length: 13 }, (_, k) => k * 0.1), 1.25]);
    expect(run.status).toBe('maxTime');
  });

  test('no sliver of rounding is integrated: dt = T/n takes n steps for every n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.01, max: 50, noNaN: true }), (n, end) => {
        const run = simulate(transport, { stepper: euler(), dt: end / n, maxTime: end, record: { every: 1000 } });
        expect([run.step, run.time]).toEqual([n, end]);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('an adaptive stepper also lands on maxTime exactly', () => {
    const run = simulate(reaction, {
      stepper: adaptive(dopri5(), { rtol: 1e-8, atol: 1e-10 }),
      dt: 0.3,
      maxTime: Math.PI,
    });
    expect([run.status, run.time]).toEqual(['maxTime', Math.PI]);
    expect(run.profile[0].positions[0]).toBeCloseTo(Math.exp(-Math.PI), 8);
  });

  test('frames stand at step 0, at multiples of every, and at the end, where the outcome is', () => {
    const { frames, reason } = simulate(transport, { stepper: euler(), dt: 0.1, maxSteps: 7, record: { every: 3 } });
    expect(frames.map(({ step, last }) => [step, last])).toEqual([
      [0, false],
      [3, false],
      [6, false],
      [7, true],
    ]);
    expect(frames[3].outcome).toEqual({ status: 'maxSteps', reason });
    expect(frames[0].profile[0].positions).toEqual(initial.positions);
  });

  test('frames are copies: later steps do not write to them', () => {
    const { frames, profile } = simulate(transport, { stepper: euler(), dt: 0.1, maxSteps: 3 });
    expect(new Set(frames.map((frame) => frame.profile[0].positions[0])).size).toBe(4);
    expect(numbersOf(frames[3].profile)).toEqual(numbersOf(profile));
    expect(initial.positions[0]).toBe(1);
  });

  test('the same seed gives the same bytes, another seed another path', () => {
    const plan: Plan = { stepper: eulerMaruyama(), dt: 0.02, maxSteps: 30, seed: 4 };
    const bytes = (result: RunResult): number[] => numbersOf(result.profile);
    expect(bytes(simulate(random, plan))).toEqual(bytes(simulate(random, plan)));
    expect(bytes(simulate(random, plan))).not.toEqual(bytes(simulate(random, { ...plan, seed: 5 })));
  });

  test('recorders never change a run', () => {
    const plan: Plan = { stepper: eulerMaruyama(), dt: 0.02, maxSteps: 40, seed: 2 };
    const recorders = [energyRecorder(), massRecorder(), dissipationRecorder(), birthsAndDeathsRecorder()];
    const watched = simulate(random, { ...plan, record: { recorders }, stop: event({ name: 'never', when: () => 1 }) });
    expect(numbersOf(watched.profile)).toEqual(numbersOf(simulate(random, { ...plan, record: { every: 40 } }).profile));
  });

  test('jumps change the support, and births and deaths are counted', () => {
    const run = simulate(
      { ...random, flow: gradientFlow(quadratic, wasserstein(), { jumps: [birthDeath({ rate: 3 })] }) },
      {
        stepper: heun(),
        dt: 0.02,
        maxSteps: 60,
        seed: 1,
        record: { every: 60, recorders: [birthsAndDeathsRecorder()] },
      },
    );
    expect(run.frames[1].values.births).toBeGreaterThan(0);
    expect(run.profile[0].nextId).toBeGreaterThanOrEqual(12 + run.frames[1].values.births);
    expect(run.profile[0].count).toBe(12);
  });
});

describe('numerical outcomes are data', () => {
  test('a position that stops being finite ends the run at the last good profile', () => {
    const flow = lineFlow((x) => x * x);
    const run = simulate({ flow, initial: onLine(-1, 1) }, { stepper: euler(), dt: 0.5, maxSteps: 100 });
    expect(run.status).toBe('diverged');
    expect(run.nonFinite).toMatchObject({ quantity: 'position', player: 0, atom: 1, step: run.step + 1 });
    expect([...run.profile[0].positions].every(Number.isFinite)).toBe(true);
    expect(run.frames.at(-1)).toMatchObject({ last: true, step: run.step });
  });

  test('the first quantity is named: a gradient that is not finite comes before the position it moves', () => {
    const energy = potentialEnergy({
      potential: { value: (x, i) => x[i], gradientInto: (out, o, x, i) => void (out[o] = x[i] > 2 ? Number.NaN : -1) },
      dim: 1,
    });
    const start = measure({ space: euclidean(1), positions: [0, 1] });
    const run = simulate(
      { flow: gradientFlow(energy, wasserstein()), initial: start },
      { stepper: euler(), dt: 0.5, maxSteps: 9 },
    );
    expect(run.nonFinite).toEqual({ quantity: 'gradient', player: 0, atom: 1, step: 4 });
    expect([run.step, run.time, run.profile[0].positions[1]]).toEqual([3, 1.5, 2.5]);
  });

  test('a mass that overflows is a divergence of the total mass', () => {
    const run = simulate(
      {
        flow: lineFlow(
          () => 0,
          () => 100,
        ),
        initial: onLine(0),
      },
      { stepper: euler(), dt: 1, maxSteps: 20 },
    );
    expect([run.status, run.nonFinite?.quantity, run.step]).toEqual(['diverged', 'totalMass', 7]);
  });

  test('a total mass that underflows is lost mass', () => {
    const run = simulate(
      {
        flow: lineFlow(
          () => 0,
          () => -100,
        ),
        initial: onLine(0, 1),
      },
      { stepper: euler(), dt: 1, maxSteps: 20 },
    );
    expect([run.status, run.step]).toEqual(['massLost', 8]);
    expect(run.reason).toContain('player 0');
  });

  test('a step size that cannot meet its tolerance is a divergence', () => {
    const stuck: Stepper = {
      ...euler(),
      step: (_, profile, { dt }, state) => ({
        next: profile,
        dt,
        state,
        evaluations: 3,
        rejected: 2,
        changedSupport: false,
        status: 'stepTooSmall',
      }),
    };
    const run = simulate(transport, { stepper: stuck, dt: 0.1, maxSteps: 5 });
    expect(run).toMatchObject({ status: 'diverged', step: 0, evaluations: 3, rejected: 2 });
  });

  test('an aborted run keeps what it has', () => {
    const controller = new AbortController();
    const stopAtFour = customRecorder('steps', ({ step }) => {
      if (step === 4) controller.abort();
      return step;
    });
    const recorders = [stopAtFour];
    const run = simulate(transport, {
      stepper: euler(),
      dt: 0.1,
      maxSteps: 50,
      signal: controller.signal,
      record: { recorders },
    });
    expect([run.status, run.step, run.frames.length]).toEqual(['aborted', 4, 5]);
    expect(run.frames[4].last).toBe(true);
  });
});

describe('misuse is refused before the first step', () => {
  const plan: Plan = { stepper: euler(), dt: 0.1, maxSteps: 3 };
  const nowhere = { ...initial, positions: initial.positions.map((x, i) => (i === 3 ? Number.NaN : x)) };
  const cases: readonly (readonly [string, Problem, Plan, string])[] = [
    ['a measure of another dimension', { ...transport, initial: onLine(1) }, plan, 'shape-mismatch'],
    ['two measures for one player', { ...transport, initial: [initial, initial] }, plan, 'shape-mismatch'],
    ['a position that is NaN', { ...transport, initial: nowhere }, plan, 'not-finite'],
    [
      'a measure without mass',
      { ...transport, initial: { ...initial, logMasses: new Float64Array(3).fill(-800) } },
      plan,
      'invalid-argument',
    ],
    ['noise with a deterministic stepper', random, plan, 'unsupported'],
    ['a step of size 0', transport, { ...plan, dt: 0 }, 'invalid-argument'],
    ['a step that is NaN', transport, { ...plan, dt: Number.NaN }, 'invalid-argument'],
    ['no bound', transport, { stepper: euler(), dt: 0.1 }, 'invalid-argument'],
    ['a fractional number of steps', transport, { ...plan, maxSteps: 2.5 }, 'invalid-argument'],
    ['an end before the start', { ...transport, time: 2 }, { ...plan, maxTime: 1 }, 'invalid-argument'],
    ['frames every 0 steps', transport, { ...plan, record: { every: 0 } }, 'invalid-argument'],
    [
      'two recorders of one column',
      transport,
      { ...plan, record: { recorders: [massRecorder(), massRecorder()] } },
      'invalid-argument',
    ],
    ['a negative seed', transport, { ...plan, seed: -1 }, 'invalid-argument'],
  ];
  test.each(cases)('%s', (_, problem, wrong, code) => {
    expect(codeOf(() => simulate(problem, wrong))).toBe(code);
  });
});

describe('pause and resume', () => {
  const steppers = {
    heun: heun(),
    adaptive: adaptive(dopri5(), { rtol: 1e-12, atol: 1e-14 }),
    eulerMaruyama: eulerMaruyama(),
  };

  test('a run paused anywhere and resumed from bytes is the straight run bit for bit, frames and recorders included', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('heun', 'adaptive', 'eulerMaruyama' as const),
        fc.integer({ min: 0, max: 18 }),
        fc.integer({ min: 1, max: 4 }),
        (name, pause, every) => {
          const problem = name === 'eulerMaruyama' ? random : reaction;
          const plan: Plan = {
            stepper: steppers[name],
            dt: name === 'adaptive' ? 0.7 : 0.03,
            maxTime: 1,
            seed: 'pause',
            record: { every, recorders: [dissipationRecorder(quadratic), massRecorder(), birthsAndDeathsRecorder()] },
            stop: event({ name: 'cross', when: ({ profile }) => profile[0].positions[0] - 0.7 }),
          };
          const straight = simulate(problem, plan);
          const run = open(problem, plan);
          for (let k = 0; k < pause; k++) run.step();
          const before = pause === 0 ? [] : straight.frames.filter(({ step }) => step <= run.view.step);
          const rest = resume(problem, plan, checkpointFromBytes(checkpointToBytes(run.checkpoint())));
          expect(rest).toMatchObject({
            status: straight.status,
            reason: straight.reason,
            step: straight.step,
            evaluations: straight.evaluations,
          });
          const shape = (frames: RunResult['frames']): unknown =>
            frames.map(({ step, time, dt, values, profile }) => ({
              step,
              time,
              dt,
              values,
              numbers: numbersOf(profile),
            }));
          expect(shape(rest.frames)).toEqual(shape(straight.frames.slice(before.length)));
        },
      ),
      { seed: 3, numRuns: 40 },
    );
  });

  test('runTo takes whole steps, so that it leaves the path as it is', () => {
    const plan: Plan = { stepper: heun(), dt: 0.1, maxTime: 1 };
    const run = open(reaction, plan);
    expect(run.runTo(0.35)).toBe('running');
    expect(run.view.step).toBe(4);
    expect(codeOf(() => run.result())).toBe('invalid-argument');
    run.runTo(5);
    expect(numbersOf(run.result().profile)).toEqual(numbersOf(simulate(reaction, plan).profile));
  });

  test('a checkpoint survives its bytes exactly, with numbers that JSON has not', () => {
    const run = open(reaction, {
      stepper: heun(),
      dt: 0.1,
      maxSteps: 9,
      record: { recorders: [dissipationRecorder()] },
    });
    run.step();
    const odd = { ...run.checkpoint(), values: { a: Number.NaN, b: -0, c: Number.NEGATIVE_INFINITY } };
    const read = checkpointFromBytes(checkpointToBytes(odd));
    expect({ ...read, profile: numbersOf(read.profile) }).toEqual({ ...odd, profile: numbersOf(odd.profile) });
    expect(Object.is(read.values.b, -0)).toBe(true);
  });

  test('bytes cut off, damaged or foreign are refused', () => {
    const bytes = checkpointToBytes(open(reaction, { stepper: heun(), dt: 0.1, maxSteps: 9 }).checkpoint());
    const damaged = bytes.slice();
    damaged[bytes.length - 3] ^= 1;
    const newer = bytes.slice();
    newer[8] = 2;
    const codes = [bytes.slice(0, 90), damaged, new Uint8Array(40), newer].map((given) =>
      codeOf(() => checkpointFromBytes(given)),
    );
    expect(codes).toEqual(['parse', 'parse', 'parse', 'version-mismatch']);
  });

  test('a checkpoint of another seed, stepper or flow is refused', () => {
    const plan: Plan = { stepper: heun(), dt: 0.1, maxSteps: 9 };
    const checkpoint = open(reaction, plan).checkpoint();
    const wrong: readonly (readonly [Problem, Plan])[] = [
      [reaction, { ...plan, seed: 1 }],
      [reaction, { ...plan, stepper: euler() }],
      [transport, plan],
    ];
    for (const [problem, other] of wrong)
      expect(codeOf(() => resume(problem, other, checkpoint))).toBe('invalid-argument');
  });
});

test('a jump that cannot go on ends the run as diverged, at the last good profile', () => {
  // The potential grows along the run until the rate is too high for the step.
  const energy = potentialEnergy({ potential: '-5*x^2', dim: 1 });
  const jumps = [birthDeath({ rate: 1 })];
  const flow = gradientFlow(energy, wasserstein(), { jumps });
  const initial = measure({ space: euclidean(1), positions: Float64Array.of(1, 1.1, 1.2) });
  const run = simulate({ flow, initial }, { stepper: euler(), dt: 0.02, maxSteps: 1000 });
  expect(run.status).toBe('diverged');
  expect(run.reason).toMatch(/the rate is too high for the step/);
  expect(run.step).toBeGreaterThan(0);
  expect(run.frames.at(-1)?.outcome?.status).toBe('diverged');
  expect(run.profile[0].positions.every(Number.isFinite)).toBe(true);
});
