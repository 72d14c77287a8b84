import { describe, expect, test } from 'vitest';
import { defaultBackend } from '../compute/defaultBackend.js';
import { leastSquares, solve } from '../math/linalg.js';
import { fillNormal, randomKey } from '../math/random.js';
import { chooseRidge, type FeatureRows, featureRidgePath } from './featureRidge.js';

const normals = (size: number, key: string): Float64Array => {
  const out = new Float64Array(size);
  fillNormal(out, randomKey(key));
  return out;
};

function rows(L: number, m: number, c = 1, noise = 0.5): FeatureRows {
  const features = normals(L * m, `features ${L} ${m}`).map((value, at) => value / (1 + (at % m)));
  const truth = normals(m * c, 'truth');
  const targets = normals(L * c, 'noise').map((value) => noise * value);
  const clean = predict(features, truth, L, m, c);
  return { features, width: m, targets: targets.map((value, i) => value + clean[i]), outputs: c };
}

function predict(features: Float64Array, weights: Float64Array, L: number, m: number, c = 1): Float64Array {
  const out = new Float64Array(L * c);
  defaultBackend().matmulInto(out, features, weights, { n: L, k: m, m: c });
  return out;
}

/** Each row of features `times` times side by side. */
const copied = ({ features, width, ...rest }: FeatureRows, times: number): FeatureRows => ({
  ...rest,
  width: times * width,
  features: Float64Array.from({ length: times * features.length }, (_, at) => {
    const [l, k] = [Math.floor(at / (times * width)), at % (times * width)];
    return features[l * width + (k % width)];
  }),
});

const close = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]) / (1 + Math.abs(b[i]))));

describe('ridge regression on features', () => {
  // Fewer features than rows go through m*m matrices, their copies through L*L ones.
  test.each([1e-6, 1e-3, 1])('copies of features change neither the fit nor its scores, penalty %d', (lambda) => {
    const data = rows(25, 10, 2);
    const wide = copied(data, 4);
    const [thin, thick] = [featureRidgePath(data).at(lambda), featureRidgePath(wide).at(lambda)];
    const [f, g] = [predict(data.features, thin.weights, 25, 10, 2), predict(wide.features, thick.weights, 25, 40, 2)];
    expect(close(f, g)).toBeLessThan(1e-9);
    expect(close([thin.degrees, thin.trainError], [thick.degrees, thick.trainError])).toBeLessThan(1e-9);
    expect(Number(thin.gcv) / Number(thick.gcv)).toBeCloseTo(1, 8);
  });

  test.each([
    [30, 12],
    [12, 30],
  ])('minimizes mean squares and the density norm: %i rows, %i features', (L, m) => {
    const data = rows(L, m);
    const lambda = 1e-2;
    const { weights, gcv, degrees, trainError } = featureRidgePath(data).at(lambda);
    // Normal equations (Z^T Z + lambda L m) A = Z^T y, and S = Z (...)^-1 Z^T from one solve more.
    const normal = new Float64Array(m * m);
    const moments = new Float64Array(m);
    const across = new Float64Array(m * L);
    for (let l = 0; l < L; l++) {
      for (let i = 0; i < m; i++) {
        const value = data.features[l * m + i];
        across[i * L + l] = value;
        moments[i] += value * data.targets[l];
        for (let j = 0; j < m; j++) normal[i * m + j] += value * data.features[l * m + j];
      }
    }
    for (let i = 0; i < m; i++) normal[i * m + i] += lambda * L * m;
    expect(close(weights, solve(normal, moments, m))).toBeLessThan(1e-9);
    const smoother = solve(normal, across, m, L);
    let trace = 0;
    for (let l = 0; l < L; l++) for (let i = 0; i < m; i++) trace += data.features[l * m + i] * smoother[i * L + l];
    const fitted = predict(data.features, weights, L, m);
    const error = fitted.reduce((sum, value, l) => sum + (value - data.targets[l]) ** 2, 0) / L;
    expect(close([degrees, trainError, Number(gcv)], [trace, error, error / (1 - trace / L) ** 2])).toBeLessThan(1e-9);
  });

  test('without a penalty is least squares of least norm', () => {
    for (const [L, m] of [
      [20, 8],
      [8, 20],
    ]) {
      const data = rows(L, m);
      const { weights, gcv } = featureRidgePath(data).at(0);
      expect(close(weights, leastSquares(data.features, data.targets, L, m))).toBeLessThan(1e-8);
      expect(gcv).toBeNull();
    }
  });

  test('at as many features as rows the chosen penalty avoids the peak of no penalty, every time', () => {
    const [L, m] = [40, 40];
    const scaled = (rows: number, key: string): Float64Array =>
      normals(rows * m, key).map((value, at) => value / (1 + (at % m)));
    const fresh = scaled(1000, 'fresh');
    const [ratios, plain]: number[][] = [[], []];
    for (let draw = 0; draw < 40; draw++) {
      const features = scaled(L, `features ${draw}`);
      const truth = normals(m, `truth ${draw}`);
      const noise = normals(L, `noise ${draw}`);
      const targets = predict(features, truth, L, m).map((value, l) => value + 0.5 * noise[l]);
      const clean = predict(fresh, truth, 1000, m);
      const errorOf = ({ weights }: { readonly weights: Float64Array }): number =>
        predict(fresh, weights, 1000, m).reduce((sum, value, l) => sum + (value - clean[l]) ** 2, 0) / 1000;
      const data = { features, width: m, targets };
      const chosen = chooseRidge(data);
      const path = featureRidgePath(data);
      const best = Math.min(...chosen.scores.map(({ lambda }) => errorOf(path.at(lambda))));
      expect(chosen.atEdge).toBe(false);
      expect(errorOf(path.at(0))).toBeGreaterThan(2 * errorOf(chosen));
      ratios.push(errorOf(chosen) / best);
      plain.push(errorOf(chooseRidge(data, { inflation: 1 })) / best);
    }
    expect(Math.max(...ratios)).toBeLessThan(3);
    // What the inflation is for: the plain score is caught by the peak in some draws.
    expect(Math.max(...plain)).toBeGreaterThan(10);
  });

  test('bad input is refused', () => {
    const data = rows(5, 3);
    expect(() => featureRidgePath({ ...data, width: 4 })).toThrow(
      /\[featureRidgePath\] features and targets do not fit/,
    );
    expect(() => featureRidgePath(data).at(-1)).toThrow(/the penalty is negative or not finite, got -1/);
    expect(() => chooseRidge(data, { inflation: 0.5 })).toThrow(/the inflation .* got 0.5, expected a number >= 1/);
    expect(() => chooseRidge({ ...data, features: new Float64Array(15) })).toThrow(/all features are 0/);
  });
});
