import { expect, test } from 'vitest';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { fail } from '../errors.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { diracs } from '../measure/initialMeasures.js';
import { wasserstein } from '../metric/wasserstein.js';
import { euler } from '../stepper/rungeKutta.js';
import { customRecorder } from './recorders.js';
import { simulate } from './simulate.js';

const overflow = (): never =>
  fail({
    code: 'not-finite',
    where: 'distance',
    problem: 'the distance overflows',
    got: 'Infinity',
    expected: 'a finite number',
    fix: 'rescale',
  });

const well = potentialEnergy({ potential: 'x^2/2', dim: 1 });
const initial = diracs([1, 2]);
const plan = { stepper: euler(), dt: 0.1, maxSteps: 20 };

test('a recorder that overflows on the way ends the run as diverged, its last frame the last recorded one', () => {
  const recorder = customRecorder('fragile', ({ step }) => (step === 4 ? overflow() : step));
  const run = simulate(
    { flow: gradientFlow(well, wasserstein()), initial },
    { ...plan, record: { recorders: [recorder] } },
  );
  expect(run.status).toBe('diverged');
  expect(run.reason).toMatch(/cannot be evaluated .*smaller step size.*\[distance\] the distance overflows/);
  expect(run.frames.map(({ step, last }) => [step, last])).toEqual([
    [0, false],
    [1, false],
    [2, false],
    [3, true],
  ]);
  expect(run.frames[3].outcome?.status).toBe('diverged');
});

test('a field that overflows on the way does too, at the last good profile', () => {
  let calls = 0;
  const fragile = {
    ...well,
    firstVariationInto(...given: Parameters<typeof well.firstVariationInto>) {
      if (++calls > 6) overflow();
      return well.firstVariationInto(...given);
    },
  };
  const run = simulate({ flow: gradientFlow(fragile, wasserstein()), initial }, plan);
  expect(run.status).toBe('diverged');
  expect(run.profile[0].positions.every(Number.isFinite)).toBe(true);
  expect(run.step).toBeGreaterThan(0);
  expect(run.frames.at(-1)?.last).toBe(true);
});

test('other refusals are thrown as they are, and so is an overflow at the start', () => {
  const at = (step: number, error: () => never) => () =>
    simulate(
      { flow: gradientFlow(well, wasserstein()), initial },
      { ...plan, record: { recorders: [customRecorder('fragile', (view) => (view.step === step ? error() : 0))] } },
    );
  const bug = (): never => {
    throw new TypeError('no such thing');
  };
  expect(at(2, bug)).toThrow(TypeError);
  expect(at(0, overflow)).toThrow(expect.objectContaining({ code: 'not-finite' }));
});
