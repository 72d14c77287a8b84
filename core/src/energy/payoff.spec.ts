import { describe, expect, test } from 'vitest';
import { row } from '../formula/build.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import type { Game } from './energy.js';
import { asSmooth, isSmooth, type JumpingGame, type Movable, type SmoothGame } from './smoothGame.js';
import { matrixGame, type PayoffFunction, zeroSumGame } from './zeroSumGame.js';

const spaces = [box([[-1, 1]]), box([[0, 1]])] as const;

/** `sin(x + 2 y)` with a factor on either gradient, 1 where it is right. */
const wave = (atX: number, atY: number): Required<PayoffFunction> => ({
  value: (x, i, y, j) => Math.sin(x[i] + 2 * y[j]),
  gradientXInto: (out, o, x, i, y, j) => {
    out[o] = atX * Math.cos(x[i] + 2 * y[j]);
  },
  gradientYInto: (out, o, x, i, y, j) => {
    out[o] = atY * 2 * Math.cos(x[i] + 2 * y[j]);
  },
});

describe('payoffs in plain functions', () => {
  test('with right gradients are taken, with a wrong one refused with the point and both slopes', () => {
    expect(zeroSumGame({ payoff: wave(1, 1), spaces }).smooth).toBe(true);
    expect(() => zeroSumGame({ payoff: wave(1.001, 1), spaces })).toThrow(
      /\[zeroSumGame\] the gradient in x is not the slope of the payoff, got slope .* at x = \(.*\), expected .* by central differences. Fix: correct gradientXInto/,
    );
    expect(() => zeroSumGame({ payoff: wave(1, -1), spaces })).toThrow(/the gradient in y is not the slope/);
  });

  test('are taken unchecked where asked', () => {
    expect(zeroSumGame({ payoff: wave(2, 2), spaces, check: false }).smooth).toBe(true);
  });

  test('fast waves raise no false alarm, and a component too many on a sphere is not looked at', () => {
    const fast = 2 * Math.PI * 40;
    const payoff: Required<PayoffFunction> = {
      value: (x, i, y, j) => Math.cos(fast * (x[i] - y[j])),
      gradientXInto: (out, o, x, i, y, j) => {
        out[o] = -fast * Math.sin(fast * (x[i] - y[j]));
      },
      gradientYInto: (out, o, x, i, y, j) => {
        out[o] = fast * Math.sin(fast * (x[i] - y[j]));
      },
    };
    expect(zeroSumGame({ payoff, spaces: [torus(1), torus(1)] }).smooth).toBe(true);
    const linear = (factor: number): Required<PayoffFunction> => ({
      value: (x, i, y, j) => x[i] * y[j],
      // The normal component changes no slope along the sphere; `factor` does.
      gradientXInto: (out, o, x, i, y, j) => {
        for (let k = 0; k < 3; k++) out[o + k] = 5 * x[i + k] + (k === 0 ? factor * y[j] : 0);
      },
      gradientYInto: (out, o, x, i) => out.set([x[i], 0, 0], o),
    });
    const balls = [sphere(3), sphere(3)] as const;
    expect(zeroSumGame({ payoff: linear(1), spaces: balls }).smooth).toBe(true);
    expect(() => zeroSumGame({ payoff: linear(1.01), spaces: balls })).toThrow(/gradient in x/);
  });

  test('kinks raise no alarm', () => {
    const payoff: Required<PayoffFunction> = {
      value: (x, i, y, j) => Math.abs(x[i] - y[j]),
      gradientXInto: (out, o, x, i, y, j) => {
        out[o] = Math.sign(x[i] - y[j]);
      },
      gradientYInto: (out, o, x, i, y, j) => {
        out[o] = Math.sign(y[j] - x[i]);
      },
    };
    expect(zeroSumGame({ payoff, spaces }).smooth).toBe(true);
  });
});

describe('a payoff that is not finite on its domain', () => {
  test.each([
    ['log(x)', /got -Infinity at x = \(0\), y = \(/, box([[0, 1]])],
    ['sqrt(x)', /got NaN at x = \(-/, box([[-1, 1]])],
    ['1/x', /got (Infinity|NaN) at x = \(0\)/, box([[-1, 1]])],
  ])('%s is refused with the point', (payoff, message, space) => {
    const make = () => zeroSumGame({ payoff, spaces: [space, spaces[1]] });
    expect(make).toThrow(/\[zeroSumGame\] the payoff is not finite on its domain/);
    expect(make).toThrow(message);
    expect(() => zeroSumGame({ payoff, spaces: [space, spaces[1]], check: false })).not.toThrow();
  });

  test('is found in functions and on spaces without bounds too', () => {
    expect(() => zeroSumGame({ payoff: { value: () => Number.NaN }, spaces })).toThrow(/got NaN at x/);
    expect(() => zeroSumGame({ payoff: 'log(x)', spaces: [euclidean(1), spaces[1]] })).toThrow(/got NaN at x = \(-/);
  });
});

test.each([
  ['x + z', /the name "z" is unknown at column 5.*expected one of x, y/],
  ['x[1]*y', /there is no such component.*at column 3/],
  ['foo(x)', /the function "foo" is unknown/],
  ['x*y*', /ends too early/],
])('the formula %s is refused where it is wrong', (payoff, message) => {
  expect(() => zeroSumGame({ payoff, spaces })).toThrow(message);
});

test('a vector payoff and foreign variables are refused', () => {
  expect(() => zeroSumGame({ payoff: 'x*y', spaces: [torus(2), spaces[1]] })).toThrow(/the formula is a vector/);
  expect(() => zeroSumGame({ payoff: row('z'), spaces })).toThrow(/uses "z" in a way that is not known here/);
});

test('the type of a game says whether atoms can follow gradients, where the compiler can know', () => {
  const moving: SmoothGame = zeroSumGame({ payoff: wave(1, 1), spaces });
  const written: SmoothGame = zeroSumGame({ payoff: 'x*y', spaces });
  const jumping: JumpingGame = zeroSumGame({ payoff: 'sign(y - x)', spaces });
  const valuesOnly: JumpingGame = zeroSumGame({ payoff: { value: () => 1 }, spaces });
  const matrix: SmoothGame = matrixGame([[1]]);
  const text: string = 'step(y - x)';
  const unknown = zeroSumGame({ payoff: text, spaces });
  expect([moving, written, jumping, valuesOnly, matrix, unknown].map(({ smooth }) => smooth)).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
  const descend = <G extends Game>(game: Movable<G>): boolean => isSmooth(game);
  expect([descend(moving), descend(written), descend(unknown)]).toEqual([true, true, false]);
  // @ts-expect-error dynamics that move atoms take no game that is known to jump
  expect(descend(jumping)).toBe(false);
  // @ts-expect-error nor one whose payoff has no gradients
  expect(descend(valuesOnly)).toBe(false);
  expect(asSmooth('test', written)).toBe(written);
  expect(() => asSmooth('descent', unknown)).toThrow(
    '[descent] the payoff jumps, so its atoms have no gradient to follow, got zero-sum game',
  );
});
