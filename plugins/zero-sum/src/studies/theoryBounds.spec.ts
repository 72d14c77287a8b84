import { createWorkbench, definePlugin } from '@muflow/core';
import { expect, test } from 'vitest';
import { theoryBoundsStudy } from './theoryBounds.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [theoryBoundsStudy] })],
});

test('the bounds of Hedge and mirror-prox hold on 200 random matrices, the flows conserve, and the error falls along beta', async () => {
  const { claims, metrics } = await workbench.runStudy('zero-sum/theory-bounds', {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(8);
  // The bounds are used, so a scheme that returned the equilibrium at once, or nothing, would not pass.
  expect(metrics?.hedge).toHaveLength(200);
  expect(Math.max(...(metrics?.mirrorProx ?? []))).toBeGreaterThan(0.5);
  expect(Math.max(...(metrics?.hedge ?? []))).toBeGreaterThan(0.2);
});
