import {
  createWorkbench,
  definePlugin,
  gradientFlow,
  heun,
  isProblemConfig,
  type MuflowError,
  parseRunConfig,
  randomKey,
  simulate,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { checkPlugin, describeFailure } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { networkOfMeasure } from '../fit/middleMeasure.js';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, forwardSets } from '../network/setPass.js';
import { setBatch } from '../sets/setBatch.js';
import { middleLayerEntry, middleLayerRiskEntry } from './middleLayer.js';

const plugin = definePlugin({
  id: 'symmetric',
  version: '0.1.0',
  energies: [middleLayerRiskEntry],
  initials: [middleLayerEntry],
});
const workbench = createWorkbench({ plugins: [plugin] });

test('every example of the entries holds the laws of its kind', async () => {
  const reports = await checkPlugin(plugin, { seed: 5, runs: 4 });
  expect(reports.filter(({ holds }) => !holds).map((report) => `${report.id}: ${describeFailure(report)}`)).toEqual([]);
});

const sets = [[[0], [1]], [[-1], [0], [0.5]], [[2]], [[1.5], [-2]]];
const targets = [1, 0, -1, 0.5];

test('the energy at the start is half the mean square error of the network that the measure stands for', () => {
  const energy = workbench.create('energy', 'symmetric/middle-layer-risk', { sets, targets, features: 7 });
  const nu = workbench.create('initial', 'symmetric/middle-layer', { count: 6, seed: 3 });
  const frozen = setNetwork({ class: 'S2', dim: 1, innerWidth: 4, outerWidth: 1 });
  const { network, parameters } = networkOfMeasure(
    { network: frozen, parameters: drawSetParameters(frozen, randomKey(7)) },
    nu,
  );
  const pass = allocateSetPass(network, setBatch(sets.map((points) => ({ points }))));
  forwardSets(pass, parameters);
  const risk = targets.reduce((sum, y, s) => sum + (pass.outputs[s] - y) ** 2, 0) / 8;
  expect(energy.value(nu)).toBeCloseTo(risk, 12);
});

describe('a configuration', () => {
  test.each([
    ['wasserstein', wasserstein()],
    ['wasserstein-fisher-rao', wassersteinFisherRao()],
  ] as const)('runs the flow that code composes, to the bit, and lowers the risk: %s', async (id, metric) => {
    const config = parseRunConfig({
      problem: {
        energy: { id: 'symmetric/middle-layer-risk', params: { sets, targets } },
        metric: id,
        initial: { id: 'symmetric/middle-layer', params: { count: 40 } },
      },
      stepper: 'heun',
      dt: 0.05,
      maxSteps: 100,
    });
    if (!isProblemConfig(config)) return expect.unreachable();
    const { kind, result } = await workbench.run(config);
    if (kind !== 'problem') return expect.unreachable();
    const energy = workbench.create('energy', 'symmetric/middle-layer-risk', { sets, targets });
    const start = workbench.create('initial', 'symmetric/middle-layer', { count: 40 });
    const plan = { stepper: heun(), dt: 0.05, maxSteps: 100 };
    const composed = simulate({ flow: gradientFlow(energy, metric), initial: start }, plan);
    expect([...result.profile[0].positions]).toEqual([...composed.profile[0].positions]);
    expect([...result.profile[0].logMasses]).toEqual([...composed.profile[0].logMasses]);
    expect(energy.value(result.profile[0])).toBeLessThan(0.8 * energy.value(start));
  });

  test.each([
    [{ sets: [[[1]], []] }, /set/],
    [{ sets: [[[1], [1, 2]]] }, /another dimension/],
    [{ targets: [1] }, /features and targets do not fit/],
    [{ inner: 'rellu' }, /did you mean relu/],
    [{ table: 'set,x,target\na,1,2\na,2,3\n' }, /target/],
  ])('%j is refused with its place', (params, message) => {
    let error: MuflowError | null = null;
    try {
      workbench.create('energy', 'symmetric/middle-layer-risk', params);
    } catch (thrown) {
      error = thrown as MuflowError;
    }
    expect(error?.message).toMatch(message);
  });
});
