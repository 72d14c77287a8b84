import { deriveKey, randomKey, runStudy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { drawGaussians, fromFeatures, gaussianFeatures, sampleGaussians, samplingConstant } from './gaussianLimit.js';
import { sizeTransferStudy } from './sizeTransfer.js';

const key = randomKey('limit');
const measures = drawGaussians(3, 4, key);

describe('networks at Gaussian measures', () => {
  test.each([
    ['relu', 1],
    ['squared-relu', 2],
  ] as const)('%s: the closed form is the value of large samples', (inner, power) => {
    const network = setNetwork({ dim: 3, inner, outer: 'softplus', innerWidth: 5, outerWidth: 3 });
    const parameters = drawSetParameters(network, key);
    const features = gaussianFeatures(network, parameters, { measures, power });
    const { values, differentials } = fromFeatures(network, parameters, features);
    const sampling = { measures, differentials, draws: 4000, key: deriveKey(key, 'constant') };
    const deviation = Math.sqrt(samplingConstant(network, parameters, sampling) / 20_000);
    // Deviations of single measures may be twice their root mean square: five of those, an alarm in 1e5.
    const sampled = evaluateSets(network, parameters, sampleGaussians(measures, 20_000, deriveKey(key, 'sample')));
    for (const [s, value] of sampled.entries()) expect(Math.abs(value - values[s])).toBeLessThan(10 * deviation);
  });

  test('a deviation of 0 is a point, and the differential is that of the value', () => {
    const network = setNetwork({ dim: 3, outer: 'tanh', innerWidth: 4, outerWidth: 2 });
    const parameters = drawSetParameters(network, key);
    const points = measures.map(({ mean }) => ({ mean, deviation: 0 }));
    const features = gaussianFeatures(network, parameters, { measures: points, power: 1 });
    const { values, differentials } = fromFeatures(network, parameters, features);
    const direct = evaluateSets(network, parameters, sampleGaussians(points, 1, key));
    for (const [s, value] of direct.entries()) expect(values[s]).toBeCloseTo(value, 14);
    for (let at = 0; at < features.length; at++) {
      const moved = [-1e-5, 1e-5].map((step) => {
        const other = features.slice();
        other[at] += step;
        return fromFeatures(network, parameters, other).values[Math.floor(at / 4)];
      });
      expect((moved[1] - moved[0]) / 2e-5).toBeCloseTo(differentials[at], 8);
    }
  });

  test('larger samples begin with smaller ones', () => {
    const [few, many] = [2, 5].map((size) => sampleGaussians(measures, size, key));
    const pointsOf = ({ points }: typeof few, s: number, size: number): string[] =>
      Array.from({ length: size }, (_, i) => points.subarray((s * size + i) * 3, (s * size + i + 1) * 3).join());
    for (let s = 0; s < 4; s++) expect(pointsOf(many, s, 5)).toEqual(expect.arrayContaining(pointsOf(few, s, 2)));
  });
});

test('mean pooling converges like 1/N and transfers, sum pooling does not', async () => {
  // The exponent has a deviation of some 0.03, the constant of 10 %: alarms below one in a hundred.
  const small = { trainSets: 200, steps: 200, sizes: [4, 8, 16, 64, 256], measures: 40 };
  const { claims } = await runStudy(sizeTransferStudy, small, { seed: 1 });
  expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'holds', 'holds', 'holds', 'holds']);
});

test('without the size of training among the sizes nothing is claimed about the target', async () => {
  const small = { trainSets: 8, steps: 2, sizes: [2, 4, 16], measures: 3, samples: 2, inner: 'relu' };
  expect((await runStudy(sizeTransferStudy, small)).claims).toHaveLength(2);
});
