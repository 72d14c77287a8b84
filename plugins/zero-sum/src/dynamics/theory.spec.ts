import {
  asSmooth,
  box,
  type Game,
  grid,
  measure,
  type Profile,
  simulate,
  torus,
  uniformOn,
  zeroSumGame,
} from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { doubleWellGame } from '../games/knownGames.js';
import { plantedGame } from '../games/plantedGame.js';
import { sphereGame } from '../games/sphereGame.js';
import { randomTrigonometricGame } from '../games/trigonometricGames.js';
import { gridStart } from '../starts.js';
import { type DynamicsName, type DynamicsOptions, dynamics, dynamicsNames } from './dynamics.js';
import { play } from './play.js';
import { profileAverage } from './profileAverage.js';
import { stepSizes } from './stepSizes.js';

test('on the double well conic mirror-prox is below 5e-5, 1e-8, 6e-12 at steps 300, 600, 900, within a factor of 3', () => {
  const { game } = doubleWellGame();
  const { flow, stepper } = dynamics(game, 'mirror-prox', { mass: 0.1, position: 0.01 });
  const initial = [gridStart(game.spaces[0], 15), gridStart(game.spaces[1], 16)];
  const { frames } = simulate({ flow, initial }, { stepper, dt: 1, maxSteps: 1200, record: { every: 300 } });
  const errors = frames.map(({ profile }) => nikaidoIsoda(game, profile, { tolerance: 1e-14 }).upper);
  [5e-5, 1e-8, 6e-12].forEach((expected, k) => {
    expect(errors[k + 1]).toBeLessThan(3 * expected);
    expect(errors[k + 1]).toBeGreaterThan(expected / 3);
  });
  expect(errors[4]).toBeLessThan(1e-12);
});

test('any two dynamics on one game give proven brackets that intersect: 5 random games, 8 ways to play', () => {
  const names: readonly DynamicsName[] = [
    'gradient',
    'optimistic',
    'langevin',
    'replicator',
    'hedge',
    'wfr',
    'mirror-prox',
  ];
  for (let seed = 0; seed < 5; seed++) {
    const game = randomTrigonometricGame({ seed, degree: 2 });
    const sizes = stepSizes(game);
    const initial = game.spaces.map((space, k) => gridStart(space, 8 + k));
    const profiles: Profile[] = names.map((name) => {
      const { flow, stepper } = dynamics(game, name, sizes);
      return simulate({ flow, initial }, { stepper, dt: 1, maxSteps: 60, seed, record: { every: 60 } }).profile;
    });
    profiles.push(...Array.from(play(game, 'fictitious-play', { maxSteps: 10 }), ({ profile }) => profile).slice(-1));
    const judged = profiles.map((profile) => nikaidoIsoda(game, profile, { tolerance: 1e-6 }));
    expect(judged.every(({ certified }) => certified)).toBe(true);
    const brackets = judged.map(({ value }) => value);
    const [lower, upper] = [Math.max(...brackets.map((b) => b.lower)), Math.min(...brackets.map((b) => b.upper))];
    expect(lower).toBeLessThanOrEqual(upper);
  }
});

test('two dynamics on one game give proven brackets that intersect, on intervals, tori, circles and spheres', () => {
  const families: Readonly<Record<string, (seed: number) => Game>> = {
    torus: (seed) => randomTrigonometricGame({ seed }),
    sphere: (seed) => sphereGame({ d: 2 + (seed % 6), seed }),
    planted: (seed) => plantedGame({ space: box([[-1, 1]]), atomsX: 2, atomsY: 1 + (seed % 3), value: 0.3, seed }).game,
  };
  const flows = ['gradient', 'optimistic', 'extragradient', 'langevin', 'replicator', 'hedge', 'wfr', 'mirror-prox'];
  const names = flows.filter((name): name is DynamicsName => dynamicsNames.some((known) => known === name));
  expect(names.length).toBeGreaterThan(6);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(families)),
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 2, maxLength: 2 }),
      fc.nat({ max: 1000 }),
      fc.integer({ min: 1, max: 60 }),
      (family, pair, seed, maxSteps) => {
        const game = asSmooth('test', families[family](seed));
        const sizes = stepSizes(game);
        const brackets = pair.map((name, k) => {
          const initial = game.spaces.map((space, player) => uniformOn(space, 6 + k, `${seed} ${name} ${player}`));
          const { flow, stepper, start } = dynamics(game, name, sizes);
          const { profile } = simulate({ flow, initial: start(initial) }, { stepper, dt: 1, maxSteps, seed });
          const { certified, value } = nikaidoIsoda(game, profile, { tolerance: 1e-3 });
          expect(certified).toBe(true);
          return value;
        });
        expect(Math.max(...brackets.map(({ lower }) => lower))).toBeLessThanOrEqual(
          Math.min(...brackets.map(({ upper }) => upper)),
        );
      },
    ),
    { seed: 17, numRuns: 40 },
  );
});

