import { expect, test } from 'vitest';
import {
  buresSquared,
  gaussianGeodesic,
  gaussianMap,
  gaussianW2Squared,
  jkoGaussianStep,
  ornsteinUhlenbeck,
} from './gaussian.js';
import { gaussianBarycenter } from './gaussianBarycenter.js';

const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  [
    'a covariance that is not symmetric',
    () => buresSquared([1, 2, 0, 1], [1, 0, 0, 1], 2),
    /not symmetric at \(1, 0\)/,
  ],
  [
    'a covariance that is not positive',
    () => buresSquared([1, 2, 2, 1], [1, 0, 0, 1], 2),
    /negative eigenvalue, got -0\.99|negative eigenvalue, got -1/,
  ],
  [
    'a map from a Dirac',
    () => gaussianMap({ mean: [0], covariance: [0] }, { mean: [0], covariance: [1] }),
    /first covariance is singular/,
  ],
  [
    'Gaussians of different dimension',
    () => gaussianW2Squared({ mean: [0], covariance: [1] }, { mean: [0, 0], covariance: [1] }),
    /mean 1, covariance 1 and mean 2, covariance 1/,
  ],
  [
    'a mean that is not finite',
    () => gaussianW2Squared({ mean: [Number.NaN], covariance: [1] }, { mean: [0], covariance: [1] }),
    /entry 0 of a mean is not finite, got NaN/,
  ],
  [
    'a second covariance that is not positive',
    () => buresSquared([1, 0, 0, 1], [-1, 0, 0, 1], 2),
    /eigenvalue, got -1/,
  ],
  ['a covariance of another size', () => buresSquared([1, 0, 0, 1], [1], 2), /got 1 numbers, expected 2 \* 2/],
  [
    'a barycenter of laws of two dimensions',
    () =>
      gaussianBarycenter([
        { mean: [0], covariance: [1] },
        { mean: [0, 0], covariance: [1, 0, 0, 1] },
      ]),
    /\[gaussianBarycenter\] means and covariances do not agree/,
  ],
  [
    'a time beyond the geodesic',
    () => gaussianGeodesic({ mean: [0], covariance: [1] }, { mean: [0], covariance: [4] })(Number.NaN),
    /got NaN, expected a number from 0 to 1/,
  ],
  ['a JKO step of 0', () => jkoGaussianStep({ mean: 0, std: 1 }, 0), /tau 0/],
  ['a JKO step of a law without mean', () => jkoGaussianStep({ mean: Number.NaN, std: 1 }, 1), /mean NaN/],
  ['a JKO step of an endless law', () => jkoGaussianStep({ mean: 0, std: Infinity }, 1), /std Infinity/],
  ['a flow of a negative deviation', () => ornsteinUhlenbeck({ mean: 0, std: -1 }, 1), /std -1/],
  ['a flow back in time', () => ornsteinUhlenbeck({ mean: 0, std: 1 }, -1), /got -1, expected a finite number >= 0/],
];

test.each(refused)('%s is refused', (_, call, message) => {
  expect(call).toThrow(message);
});
