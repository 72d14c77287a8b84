import { describe, expect, test } from 'vitest';
import type { Energy } from '../energy/energy.js';
import { polymatrixGame } from '../energy/polymatrixGame.js';
import { matrixGame } from '../energy/zeroSumGame.js';
import { deriveKey, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { follow, profileDistance } from '../stepper/order.js';
import { rk4 } from '../stepper/rungeKutta.js';
import { quadraticEnergy, rotationGame, wfrQuadratic } from '../testing/closedFlows.js';
import { checkFlowProfile } from './checkFlow.js';
import { addFlows, scaleFlow } from './combineFlows.js';
import { withJumps, withNoise } from './decorate.js';
import { fieldFlow, gameFlow } from './fieldFlow.js';
import type { Flow } from './flow.js';
import { freezeMasses, freezePositions } from './freeze.js';
import { gradientFlow } from './gradientFlow.js';
import { minibatch, type RowEnergy } from './minibatch.js';
import { allocateTangents } from './tangents.js';
import { merge } from './thinning.js';

const context = { time: 0, step: 0, key: randomKey(1) };
const problem = wfrQuadratic('positive');
const { flow, initial } = problem;
const tangentOf = (of: Flow, profile: Profile = initial, at = context): readonly Tangent[] => {
  const out = allocateTangents(of, profile);
  of.tangentInto(out, profile, at);
  return out;
};

describe('combining flows', () => {
  test('transport and reaction frozen in turn add up to the flow, to the bit', () => {
    const whole = addFlows(freezeMasses(flow), freezePositions(flow));
    expect(tangentOf(whole)).toEqual(tangentOf(flow));
    expect([whole.transports[0], whole.reacts[0]]).toEqual([true, true]);
  });

  test('a sum of flows has the sum of tangents, also where only one part reacts', () => {
    const drift = gradientFlow(quadraticEnergy(2), wasserstein({ rate: 3 }));
    const [a, b, sum] = [tangentOf(flow)[0], tangentOf(drift)[0], tangentOf(addFlows(flow, drift))[0]];
    expect(b.growth).toBeNull();
    expect(sum.growth).toEqual(a.growth);
    const expected = Array.from(a.velocity ?? [], (v, c) => v + (b.velocity?.[c] ?? 0));
    expect(Array.from(sum.velocity ?? [])).toEqual(expected);
  });

  test('a flow at twice the speed arrives in half the time', () => {
    const fast = follow(rk4(), { flow: scaleFlow(2, flow), initial, time: 0.5 }, 40);
    expect(profileDistance(fast, problem.exact(1))).toBeLessThan(1e-6);
  });

  test('a flow run backwards returns to its start', () => {
    const there = follow(rk4(), { flow, initial, time: 0.5 }, 40);
    const back = follow(rk4(), { flow: scaleFlow(-1, flow), initial: there, time: 0.5 }, 40);
    expect(profileDistance(back, initial)).toBeLessThan(1e-6);
  });

  test('temperatures add, and scale with the flow', () => {
    const noisy = addFlows(withNoise(flow, 0.5), withNoise(flow, 0.25));
    expect(noisy.noise).toEqual([{ player: 0, temperature: 0.75 }]);
    expect(scaleFlow(3, noisy).noise).toEqual([{ player: 0, temperature: 2.25 }]);
    expect(withNoise(flow, 0)).toBe(flow);
  });

  test('conserves mass where every part does', () => {
    const keeps = gradientFlow(quadraticEnergy(2), wasserstein());
    expect(addFlows(keeps, keeps).conservesMass(0, 'positive')).toBe(true);
    expect(addFlows(keeps, flow).conservesMass(0, 'positive')).toBe(false);
    expect(freezeMasses(flow).conservesMass(0, 'positive')).toBe(true);
  });

  test('keeps the field of the only part that has one', () => {
    const { field, metrics: _, ...bare } = flow;
    expect(addFlows(bare, flow).field).toBe(field);
    expect(addFlows(flow, flow).field).toBeUndefined();
  });

  test('is refused where players differ or diffusion would run backwards', () => {
    expect(() => addFlows(flow, rotationGame().flow)).toThrow(/different players, got \(2\), \(1, 1\)/);
    expect(() => addFlows()).toThrow(/a sum needs a flow/);
    expect(() => scaleFlow(-1, withNoise(flow, 1))).toThrow(/factor is not usable, got -1/);
    expect(() => scaleFlow(2, withJumps(flow, merge({ radius: 1 })))).toThrow(/jumps keep their own rates/);
  });
});

describe('freezing', () => {
  test('leaves bits of the frozen part alone while the other moves', () => {
    const still = follow(rk4(), { flow: freezePositions(flow), initial, time: 1 }, 5)[0];
    expect(still.positions).toEqual(initial[0].positions);
    expect(still.masses[0]).not.toBe(initial[0].masses[0]);
    const kept = follow(rk4(), { flow: freezeMasses(flow), initial, time: 1 }, 5)[0];
    expect(kept.logMasses).toEqual(initial[0].logMasses);
    expect(kept.positions[0]).not.toBe(initial[0].positions[0]);
  });

  test('can be for one player: the other still moves as before', () => {
    const game = rotationGame();
    const [x, y] = tangentOf(freezePositions(game.flow, [0]), game.initial);
    expect(x.velocity).toBeNull();
    expect(y.velocity).toEqual(tangentOf(game.flow, game.initial)[1].velocity);
    expect(() => freezePositions(game.flow, [2])).toThrow(/no such player, got 2/);
  });

  test('splits the dissipation of a gradient flow into its two parts', () => {
    const [whole, moving, reacting] = [flow, freezeMasses(flow), freezePositions(flow)].map((f) =>
      f.dissipation?.(initial, context),
    );
    expect(moving).toBeGreaterThan(0.1);
    expect((moving ?? 0) + (reacting ?? 0)).toBeCloseTo(whole ?? Number.NaN, 12);
  });

  test('takes noise along with positions, and jumps along with masses', () => {
    const busy = withJumps(withNoise(flow, 1), merge({ radius: 1 }));
    expect([freezePositions(busy).noise.length, freezePositions(busy).jumps.length]).toEqual([0, 1]);
    expect([freezeMasses(busy).noise.length, freezeMasses(busy).jumps.length]).toEqual([1, 0]);
  });
});

describe('a gradient flow', () => {
  const heated = (temperature: number): Energy => ({ ...quadraticEnergy(2), temperature });

  test('predicts the dissipation that differences of the energy show', () => {
    const energy = quadraticEnergy(2);
    const h = 1e-5;
    for (const t of [0, 0.4]) {
      const slope = (energy.value(problem.exact(t + h)[0]) - energy.value(problem.exact(t - h)[0])) / (2 * h);
      expect(flow.dissipation?.(problem.exact(t), context)).toBeCloseTo(-slope, 5);
    }
  });

  test('follows an entropy by noise of its temperature times the transport rate', () => {
    expect(gradientFlow(heated(0.3), wasserstein({ rate: 2 })).noise).toEqual([{ player: 0, temperature: 0.6 }]);
    expect(gradientFlow(heated(0.3), wasserstein(), { noise: 0.1 }).noise).toEqual([{ player: 0, temperature: 0.4 }]);
    expect(gradientFlow(heated(0.3), wasserstein()).dissipation).toBeUndefined();
  });

  test('refuses an entropy that noise cannot follow', () => {
    expect(() => gradientFlow(heated(1), fisherRao())).toThrow(/only be followed by noise.*moves no atoms/);
    const blocks = [{ start: 0, end: 1, rate: 0.5 }];
    expect(() => gradientFlow(heated(1), wasserstein({ blocks }))).toThrow(/only be followed by noise.*several rates/);
  });

  test('refuses to move atoms along an energy without gradient, not to change masses', () => {
    const jumpy = { ...quadraticEnergy(2), smooth: false };
    expect(() => gradientFlow(jumpy, wassersteinFisherRao())).toThrow(/quadratic has no gradient/);
    expect(gradientFlow(jumpy, fisherRao()).reacts).toEqual([true]);
  });

  test('refuses negative noise, and noise of a player that does not exist', () => {
    expect(() => gradientFlow(quadraticEnergy(2), wasserstein(), { noise: -1 })).toThrow(
      /temperature is not usable, got -1/,
    );
    expect(() => withNoise(flow, [{ player: 1, temperature: 1 }])).toThrow(/player that does not exist, got 1/);
  });
});

describe('a game flow', () => {
  test('conserves the divergence from a full-support equilibrium under the replicator equation', () => {
    const game = matrixGame([
      [1, -1],
      [-1, 1],
    ]);
    const start = [
      measure({ space: finite(2), positions: [0, 1], masses: [0.2, 0.8] }),
      measure({ space: finite(2), positions: [0, 1], masses: [0.6, 0.4] }),
    ];
    // KL(mu* | mu) + KL(nu* | nu) with both equilibria uniform, up to a constant.
    const divergence = (profile: Profile) =>
      -profile.reduce((sum, mu) => sum + (mu.logMasses[0] + mu.logMasses[1]) / 2, 0);
    const end = follow(rk4(), { flow: gameFlow(game, fisherRao()), initial: start, time: 10 }, 400);
    expect(divergence(end)).toBeCloseTo(divergence(start), 6);
    expect(profileDistance(end, start)).toBeGreaterThan(0.01);
  });

  test('serves three players, each with a metric of its own', () => {
    const line = euclidean(1);
    const pairs = [0, 1, 2].flatMap((player) =>
      [0, 1, 2]
        .filter((other) => other !== player)
        .map((other) => ({ player, opponent: other, cost: `${player + 1} * x * y` })),
    );
    const game = polymatrixGame({ spaces: [line, line, line], costs: pairs });
    const three = gameFlow(game, [wasserstein(), wasserstein({ rate: 2 }), wassersteinFisherRao()]);
    const profile = [2, 3, 5].map((x) => measure({ space: line, positions: [x] }));
    const tangents = tangentOf(three, profile);
    expect(tangents.map(({ velocity }) => velocity?.[0])).toEqual([-8, -2 * 2 * 7, -3 * 5]);
    expect(tangents.map(({ growth }) => growth === null)).toEqual([true, true, false]);
    expect(three.dissipation).toBeUndefined();
  });

  test('refuses metrics that do not fit its players', () => {
    const { field } = rotationGame().flow;
    if (field === undefined) throw new Error('a game flow has a field');
    expect(() => fieldFlow(field, [wasserstein()])).toThrow(/1 metrics for 2 players/);
  });
});

describe('a profile is refused', () => {
  const game = matrixGame([[1, 2]]);
  const stated = gameFlow(game, fisherRao());
  const mu = (points: number) => measure({ space: finite(points), positions: [0] });

  test.each([
    ['with a player missing', flow, [], /another number of players, got 0 measures/],
    [
      'with other coordinates',
      flow,
      [measure({ space: euclidean(3), positions: [1, 2, 3] })],
      /1 atoms of 3 coordinates on euclidean\(3\)/,
    ],
    [
      'on another space',
      stated,
      [mu(5), mu(2)],
      /player 0 lives on another space, got finite\(5\), expected finite\(1\)/,
    ],
  ])('%s', (_, of, profile, message) => {
    expect(() => checkFlowProfile(of, profile)).toThrow(message);
  });
});

describe('a minibatch', () => {
  /** V_i = the mean over rows of row^2, so that an estimate shows which rows it saw. */
  const rows = 12;
  const energy: RowEnergy = {
    ...quadraticEnergy(1),
    name: 'rows',
    rowCount: rows,
    firstVariationOnRowsInto: ({ potential, gradient }, _mu, chosen) => {
      potential.fill(chosen.reduce((sum, row) => sum + row * row, 0) / chosen.length);
      gradient.fill(chosen.length);
    },
  };
  const full = Array.from({ length: rows }, (_, row) => row * row).reduce((a, b) => a + b) / rows;
  const profile = [measure({ space: euclidean(1), positions: [0] })];
  const valueAt = (field: ReturnType<typeof minibatch>, step: number, time = 0): number => {
    const out = [{ potential: new Float64Array(1), gradient: new Float64Array(1) }];
    field.evaluateInto(out, profile, { time, step, key: deriveKey(randomKey(3), step) });
    return out[0].potential[0];
  };

  test('is the same for all stages of a step, and again when the step is repeated', () => {
    const field = minibatch(energy, { size: 4 });
    const values = [0, 1, 2, 3].map((step) => valueAt(field, step));
    expect(new Set(values).size).toBeGreaterThan(1);
    expect([3, 0, 2, 1].map((step) => valueAt(field, step, 0.5))).toEqual([values[3], values[0], values[2], values[1]]);
  });

  test('of all rows is the full energy', () => {
    expect(valueAt(minibatch(energy, { size: rows }), 0)).toBe(full);
  });

  test.each([false, true])('estimates the mean over all rows without bias, with replacement %s', (withReplacement) => {
    const [size, draws] = [3, 4000];
    const field = minibatch(energy, { size, withReplacement });
    let sum = 0;
    for (let step = 0; step < draws; step++) sum += valueAt(field, step);
    const variance = Array.from({ length: rows }, (_, row) => (row * row - full) ** 2).reduce((a, b) => a + b) / rows;
    // Five standard errors of independent draws (fewer without replacement): false alarm 6e-7.
    expect(Math.abs(sum / draws - full)).toBeLessThan(5 * Math.sqrt(variance / size / draws));
  });

  test('of a table too large to permute has distinct rows in increasing order, of its key and step', () => {
    const seen: number[][] = [];
    const large: RowEnergy = {
      ...energy,
      rowCount: 2 ** 32,
      firstVariationOnRowsInto: (_out, _mu, chosen) => void seen.push([...chosen]),
    };
    const field = minibatch(large, { size: 100 });
    for (const step of [0, 1, 0]) valueAt(field, step);
    const [first, second, again] = seen;
    expect(again).toEqual(first);
    expect(second).not.toEqual(first);
    expect(first.every((row, k) => k === 0 || row > first[k - 1])).toBe(true);
    // The least of 100 uniform rows is in the upper half of the table once in 2^100 draws.
    expect(first[0]).toBeLessThan(2 ** 31);
    expect(first[99]).toBeGreaterThan(2 ** 31);
  });

  test('drives a gradient flow in place of the exact field, which then predicts no dissipation', () => {
    const driven = gradientFlow(energy, wasserstein(), { estimate: minibatch(energy, { size: 5 }) });
    expect(tangentOf(driven, profile)[0].velocity?.[0]).toBe(-5);
    expect(driven.dissipation).toBeUndefined();
    expect(driven.energy).toBe(energy);
  });

  test('refuses sizes that do not fit', () => {
    expect(() => minibatch(energy, { size: 13 })).toThrow(/batch size does not fit, got 13 of 12 rows/);
    expect(() => minibatch(energy, { size: 0, withReplacement: true })).toThrow(/got 0 of 12 rows/);
    expect(minibatch(energy, { size: 13, withReplacement: true }).dims).toEqual([1]);
  });
});
