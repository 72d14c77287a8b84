import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { scaleFlow } from '../flow/combineFlows.js';
import { withNoise } from '../flow/decorate.js';
import type { Flow, StepContext } from '../flow/flow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure, Profile } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { snapshot } from '../measure/working.js';
import { fisherRao } from '../metric/fisherRao.js';
import { wasserstein } from '../metric/wasserstein.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { torus } from '../space/torus.js';
import {
  crowdingEnergy,
  quadraticEnergy,
  rotationGame,
  sphereHeight,
  torusCosine,
  wfrQuadratic,
} from '../testing/closedFlows.js';
import { adaptive } from './adaptive.js';
import { checkStepper } from './checkStepper.js';
import { doubling } from './doubling.js';
import { eulerMaruyama } from './eulerMaruyama.js';
import { extragradient } from './extragradient.js';
import { mirror } from './mirror.js';
import { follow, profileDistance } from './order.js';
import { dopri5, euler, heun, rk4 } from './rungeKutta.js';
import { lieSplitting, strangSplitting } from './splitting.js';
import type { Stepper } from './stepper.js';

const all: readonly Stepper[] = [
  euler(),
  heun(),
  rk4(),
  dopri5(),
  eulerMaruyama(),
  mirror(),
  mirror({ divergence: 'hellinger' }),
  extragradient(),
  extragradient({ ratio: true }),
  lieSplitting(),
  strangSplitting(),
  doubling(heun()),
  adaptive(dopri5(), { rtol: 1e-5, atol: 1e-8 }),
  adaptive(doubling(heun()), { rtol: 1e-3, atol: 1e-6 }),
];
const at = (step: number, dt: number): StepContext => ({ time: step * dt, dt, step, key: randomKey(step) });

