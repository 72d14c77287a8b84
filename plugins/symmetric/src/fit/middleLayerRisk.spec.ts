import {
  checkFirstVariation,
  euclidean,
  fillNormal,
  gradientFlow,
  heun,
  type Metric,
  measure,
  randomKey,
  simulate,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { setNetwork } from '../network/setNetwork.js';
import { middleLayerRisk, scaledFeatures } from './middleLayerRisk.js';
import { middleMeasure, networkOfMeasure } from './middleMeasure.js';

const normals = (size: number, key: string): Float64Array => {
  const out = new Float64Array(size);
  fillNormal(out, randomKey(key));
  return out;
};

const [sets, innerWidth, outputs, width] = [7, 4, 2, 5];
const features = normals(sets * innerWidth, 'features').map(Math.abs);
const targets = normals(sets * outputs, 'targets');
const network = setNetwork({ dim: 2, innerWidth, outerWidth: width, outputs });
const parameters = normals(network.parameterCount, 'parameters');

/** `sum_j A_j relu(<v_j, z>)` and the group norm, in plain loops. */
function plain(): { readonly f: Float64Array; readonly norm: number } {
  const f = new Float64Array(sets * outputs);
  let norm = 0;
  for (let j = 0; j < width; j++) {
    const v = parameters.subarray(network.parts.middle[0] + j * innerWidth);
    const a = parameters.subarray(network.parts.outer[0] + j * outputs, network.parts.outer[0] + (j + 1) * outputs);
    let square = 0;
    for (let k = 0; k < innerWidth; k++) square += v[k] ** 2;
    norm += Math.hypot(...a) * Math.sqrt(innerWidth * square);
    for (let s = 0; s < sets; s++) {
      let z = 0;
      for (let k = 0; k < innerWidth; k++) z += v[k] * features[s * innerWidth + k];
      for (let o = 0; o < outputs; o++) f[s * outputs + o] += a[o] * Math.max(0, z);
    }
  }
  return { f, norm };
}

describe('the middle layer as a measure', () => {
  test('it is the network, and its penalty the group norm', () => {
    const { f, norm } = plain();
    const energy = middleLayerRisk({ features, innerWidth, targets, outputs, lambda: 0.3 });
    const nu = middleMeasure({ network, parameters });
    const out = new Float64Array(sets * outputs);
    energy.predictInto(out, scaledFeatures(features, innerWidth), sets, nu);
    out.forEach((value, i) => {
      expect(value).toBeCloseTo(f[i], 12);
    });
    const loss = f.reduce((sum, value, i) => sum + (value - targets[i]) ** 2, 0) / (2 * sets);
    expect(energy.value(nu)).toBeCloseTo(loss + 0.3 * norm, 11);
  });

  test('there and back it is the same network', () => {
    const back = networkOfMeasure({ network, parameters }, middleMeasure({ network, parameters }));
    back.parameters.forEach((value, i) => {
      expect(value).toBeCloseTo(parameters[i], 14);
    });
    expect(back.network.parts).toEqual(network.parts);
    const other = measure({ space: euclidean(2), positions: new Float64Array(4) });
    expect(() => networkOfMeasure({ network, parameters }, other)).toThrow(/\[networkOfMeasure\] the atoms are not/);
  });

  test.each(['square', 'crossEntropy'] as const)('the first variation is that of the %s risk', (loss) => {
    const classes = Float64Array.from({ length: sets * outputs }, (_, i) =>
      (i >> 1) % outputs === i % outputs ? 1 : 0,
    );
    const energy = middleLayerRisk({
      features,
      innerWidth,
      targets: loss === 'square' ? targets : classes,
      outputs,
      loss,
      outer: 'softplus',
      lambda: 0.1,
    });
    expect(checkFirstVariation(energy, middleMeasure({ network, parameters }), { seed: 3 }).holds).toBe(true);
  });

  const metrics: readonly (readonly [string, Metric])[] = [
    ['W2', wasserstein()],
    ['WFR', wassersteinFisherRao({ alpha: 1 })],
  ];
  test.each(metrics)('%s descends it at the rate that its metric says', (_name, metric) => {
    const energy = middleLayerRisk({ features, innerWidth, targets, outputs, outer: 'softplus' });
    const flow = gradientFlow(energy, metric);
    const initial = middleMeasure({ network, parameters });
    const dt = 1e-5;
    const run = simulate({ flow, initial }, { stepper: heun(), dt, maxSteps: 1 });
    const rate = flow.dissipation?.([initial], { time: 0, step: 0, key: randomKey(0) }) ?? Number.NaN;
    const fall = (energy.value(initial) - energy.value(run.profile[0])) / dt;
    expect(fall / rate).toBeCloseTo(1, 2);
  });

  test('features and targets that do not fit are refused', () => {
    expect(() => middleLayerRisk({ features, innerWidth: 3, targets })).toThrow(
      /\[middleLayerRisk\] features and targets/,
    );
  });
});
