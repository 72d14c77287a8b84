import { corePlugin, type Plugin } from '@muflow/core';
import { checkPlugin, describeFailure, lawSuites } from '@muflow/core/testing';
import { plugin as supervised } from '@muflow/supervised';
import { plugin as zeroSum } from '@muflow/zero-sum';
import { describe, expect, test } from 'vitest';

const plugins: readonly Plugin[] = [corePlugin, supervised, zeroSum];

describe.each(plugins.map((plugin) => [plugin.id, plugin] as const))('plugin %s', (_, plugin) => {
  test('everything it registers holds every law of its kind', async () => {
    const reports = await checkPlugin(plugin, { seed: 1, runs: 12 });
    const failures = reports.filter(({ holds }) => !holds);
    expect(failures.map((report) => `${report.kind} ${report.id}: ${describeFailure(report)}`)).toEqual([]);
    expect(reports.length).toBeGreaterThan(0);
  });
});

test('every kind of entry has a suite of laws', () => {
  for (const [kind, laws] of Object.entries(lawSuites)) expect(laws.length, kind).toBeGreaterThan(0);
});
