import { describe, expect, test } from 'vitest';
import { allocateFirstVariation } from '../energy/checks.js';
import { risk } from '../energy/risk.js';
import { scaleEnergy, sumEnergy } from '../energy/sumEnergy.js';
import { networkUnit } from '../energy/units.js';
import { addFlows, scaleFlow } from '../flow/combineFlows.js';
import type { Flow } from '../flow/flow.js';
import { freezePositions } from '../flow/freeze.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { minibatch } from '../flow/minibatch.js';
import { fillNormal, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { simulate } from '../run/simulate.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { forwardBackward } from './forwardBackward.js';
import { measureOrder } from './order.js';
import { euler } from './rungeKutta.js';

const lambda = 0.3;
/** `(x - goal)^2 / 2 + lambda |x|` of one atom of mass 1. */
const lasso = (goal: number, l1 = lambda) =>
  risk({
    unit: { formula: 'a * x', atom: { a: 1 } },
    inputs: Float64Array.of(1),
    targets: Float64Array.of(goal),
    penalty: { kind: 'l1', lambda: l1 },
  });
const at = (x: number, space = euclidean(1)) => measure({ space, positions: [x] });
const end = (flow: Flow, x: number, dt: number, steps = 600): number =>
  simulate({ flow, initial: at(x) }, { stepper: forwardBackward(), dt, maxSteps: steps, record: { every: steps } })
    .profile[0].positions[0];

describe('forward-backward steps', () => {
  test('have order 1 on the flow of a square with an absolute value, on either side of 0', () => {
    for (const goal of [2, -2]) {
      const limit = goal - Math.sign(goal) * lambda;
      const problem = {
        name: 'lasso',
        flow: gradientFlow(lasso(goal), wasserstein()),
        initial: [at(goal / 4)],
        time: 1,
        exact: (t: number) => [at(limit + (goal / 4 - limit) * Math.exp(-t))],
      };
      expect(measureOrder(forwardBackward(), problem, [50, 100, 200]).order).toBeCloseTo(1, 1);
    }
  });

  test('end at the soft threshold of the goal for every step size, at exactly 0 where it is 0', () => {
    for (const dt of [0.05, 0.5, 1.5]) {
      const flow = (goal: number) => gradientFlow(lasso(goal), wasserstein());
      expect(end(flow(2), -1, dt)).toBeCloseTo(1.7, 4);
      expect(end(flow(-0.8), 1, dt)).toBeCloseTo(-0.5, 4);
      expect(end(flow(0.25), 1, dt)).toBe(0);
      expect(end(flow(-0.25), -3, dt)).toBe(0);
    }
    // An explicit step with the subgradient of the same size never rests.
    const plan = { stepper: euler(), dt: 0.5, maxSteps: 200 };
    const chatter = simulate({ flow: gradientFlow(lasso(0.25), wasserstein()), initial: at(1) }, plan);
    expect(Math.abs(chatter.profile[0].positions[0])).toBeGreaterThan(0.01);
  });

  test('rates, factors and sums of flows scale the threshold with the motion', () => {
    const flow = gradientFlow(lasso(2), wasserstein());
    const fast = gradientFlow(lasso(2), wasserstein({ rate: 2 }));
    for (const other of [
      scaleFlow(2, flow),
      addFlows(flow, flow),
      gradientFlow(scaleEnergy(2, lasso(2)), wasserstein()),
      gradientFlow(sumEnergy(lasso(2), lasso(2)), wasserstein()),
    ]) {
      expect(end(other, 0.4, 0.1, 7)).toBeCloseTo(end(fast, 0.4, 0.1, 7), 13);
    }
    expect(end(freezePositions(gradientFlow(lasso(2), wassersteinFisherRao())), 0.4, 0.1)).toBe(0.4);
    const blocked = wasserstein({ blocks: [{ start: 0, end: 1, rate: 2 }] });
    expect(end(gradientFlow(lasso(2), blocked), 0.4, 0.1, 7)).toBe(end(fast, 0.4, 0.1, 7));
    const estimate = minibatch(lasso(2), { size: 1 });
    expect(end(gradientFlow(lasso(2), wasserstein(), { estimate }), 0.4, 0.1, 7)).toBe(end(flow, 0.4, 0.1, 7));
  });

  test('a flow without absolute values is followed by explicit Euler, bit for bit', () => {
    const flow = gradientFlow(lasso(2, 0), wassersteinFisherRao());
    const run = (stepper: typeof euler | typeof forwardBackward): number =>
      simulate({ flow, initial: at(0.4) }, { stepper: stepper(), dt: 0.1, maxSteps: 5 }).profile[0].positions[0];
    expect(run(forwardBackward)).toBe(run(euler));
  });

  test('atoms stay in a box that does not hold 0', () => {
    const flow = gradientFlow(lasso(0), wasserstein());
    const plan = { stepper: forwardBackward(), dt: 0.5, maxSteps: 40 };
    expect(simulate({ flow, initial: at(2, box([[1, 3]])) }, plan).profile[0].positions[0]).toBe(1);
  });

  test('the fixed point of output weights is a point of equilibrium: |dV/da| <= lambda at 0, else the sign of a', () => {
    const normals = (n: number, seed: string): Float64Array => {
      const out = new Float64Array(n);
      fillNormal(out, randomKey(seed));
      return out;
    };
    const [rows, n] = [12, 30];
    const data = { inputs: normals(rows, 'x'), targets: normals(rows, 'y') };
    const unit = networkUnit({ activation: 'relu', inputs: 1 });
    const energy = risk({ unit, ...data, penalty: { kind: 'l1', lambda: 0.05 } });
    const smooth = risk({ unit, ...data });
    const onlyOutputs = wasserstein({ blocks: [{ start: 1, end: 3, rate: 0 }] });
    const { profile } = simulate(
      {
        flow: gradientFlow(energy, onlyOutputs),
        initial: measure({ space: euclidean(3), positions: normals(3 * n, 'u') }),
      },
      { stepper: forwardBackward(), dt: 1, maxSteps: 60_000, record: { every: 60_000 } },
    );
    const [mu] = profile;
    const out = allocateFirstVariation(n, 3);
    smooth.firstVariationInto(out, mu);
    let zeros = 0;
    for (let i = 0; i < n; i++) {
      const [a, slope] = [mu.positions[3 * i], out.gradient[3 * i]];
      if (a === 0) zeros++;
      expect(a === 0 ? Math.max(0, Math.abs(slope) - 0.05) : Math.abs(slope + 0.05 * Math.sign(a))).toBeLessThan(1e-7);
    }
    expect(zeros).toBeGreaterThan(n / 2);
    expect(zeros).toBeLessThan(n);
  });
});
