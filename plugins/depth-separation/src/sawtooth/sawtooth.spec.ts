import { allocatePass, deepNetwork, forward, randomKey, randomStream } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crossings, exactPieces, pieceCount } from './exactPieces.js';
import { add, compare, divide, fraction, multiply, numberOf, rationalOf, subtract } from './rational.js';
import { mostPieces, sawtoothFloor, widthNeeded } from './sawtoothFloor.js';
import { freeKnotFit, splineAt, splineFit, squaredDistance, tentSpline } from './splineFit.js';
import { type FixedNetwork, tent, tentNetwork } from './tent.js';

const half = rationalOf(0.5);

/** Weights and biases that are multiples of 2^-6, so that exact numbers stay short. */
function randomNetwork(widths: readonly number[], seed: number): FixedNetwork {
  const network = deepNetwork({
    inputs: 1,
    widths,
    activation: 'relu',
    biasVariance: 1,
    parameterization: 'standard',
  });
  const stream = randomStream(randomKey(seed));
  const parameters = Float64Array.from(
    { length: network.parameterCount },
    () => Math.round(64 * (2 * stream.uniform() - 1)) / 64,
  );
  return { network, parameters };
}

describe('fractions', () => {
  const part = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
  const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
  const any = fc.tuple(part, positive).map(([a, b]) => fraction(a, b));

  test('are a field in lowest terms, ordered as their doubles', () => {
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(multiply(a, add(b, c))).toEqual(add(multiply(a, b), multiply(a, c)));
        expect(add(subtract(a, b), b)).toEqual(a);
        if (b.numerator !== 0n) expect(multiply(divide(a, b), b)).toEqual(a);
        const gap = numberOf(a) - numberOf(b);
        if (Math.abs(gap) > 1e-3) expect(compare(a, b)).toBe(Math.sign(gap));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('every double is its fraction', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(numberOf(rationalOf(value))).toBe(value === 0 ? 0 : value);
      }),
      { seed: 2, numRuns: 300, examples: [[5e-324], [-1.7e308], [0.1]] },
    );
  });
});

describe('the tent map', () => {
  test.each([1, 2, 3, 6, 9])('as a network of %i levels has 2^k pieces and as many crossings of 1/2', (folds) => {
    const exact = exactPieces(tentNetwork(folds));
    expect(pieceCount(exact)).toBe(2 ** folds);
    expect(crossings(exact, half)).toBe(2 ** folds);
    expect(crossings(exact, rationalOf(1))).toBe(0);
    exact.knots.forEach((knot, p) => {
      expect(numberOf(knot)).toBe(p / 2 ** folds);
      expect(numberOf(exact.values[p])).toBe(p % 2);
    });
  });

  test.each([1, 5, 20, 52])('the network of %i levels equals the formula to the last bit', (folds) => {
    const { network, parameters } = tentNetwork(folds);
    const stream = randomStream(randomKey(folds));
    const inputs = Float64Array.from({ length: 500 }, () => stream.uniform());
    const pass = allocatePass(network, inputs.length);
    forward(network, pass, parameters, inputs);
    expect([...pass.outputs]).toEqual([...inputs].map((x) => tent(x, folds)));
  });

  test('T is 2x on [0, 1/2] and 2 - 2x after, and T^(k+1) = T^k after T', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map((x) => tent(x, 1))).toEqual([0, 0.5, 1, 0.5, 0]);
    expect(tent(0.3, 4)).toBe(tent(tent(0.3, 1), 3));
  });

  test('refuses 53 folds', () => {
    expect(() => tentNetwork(53)).toThrow(/\[tentNetwork\] the number of folds/);
  });
});

describe('pieces of networks', () => {
  test.each([[[3]], [[9]], [[2, 3]], [[4, 4]], [[2, 2, 2]]])('widths %j: at most prod (m + 1)', (widths) => {
    for (let seed = 0; seed < 20; seed++) {
      const exact = exactPieces(randomNetwork(widths, seed));
      expect(pieceCount(exact)).toBeLessThanOrEqual(mostPieces(widths));
      expect(crossings(exact, rationalOf(0.125))).toBeLessThanOrEqual(pieceCount(exact));
    }
  });

  test('one layer of M units with knots in (0, 1) has M + 1 pieces', () => {
    const fixed = randomNetwork([5], 1);
    for (let i = 0; i < 5; i++) {
      fixed.parameters[fixed.network.layers[0].weights + i] = 1;
      fixed.parameters[fixed.network.layers[0].biases + i] = -(i + 1) / 8;
      fixed.parameters[fixed.network.layers[1].weights + i] = i + 1;
    }
    expect(pieceCount(exactPieces(fixed))).toBe(6);
  });

  test('exact values are those of the network', () => {
    const fixed = randomNetwork([4, 3], 5);
    const { knots, values } = exactPieces(fixed);
    const pass = allocatePass(fixed.network, knots.length);
    forward(fixed.network, pass, fixed.parameters, Float64Array.from(knots, numberOf));
    values.forEach((value, p) => {
      expect(pass.outputs[p]).toBeCloseTo(numberOf(value), 12);
    });
  });

  test('refuses networks that are not of rectifiers on a line', () => {
    const network = deepNetwork({ inputs: 2, widths: [2], activation: 'relu' });
    expect(() => exactPieces({ network, parameters: new Float64Array(network.parameterCount) })).toThrow(
      /\[exactPieces\]/,
    );
  });
});

