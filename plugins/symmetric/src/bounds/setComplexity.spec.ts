import { deriveKey, randomKey, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import {
  type SetClass,
  type SetNetwork,
  type SetNetworkOptions,
  setClasses,
  setNetwork,
} from '../network/setNetwork.js';
import { allocateSetPass, evaluateSets, forwardSets } from '../network/setPass.js';
import { setNorm } from '../norms/index.js';
import { ballSets, drawSets } from '../sets/index.js';
import { setComplexity } from './setComplexity.js';

const sets = (count: number) =>
  drawSets(ballSets({ dim: 3, radius: 1.5 }), { sets: count, size: [1, 5], key: randomKey('complexity') });
const networkOf = (kind: SetClass, given: Partial<SetNetworkOptions> = {}): SetNetwork =>
  setNetwork({ class: kind, dim: 3, innerWidth: 6, outerWidth: 5, ...given });
const signs = (count: number, draw: number): Float64Array => {
  const random = randomStream(deriveKey(randomKey(7), draw));
  return Float64Array.from({ length: count }, () => (random.uniform() < 0.5 ? -1 : 1));
};

/** `|(1/L) sum_l epsilon_l rows_l|`. */
function correlation(rows: Float64Array, epsilon: Float64Array): Float64Array {
  const width = rows.length / epsilon.length;
  const out = new Float64Array(width);
  epsilon.forEach((sign, l) => {
    for (let k = 0; k < width; k++) out[k] += (sign * rows[l * width + k]) / epsilon.length;
  });
  return out;
}

describe('setComplexity', () => {
  test.each(setClasses.flatMap((kind) => ['relu', 'squared-relu'].map((inner) => [kind, inner] as const)))(
    '%s, %s: no network exceeds its norm times the feature bound',
    (kind, inner) => {
      const batch = sets(40);
      for (const order of [1, 2]) {
        const network = networkOf(kind, { inner, order });
        for (let draw = 0; draw < 20; draw++) {
          const parameters = drawSetParameters(network, randomKey(draw));
          const { featureBound } = setComplexity(network, parameters, batch);
          const largest = Math.max(...evaluateSets(network, parameters, batch).map(Math.abs));
          expect(largest).toBeLessThanOrEqual(setNorm(network).value(parameters) * featureBound * (1 + 1e-12));
        }
      }
    },
  );

  test('S3: the supremum over the ball is the length of the correlation, in the mean just below the bound', () => {
    const batch = sets(60);
    const network = networkOf('S3');
    const parameters = drawSetParameters(network, randomKey(1));
    const pass = allocateSetPass(network, batch, { derivatives: false });
    forwardSets(pass, parameters);
    let mean = 0;
    for (let draw = 0; draw < 400; draw++) mean += Math.hypot(...correlation(pass.neurons, signs(60, draw))) / 400;
    const { complexity } = setComplexity(network, parameters, batch);
    expect(mean / Math.sqrt(5)).toBeLessThan(complexity);
    expect(mean / Math.sqrt(5)).toBeGreaterThan(0.7 * complexity);
  });

  test.each(['S1', 'S2'] as const)(
    '%s: neurons of norm 1 searched for each draw of signs stay below the bound',
    (kind) => {
      const batch = sets(60);
      for (const inner of ['relu', 'squared-relu']) {
        const network = networkOf(kind, { inner, outerWidth: 1 });
        let mean = 0;
        const parameters = drawSetParameters(network, randomKey('frozen'));
        for (let draw = 0; draw < 20; draw++) {
          const epsilon = signs(60, draw);
          let best = 0;
          for (let trial = 0; trial < 60; trial++) {
            const other = drawSetParameters(network, deriveKey(randomKey('trial'), draw, trial));
            const from = kind === 'S1' ? 0 : network.parts.middle[0];
            parameters.set(other.subarray(from), from);
            const value = Math.abs(correlation(evaluateSets(network, parameters, batch), epsilon)[0]);
            best = Math.max(best, value / setNorm(network).value(parameters));
          }
          mean += best / 20;
        }
        const { complexity } = setComplexity(network, parameters, batch);
        expect(mean).toBeGreaterThan(0.01 * complexity);
        expect(mean).toBeLessThan(complexity);
      }
    },
  );

  test('S1 knows the tuples: 4 sqrt(k E|x|^2 + 1) / sqrt L', () => {
    const batch = drawSets(ballSets({ dim: 3, radius: 2 }), { sets: 1, size: 1, key: randomKey(1) });
    const square = batch.points.reduce((sum, x) => sum + x * x, 0);
    for (const order of [1, 2, 3]) {
      const network = networkOf('S1', { order });
      const { complexity, featureBound } = setComplexity(network, drawSetParameters(network, randomKey(1)), batch);
      expect(complexity).toBeCloseTo(4 * Math.sqrt(order * square + 1), 12);
      expect(featureBound).toBeCloseTo(Math.sqrt(order * square + 1), 12);
    }
  });

  test.each([{ pooling: 'sum' }, { outer: 'tanh' }, { inner: 'tanh' }, { outputs: 2 }] as const)(
    '%j has no bound',
    (given) => {
      const network = networkOf('S1', given);
      expect(() => setComplexity(network, drawSetParameters(network, randomKey(1)), sets(3))).toThrow(
        /\[setComplexity\] there is no bound for these units, outputs or this pooling/,
      );
    },
  );
});
