import {
  box,
  type Game,
  linearFit,
  matrixGame,
  measure,
  type Profile,
  simulate,
  sphere,
  zeroSumGame,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { guessingGame, torusCounterexample } from '../games/knownGames.js';
import { type DynamicsName, type DynamicsOptions, dynamics } from './dynamics.js';
import { localRate } from './localRate.js';

const rate = (game: Game, name: DynamicsName, options: DynamicsOptions, equilibrium: Profile) =>
  localRate(game, dynamics(game, name, options), equilibrium);

/** Slope of log NI per step, between the given levels, from a start near the equilibrium. */
function measuredSlope(
  game: Game,
  name: DynamicsName,
  options: DynamicsOptions,
  { start, steps }: { readonly start: Profile; readonly steps: number },
): number {
  const { flow, stepper } = dynamics(game, name, options);
  const every = Math.max(1, Math.floor(steps / 60));
  const plan = { stepper, dt: 1, maxSteps: steps, record: { every } };
  const { frames } = simulate({ flow, initial: start }, plan);
  const inside = frames
    .slice(Math.floor(frames.length / 4))
    .map(({ step, profile }) => [step, nikaidoIsoda(game, profile, { tolerance: 1e-13 }).upper] as const)
    .filter(([, error]) => error > 1e-11);
  expect(inside.length).toBeGreaterThan(20);
  return linearFit(
    inside.map(([step]) => step),
    inside.map(([, error]) => Math.log(error)),
  ).slope;
}

describe('the torus counterexample', () => {
  const { game } = torusCounterexample();
  const [x, y] = game.spaces;
  const at = (off: number): Profile => [
    measure({ space: x, positions: [3 / 8, 7 / 8], masses: [0.5 + off, 0.5 - off] }),
    measure({ space: y, positions: [1 / 8, 5 / 8] }),
  ];
  const sizes = (mass: number) => ({ mass, position: mass / 40 });

  test.each([
    [0.08, -0.01282, 900],
    [0.04, -0.003132, 2400],
    [0.02, -0.000803, 6000],
  ])('eta = %d: mirror-prox contracts by log sqrt((1 - s^2)^2 + s^2), predicted and measured', (eta, slope, steps) => {
    const s = 2 * eta;
    const exact = 0.5 * Math.log((1 - s * s) ** 2 + s * s);
    const predicted = rate(game, 'mirror-prox', sizes(eta), at(0));
    expect(predicted.errorSlope / exact).toBeCloseTo(1, 4);
    expect(predicted.angle).toBeCloseTo(Math.atan2(s, 1 - s * s), 6);
    expect([predicted.verdict, predicted.cycling]).toEqual(['contracts', false]);
    const measured = measuredSlope(game, 'mirror-prox', sizes(eta), { start: at(1e-3), steps });
    expect(Math.abs(measured / predicted.errorSlope - 1)).toBeLessThan(0.05);
    expect(Math.abs(measured / slope - 1)).toBeLessThan(0.05);
  });

  test('descent-ascent spirals out by sqrt(1 + s^2), and is warned of', () => {
    const { spectralRadius, verdict, cycling, residual } = rate(game, 'wfr', sizes(0.04), at(0));
    expect(spectralRadius).toBeCloseTo(Math.hypot(1, 0.08), 8);
    expect([verdict, cycling]).toEqual(['diverges', true]);
    expect(residual).toBeLessThan(1e-14);
  });

  test('in turns it circles for ever: an undamped pair', () => {
    const { verdict, cycling } = rate(game, 'wfr', { ...sizes(0.04), order: 'alternating' }, at(0));
    expect([verdict, cycling]).toEqual(['cycles', true]);
  });

  test('many ghost steps contract by the implicit step, |1 / (1 - is)|', () => {
    const { spectralRadius } = rate(game, 'mirror-prox', { ...sizes(0.04), ghostSteps: 20 }, at(0));
    expect(spectralRadius).toBeCloseTo(1 / Math.hypot(1, 0.08), 7);
  });
});

describe('pure saddles', () => {
  const line = box([[-1, 1]]);
  const game = zeroSumGame({ payoff: 'x^2/2 + 2*x*y - y^2/2', spaces: [line, line] });
  const at = (place: number): Profile => [place, place / 2].map((p) => measure({ space: line, positions: [p] }));
  const h = 0.1;

  test('gradient steps have the eigenvalues 1 - h -+ 2ih, and the error falls twice as fast as the distance', () => {
    const found = rate(game, 'gradient', { mass: 0, position: h }, at(0));
    expect(Array.from(found.real)).toEqual([expect.closeTo(1 - h, 8), expect.closeTo(1 - h, 8)]);
    expect(Array.from(found.imaginary)).toEqual([expect.closeTo(2 * h, 8), expect.closeTo(-2 * h, 8)]);
    expect(found.errorSlope).toBeCloseTo(Math.log((1 - h) ** 2 + 4 * h * h), 8);
    const measured = measuredSlope(game, 'gradient', { mass: 0, position: h }, { start: at(0.5), steps: 120 });
    expect(Math.abs(measured / found.errorSlope - 1)).toBeLessThan(0.05);
  });

  test('optimistic steps have the larger roots of their recursion, memory and all', () => {
    const found = rate(game, 'optimistic', { mass: 0, position: h }, at(0));
    // With the multiplier g = -h (1 -+ 2i) of the field: root^2 - (1 + 2g) root + g = 0.
    const [re, im] = [-h, 2 * h];
    const [bRe, bIm] = [1 + 2 * re, 2 * im];
    const [dRe, dIm] = [bRe * bRe - bIm * bIm - 4 * re, 2 * bRe * bIm - 4 * im];
    const modulus = Math.hypot(dRe, dIm);
    const root = [Math.sqrt((modulus + dRe) / 2), Math.sign(dIm) * Math.sqrt((modulus - dRe) / 2)];
    expect(found.spectralRadius).toBeCloseTo(Math.hypot((bRe + root[0]) / 2, (bIm + root[1]) / 2), 7);
  });

  test('on spheres the tangent directions count, two for each atom', () => {
    const ball = sphere(3);
    const poles = zeroSumGame({ payoff: 'x[2] - y[2] + x[0]*y[0]', spaces: [ball, ball] });
    const south = [0, 1].map(() => measure({ space: ball, positions: [0, 0, -1] }));
    const { real, imaginary } = rate(poles, 'gradient', { mass: 0, position: h }, south);
    expect(Array.from(real)).toEqual(new Array(4).fill(expect.closeTo(1 - h, 6)));
    expect(Array.from(imaginary)).toEqual([h, -h, 0, 0].map((value) => expect.closeTo(value, 6)));
  });
});

test('atoms pressed against a wall do not count: the guessing game, predicted and measured', () => {
  const { game } = guessingGame();
  const [x, y] = game.spaces;
  const at = (off: number): Profile => [
    measure({ space: x, positions: [off] }),
    measure({ space: y, positions: [-1, 1], masses: [0.5 + off, 0.5 - off] }),
  ];
  const sizes = { mass: 0.1, position: 0.05 };
  const found = rate(game, 'mirror-prox', sizes, at(0));
  expect(found.real.length).toBe(2);
  // x, and the odds of y: y stays at both walls.
  const measured = measuredSlope(game, 'mirror-prox', sizes, { start: at(0.01), steps: 240 });
  expect(Math.abs(measured / found.errorSlope - 1)).toBeLessThan(0.05);
});

test('the replicator circles around the equilibrium of a coin game, Hedge leaves it, mirror-prox goes there', () => {
  const coin = matrixGame([
    [1, -1],
    [-1, 1],
  ]);
  const even = coin.spaces.map((space) => measure({ space, positions: [0, 1] }));
  const eta = { mass: 0.05, position: 0 };
  const radii = (['replicator', 'hedge', 'mass-mirror-prox'] as const).map((name) => rate(coin, name, eta, even));
  expect(radii.map(({ verdict }) => verdict)).toEqual(['cycles', 'diverges', 'contracts']);
  // The log-odds a of one move by -+2 eta tanh(b / 2), b those of the other: a rotation of speed 1 in first order.
  expect(radii[1].spectralRadius).toBeCloseTo(Math.hypot(1, 0.05), 8);
});

test('noise and empty atoms are refused', () => {
  const { game } = torusCounterexample();
  const [x, y] = game.spaces;
  const profile = [measure({ space: x, positions: [0.3, 0.8], masses: [1, 0] }), measure({ space: y, positions: [0] })];
  expect(() => rate(game, 'wfr', { mass: 0.1, position: 0.01 }, profile)).toThrow('player 0 has atoms without mass');
  expect(() => rate(game, 'langevin', { mass: 0, position: 0.01 }, profile)).toThrow(
    'a scheme with noise has no linear step',
  );
});
