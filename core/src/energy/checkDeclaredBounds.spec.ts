import { expect, test } from 'vitest';
import { box } from '../space/box.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { type PayoffFunction, zeroSumGame } from './zeroSumGame.js';

/** `x y` on lines: slopes up to 2, no bend; with `c x^2` it bends by 2 c. */
const bent = (c: number): Required<PayoffFunction> => ({
  value: (x, i, y, j) => x[i] * y[j] + c * x[i] ** 2,
  gradientXInto: (out, o, x, i, y, j) => {
    out[o] = y[j] + 2 * c * x[i];
  },
  gradientYInto: (out, o, x, i) => {
    out[o] = x[i];
  },
});
const lines = [box([[-1, 1]]), box([[-2, 2]])] as const;

test('bounds that hold are kept by the game, and those that are sharp pass', () => {
  const game = zeroSumGame({ payoff: bent(3), spaces: lines, lipschitz: [8, 1], curvature: [6, 0] });
  expect([game.lipschitz, game.curvature]).toEqual([
    [8, 1],
    [6, 0],
  ]);
  const angle = zeroSumGame({
    payoff: 'cos(2*pi*(x - y))',
    spaces: [torus(1), torus(1)],
    curvature: [4 * Math.PI ** 2, 4 * Math.PI ** 2],
  });
  expect(angle.curvature).toHaveLength(2);
});

test.each<[string, readonly [Space, Space], string]>([
  ['a height on a sphere bends by at most 1 along great circles', [sphere(3), sphere(3)], 'x[2] + y[1]'],
  ['a height on a circle of radius 1', [sphere(2), sphere(2)], 'x[0] - y[1]'],
])('%s', (_, spaces, payoff) => {
  expect(() => zeroSumGame({ payoff, spaces, lipschitz: [1, 1], curvature: [1, 1] })).not.toThrow();
  expect(() => zeroSumGame({ payoff, spaces, curvature: [0.7, 1] })).toThrow(/bends more in x than declared/);
});

test('bounds that samples violate are refused, with the player and the sample', () => {
  const make = (declared: object) => () => zeroSumGame({ payoff: bent(3), spaces: lines, ...declared });
  expect(make({ lipschitz: [5, 1] })).toThrow(/the payoff is steeper in x than declared, got [\d.]+ at x = \(/);
  expect(make({ lipschitz: [8, 0.9] })).toThrow(/steeper in y than declared/);
  expect(make({ curvature: [5.9, 0] })).toThrow(/bends more in x than declared, got 5\.99|got 6/);
  expect(make({ curvature: [Number.NaN, 0] })).toThrow(/the bound curvature of x is not usable/);
  expect(make({ lipschitz: [8, -1] })).toThrow(/the bound lipschitz of y is not usable/);
  expect(make({ curvature: [1, 0], check: false })).not.toThrow();
});
