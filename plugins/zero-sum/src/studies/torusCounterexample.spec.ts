import { createWorkbench, definePlugin } from '@muflow/core';
import { expect, test } from 'vitest';
import { torusCounterexampleStudy } from './torusCounterexample.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [torusCounterexampleStudy] })],
});

test('descent-ascent leaves and mirror-prox reaches the equilibrium at the rates of the linearization', async () => {
  const params = { massSteps: [0.08, 0.04], frames: 120 };
  const { claims, tables, profiles } = await workbench.runStudy('zero-sum/torus-counterexample', params, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(11);
  for (const [massStep, exact, , measured] of tables[0].rows) {
    expect(Number(exact)).toBeCloseTo(massStep === 0.08 ? -0.01263 : -0.00319, 5);
    expect(measured).not.toBe(exact);
  }
  const atoms = profiles?.['mirror-prox'].map(({ count }) => count);
  expect(atoms).toEqual([10, 11]);
});
