import { fillNormal, leastSquares, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { featureRidge } from './featureRidge.js';

const rows = 40;
const width = 5;
const features = new Float64Array(rows * width);
fillNormal(features, randomKey(1));
const noise = new Float64Array(rows * 2);
fillNormal(noise, randomKey(2));
const truth = Float64Array.of(1, -2, 0.5, 0, 3, 2, 0, 1, -1, 1);
const targetsWith = (size: number): Float64Array =>
  noise.map((e, i) => {
    const [row, output] = [i >> 1, i % 2];
    let y = size * e;
    for (let k = 0; k < width; k++) y += truth[output * width + k] * features[row * width + k];
    return y;
  });

describe('ridge on features', () => {
  test('is least squares where the targets are of the span', () => {
    const { coefficients, lambda, lambdas } = featureRidge({
      rows,
      features,
      width,
      targets: targetsWith(0),
      outputs: 2,
    });
    expect(lambda).toBe(lambdas[0]);
    for (let i = 0; i < truth.length; i++) expect(coefficients[i]).toBeCloseTo(truth[i], 9);
  });

  test('solves its normal equations, and its score is that of the definition', () => {
    const targets = targetsWith(2);
    const { coefficients, lambda, scores, lambdas, degrees } = featureRidge({
      rows,
      features,
      width,
      targets,
      outputs: 2,
    });
    const residuals = targets.map((y, i) => {
      let fitted = 0;
      for (let k = 0; k < width; k++) fitted += coefficients[(i % 2) * width + k] * features[(i >> 1) * width + k];
      return y - fitted;
    });
    for (let o = 0; o < 2; o++) {
      for (let k = 0; k < width; k++) {
        let gradient = 0;
        for (let r = 0; r < rows; r++) gradient += (features[r * width + k] * residuals[2 * r + o]) / rows;
        expect(gradient).toBeCloseTo(lambda * coefficients[o * width + k], 10);
      }
    }
    const squares = residuals.reduce((sum, e) => sum + e * e, 0) / rows;
    expect(Math.min(...scores)).toBeCloseTo(squares / (1 - degrees / rows) ** 2, 10);
    expect(scores[lambdas.indexOf(lambda)]).toBe(Math.min(...scores));
    // tr S by the rows themselves: the ridge fit of a unit vector at its own row, as least squares on rows with a foot.
    let trace = 0;
    for (let r = 0; r < rows; r++) {
      const stacked = new Float64Array((rows + width) * width);
      stacked.set(features);
      for (let k = 0; k < width; k++) stacked[(rows + k) * width + k] = Math.sqrt(lambda * rows);
      const unit = new Float64Array(rows + width);
      unit[r] = 1;
      const solution = leastSquares(stacked, unit, rows + width, width);
      for (let k = 0; k < width; k++) trace += solution[k] * features[r * width + k];
    }
    expect(degrees).toBeCloseTo(trace, 9);
  });
});
