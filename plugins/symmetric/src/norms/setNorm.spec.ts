import { randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetClass, type SetNetworkOptions, setClasses, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { setBatch } from '../sets/setBatch.js';
import { degreeOfUnit } from './degreeOfUnit.js';
import { densityNorm, groupNorm, pathNorm, setNorm } from './setNorm.js';

const options = { dim: 3, innerWidth: 5, outerWidth: 7, outputs: 2 } as const;
const batch = setBatch([
  { points: [[1, 0.3, -2]] },
  {
    points: [
      [0.1, -1, 0.4],
      [2, 0.5, 0.7],
      [-1, 1, 1],
    ],
  },
]);

/** Parameters whose rows are not unit. */
function parametersOf(network: ReturnType<typeof setNetwork>, seed: number): Float64Array {
  return drawSetParameters(network, randomKey(seed)).map((value, i) => value * (1 + Math.sin(i + 1) / 2));
}

/** Multiplies one part by a factor. */
function scaled(
  network: ReturnType<typeof setNetwork>,
  parameters: Float64Array,
  part: 'inner' | 'middle' | 'outer',
  by: number,
) {
  const out = parameters.slice();
  const [start, end] = network.parts[part];
  for (let i = start; i < end; i++) out[i] *= by;
  return out;
}

const cases = setClasses.flatMap((as) => ['relu', 'squared-relu', 'tanh'].map((inner) => ({ as, inner })));

describe.each(cases)('norm of $as, inner unit $inner', ({ as, inner }) => {
  test('the subgradient is that of the value, by central differences', () => {
    const network = setNetwork({ ...options, inner, class: as });
    const norm = setNorm(network);
    const parameters = parametersOf(network, 1);
    const gradient = new Float64Array(network.parameterCount).fill(7);
    expect(norm.subgradientInto(gradient, parameters)).toBeCloseTo(norm.value(parameters), 12);
    const h = 1e-5;
    for (let p = network.trainedFrom; p < network.parameterCount; p++) {
      const [right, left] = [h, -h].map((step) =>
        norm.value(parameters.map((value, i) => (i === p ? value + step : value))),
      );
      expect(Math.abs((right - left) / (2 * h) - gradient[p])).toBeLessThan(1e-7 * (1 + Math.abs(gradient[p])));
    }
    expect(gradient.subarray(0, network.trainedFrom).every((g) => g === 0)).toBe(true);
  });

  test('it is 0 with a subgradient 0 where all parameters are 0', () => {
    const network = setNetwork({ ...options, inner, class: as });
    const zero = new Float64Array(network.parameterCount);
    const gradient = zero.slice().fill(7);
    expect(setNorm(network).subgradientInto(gradient, zero)).toBe(0);
    expect(gradient).toEqual(zero);
  });
});

test('norms are homogeneous: of degree 1 in V and A, and the path norm of the degree of the unit in W', () => {
  for (const [inner, degree] of [
    ['relu', 1],
    ['squared-relu', 2],
  ] as const) {
    const network = setNetwork({ ...options, inner });
    const parameters = parametersOf(network, 2);
    const ratio = (as: SetClass, part: 'inner' | 'middle' | 'outer'): number =>
      setNorm(network, as).value(scaled(network, parameters, part, 3)) / setNorm(network, as).value(parameters);
    expect(ratio('S1', 'inner')).toBeCloseTo(3 ** degree, 12);
    for (const [as, part] of [
      ['S1', 'middle'],
      ['S1', 'outer'],
      ['S2', 'middle'],
      ['S2', 'outer'],
      ['S3', 'outer'],
    ] as const) {
      expect(ratio(as, part)).toBeCloseTo(3, 12);
    }
  }
});

test('moving a factor from layer to layer changes neither the function nor the path norm', () => {
  const network = setNetwork({ ...options, inner: 'squared-relu' });
  const parameters = parametersOf(network, 3);
  const moved = scaled(network, scaled(network, scaled(network, parameters, 'inner', 2), 'middle', 1 / 8), 'outer', 2);
  expect(pathNorm(network).value(moved)).toBeCloseTo(pathNorm(network).value(parameters), 12);
  const [f, g] = [parameters, moved].map((of) => evaluateSets(network, of, batch));
  f.forEach((value, i) => {
    expect(g[i]).toBeCloseTo(value, 12);
  });
});

test('a smaller class is inside a larger: with unit rows path <= group <= sqrt(m1) density', () => {
  for (let seed = 0; seed < 200; seed++) {
    const network = setNetwork({
      ...options,
      outputs: 1 + (seed % 3),
      inner: seed % 2 === 0 ? 'relu' : 'squared-relu',
    });
    // Rows of W and V of a draw are unit: a network of S3, hence of S2 and of S1.
    const small = drawSetParameters(network, randomKey(seed));
    const [path, group, density] = setClasses.map((as) => setNorm(network, as).value(small));
    expect(path).toBeLessThanOrEqual(group * (1 + 1e-14));
    expect(group).toBeLessThanOrEqual(Math.sqrt(options.innerWidth) * density * (1 + 1e-14));
    // With V of any size, a network of S2.
    const middle = small.map((value, i) => (i < network.parts.outer[0] ? value * (1 + Math.sin(i) / 2) : value));
    middle.set(small.subarray(...network.parts.inner));
    expect(pathNorm(network).value(middle)).toBeLessThanOrEqual(groupNorm(network).value(middle) * (1 + 1e-14));
  }
});

test('both inclusions are sharp: equal entries of V and of A make them equalities', () => {
  const network = setNetwork({ ...options, outputs: 1 });
  const parameters = drawSetParameters(network, randomKey(1));
  parameters.fill(1 / Math.sqrt(options.innerWidth), ...network.parts.middle);
  parameters.fill(-2, ...network.parts.outer);
  const [path, group, density] = setClasses.map((as) => setNorm(network, as).value(parameters));
  expect(path).toBeCloseTo(group, 12);
  expect(group).toBeCloseTo(Math.sqrt(options.innerWidth) * density, 12);
});

/** The same function with every feature twice (half its coefficient each), or with every neuron twice. */
function doubled(given: SetNetworkOptions, parameters: Float64Array, what: 'features' | 'neurons') {
  const from = setNetwork(given);
  const [m1, m2] = [given.innerWidth, given.outerWidth];
  const twice = { features: { innerWidth: 2 * m1 }, neurons: { outerWidth: 2 * m2 } }[what];
  const network = setNetwork({ ...given, ...twice });
  const [W, V, A] = [from.parts.inner, from.parts.middle, from.parts.outer].map((part) => [
    ...parameters.subarray(...part),
  ]);
  const halves = (list: number[]): number[] => [...list, ...list].map((value) => value / 2);
  const middle = Array.from({ length: m2 }, (_, j) => V.slice(j * m1, (j + 1) * m1));
  const of = what === 'features' ? [...W, ...W, ...middle.flatMap(halves), ...A] : [...W, ...V, ...V, ...halves(A)];
  return { network, parameters: Float64Array.from(of) };
}

test('the norms of a function do not change when every feature or every neuron is there twice', () => {
  const network = setNetwork(options);
  const parameters = parametersOf(network, 5);
  const f = evaluateSets(network, parameters, batch);
  for (const what of ['features', 'neurons'] as const) {
    const other = doubled(options, parameters, what);
    evaluateSets(other.network, other.parameters, batch).forEach((value, i) => {
      expect(value).toBeCloseTo(f[i], 12);
    });
    for (const norm of [pathNorm, groupNorm, densityNorm]) {
      expect(norm(other.network).value(other.parameters)).toBeCloseTo(norm(network).value(parameters), 12);
    }
  }
});

test.each([
  ['relu', 1],
  ['abs', 1],
  ['leaky-relu', 1],
  ['squared-relu', 2],
  ['z^2', 2],
  ['z * relu(z)^2', 3],
  ['tanh', null],
  ['relu(z) + 1', null],
  ['0 * z', null],
])('the degree of %s is %o', (unit, degree) => {
  expect(degreeOfUnit(unit)).toBe(degree);
});
