import {
  birthDeath,
  fieldFlow,
  gradientFlow,
  heun,
  type Metric,
  randomKey,
  simulate,
  wasserstein,
  wassersteinFisherRao,
  withJumps,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, forwardSets } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import { setBatch } from '../sets/setBatch.js';
import { layersField, layersProfile } from './layersField.js';
import { middleLayerRisk } from './middleLayerRisk.js';
import { middleMeasure } from './middleMeasure.js';
import { trainSetNetwork } from './trainSetNetwork.js';

const batch = setBatch(
  Array.from({ length: 8 }, (_, s) => ({
    points: Array.from({ length: 1 + (s % 3) }, (_, i) => [Math.sin(3 * s + i), Math.cos(s - 2 * i)]),
  })),
);
const targets = Float64Array.from({ length: 8 }, (_, s) => Math.cos(2 * s));
const shape = { dim: 2, innerWidth: 4, outerWidth: 6, inner: 'softplus', outer: 'softplus' };
const metrics: readonly (readonly [string, Metric])[] = [
  ['W2', wasserstein()],
  ['WFR', wassersteinFisherRao({ alpha: 1 })],
];

describe('both hidden layers in motion', () => {
  const network = setNetwork(shape);
  const from = { network, parameters: drawSetParameters(network, randomKey('start')) };
  const lambda = 0.05;
  const field = layersField({ from, batch, targets, lambda });
  const initial = layersProfile(from);

  test('a profile is the network that it came from, and its objective risk plus path norm', () => {
    const back = field.networkOf(initial);
    expect(Math.max(...back.parameters.map((value, i) => Math.abs(value - from.parameters[i])))).toBeLessThan(1e-14);
    const { curve } = trainSetNetwork({ network, batch, targets, start: from.parameters, steps: 0 });
    expect(field.objective(initial)).toBeCloseTo(curve[0].risk + lambda * setNorm(network).value(from.parameters), 12);
  });

  test.each(metrics)('the objective falls at the rate of the speeds, neurons in %s and rows in W2', (_name, metric) => {
    const both = [metric, wasserstein()];
    const flow = fieldFlow(field, both);
    const dt = 1e-6;
    const { profile } = simulate({ flow, initial }, { stepper: heun(), dt, maxSteps: 1 });
    const tangents = initial.map(({ count, dim }, k) => ({
      velocity: new Float64Array(count * dim),
      growth: flow.reacts[k] ? new Float64Array(count) : null,
    }));
    flow.tangentInto(tangents, initial, { time: 0, step: 0, key: randomKey(0) });
    const speed = both.reduce((sum, own, k) => sum + own.norm2(initial[k], tangents[k]), 0);
    expect((field.objective(initial) - field.objective(profile)) / dt / speed).toBeCloseTo(1, 3);
  });

  test('the potential off the support is that of atoms there', () => {
    const [nu] = initial;
    const at = initial.map(({ count, dim }) => ({
      potential: new Float64Array(count),
      gradient: new Float64Array(count * dim),
    }));
    field.evaluateInto(at, initial, { time: 0, step: 0, key: randomKey(0) });
    const out = new Float64Array(nu.count);
    field.potentialAt(0, out, nu.positions, nu.count, initial);
    out.forEach((value, j) => {
      expect(value).toBeCloseTo(at[0].potential[j], 12);
    });
    expect(() => field.potentialAt(1, out, nu.positions, 1, initial)).toThrow(
      /rows of the inner layer have no potential/,
    );
  });

  test('other classes and targets that do not fit are refused', () => {
    const frozen = setNetwork({ ...shape, class: 'S2' });
    expect(() => layersField({ from: { ...from, network: frozen }, batch, targets })).toThrow(
      /inner layer .* is frozen/,
    );
    expect(() => layersField({ from, batch, targets: new Float64Array(3) })).toThrow(
      /targets or parameters do not fit/,
    );
  });
});

describe('flows and Adam', () => {
  // Convex in the measure, so that there is one value to reach; sixty neurons are enough for eight sets.
  test('reach the same penalized risk of S2', () => {
    const lambda = 0.02;
    const network = setNetwork({ ...shape, class: 'S2', outerWidth: 60, inner: 'relu', outer: 'relu' });
    const start = drawSetParameters(network, randomKey('reach'));
    const pass = allocateSetPass(network, batch);
    forwardSets(pass, start);
    const energy = middleLayerRisk({ features: pass.features, innerWidth: network.innerWidth, targets, lambda });
    const initial = middleMeasure({ network, parameters: start });
    const plain = gradientFlow(energy, wasserstein());
    const flows = [
      plain,
      gradientFlow(energy, wassersteinFisherRao({ alpha: 1 })),
      withJumps(plain, birthDeath({ rate: 1 })),
    ];
    const ends = flows.map((flow) => {
      const run = simulate({ flow, initial }, { stepper: heun(), dt: 0.05, maxSteps: 3000, seed: 1 });
      return energy.value(run.profile[0]);
    });
    const trained = [1e-2, 1e-3].reduce(
      (at, rate) =>
        trainSetNetwork({ network, batch, targets, start: at, steps: 3000, lambda, rule: { kind: 'adam', rate } })
          .parameters,
      start,
    );
    const adam = energy.value(middleMeasure({ network, parameters: trained }));
    for (const end of ends) expect(Math.abs(end / adam - 1)).toBeLessThan(0.005);
  });
});
