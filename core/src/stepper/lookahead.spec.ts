import { describe, expect, test } from 'vitest';
import { zeroSumGame } from '../energy/zeroSumGame.js';
import { birthDeath } from '../flow/birthDeath.js';
import { gameFlow } from '../flow/fieldFlow.js';
import { randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Profile } from '../measure/measure.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { simulate } from '../run/simulate.js';
import { euclidean } from '../space/euclidean.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { alternating } from './alternating.js';
import { extragradient } from './extragradient.js';
import { optimistic } from './optimistic.js';
import { euler, rk4 } from './rungeKutta.js';
import type { Stepper } from './stepper.js';

/** Both players at single points of lines, payoff x y: the field is a rotation of the plane. */
const rotation = () => {
  const line = euclidean(1);
  const game = zeroSumGame({ payoff: 'x*y', spaces: [line, line] });
  const initial = [1, 0].map((x) => measure({ space: line, positions: [x] }));
  return { flow: gameFlow(game, wasserstein()), initial };
};

/** Points of the plane after every step. */
function orbit(stepper: Stepper, dt: number, maxSteps: number): readonly (readonly [number, number])[] {
  const { frames } = simulate(rotation(), { stepper, dt, maxSteps, record: { every: 1 } });
  return frames.map(({ profile }) => [profile[0].positions[0], profile[1].positions[0]]);
}

const contraction = (points: readonly (readonly [number, number])[], from: number): number => {
  const last = points.length - 1;
  return (Math.hypot(...points[last]) / Math.hypot(...points[from])) ** (1 / (last - from));
};

describe('on the rotation with step s', () => {
  const steps = [0.05, 0.1, 0.3];

  test.each(steps)('s = %d: optimistic steps contract by the larger root of their recursion', (s) => {
    // half_(k+1) = (1 + 2is) half_k - is half_(k-1); the other root has died out after 200 steps.
    const expected = Math.hypot((1 + Math.sqrt(1 - 4 * s * s)) / 2, s);
    expect(contraction(orbit(optimistic(), s, 1000), 200)).toBeCloseTo(expected, 12);
  });

  test.each(steps)('s = %d: g ghost steps contract by |1 + is + ... + (is)^(g + 1)|, near the implicit step', (s) => {
    for (const ghostSteps of [0, 1, 2, 5]) {
      const power = (k: number): readonly [number, number] => [[s ** k, 0] as const, [0, s ** k] as const][k % 2];
      let [re, im] = [0, 0];
      for (let k = 0; k <= ghostSteps + 1; k++) {
        const sign = k % 4 < 2 ? 1 : -1;
        re += sign * power(k)[0];
        im += sign * power(k)[1];
      }
      expect(contraction(orbit(extragradient({ ghostSteps }), s, 60), 0)).toBeCloseTo(Math.hypot(re, im), 12);
    }
    const many = contraction(orbit(extragradient({ ghostSteps: 40 }), s, 60), 0);
    expect(many).toBeCloseTo(1 / Math.hypot(1, s), 12);
  });

  test.each(steps)('s = %d: alternating Euler steps neither spiral in nor out: x^2 + y^2 - s x y is conserved', (s) => {
    const points = orbit(alternating(euler()), s, 500);
    for (const [x, y] of points) expect(x * x + y * y - s * x * y).toBeCloseTo(1, 11);
    const [x, y] = points[1];
    expect([x, y]).toEqual([1, s]);
    expect(contraction(orbit(euler(), s, 500), 0)).toBeCloseTo(Math.hypot(1, s), 12);
  });
});

