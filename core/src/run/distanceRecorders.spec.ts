import { describe, expect, test } from 'vitest';
import { interactionEnergy } from '../energy/interactionEnergy.js';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { diracs } from '../measure/initialMeasures.js';
import { fisherRao } from '../metric/fisherRao.js';
import type { Metric } from '../metric/metric.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { rk4 } from '../stepper/rungeKutta.js';
import { wfrDistance } from '../transport/wfrDistance.js';
import { distanceRecorder, pathLengthRecorder } from './distanceRecorders.js';
import { open } from './integrator.js';
import type { Plan, Recorder } from './problem.js';
import { resume, simulate } from './simulate.js';

const start = diracs([-1, 0.4, 2], [0.5, 0.2, 0.3]);
const plan = (recorder: Recorder): Plan => ({
  stepper: rk4(),
  dt: 0.02,
  maxTime: 1,
  record: { every: 1, recorders: [recorder] },
});

describe('path length', () => {
  const curved = interactionEnergy({ kernel: 'exp(-norm2(x - y)) * sin(3*x + 3*y) + x*y', dim: 1 });
  const metrics: readonly (readonly [string, Metric])[] = [
    ['W2', wasserstein({ rate: 2 })],
    ['Fisher-Rao', fisherRao({ alpha: 3 })],
    ['WFR', wassersteinFisherRao({ alpha: 2, gamma: 0.5 })],
  ];

  test.each(metrics)('in %s is never below the distance of the ends, and equals it for small times', (_, metric) => {
    const run = { ...plan(pathLengthRecorder()), dt: 0.004, maxTime: 0.5 };
    const { frames } = simulate({ flow: gradientFlow(curved, metric), initial: start }, run);
    for (const { values } of frames) {
      // The trapezoidal rule errs by dt^2: 7e-3 of the first step in W2 at dt = 0.02, and 25 times less here.
      expect(values.distanceFromStart).toBeLessThanOrEqual(values.pathLength * (1 + 1e-3));
    }
    expect(frames[0].values).toEqual({ pathLength: 0, distanceFromStart: 0 });
    expect(frames[1].values.distanceFromStart / frames[1].values.pathLength).toBeCloseTo(1, 2);
  });

  test('of atoms on straight ways is the distance itself: a quadratic well in W2', () => {
    const flow = gradientFlow(potentialEnergy({ potential: 'x^2 / 2', dim: 1 }), wasserstein());
    const last = simulate({ flow, initial: start }, plan(pathLengthRecorder())).frames.at(-1)?.values ?? {};
    const size = Math.sqrt(0.5 + 0.2 * 0.16 + 0.3 * 4);
    expect(last.distanceFromStart).toBeCloseTo((1 - Math.exp(-1)) * size, 8);
    expect(last.pathLength).toBeCloseTo((1 - Math.exp(-1)) * size, 4);
  });

  test('goes on in a run resumed from a checkpoint', () => {
    const problem = { flow: gradientFlow(curved, wassersteinFisherRao()), initial: start };
    const run = open(problem, plan(pathLengthRecorder()));
    for (let k = 0; k < 20; k++) run.step();
    const resumed = resume(problem, plan(pathLengthRecorder()), run.checkpoint());
    const straight = simulate(problem, plan(pathLengthRecorder()));
    expect(resumed.frames.at(-1)?.values).toEqual(straight.frames.at(-1)?.values);
  });

  test('refuses metrics with rates by blocks', () => {
    const metric = wasserstein({ blocks: [{ start: 0, end: 1, rate: 0.5 }] });
    const run = () => simulate({ flow: gradientFlow(curved, metric), initial: start }, plan(pathLengthRecorder()));
    expect(run).toThrow(/measures no distances/);
  });
});

describe('distance to a reference', () => {
  const flow = gradientFlow(potentialEnergy({ potential: 'x^2 / 2', dim: 1 }), wasserstein());

  test('measure is the moment of the well, with bounds around it', () => {
    const recorder = distanceRecorder({ reference: diracs([0]) });
    const { frames } = simulate({ flow, initial: diracs([3]) }, plan(recorder));
    for (const { time, values } of frames) {
      expect(values.distance).toBeCloseTo(3 * Math.exp(-time), 7);
      expect(values.distanceLower).toBeLessThanOrEqual(values.distance);
      expect(values.distanceUpper).toBeGreaterThanOrEqual(values.distance);
    }
  });

  test('run is that at the same time, in any distance', () => {
    const exact = (time: number) => diracs([3 * Math.exp(-time)]);
    const { frames } = simulate(
      { flow, initial: diracs([3]) },
      plan(distanceRecorder({ reference: exact, distance: wfrDistance })),
    );
    for (const { values } of frames) expect(values.distance).toBeLessThan(1e-7);
  });

  test('refuses a player that is not there', () => {
    const recorder = distanceRecorder({ reference: diracs([0]), player: 1 });
    expect(() => simulate({ flow, initial: diracs([3]) }, plan(recorder))).toThrow(/no such player/);
  });
});
