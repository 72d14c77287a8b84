import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Metric } from '../metric/metric.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { defineEntry, definePlugin } from '../plugin/define.js';
import type { Plugin } from '../plugin/plugin.js';
import { checkPlugin, type LawReport } from './checkPlugin.js';
import { assertLaws, describeFailure, runLaws } from './matchers.js';
import { metricLaws } from './metricLaws.js';

/** Wasserstein-Fisher-Rao whose growth is taken `factor` times, in the motion but not in the length. */
function stretched(factor: number): Metric {
  const metric = wassersteinFisherRao();
  return {
    ...metric,
    name: 'stretched',
    descendInto: (out, at, mu) => {
      metric.descendInto(out, at, mu);
      for (let i = 0; out.growth !== null && i < mu.count; i++) out.growth[i] *= factor;
    },
  };
}

const stretchedEntry = defineEntry({
  id: 'elsewhere/stretched',
  title: 'Growth at another pace',
  reference: 'ChizatPeyreSchmitzerVialard2018',
  params: z.strictObject({ factor: z.number().positive().default(1) }),
  create: ({ factor }) => stretched(factor),
  examples: [{ factor: 2 }],
});

/** What somebody else might write: one metric that is right with the default factor only, one that needs its rate. */
const plugin: Plugin = definePlugin({
  id: 'elsewhere',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  metrics: [
    stretchedEntry,
    defineEntry({
      id: 'elsewhere/slow',
      title: 'Transport at a given rate',
      reference: 'AmbrosioGigliSavare2008',
      params: z.strictObject({ rate: z.number().positive() }),
      create: ({ rate }) => wasserstein({ rate }),
      examples: [{ rate: 0.1 }, { rate: 3 }],
    }),
  ],
});
const options = { seed: 1, runs: 21 };
const failures = (reports: readonly LawReport[]) => reports.filter(({ holds }) => !holds);

test('checkPlugin reports the laws that a wrong metric breaks, and no others, for the parameters that break them', async () => {
  const failed = failures(await checkPlugin(plugin, options));
  expect(failed.map(({ kind, id, law, params }) => ({ kind, id, law, params }))).toEqual([
    { kind: 'metric', id: 'elsewhere/stretched', law: 'dissipation-identity', params: { factor: 2 } },
  ]);
});

test('a failure says which law, how much was measured, and the seed, case and measure at which it fails', async () => {
  const [failure] = failures(await checkPlugin(plugin, options));
  expect(describeFailure(failure)).toMatch(
    /^dissipation-identity \(along the push by steepest descent dF\/dt = -norm2 at t = 0\): error \d\.\d\de[+-]\d+ against \d\.\d\de[+-]\d+ in case \d+, at seed 1, case \d+: dF\/dt -?\d[^,]*, -norm2 -\d[^ ]* for \w+, probability measure on euclidean\(1\): \d atoms at \[.*\] with masses \[.*\]$/,
  );
});

test('an entry without valid defaults is asked every law under each of its examples', async () => {
  const reports = (await checkPlugin(plugin, options)).filter(({ id }) => id === 'elsewhere/slow');
  for (const params of [{ rate: 0.1 }, { rate: 3 }]) {
    const asked = reports.filter((report) => JSON.stringify(report.params) === JSON.stringify(params));
    expect(asked.map(({ law }) => law)).toEqual(metricLaws.map(({ id }) => id));
  }
  expect(reports.filter(({ params }) => JSON.stringify(params) === '{}')).toEqual([]);
});

test('a law that is silent says why', async () => {
  const reports = (await checkPlugin(plugin, options)).filter(({ id }) => id === 'elsewhere/slow');
  expect(
    reports.filter(({ skipped }) => skipped !== undefined).map(({ law, skipped }) => `${law}: ${skipped}`),
  ).toEqual(Array.from({ length: 2 }, () => 'mass-is-conserved: the metric leaves masses alone'));
});

test('a counterexample is found again under its seed, and the report is the same every time', async () => {
  expect(await checkPlugin(plugin, options)).toEqual(await checkPlugin(plugin, options));
});

test('a factory that refuses its own example is reported with its message', async () => {
  const refusing = { ...plugin, metrics: [{ ...stretchedEntry, create: () => wasserstein({ rate: -1 }) }] };
  const failed = failures(await checkPlugin(refusing, options));
  expect(failed.map(({ law }) => law)).toEqual(['can-be-made', 'can-be-made']);
  expect(failed[0].counterexample).toMatch(/gamma is not a rate, got -1/);
});

test('assertLaws throws all failures of one thing at once, for specs of any test runner', async () => {
  await expect(assertLaws(stretched(1), metricLaws, options)).resolves.toBeUndefined();
  await expect(assertLaws(stretched(-1), metricLaws, options)).rejects.toThrow(
    /^\[assertLaws\] descent-direction .*; dissipation-identity .*, got 2 of \d+ laws that fail, expected every law to hold/,
  );
});

test('a law that throws has failed, with the message as its counterexample', async () => {
  const broken: Metric = {
    ...stretched(1),
    norm2: () => {
      throw new Error('no length today');
    },
  };
  const failed = (await runLaws(broken, metricLaws, options)).filter(({ holds }) => !holds);
  expect(failed.map(({ law }) => law)).toEqual([
    'dissipation-identity',
    'norm2-is-quadratic',
    'splitting-an-atom',
    'frozen-parts',
  ]);
  expect(new Set(failed.map(({ counterexample }) => counterexample))).toEqual(new Set(['no length today']));
});
