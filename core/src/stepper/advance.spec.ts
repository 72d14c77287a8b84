import { expect, test } from 'vitest';
import { gradientFlow } from '../flow/gradientFlow.js';
import { diracs } from '../measure/initialMeasures.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { simulate } from '../run/simulate.js';
import { quadraticEnergy } from '../testing/closedFlows.js';
import { euler, heun } from './rungeKutta.js';
import { strangSplitting } from './splitting.js';
import type { Stepper } from './stepper.js';

const flow = gradientFlow(quadraticEnergy(1), wassersteinFisherRao());
const initial = diracs([1, 2]);

/** Euler's method that reports `factor` times the step it was asked for. */
const reporting = (factor: number): Stepper => ({
  ...euler(),
  name: 'liar',
  step: (of, profile, context, state) => {
    const result = euler().step(of, profile, context, state as never);
    return { ...result, dt: factor * context.dt };
  },
});

test.each([0, -1, 2, Number.NaN])('a run stops a stepper that covers %d times what it is asked for', (factor) => {
  expect(() => simulate({ flow, initial }, { stepper: reporting(factor), dt: 0.1, maxTime: 1 })).toThrow(
    /\[liar\] a step breaks the contract of steppers/,
  );
});

test.each([0, -1, 2])('a splitting stops a part that covers %d times what it is asked for', (factor) => {
  const stepper = strangSplitting({ transport: reporting(factor), reaction: heun() });
  expect(() => simulate({ flow, initial }, { stepper, dt: 0.1, maxSteps: 2 })).toThrow(/liar/);
});
