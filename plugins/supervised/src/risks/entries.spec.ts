import {
  createWorkbench,
  definePlugin,
  gaussian,
  isProblemConfig,
  networkUnit,
  parseRunConfig,
  risk,
} from '@muflow/core';
import { checkPlugin, describeFailure } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { neuronsEntry } from '../models/neuronsEntry.js';
import { expandedRiskEntry } from './expandedRiskEntry.js';
import { lossRecorderEntry } from './lossRecorderEntry.js';
import { networkRiskEntry } from './networkRiskEntry.js';
import { quadraticWellEntry } from './quadraticWellEntry.js';

const plugin = definePlugin({
  id: 'supervised',
  version: '0.1.0',
  energies: [networkRiskEntry, expandedRiskEntry, quadraticWellEntry],
  initials: [neuronsEntry],
  recorders: [lossRecorderEntry],
});
const workbench = createWorkbench({ plugins: [plugin] });
const create = (params: unknown) => workbench.create('energy', 'supervised/network-risk', params);

test('every example of the entries holds the laws of its kind', async () => {
  const reports = await checkPlugin(plugin, { seed: 3, runs: 2 });
  expect(reports.filter(({ holds }) => !holds).map((report) => `${report.id}: ${describeFailure(report)}`)).toEqual([]);
  expect(reports.length).toBeGreaterThan(50);
});

describe('the risk of a configuration', () => {
  test('trains to sparse classes on minibatches and stops where the validation loss stalls', async () => {
    const model = { activation: 'leaky-relu', outputs: 2, loss: 'crossEntropy' };
    const classes = (signs: number[]) => signs.map((sign) => (sign > 0 ? [1, 0] : [0, 1]));
    const config = parseRunConfig({
      problem: {
        energy: {
          id: 'supervised/network-risk',
          params: {
            ...model,
            inputs: [[-2], [-1], [0], [1], [2]],
            targets: classes([1, 1, -1, 1, 1]),
            penalty: { kind: 'l1', lambda: 0.02 },
          },
        },
        metric: 'wasserstein',
        initial: { id: 'supervised/neurons', params: { outputs: 2, hidden: { law: 'sphere' }, count: 60 } },
        minibatch: { size: 3 },
      },
      stepper: 'forward-backward',
      dt: 0.2,
      maxSteps: 3000,
      seed: 4,
      record: {
        every: 5,
        recorders: [
          {
            id: 'supervised/loss',
            params: { ...model, part: 'validation', inputs: [[-1.5], [0.1], [1.5]], targets: classes([1, -1, 1]) },
          },
        ],
      },
      stop: { stalled: { column: 'validationLoss', steps: 300 } },
    });
    if (!isProblemConfig(config)) return expect.unreachable();
    const { kind, result } = await workbench.run(config);
    if (kind !== 'problem') return expect.unreachable();
    expect(result.reason).toMatch(/validationLoss has not been below/);
    const losses = result.frames.map(({ values }) => values.validationLoss);
    expect(Math.min(...losses)).toBeLessThan(losses[0] / 2);
    const [mu] = result.profile;
    const silent = Array.from({ length: 60 }, (_, i) => i).filter(
      (i) => mu.positions[4 * i] === 0 || mu.positions[4 * i + 1] === 0,
    );
    expect(silent.length).toBeGreaterThan(0);
  });

  test('is the risk of its model, scaling included', () => {
    const inputs = [[1], [2], [-1]];
    const given = { inputs, targets: [1, 0, 2], activation: 'erf', scaling: { kind: 'sum', width: 5 } };
    const mu = gaussian({ dim: 3, n: 5, key: 1 });
    const plain = networkUnit({ activation: 'erf', inputs: 1 });
    const direct = risk({
      unit: { ...plain, formula: `5 * (${plain.formula})` },
      inputs: Float64Array.of(1, 2, -1),
      targets: Float64Array.of(1, 0, 2),
    });
    expect(create(given).value(mu)).toBe(direct.value(mu));
  });

  test.each<[unknown, RegExp]>([
    [{ inputs: [[1], [2, 3]], targets: [1, 2] }, /row 1 of the inputs has another length, got 2 numbers/],
    [{ inputs: [[1], [2]], targets: [[1, 2], 3], outputs: 2 }, /row 1 of the targets has another length/],
    [{ inputs: [[1], [2]], targets: [1] }, /inputs and targets do not fit/],
    [{ activation: 'rellu' }, /did you mean relu/],
    [{ loss: { formula: '-(f - y)^2' } }, /no convex loss/],
    [{ loss: 'logistic', targets: [1, 2, 1, 1, 1] }, /not a label of the logistic loss/],
    [{ unit: { kind: 'formula', formula: 'a * v', atom: { a: 1 } } }, /"v" is unknown/],
    [{ unit: { kind: 'gaussian', width: 0 } }, /unit/],
    [{ penalty: { kind: 'l1', lambda: 0.1, parts: ['q'] } }, /an atom has no such part, got q/],
    [{ scaling: { kind: 'mean', width: 0 } }, /scaling/],
  ])('%o is refused', (params, message) => {
    expect(() => create(params)).toThrow(message);
  });
});
