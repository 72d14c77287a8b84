import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure, MeasureKind } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { randomMeasure } from '../testing/measures.js';
import { wassersteinDistance } from '../transport/exactWasserstein.js';
import { fisherRaoDistance } from '../transport/fisherRao.js';
import { wfrDistance } from '../transport/wfrDistance.js';
import { fisherRao } from './fisherRao.js';
import type { Metric } from './metric.js';
import { wasserstein } from './wasserstein.js';
import { wassersteinFisherRao } from './wassersteinFisherRao.js';

const random = randomStream(randomKey('distances of metrics'));
const sample = (kind: MeasureKind): Measure => randomMeasure(euclidean(2), 6, kind, random);
const between = ({ distance }: Metric, mu: Measure, nu: Measure) => {
  if (distance === undefined) throw new Error('the metric does not measure');
  return distance(mu, nu);
};

describe('metrics measure', () => {
  test('W2 at rate gamma is W2 / sqrt gamma', () => {
    const [mu, nu] = [sample('probability'), sample('probability')];
    const found = between(wasserstein({ rate: 4 }), mu, nu);
    expect(found.value).toBeCloseTo(wassersteinDistance(mu, nu).value / 2, 14);
    expect(found.lower).toBeLessThanOrEqual(found.value);
    expect(found.upper).toBeGreaterThanOrEqual(found.value);
  });

  test('WFR at rates alpha and gamma is WFR of alpha / gamma over sqrt gamma on positive measures', () => {
    const [mu, nu] = [sample('positive'), sample('positive')];
    const found = between(wassersteinFisherRao({ alpha: 3, gamma: 2 }), mu, nu);
    expect(found.squared).toBeCloseTo(wfrDistance(mu, nu, { alpha: 1.5 }).squared / 2, 13);
  });

  test('rates of 0 leave W2 and Fisher-Rao', () => {
    const [mu, nu] = [sample('probability'), sample('probability')];
    const still = wassersteinFisherRao({ alpha: 0, gamma: 4 });
    expect(between(still, mu, nu).value).toBeCloseTo(wassersteinDistance(mu, nu).value / 2, 14);
    const [p, q] = [diracs([0, 1], [0.2, 0.8]), diracs([0, 1], [0.7, 0.3])];
    const reacting = wassersteinFisherRao({ alpha: 4, gamma: 0 });
    expect(between(reacting, p, q).value).toBeCloseTo(fisherRaoDistance(p, q) / 2, 14);
  });

  test('Fisher-Rao compares place by place: an atom that one measure lacks is as far as it can be', () => {
    for (const metric of [fisherRao({ alpha: 4 }), wassersteinFisherRao({ alpha: 4, gamma: 0 })]) {
      expect(between(metric, diracs([0, 1], [0.2, 0.8]), diracs([1, 0], [0.8, 0.2])).value).toBeCloseTo(0, 7);
      expect(between(metric, diracs([0, 1]), diracs([2, 3])).value).toBeCloseTo(Math.PI / 2, 14);
      expect(between(metric, diracs([0, 1]), diracs([1, 2])).value).toBeCloseTo(Math.PI / 3, 14);
    }
  });

  test('rates by blocks do not', () => {
    const blocks = [{ start: 0, end: 1, rate: 0.5 }];
    expect(wasserstein({ blocks }).distance).toBeUndefined();
    expect(wassersteinFisherRao({ blocks }).geodesic).toBeUndefined();
  });

  const cases: readonly (readonly [string, Metric, MeasureKind])[] = [
    ['W2', wasserstein({ rate: 0.5 }), 'probability'],
    ['WFR', wassersteinFisherRao({ alpha: 2, gamma: 0.7 }), 'positive'],
    ['spherical WFR', wassersteinFisherRao({ alpha: 2, gamma: 0.7 }), 'probability'],
  ];
  test.each(cases)('%s geodesics have constant speed, the distance of their ends', (_, metric, kind) => {
    const [mu, nu] = [sample(kind), sample(kind)];
    const path = metric.geodesic?.(mu, nu) ?? (() => mu);
    const whole = between(metric, mu, nu).value;
    for (const [s, t] of [
      [0, 0.3],
      [0.3, 0.8],
      [0.1, 1],
    ]) {
      expect(between(metric, path(s), path(t)).value / whole).toBeCloseTo(t - s, 6);
    }
  });
});
