import { readdirSync } from 'node:fs';
import { corePlugin } from '@muflow/core';
import { checkPlugin, describeFailure, lawSuites, registeredIn } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { plugins } from './plugins.js';

const everyPlugin = [corePlugin, ...plugins];
const seeds = [1, 2];

test('every plugin of this repository is put under its laws', () => {
  const folders = readdirSync(new URL('../plugins', import.meta.url));
  expect(plugins.map(({ id }) => id).sort()).toEqual(folders.sort());
});

test('every kind of entry has a suite of laws, each with a title of its own', () => {
  for (const [kind, laws] of Object.entries(lawSuites)) {
    expect(laws.length, kind).toBeGreaterThan(0);
    expect(new Set(laws.map(({ id }) => id)).size, kind).toBe(laws.length);
    expect(new Set(laws.map(({ title }) => title)).size, kind).toBe(laws.length);
  }
});

describe.each(everyPlugin.map((plugin) => [plugin.id, plugin] as const))('plugin %s', (_, plugin) => {
  test.each(seeds)('everything it registers holds every law of its kind, seed %i', async (seed) => {
    const reports = await checkPlugin(plugin, { seed, runs: 14 });
    const failures = reports.filter(({ holds }) => !holds);
    expect(failures.map((report) => `${report.kind} ${report.id}: ${describeFailure(report)}`)).toEqual([]);
    // One report at least about each of them: nothing registered is passed over.
    const reported = new Set(reports.map(({ kind, id }) => `${kind} ${id}`));
    expect(registeredIn(plugin).filter(({ kind, id }) => !reported.has(`${kind} ${id}`))).toEqual([]);
  });
});