describe('optimistic steps', () => {
  const circle = torus(1);
  const game = zeroSumGame({ payoff: 'cos(2*pi*(x - y)) + 0.4*sin(4*pi*x)', spaces: [circle, circle] });
  const initial: Profile = [
    measure({ space: circle, positions: [0.1, 0.45, 0.7], masses: [0.2, 0.5, 0.3] }),
    measure({ space: circle, positions: [0.2, 0.6] }),
  ];

  test('cost one evaluation a step, and one more in the first', () => {
    const { evaluations } = simulate(
      { flow: gameFlow(game, fisherRao()), initial },
      { stepper: optimistic(), dt: 0.1, maxSteps: 9 },
    );
    expect(evaluations).toBe(10);
  });

  test('on masses are optimistic Hedge: log-masses move by twice the last growth minus the one before', () => {
    const flow = gameFlow(game, fisherRao());
    const stepper = optimistic();
    let state = stepper.init(flow, initial);
    let profile = initial;
    const halves: number[][] = [];
    for (let step = 0; step < 3; step++) {
      const result = stepper.step(flow, profile, { time: step, step, dt: 0.3, key: randomKey(0) }, state);
      [profile, state] = [result.next, result.state];
      halves.push(Array.from(state.half[0].logMasses), Array.from(state.tangents[0].growth ?? []));
    }
    const [, growth1, half2, growth2, half3] = halves;
    const moved = half2.map((logMass, i) => logMass + 0.3 * (2 * growth2[i] - growth1[i]));
    const total = Math.log(moved.reduce((sum, logMass) => sum + Math.exp(logMass), 0));
    half3.forEach((logMass, i) => {
      expect(logMass).toBeCloseTo(moved[i] - total, 13);
    });
  });

  test('on a sphere project the remembered velocity, and atoms stay on it', () => {
    const ball = sphere(3);
    const duel = zeroSumGame({ payoff: 'dot(x, y) + x[0]*y[1]', spaces: [ball, ball] });
    const start = [
      measure({ space: ball, positions: [1, 0, 0, 0, 0.6, 0.8] }),
      measure({ space: ball, positions: [0, 1, 0] }),
    ];
    const plan = { stepper: optimistic(), dt: 0.2, maxSteps: 100 };
    const { profile } = simulate({ flow: gameFlow(duel, wassersteinFisherRao()), initial: start }, plan);
    for (const mu of profile) {
      for (let i = 0; i < mu.count; i++) expect(ball.contains(mu.positions, 3 * i, 1e-12)).toBe(true);
    }
  });

  test('start anew where other atoms have come, even as many as before', () => {
    const jump = birthDeath({ player: 0, rate: 5 });
    const flow = gameFlow(game, wassersteinFisherRao({ gamma: 0.01 }), { jumps: [jump] });
    const equal = [measure({ space: circle, positions: [0.05, 0.3, 0.55, 0.8] }), initial[1]];
    const { evaluations, frames } = simulate(
      { flow, initial: equal },
      { stepper: optimistic(), dt: 0.2, maxSteps: 40, record: { every: 1 } },
    );
    const changed = frames
      .slice(0, -1)
      .filter(({ profile }, k) => k > 0 && profile[0].ids.join() !== frames[k - 1].profile[0].ids.join());
    expect(changed.length).toBeGreaterThan(2);
    expect(evaluations).toBe(41 + changed.length);
  });
});

test('alternating players by rk4 follow a flow that does not couple them exactly as rk4 does', () => {
  const line = euclidean(1);
  const game = zeroSumGame({ payoff: 'x^2/2 - sin(y)', spaces: [line, line] });
  const initial = [measure({ space: line, positions: [1, -2] }), measure({ space: line, positions: [0.3] })];
  const problem = { flow: gameFlow(game, wassersteinFisherRao()), initial };
  const [a, b] = [alternating(rk4()), rk4()].map(
    (stepper) => simulate(problem, { stepper, dt: 0.1, maxSteps: 7 }).profile,
  );
  a.forEach((mu, k) => {
    mu.positions.forEach((x, i) => {
      expect(x).toBeCloseTo(b[k].positions[i], 14);
    });
  });
});

test('ghost steps that are no number of looks are refused', () => {
  expect(() => extragradient({ ghostSteps: 1.5 })).toThrow(
    '[extragradient] ghostSteps is not a number of looks ahead, got 1.5',
  );
});
