import { describe, expect, test } from 'vitest';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { landscapes } from './battery.js';
import { energyLaws } from './energyLaws.js';
import { metricLaws } from './metricLaws.js';

const seeds = [1, 2, 3];

describe.each(
  landscapes.map(({ energy, space }) => [`${energy.name} on ${space.name}`, { ...energy, space }] as const),
)('%s', (_, energy) => {
  test.each(energyLaws.map((law) => [law.title, law] as const))('%s', async (_title, law) => {
    if (law.skip?.(energy)) return;
    for (const seed of seeds) expect(await law.check(energy, { seed, runs: 6 })).toMatchObject({ holds: true });
  });
});

describe.each(
  [
    wasserstein(),
    wasserstein({ rate: 0.3, blocks: [{ start: 0, end: 1, rate: 2 }] }),
    fisherRao(),
    fisherRao({ alpha: 4 }),
    wassersteinFisherRao({ alpha: 0.5, gamma: 2 }),
  ].map((metric) => [metric.name, metric] as const),
)('%s', (_, metric) => {
  test.each(metricLaws.map((law) => [law.title, law] as const))('%s', async (_title, law) => {
    if (law.skip?.(metric)) return;
    for (const seed of seeds) expect(await law.check(metric, { seed, runs: 28 })).toMatchObject({ holds: true });
  });
});
