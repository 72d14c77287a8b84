import { describe, expect, test } from 'vitest';
import { closedFlows, fisherRaoFrozen, wfrQuadratic } from '../testing/closedFlows.js';
import { alternating } from './alternating.js';
import { doubling } from './doubling.js';
import { eulerMaruyama } from './eulerMaruyama.js';
import { extragradient } from './extragradient.js';
import { mirror } from './mirror.js';
import { optimistic } from './optimistic.js';
import { follow, measureOrder, profileDistance } from './order.js';
import { dopri5, euler, heun, rk4 } from './rungeKutta.js';
import { lieSplitting, strangSplitting } from './splitting.js';
import type { Stepper } from './stepper.js';

/** Declared orders, asserted apart from the steppers: a stepper that changes its claim must change this table. */
const table: readonly (readonly [number, Stepper])[] = [
  [1, euler()],
  [2, heun()],
  [4, rk4()],
  [5, dopri5()],
  [1, eulerMaruyama()],
  [1, mirror()],
  [1, mirror({ divergence: 'hellinger' })],
  [1, extragradient()],
  [1, extragradient({ ratio: true })],
  [1, extragradient({ ghostSteps: 0 })],
  [1, extragradient({ ratio: true, ghostSteps: 4 })],
  [1, optimistic()],
  [1, alternating(euler())],
  [1, lieSplitting()],
  [2, strangSplitting()],
  [2, doubling(heun())],
];

/** Fine enough to be asymptotic, coarse enough to stay above rounding. */
const steps: Readonly<Record<number, readonly number[]>> = {
  1: [200, 400, 800],
  2: [64, 128, 256],
  4: [16, 32, 64],
  5: [40, 56, 80],
};

const cases = table.flatMap(([order, stepper]) =>
  closedFlows().map((problem) => ({
    order,
    stepper,
    problem,
    label: `${stepper.name} has order ${order}: ${problem.name}`,
  })),
);

describe('the order of a stepper', () => {
  test.each(cases)('$label', ({ order, stepper, problem }) => {
    expect(stepper.order).toBe(order);
    expect(Math.abs(measureOrder(stepper, problem, steps[order]).order - order)).toBeLessThan(0.15);
  });

  // The parts are of order 4, so what is measured is the splitting itself; it shows where both parts move.
  test.each([
    [1, lieSplitting({ transport: rk4(), reaction: rk4() })],
    [2, strangSplitting({ transport: rk4(), reaction: rk4() })],
  ] as const)('of splitting into exact parts is %d, on both kinds of measures', (order, stepper) => {
    for (const kind of ['positive', 'probability'] as const) {
      const problem = wfrQuadratic(kind);
      // Positions are followed by rk4 alone: masses carry the error of the splitting.
      expect(Math.abs(measureOrder(stepper, problem, steps[order]).order - order)).toBeLessThan(0.15);
    }
  });

  test('is the smallest of the parts and the splitting', () => {
    expect(strangSplitting({ transport: rk4(), reaction: mirror() }).order).toBe(1);
    expect(strangSplitting({ transport: rk4(), reaction: rk4() }).order).toBe(2);
  });
});

describe('the exponential step', () => {
  test.each([euler(), rk4(), dopri5(), mirror(), strangSplitting()])(
    'is exact for a frozen potential in one step: $name',
    (stepper) => {
      const problem = fisherRaoFrozen();
      expect(profileDistance(follow(stepper, problem, 1), problem.exact(1))).toBeLessThan(1e-15);
    },
  );
});
