import {
  type Frame,
  fisherRao,
  gradientFlow,
  type Measure,
  type Metric,
  measure,
  rk4,
  simulate,
  wassersteinFisherRao,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { circle, deconvolutionEnergy } from '../sparse/deconvolution.js';
import { dirichletKernel } from '../sparse/waveKernel.js';
import { energyBoundRecorder } from './energyBound.js';

const target = measure({ space: circle(1), positions: [1, 2.5, 4.4], masses: [1, 0.5, 0.8], kind: 'positive' });
const energy = deconvolutionEnergy({ target, kernel: dirichletKernel(4), lambda: 0.3 });

function start(kind: 'positive' | 'probability', n = 24): Measure {
  const positions = Array.from({ length: n }, (_, i) => (2 * Math.PI * (i + 0.3)) / n);
  const masses = positions.map((x) => 1 + 0.5 * Math.sin(3 * x));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({ space: circle(1), positions, masses: masses.map((mass) => mass / total), kind });
}

function run(initial: Measure, metric: Metric, alpha: number, masses: ArrayLike<number>): readonly Frame[] {
  const recorders = [energyBoundRecorder({ energy, alpha, initial, masses })];
  return simulate(
    { flow: gradientFlow(energy, metric), initial },
    { stepper: rk4(), dt: 2e-3, maxSteps: 1500, record: { every: 5, recorders } },
  ).frames;
}

const kinds = ['positive', 'probability'] as const;

test.each(kinds)('the energy of the WFR flow stays below the bound, whatever the comparison: %s', (kind) => {
  const initial = start(kind);
  const end = run(initial, wassersteinFisherRao({ alpha: 2 }), 2, initial.masses).at(-1)?.profile[0] ?? initial;
  for (const masses of [initial.masses, end.masses]) {
    for (const { profile, values, step } of run(initial, wassersteinFisherRao({ alpha: 2 }), 2, masses)) {
      if (step > 0) expect(energy.value(profile[0])).toBeLessThan(values.energyBound + 1e-9);
    }
  }
});

test.each(kinds)('without transport it is the bound of KL(q | m) / (alpha t) above the energy of q: %s', (kind) => {
  const initial = start(kind);
  const q = run(initial, fisherRao({ alpha: 1 }), 1, initial.masses).at(-1)?.profile[0].masses ?? initial.masses;
  const frames = run(initial, fisherRao({ alpha: 1 }), 1, q);
  const divergence = q.reduce((sum, w, i) => {
    const m = initial.masses[i];
    return sum + w * Math.log(w / m) - w + m;
  }, 0);
  const atQ = frames[0].values.comparison;
  for (const { time, values, profile } of frames.slice(1)) {
    expect(values.comparison).toBeCloseTo(atQ, 10);
    expect(values.energyBound).toBeCloseTo(atQ + divergence / time, 8);
    expect(energy.value(profile[0])).toBeLessThan(values.energyBound + 1e-9);
  }
});

test('with the masses of the end as comparison the bound falls fivefold and below the energy of the start', () => {
  const initial = start('positive');
  const metric = wassersteinFisherRao({ alpha: 2 });
  const end = run(initial, metric, 2, initial.masses).at(-1)?.profile[0] ?? initial;
  const [first, last] = [run(initial, metric, 2, end.masses)[1], run(initial, metric, 2, end.masses).at(-1)];
  expect(last?.values.energyBound).toBeLessThan(0.2 * first.values.energyBound);
  expect(last?.values.energyBound).toBeLessThan(energy.value(initial));
});

test('a recorder that goes on from its memory gives the numbers of an unbroken run', () => {
  const initial = start('positive');
  const recorder = energyBoundRecorder({ energy, alpha: 2, initial, masses: initial.masses });
  const view = (time: number) =>
    ({ profile: [initial], time, births: 0, deaths: 0 }) as unknown as Parameters<ReturnType<typeof recorder.start>>[0];
  const whole = recorder.start();
  const expected = [0, 1, 2].map((time) => whole(view(time)));
  const first = recorder.start();
  first(view(0));
  first(view(1));
  expect(recorder.start(first.memory?.())(view(2))).toEqual(expected[2]);
});

test('masses that do not fit the start are refused', () => {
  const initial = start('probability');
  const make = (alpha: number, masses: readonly number[]) => energyBoundRecorder({ energy, alpha, initial, masses });
  expect(() => make(1, [1])).toThrow('expected 24 masses');
  expect(() => make(1, new Array<number>(24).fill(1))).toThrow('of total 1');
  expect(() => make(0, new Array<number>(24).fill(1 / 24))).toThrow('alpha');
});
