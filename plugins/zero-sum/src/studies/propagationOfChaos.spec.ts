import { createWorkbench, definePlugin } from '@muflow/core';
import { expect, test } from 'vitest';
import { propagationOfChaosStudy } from './propagationOfChaos.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [propagationOfChaosStudy] })],
});

// The bands of the claims are more than four standard deviations: a false alarm once in 10^5 seeds.
test('the squared distance to the mean field falls as 1/n for flows with and without noise', async () => {
  const { claims, tables } = await workbench.runStudy('zero-sum/propagation-of-chaos', {}, { seed: 1 });
  expect(claims.map(({ verdict, measurement }) => [verdict, measurement])).toEqual(
    claims.map(({ measurement }) => ['holds', measurement]),
  );
  expect(claims).toHaveLength(2);
  const [{ rows }] = tables;
  for (const row of rows) for (const value of row.slice(1)) expect(Number(value)).toBeGreaterThan(0);
});
