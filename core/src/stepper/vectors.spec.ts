import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gradientFlow } from '../flow/gradientFlow.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { functionEnergy, quadraticEnergy } from '../testing/closedFlows.js';
import { adaptive } from './adaptive.js';
import { mirror } from './mirror.js';
import { follow } from './order.js';
import { dopri5 } from './rungeKutta.js';

interface Vector {
  readonly id: string;
  readonly input: Readonly<Record<string, number & readonly number[]>>;
  readonly expect: Readonly<Record<string, number & readonly number[]>>;
}
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../../../test/vectors/transport.json', import.meta.url), 'utf8'),
).vectors;
const vector = (id: string): Vector => {
  const found = vectors.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
};

describe('the vectors', () => {
  test('of the Wasserstein-Fisher-Rao flow of a quadratic, to 1e-9, with error control', () => {
    const { input, expect: expected } = vector('flow-wfr-quadratic');
    const start = measure({ space: euclidean(2), kind: 'positive', positions: input.x0, masses: [input.m0] });
    const flow = gradientFlow(quadraticEnergy(2), wassersteinFisherRao({ alpha: input.alpha }));
    const stepper = adaptive(dopri5(), { rtol: 1e-11, atol: 1e-12 });
    const [end] = follow(stepper, { flow, initial: [start], time: input.T }, 1);
    expect(Math.abs(end.positions[0] - expected.x[0])).toBeLessThan(1e-9);
    expect(Math.abs(end.positions[1] - expected.x[1])).toBeLessThan(1e-9);
    expect(Math.abs(end.masses[0] - expected.m)).toBeLessThan(1e-9);
  });

  /** One step of fisherRao at alpha dt = alphaTau with the frozen potential of a vector. */
  const proximal = ({ input }: Vector, divergence: 'kl' | 'hellinger', kind: Measure['kind']): Float64Array => {
    const space = finite(input.w0.length);
    const energy = functionEnergy(
      'frozen',
      1,
      (x, start) => input.V[x[start]],
      (out, _, start) => {
        out[start] = 0;
      },
    );
    const start = measure({ space, kind, positions: input.w0.map((_, i) => i), masses: input.w0 });
    const flow = gradientFlow(energy, fisherRao({ alpha: 2 }));
    return follow(mirror({ divergence }), { flow, initial: [start], time: input.alphaTau / 2 }, 1)[0].masses;
  };

  test.each([
    ['prox-kl-linear', 'kl', 'positive', 'w_Mplus'],
    ['prox-kl-linear', 'kl', 'probability', 'w_P'],
    ['prox-hellinger-linear', 'hellinger', 'positive', 'w_Mplus'],
  ] as const)('%s by the %s mirror step on %s measures, to 1e-12', (id, divergence, kind, key) => {
    const masses = proximal(vector(id), divergence, kind);
    vector(id).expect[key].forEach((mass: number, i: number) => {
      expect(Math.abs(masses[i] - mass)).toBeLessThan(1e-12);
    });
  });

  test('the Hellinger step of a probability is the constrained minimum: sqrt(m0/m) - alpha tau V / 2 is constant', () => {
    const { input } = vector('prox-hellinger-linear');
    const masses = proximal(vector('prox-hellinger-linear'), 'hellinger', 'probability');
    const levels = Array.from(masses, (m, i) => Math.sqrt(input.w0[i] / m) - (input.alphaTau * input.V[i]) / 2);
    expect(Math.max(...levels) - Math.min(...levels)).toBeLessThan(1e-12);
    expect(masses.reduce((a, b) => a + b)).toBeCloseTo(1, 13);
  });
});
