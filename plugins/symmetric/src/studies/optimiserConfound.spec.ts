import { createWorkbench } from '@muflow/core';
import { expect, test } from 'vitest';
import { plugin } from '../index.js';

const workbench = createWorkbench({ plugins: [plugin] });

test('closed form and Adam are compared on the same neurons, and the claims of this size hold', async () => {
  const { claims, tables } = await workbench.runStudy('symmetric/optimiser-confound', {}, { seed: 0 });
  for (const { statement, verdict } of claims) expect([statement, verdict]).toEqual([statement, 'holds']);
  const [closed, adam, longer] = tables[0].rows.map((row) => Number(row[2]));
  expect(closed).toBeLessThan(longer);
  expect(longer).toBeLessThan(adam);
});