describe('the floor', () => {
  test('no spline of M knots is below 1 - 2 M / 2^k: random knots, moved knots, and all knots on a grid', () => {
    const stream = randomStream(randomKey(4));
    for (const folds of [2, 3, 4]) {
      const target = tentSpline(folds);
      for (let width = 1; width < 2 ** (folds - 1); width++) {
        for (let draw = 0; draw < 5; draw++) {
          const start = Float64Array.from({ length: width }, () => stream.uniform()).sort();
          const { error } = freeKnotFit({ target, start, steps: 30 });
          expect(12 * error).toBeGreaterThanOrEqual(sawtoothFloor(folds, [width]).value - 1e-12);
        }
      }
    }
    let least = 1;
    for (let a = 1; a < 64; a++) {
      for (let b = a + 1; b < 64; b++) {
        const inner = Float64Array.of(a / 64, b / 64);
        least = Math.min(least, 12 * squaredDistance(splineFit(inner, tentSpline(3)), tentSpline(3)));
      }
    }
    expect(least).toBeGreaterThan(sawtoothFloor(3, [2]).value);
    // The first piece and a half exactly, then 1/2: 1 - (M - 1/2) / 2^k.
    expect(least).toBeLessThanOrEqual(1 - 1.5 / 8 + 1e-12);
  });

  test('is 1 without units, 0 from half the pieces on, and falls with the width', () => {
    expect(sawtoothFloor(6, [0]).value).toBe(1);
    expect(sawtoothFloor(6, [16]).value).toBe(0.5);
    expect(sawtoothFloor(6, [32]).value).toBe(0);
    expect(sawtoothFloor(6, [3, 3]).value).toBe(1 - 30 / 64);
  });

  test('the least width is where the floor passes the level', () => {
    for (const folds of [4, 9, 20]) {
      for (const layers of [1, 2, 3]) {
        for (const level of [0.1, 0.5, 0.9]) {
          const width = widthNeeded(folds, layers, level);
          const floorOf = (m: number): number => sawtoothFloor(folds, new Array<number>(layers).fill(m)).value;
          expect(floorOf(width)).toBeLessThan(level);
          if (width > 0) expect(floorOf(width - 1)).toBeGreaterThanOrEqual(level);
        }
      }
    }
  });

  test('refuses widths that are none', () => {
    expect(() => sawtoothFloor(3, [])).toThrow(/\[sawtoothFloor\]/);
    expect(() => sawtoothFloor(3, [1.5])).toThrow(/\[sawtoothFloor\]/);
  });
});

describe('splines', () => {
  test('the fit is orthogonal to its residual: moving any value by a little only adds', () => {
    const target = tentSpline(3);
    const fit = splineFit(Float64Array.of(0.2, 0.37, 0.8), target);
    const error = squaredDistance(fit, target);
    for (let j = 0; j < fit.values.length; j++) {
      for (const by of [-1e-3, 1e-3]) {
        const values = fit.values.slice();
        values[j] += by;
        expect(squaredDistance({ knots: fit.knots, values }, target)).toBeGreaterThan(error);
      }
    }
  });

  test('on the target itself the error is 0, and of the constant 1/2 it is 1/12', () => {
    const target = tentSpline(4);
    expect(squaredDistance(splineFit(target.knots.slice(1, -1), target), target)).toBeLessThan(1e-24);
    const flat = { knots: Float64Array.of(0, 1), values: Float64Array.of(0.5, 0.5) };
    expect(squaredDistance(flat, target)).toBeCloseTo(1 / 12, 14);
    expect(splineAt(target, 1)).toBe(0);
  });

  test('moving knots lowers the error, and where all knots fit the target is found', () => {
    const target = tentSpline(1);
    const found = freeKnotFit({ target, start: Float64Array.of(0.3), steps: 300 });
    expect(found.knots[1]).toBeCloseTo(0.5, 3);
    expect(found.error).toBeLessThan(1e-6);
    expect(() => freeKnotFit({ target, start: Float64Array.of(0.6, 0.5), steps: 1 })).toThrow(/\[freeKnotFit\]/);
  });
});
