import { createWorkbench } from '@muflow/core';
import { expect, test } from 'vitest';
import { plugin } from '../index.js';

const workbench = createWorkbench({ plugins: [plugin] });

test('the classes are compared on the same sets, and the claims of this size hold', async () => {
  const { claims, tables } = await workbench.runStudy('symmetric/hierarchy', {}, { seed: 0 });
  for (const { statement, verdict } of claims) expect([statement, verdict]).toEqual([statement, 'holds']);
  // Three targets and three classes.
  expect(tables[0].rows).toHaveLength(9);
});