describe.each(all)('$name', (stepper) => {
  const problem = wfrQuadratic('probability');

  test('keeps the mass of a probability to 1e-12 over 50 steps', () => {
    const [end] = follow(stepper, { ...problem, time: 2 }, 50);
    expect(Math.abs(end.masses.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
  });

  test('never writes to the profile it is given, and leaves a result alone during the step after it', () => {
    let profile: Profile = problem.initial;
    const state = stepper.init(problem.flow, profile);
    for (let step = 0; step < 6; step++) {
      const copy = profile.map(snapshot);
      const { next } = stepper.step(problem.flow, profile, at(step, 0.3), state);
      profile.forEach((mu, k) => {
        expect(mu.positions).toEqual(copy[k].positions);
        expect(mu.logMasses).toEqual(copy[k].logMasses);
      });
      profile = next;
    }
  });

  test('repeats a step to the bit, whatever was tried in between', () => {
    const state = stepper.init(problem.flow, problem.initial);
    const first = stepper.step(problem.flow, problem.initial, at(0, 0.1), state).next.map(snapshot);
    const other = stepper.init(problem.flow, problem.initial);
    stepper.step(problem.flow, problem.initial, at(0, 0.02), other);
    stepper.step(problem.flow, problem.initial, at(7, 0.02), other);
    expect(
      profileDistance(
        stepper.step(problem.flow, problem.initial, at(0, 0.1), stepper.init(problem.flow, problem.initial)).next,
        first,
      ),
    ).toBe(0);
    if (stepper.memory === undefined) {
      expect(profileDistance(stepper.step(problem.flow, problem.initial, at(0, 0.1), other).next, first)).toBe(0);
    }
  });

  test('keeps atoms in a curved space and on a torus', () => {
    for (const { flow, initial } of [sphereHeight(), torusCosine()]) {
      const [end] = follow(stepper, { flow, initial, time: 1 }, 7);
      for (let i = 0; i < end.count; i++) expect(end.space.contains(end.positions, i * end.dim, 1e-12)).toBe(true);
    }
  });

  test('works for two players', () => {
    const { flow, initial, exact } = rotationGame();
    expect(profileDistance(follow(stepper, { flow, initial, time: 1 }, 400), exact(1))).toBeLessThan(3e-3);
  });

  test('follows masses down to log-mass -1000 without losing them', () => {
    const flow = gradientFlow(crowdingEnergy(0, [-700, 0]), fisherRao());
    const start = [measure({ space: finite(2), positions: [0, 1] })];
    const [end] = follow(stepper, { flow, initial: start, time: 2 }, 400);
    expect(end.masses[1]).toBe(1);
    expect(Number.isFinite(end.logMasses[0])).toBe(true);
    expect(end.logMasses[0]).toBeLessThan(-400);
  });
});

describe('the Hellinger step', () => {
  const growths = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 2, maxLength: 6 });

  property.prop([growths, fc.double({ min: 0.01, max: 5, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })], {
    seed: 4,
  })(
    'has mass 1 for any potential and step, and does not see a constant added to the potential',
    (potential, dt, constant) => {
      const step = (shift: number): Float64Array => {
        const space = finite(potential.length);
        const energy = crowdingEnergy(
          0,
          potential.map((v) => v + shift),
        );
        const start = measure({ space, positions: potential.map((_, i) => i) });
        return follow(
          mirror({ divergence: 'hellinger' }),
          { flow: gradientFlow(energy, fisherRao()), initial: [start], time: dt },
          1,
        )[0].masses;
      };
      const [plain, shifted] = [step(0), step(constant)];
      expect(Math.abs(plain.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
      plain.forEach((m, i) => {
        expect(Math.abs(m - shifted[i])).toBeLessThan(1e-10);
      });
    },
  );

  test('does not exist on positive measures where dt r >= 2: that mass becomes infinite', () => {
    const start = measure({ space: finite(1), positions: [0], kind: 'positive' });
    const flow = gradientFlow(crowdingEnergy(0, [5]), fisherRao());
    expect(follow(mirror({ divergence: 'hellinger' }), { flow, initial: [start], time: 1 }, 1)[0].logMasses[0]).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test('leaves atoms without mass without mass, whatever their potential', () => {
    const start = measure({ space: finite(3), positions: [0, 1, 2], masses: [0.5, 0.5, 0] });
    const flow = gradientFlow(crowdingEnergy(0, [1, 0, 1e6]), fisherRao());
    const [end] = follow(mirror({ divergence: 'hellinger' }), { flow, initial: [start], time: 0.5 }, 1);
    expect(end.masses[2]).toBe(0);
    expect(totalMass(end)).toBeCloseTo(1, 13);
  });
});

describe('extragradient', () => {
  const { flow, initial } = rotationGame();
  const radius = (profile: Profile): number => Math.hypot(profile[0].positions[0], profile[1].positions[0]);
  const dt = 0.3;

  test('contracts the bilinear game by sqrt((1 - dt^2)^2 + dt^2) a step while Euler expands by sqrt(1 + dt^2)', () => {
    const after = (stepper: Stepper): number => radius(follow(stepper, { flow, initial, time: 20 * dt }, 20));
    expect(after(extragradient())).toBeCloseTo(Math.hypot(1 - dt * dt, dt) ** 20, 10);
    expect(after(euler())).toBeCloseTo(Math.hypot(1, dt) ** 20, 10);
    expect(after(extragradient())).toBeLessThan(0.5);
  });

  test('in conic form moves an atom by its gradient at the half step times half mass over old mass', () => {
    const alpha = 3;
    const start = measure({ space: euclidean(1), kind: 'positive', positions: [2, 1], masses: [0.5, 0] });
    const wfr = gradientFlow(quadraticEnergy(1), wassersteinFisherRao({ alpha }));
    const [end] = follow(extragradient({ ratio: true }), { flow: wfr, initial: [start], time: 0.1 }, 1);
    const half = 2 - 0.1 * 2;
    const ratio = Math.exp(-0.1 * alpha * 2);
    expect(end.positions[0]).toBeCloseTo(2 - 0.1 * ratio * half, 14);
    expect(end.masses[0]).toBeCloseTo(0.5 * Math.exp((-0.1 * alpha * half * half) / 2), 14);
    expect([end.positions[1], end.masses[1]]).toEqual([1, 0]);
  });
});

describe('Euler-Maruyama', () => {
  const n = 20_000;
  const cloud = (space: Measure['space'], point: readonly number[], count = n): Measure =>
    measure({ space, positions: Array.from({ length: count }, () => point).flat() });

  test('has the mean and variance of the discrete Ornstein-Uhlenbeck law', () => {
    const [temperature, dt, steps] = [0.5, 0.1, 20];
    const flow = withNoise(gradientFlow(quadraticEnergy(1), wasserstein()), temperature);
    const [end] = follow(eulerMaruyama(), { flow, initial: [cloud(euclidean(1), [2])], time: dt * steps }, steps);
    let [mean, variance] = [2, 0];
    for (let k = 0; k < steps; k++) {
      mean *= 1 - dt;
      variance = (1 - dt) ** 2 * variance + 2 * temperature * dt;
    }
    const sampleMean = end.positions.reduce((a, b) => a + b) / n;
    const sampleVariance = end.positions.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n;
    // Gaussian samples, five standard errors each: false alarm 6e-7 twice.
    expect(Math.abs(sampleMean - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
    expect(Math.abs(sampleVariance / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });

  test('makes Brownian motion on the sphere: heights decay like exp(-2 T t)', () => {
    const { flow: still, initial } = sphereHeight();
    const [temperature, time] = [0.5, 0.5];
    const flow = withNoise(scaleFlow(0, still), temperature);
    const [end] = follow(eulerMaruyama(), { flow, initial: [cloud(initial[0].space, [0, 0, 1], 10_000)], time }, 40);
    let height = 0;
    for (let i = 0; i < end.count; i++) height += end.positions[3 * i + 2] / end.count;
    // Heights lie in [-1, 1] with standard deviation below 0.6: five standard errors 0.03, false alarm 6e-7, beside a weak
    // error of order dt, below 0.01.
    expect(Math.abs(height - Math.exp(-2 * temperature * time))).toBeLessThan(0.04);
  });

  test('gives atoms the noise of their ids: order of atoms and repetition do not matter', () => {
    const flow = withNoise(gradientFlow(quadraticEnergy(1), wasserstein()), 1);
    const ids = [5, 9, 7];
    const start = (order: readonly number[]) =>
      measure({ space: torus(1), positions: order.map((i) => 0.1 * i), ids: order.map((i) => ids[i]) });
    const run = (order: readonly number[]) =>
      follow(eulerMaruyama(), { flow, initial: [start(order)], time: 0.1 }, 3)[0];
    const [plain, turned] = [run([0, 1, 2]), run([2, 0, 1])];
    expect([turned.positions[1], turned.positions[2], turned.positions[0]]).toEqual(Array.from(plain.positions));
    expect(run([0, 1, 2]).positions).toEqual(plain.positions);
    expect(plain.positions[0]).not.toBe(plain.positions[1]);
  });

  test('diffuses atoms whose metric moves masses only', () => {
    const flow = withNoise(gradientFlow(quadraticEnergy(1), fisherRao()), 1);
    const [end] = follow(eulerMaruyama(), { flow, initial: [cloud(euclidean(1), [0], 2)], time: 0.1 }, 2);
    expect(end.positions[0]).not.toBe(0);
  });

  test('follows the transport half of a splitting', () => {
    const flow = withNoise(gradientFlow(quadraticEnergy(1), wassersteinFisherRao()), 0.1);
    const stepper = strangSplitting({ transport: eulerMaruyama(), reaction: rk4() });
    const [end] = follow(stepper, { flow, initial: [cloud(euclidean(1), [1], 50)], time: 1 }, 20);
    expect(new Set(end.positions).size).toBe(50);
    expect(totalMass(end)).toBeCloseTo(1, 12);
  });
});

describe('a stepper is refused', () => {
  const { flow, initial } = wfrQuadratic('probability');
  const limited = (accepts: Partial<Stepper['accepts']>): Stepper => ({
    ...euler(),
    accepts: { noise: false, transport: true, reaction: true, ...accepts },
  });
  const heat: Flow = withNoise(flow, 0.1);

  test.each([
    [
      'noise it cannot follow',
      rk4(),
      heat,
      initial,
      /rk4\] cannot follow noise, got temperature 0.1 on player 0.*eulerMaruyama/,
    ],
    ['atoms it cannot move', limited({ transport: false }), flow, initial, /cannot move atoms/],
    ['masses it cannot change', limited({ reaction: false }), flow, initial, /cannot change masses/],
    ['a profile of another game', euler(), rotationGame().flow, initial, /another number of players/],
    [
      'diffusion on isolated points',
      eulerMaruyama(),
      withNoise(gradientFlow(crowdingEnergy(1, [0, 0]), fisherRao()), 1),
      [measure({ space: finite(2), positions: [0, 1] })],
      /cannot diffuse on isolated points/,
    ],
  ] as const)('for %s', (_, stepper, of, profile, message) => {
    expect(() => checkStepper(stepper, of, profile)).toThrow(message);
  });

  test('and options out of range are', () => {
    expect(() => adaptive(dopri5(), { rtol: -1 })).toThrow(/tolerance is not usable, got rtol -1/);
    expect(() => dopri5({ rtol: 0, atol: 0 })).toThrow(/tolerance is not usable/);
    expect(() => adaptive(dopri5(), { safety: 2 })).toThrow(/controller is not usable, got safety 2/);
    expect(() => doubling(eulerMaruyama())).toThrow(/noise has no local error/);
    expect(() => mirror({ divergence: 'euclid' as 'kl' })).toThrow(/no such divergence, got "euclid"/);
    expect(() => strangSplitting({ transport: rk4(), reaction: eulerMaruyama() })).toThrow(
      /cannot follow their halves/,
    );
  });
});