test('Langevin descent-ascent has the Gibbs law of its step: variance T / (1 - eta/2) on a quadratic', () => {
  // x' = (1 - eta) x + sqrt(2 eta T) xi has variance 2 eta T / (1 - (1 - eta)^2) = T / (1 - eta / 2); y sees nothing.
  const line = box([[-50, 50]]);
  const game = zeroSumGame({ payoff: 'x^2/2 - y^2/2', spaces: [line, line] });
  const [eta, temperature, atoms] = [0.1, 0.7, 4000];
  const { flow, stepper } = dynamics(game, 'langevin', { mass: 0, position: eta, temperature });
  const initial = game.spaces.map((space) => measure({ space, positions: new Float64Array(atoms) }));
  const { profile } = simulate({ flow, initial }, { stepper, dt: 1, maxSteps: 150, seed: 3, record: { every: 150 } });
  const expected = temperature / (1 - eta / 2);
  for (const { positions } of profile) {
    const variance = positions.reduce((sum, x) => sum + x * x, 0) / atoms;
    const mean = positions.reduce((sum, x) => sum + x, 0) / atoms;
    // Standard errors sqrt(2 / atoms) relative and sqrt(variance / atoms); 4.5 of them: four looks, false alarms below 3e-5.
    expect(Math.abs(variance / expected - 1)).toBeLessThan(4.5 * Math.sqrt(2 / atoms));
    expect(Math.abs(mean)).toBeLessThan(4.5 * Math.sqrt(expected / atoms));
  }
});

describe('the average of moving atoms', () => {
  const circle = torus(1);
  const at = (x: number): Profile => [measure({ space: circle, positions: [x, (x + 0.5) % 1], masses: [0.25, 0.75] })];

  test('is the mixture of all profiles while they fit', () => {
    const average = profileAverage(4);
    expect(average.profile()).toBeUndefined();
    for (const x of [0.1, 0.2, 0.3]) average.add(at(x));
    const [mu] = average.profile() as Profile;
    expect(Array.from(mu.positions)).toEqual([0.1, 0.6, 0.2, 0.7, 0.3, 0.8].map((x) => expect.closeTo(x, 14)));
    expect(Array.from(mu.masses)).toEqual([1, 3, 1, 3, 1, 3].map((m) => expect.closeTo(m / 12, 14)));
  });

  test('thins to equal distances in time: never more than its capacity, every stride-th profile', () => {
    for (const count of [5, 9, 16, 17, 100]) {
      const average = profileAverage(4);
      for (let t = 0; t < count; t++) average.add(at(t / 1000));
      const [mu] = average.profile() as Profile;
      const times = Array.from(mu.positions)
        .filter((_, i) => i % 2 === 0)
        .map((x) => Math.round(1000 * x));
      expect(times).toEqual(Array.from({ length: Math.ceil(count / average.stride) }, (_, k) => k * average.stride));
      expect(average.kept).toBeLessThanOrEqual(4);
      expect(mu.masses.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 13);
    }
  });

  test('brings descent-ascent, which leaves the equilibrium of the torus game, nearer than its last profile', () => {
    const game = zeroSumGame({ payoff: 'sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))', spaces: [circle, circle] });
    const options: DynamicsOptions = { mass: 0.02, position: 0.0005 };
    const { flow, stepper } = dynamics(game, 'wfr', options);
    const initial = [grid(circle, 10, 'centers'), grid(circle, 11, 'centers')];
    const { frames, profile } = simulate({ flow, initial }, { stepper, dt: 1, maxSteps: 4000, record: { every: 10 } });
    const average = profileAverage(64);
    for (const frame of frames) average.add(frame.profile);
    const error = (one: Profile): number => nikaidoIsoda(game, one, { tolerance: 1e-4 }).upper;
    expect(error(average.profile() as Profile)).toBeLessThan(error(profile) / 2);
  });
});
