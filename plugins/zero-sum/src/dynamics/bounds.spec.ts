import {
  adaptive,
  dopri5,
  type ExtragradientState,
  euler,
  fisherRao,
  type Game,
  gameFlow,
  matrixGame,
  measure,
  type Profile,
  type RandomStream,
  randomKey,
  randomStream,
  rk4,
  type Stepper,
  simulate,
  torus,
  totalMass,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { nikaidoIsodaOnGrid } from '../nikaidoIsoda.js';
import { type DynamicsName, dynamics } from './dynamics.js';
import { ergodicAverage } from './ergodicAverage.js';

type Matrix = readonly (readonly number[])[];

const randomMatrix = (n: number, m: number, random: RandomStream): Matrix =>
  Array.from({ length: n }, () => Array.from({ length: m }, () => random.normal()));

const positive = (count: number, random: RandomStream): number[] => {
  const raw = Array.from({ length: count }, () => 0.2 + random.uniform());
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / total);
};

const mixed = (game: Game, masses: readonly ArrayLike<number>[]): Profile =>
  masses.map((m, k) => measure({ space: game.spaces[k], positions: Array.from(m, (_, i) => i), masses: m }));

const uniform = (game: Game): Profile =>
  mixed(
    game,
    game.spaces.map(({ volume }) => new Array(volume).fill(1 / volume)),
  );

/** 200 games of 2 to 6 rows and columns with normal entries. */
const matrices = (label: string): Matrix[] => {
  const random = randomStream(randomKey(label));
  return Array.from({ length: 200 }, () => randomMatrix(2 + random.integer(5), 2 + random.integer(5), random));
};

/** Averages what `played` sees over the steps of a scheme from the uniform start, and gives its error. */
function averagedError(
  game: Game,
  name: DynamicsName,
  { eta, steps, half }: { readonly eta: number; readonly steps: number; readonly half: boolean },
): number {
  const { flow, stepper } = dynamics(game, name, { mass: eta, position: eta });
  let profile = uniform(game);
  let state = stepper.init(flow, profile);
  const averages = profile.map(({ count }) => ergodicAverage(count));
  for (let step = 0; step < steps; step++) {
    const before = profile.map(({ masses }) => masses.slice());
    const result = stepper.step(flow, profile, { time: step, step, dt: 1, key: randomKey(0) }, state);
    const played = half ? (result.state as ExtragradientState).half.map(({ masses }) => masses) : before;
    for (const [k, average] of averages.entries()) average.add(played[k]);
    [profile, state] = [result.next, result.state];
  }
  return nikaidoIsodaOnGrid(
    game,
    mixed(
      game,
      averages.map((average) => average.masses()),
    ),
  ).error;
}

describe('200 random matrices hold the bounds of the literature', () => {
  // Both are theorems, so there are no false alarms; the worst of 40 comes within 12 % of each bound.
  test.each([0.02, 0.1, 0.5])('Hedge, eta = %d: NI(average) <= (log n + log m)/(eta T) + eta R^2/4', (eta) => {
    for (const payoff of matrices('Hedge')) {
      const range = Math.max(...payoff.flat()) - Math.min(...payoff.flat());
      const steps = 300;
      const entropy = Math.log(payoff.length) + Math.log(payoff[0].length);
      const error = averagedError(matrixGame(payoff), 'hedge', { eta, steps, half: false });
      expect(error).toBeGreaterThanOrEqual(-1e-14);
      expect(error).toBeLessThanOrEqual(entropy / (eta * steps) + (eta * range ** 2) / 4);
    }
  });

  test.each([20, 200])('mirror-prox, T = %i: NI(average of half steps) <= max|A| (log n + log m)/T', (steps) => {
    for (const payoff of matrices('mirror-prox')) {
      const largest = Math.max(...payoff.flat().map(Math.abs));
      const entropy = Math.log(payoff.length) + Math.log(payoff[0].length);
      const error = averagedError(matrixGame(payoff), 'mass-mirror-prox', { eta: 1 / largest, steps, half: true });
      expect(error).toBeGreaterThanOrEqual(-1e-14);
      expect(error).toBeLessThanOrEqual((largest * entropy) / steps);
    }
  });
});

/** A matrix game with the given equilibrium of full support and value: rows and columns of B balanced against it. */
function planted(p: readonly number[], q: readonly number[], value: number, random: RandomStream): Game {
  const b = randomMatrix(p.length, q.length, random);
  const rows = b.map((row) => row.reduce((sum, entry, j) => sum + entry * q[j], 0));
  const columns = q.map((_, j) => b.reduce((sum, row, i) => sum + row[j] * p[i], 0));
  const mean = rows.reduce((sum, entry, i) => sum + entry * p[i], 0);
  return matrixGame(b.map((row, i) => row.map((entry, j) => entry - rows[i] - columns[j] + mean + value)));
}

