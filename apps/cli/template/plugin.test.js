import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPlugin } from '@muflow/core/testing';
import { plugin } from './index.js';

test('everything the plugin registers keeps its laws', async () => {
  const report = await checkPlugin(plugin, { seed: 1 });
  const failures = report.filter((entry) => !entry.holds);
  assert.deepEqual(failures, []);
  assert.ok(report.length > 0);
});
