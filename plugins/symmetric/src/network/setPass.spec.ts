import { fillNormal, fillUniform, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { type PointSet, type SetBatch, setBatch } from '../sets/setBatch.js';
import { drawSetParameters } from './drawSetParameters.js';
import { type Pooling, type SetNetworkOptions, setNetwork } from './setNetwork.js';
import { allocateSetPass, evaluateSets, forwardSets, setGradientInto } from './setPass.js';

const normals = (count: number, seed: number): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(seed));
  return out;
};

/** Sets of the given sizes with random masses. */
function sets(dim: number, sizes: readonly number[], seed = 1): PointSet[] {
  return sizes.map((size, s) => {
    const masses = new Float64Array(size);
    fillUniform(masses, randomKey(seed + 1000 + s));
    const flat = normals(size * dim, seed + s);
    const points = Array.from({ length: size }, (_, i) => Array.from(flat.subarray(i * dim, (i + 1) * dim)));
    return { points, masses: masses.map((m) => 0.2 + m) };
  });
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The written formula, point by point: features of a set by all its tuples. */
function slowFeatures(options: SetNetworkOptions, parameters: Float64Array, batch: SetBatch, s: number): number[] {
  const { order = 1, dim, innerWidth, pooling = 'mean', inner = 'relu' } = options;
  const unit = { relu: (z: number) => Math.max(z, 0), tanh: Math.tanh, 'z^2': (z: number) => z * z }[inner];
  if (unit === undefined) throw new Error(inner);
  const [first, end] = [batch.offsets[s], batch.offsets[s + 1]];
  let tuples: { x: number[]; mass: number }[] = [{ x: [], mass: 1 }];
  for (let l = 0; l < order; l++) {
    tuples = tuples.flatMap(({ x, mass }) =>
      Array.from({ length: end - first }, (_, a) => ({
        x: [...x, ...batch.points.subarray((first + a) * dim, (first + a + 1) * dim)],
        mass: mass * batch.masses[first + a],
      })),
    );
  }
  const length = order * dim + 1;
  return Array.from({ length: innerWidth }, (_, i) => {
    const w = parameters.subarray(i * length, (i + 1) * length);
    const values = tuples.map(({ x }) => unit(dot(w, Float64Array.from([...x, 1]))));
    const mean = (f: (h: number) => number): number => tuples.reduce((sum, t, c) => sum + t.mass * f(values[c]), 0);
    if (pooling === 'max') return Math.max(...values);
    if (typeof pooling === 'object') {
      return pooling.logMeanExp * Math.log(mean((h) => Math.exp(h / pooling.logMeanExp)));
    }
    return (pooling === 'sum' ? batch.totals[s] ** order : 1) * mean((h) => h);
  });
}

const poolings: readonly Pooling[] = ['mean', 'sum', 'max', { logMeanExp: 0.3 }];
const cases: SetNetworkOptions[] = [1, 2, 3].flatMap((order) =>
  poolings.flatMap((pooling) =>
    ['relu', 'tanh', 'z^2'].map((inner) => ({
      dim: 2,
      order,
      innerWidth: 5,
      outerWidth: 4,
      outputs: 2,
      pooling,
      inner,
      outer: 'tanh',
    })),
  ),
);

describe.each(cases)('order $order, $pooling of $inner', (options) => {
  const network = setNetwork(options);
  const batch = setBatch(sets(2, [3, 1, 4]));
  const parameters = drawSetParameters(network, randomKey(3));
  const pass = allocateSetPass(network, batch);
  forwardSets(pass, parameters);

  test('features and outputs are the written formula', () => {
    const [V, A] = [parameters.subarray(...network.parts.middle), parameters.subarray(...network.parts.outer)];
    for (let s = 0; s < batch.count; s++) {
      const features = slowFeatures(options, parameters, batch, s);
      features.forEach((value, i) => {
        expect(Math.abs(pass.features[s * 5 + i] - value)).toBeLessThan(1e-12 * (1 + Math.abs(value)));
      });
      for (let o = 0; o < 2; o++) {
        let f = 0;
        for (let j = 0; j < 4; j++) {
          f += A[j * 2 + o] * Math.tanh(dot(V.subarray(j * 5, (j + 1) * 5), Float64Array.from(features)));
        }
        expect(Math.abs(pass.outputs[s * 2 + o] - f)).toBeLessThan(1e-12 * (1 + Math.abs(f)));
      }
    }
    expect(evaluateSets(network, parameters, batch)).toEqual(pass.outputs);
  });

  test('the gradient is that of the outputs, by central differences', () => {
    const cotangent = normals(batch.count * 2, 5);
    const gradient = new Float64Array(network.parameterCount);
    setGradientInto(gradient, pass, { parameters, cotangent });
    const h = 1e-5;
    for (let p = 0; p < network.parameterCount; p++) {
      const [right, left] = [h, -h].map((step) => {
        const moved = parameters.map((value, i) => (i === p ? value + step : value));
        return dot(cotangent, evaluateSets(network, moved, batch));
      });
      const difference = (right - left) / (2 * h);
      expect(Math.abs(difference - gradient[p])).toBeLessThan(1e-6 * (1 + Math.abs(gradient[p])));
    }
  });
});

const base = { dim: 3, innerWidth: 6, outerWidth: 7, inner: 'squared-relu' } as const;

test.each(['S1', 'S2', 'S3'] as const)(
  'class %s has the gradient of S1 where it trains, and 0 where it is frozen',
  (kind) => {
    const batch = setBatch(sets(3, [2, 5, 3]));
    const [full, network] = [setNetwork(base), setNetwork({ ...base, class: kind })];
    const parameters = drawSetParameters(full, randomKey(4));
    const cotangent = normals(3, 6);
    const gradientOf = (of: typeof network): Float64Array => {
      const pass = allocateSetPass(of, batch);
      forwardSets(pass, parameters);
      const out = new Float64Array(of.parameterCount).fill(7);
      setGradientInto(out, pass, { parameters, cotangent });
      return out;
    };
    const expected = gradientOf(full);
    expected.fill(0, 0, network.trainedFrom);
    expect(gradientOf(network)).toEqual(expected);
    expect(expected.some((g) => g !== 0)).toBe(true);
  },
);

test('layers that did not change are not computed again, and those that did are', () => {
  const batch = setBatch(sets(3, [2, 5, 3]));
  const network = setNetwork(base);
  const pass = allocateSetPass(network, batch);
  const parameters = drawSetParameters(network, randomKey(4));
  for (const [start] of [network.parts.outer, network.parts.middle, network.parts.inner]) {
    forwardSets(pass, parameters);
    parameters[start] += 0.5;
    forwardSets(pass, parameters);
    expect(pass.outputs).toEqual(evaluateSets(network, parameters, batch));
  }
});

describe.each([1, 2] as const)('order %d', (order) => {
  const evaluate = (pooling: Pooling, list: readonly PointSet[]): Float64Array => {
    const network = setNetwork({ ...base, order, pooling, outputs: 2 });
    return evaluateSets(network, drawSetParameters(network, randomKey(7)), setBatch(list));
  };
  const list = sets(3, [4, 2, 6, 1]);

  test.each(poolings)('the order of the points changes no bit, pooling %o', (pooling) => {
    const turned = list.map(({ points, masses = [] }) => ({
      points: [...points].reverse(),
      masses: Array.from(masses).reverse(),
    }));
    expect(evaluate(pooling, turned)).toEqual(evaluate(pooling, list));
  });

  test.each(poolings)('the order of the sets and how they are split change no bit, pooling %o', (pooling) => {
    const whole = evaluate(pooling, list);
    const turned = evaluate(pooling, [...list].reverse());
    list.forEach((one, s) => {
      const alone = evaluate(pooling, [one]);
      expect(alone).toEqual(whole.slice(2 * s, 2 * s + 2));
      expect(alone).toEqual(turned.slice(2 * (3 - s), 2 * (4 - s)));
    });
  });

  test('points that are repeated change nothing but sums, which they multiply', () => {
    const repeated = list.map(({ points, masses = [] }) => ({
      points: points.flatMap((x) => [x, x, x]),
      masses: Array.from(masses).flatMap((m) => [m, m, m]),
    }));
    for (const pooling of poolings) {
      const [once, thrice] = [evaluate(pooling, list), evaluate(pooling, repeated)];
      // The outer unit is relu, of degree 1, so a factor of the features is one of the outputs.
      const factor = pooling === 'sum' ? 3 ** order : 1;
      once.forEach((value, i) => {
        expect(Math.abs(thrice[i] - factor * value)).toBeLessThan(1e-12 * (factor + Math.abs(factor * value)));
      });
    }
  });
});

test('a polynomial by moments is its sum over tuples', () => {
  const polynomial = '1 - z/2 + 0.3*z^2*(z - 1) + (z + 0.5)^4/7';
  const batch = setBatch(sets(2, [5, 2]));
  const options = { dim: 2, order: 3, innerWidth: 4, outerWidth: 3 } as const;
  const parameters = drawSetParameters(setNetwork(options), randomKey(2));
  // Adding 0 relu(z) hides the polynomial, so that this one goes over the 125 triples.
  const [moments, tuples] = [polynomial, `${polynomial} + 1e-300*relu(z)`].map((inner) => {
    const pass = allocateSetPass(setNetwork({ ...options, inner }), batch);
    forwardSets(pass, parameters);
    const gradient = new Float64Array(parameters.length);
    setGradientInto(gradient, pass, { parameters, cotangent: Float64Array.of(1, -2) });
    return [...pass.features, ...gradient];
  });
  moments.forEach((value, i) => {
    expect(Math.abs(value - tuples[i])).toBeLessThan(1e-12 * (1 + Math.abs(value)));
  });
});

test('what does not fit is refused', () => {
  const network = setNetwork({ dim: 2, order: 4, innerWidth: 2, outerWidth: 2 });
  const batch = setBatch(sets(2, [3]));
  expect(() => allocateSetPass(network, setBatch(sets(3, [3])))).toThrow(/another dimension than the network, got 3/);
  expect(() => allocateSetPass(network, setBatch(sets(2, [65])))).toThrow(/too many tuples, got 65 points, order 4/);
  const pass = allocateSetPass(network, batch, { derivatives: false });
  expect(() => forwardSets(pass, new Float64Array(3))).toThrow(/the length of the parameters is wrong, got 3/);
  const parameters = drawSetParameters(network, randomKey(1));
  forwardSets(pass, parameters);
  const out = new Float64Array(parameters.length);
  const cotangent = new Float64Array(1);
  expect(() => setGradientInto(out, pass, { parameters, cotangent })).toThrow(/made without derivatives/);
  expect(() => setGradientInto(out, pass, { parameters, cotangent: new Float64Array(2) })).toThrow(
    /the length of the cotangent is wrong/,
  );
});