const divergence = (p: readonly number[], logMasses: Float64Array): number =>
  p.reduce((sum, share, i) => sum + share * (Math.log(share) - logMasses[i]), 0);

describe('Fisher-Rao flow of a game with an equilibrium of full support', () => {
  const random = randomStream(randomKey('planted'));
  const cases = [
    [2, 2],
    [3, 3],
    [4, 4],
    [3, 5],
  ].map(([n, m]) => {
    const [p, q] = [positive(n, random), positive(m, random)];
    const game = planted(p, q, 0.7, random);
    return { title: `${n} x ${m}`, p, q, game, initial: mixed(game, [positive(n, random), positive(m, random)]) };
  });

  test.each(cases)('$title: the planted pair is an equilibrium of the planted value', ({ game, p, q }) => {
    const { error, lower, upper } = nikaidoIsodaOnGrid(game, mixed(game, [p, q]));
    expect(Math.abs(error)).toBeLessThan(1e-14);
    expect([lower, upper]).toEqual([expect.closeTo(0.7, 13), expect.closeTo(0.7, 13)]);
  });

  const sums = (test: (typeof cases)[number], stepper: Stepper, dt: number): number[] => {
    const plan = { stepper, dt, maxTime: 30, record: { every: 1 } };
    const { frames } = simulate({ flow: gameFlow(test.game, fisherRao()), initial: test.initial }, plan);
    return frames.map(({ profile: [mu, nu] }) => divergence(test.p, mu.logMasses) + divergence(test.q, nu.logMasses));
  };
  const drift = (values: readonly number[]): number =>
    Math.max(...values.map((value) => Math.abs(value / values[0] - 1)));

  test.each(cases)('$title: KL(mu*|mu) + KL(nu*|nu) is conserved, to the tolerance of an adaptive stepper', (game) => {
    const stepper = adaptive(dopri5(), { rtol: 1e-10, atol: 1e-12 });
    expect(drift(sums(game, stepper, 0.1))).toBeLessThan(1e-8);
    expect(drift(sums(game, rk4(), 0.02))).toBeLessThan(1e-7);
  });

  test.each(cases)('$title: while each of both moves, and explicit steps let the sum grow', (game) => {
    const plan = { stepper: rk4(), dt: 0.02, maxTime: 30, record: { every: 1 } };
    const { frames } = simulate({ flow: gameFlow(game.game, fisherRao()), initial: game.initial }, plan);
    expect(drift(frames.map(({ profile }) => divergence(game.p, profile[0].logMasses)))).toBeGreaterThan(0.1);
    const spiral = sums(game, euler(), 0.02);
    expect(spiral[spiral.length - 1]).toBeGreaterThan(spiral[0] * (1 + 1e-3));
  });
});

describe('positive measures, without normalization', () => {
  const circle = torus(1);
  const game = zeroSumGame({
    payoff: 'cos(2*pi*(x - y)) + 0.5*sin(4*pi*x)*cos(2*pi*y) - 0.3*sin(2*pi*y) + 0.2',
    spaces: [circle, circle],
  });
  const random = randomStream(randomKey('positive'));
  const initial = [1.5, 0.8].map((total, k) =>
    measure({
      space: circle,
      positions: Array.from({ length: 5 + k }, () => random.uniform()),
      masses: positive(5 + k, random).map((mass) => mass * total),
      kind: 'positive',
    }),
  );
  const metrics = { 'Fisher-Rao': fisherRao({ alpha: 1.3 }), WFR: wassersteinFisherRao({ alpha: 1.3, gamma: 0.02 }) };

  test.each(Object.entries(metrics))('%s: the total of both masses is conserved while each moves', (_, metric) => {
    const { profile, frames } = simulate(
      { flow: gameFlow(game, metric), initial },
      { stepper: adaptive(dopri5(), { rtol: 1e-11, atol: 1e-13 }), dt: 0.05, maxTime: 4, record: { every: 5 } },
    );
    const total = (state: Profile): number => state.reduce((sum, mu) => sum + totalMass(mu), 0);
    for (const frame of frames) expect(total(frame.profile)).toBeCloseTo(2.3, 9);
    expect(Math.abs(totalMass(profile[0]) - 1.5)).toBeGreaterThan(0.05);
  });

  test('at rates of their own each mass counts by its rate: m_x / alpha_x + m_y / alpha_y is conserved, not the sum', () => {
    const { profile } = simulate(
      { flow: gameFlow(game, [fisherRao({ alpha: 1 }), fisherRao({ alpha: 2 })]), initial },
      { stepper: rk4(), dt: 0.02, maxTime: 1 },
    );
    const scaled = totalMass(profile[0]) + totalMass(profile[1]) / 2;
    expect(scaled).toBeCloseTo(1.5 + 0.8 / 2, 7);
    expect(Math.abs(totalMass(profile[0]) + totalMass(profile[1]) - 2.3)).toBeGreaterThan(1e-3);
  });
});
