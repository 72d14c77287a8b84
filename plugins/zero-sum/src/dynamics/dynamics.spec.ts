import {
  box,
  type Game,
  type Measure,
  matrixGame,
  measure,
  type Profile,
  type Space,
  simulate,
  torus,
  zeroSumGame,
} from '@muflow/core';
import { splitAtom } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { torusCounterexample } from '../games/knownGames.js';
import { gridStart } from '../starts.js';
import { type DynamicsName, type DynamicsOptions, dynamics, dynamicsNames, type StepSizes } from './dynamics.js';

const sizes: StepSizes = { mass: 0.1, position: 0.01 };

function run(game: Game, name: DynamicsName, initial: Profile, steps: DynamicsOptions = sizes, count = 60): Profile {
  const { flow, stepper, start } = dynamics(game, name, steps);
  const result = simulate({ flow, initial: start(initial) }, { stepper, dt: 1, maxSteps: count });
  expect(result.status).toBe('maxSteps');
  return result.profile;
}

/** Unequal masses on a start of full support. */
function unequal(space: Space, atoms: number): Measure {
  const { positions, count } = gridStart(space, atoms);
  const raw = Array.from({ length: count }, (_, i) => 1 + 0.4 * Math.sin(3 * i + 1));
  const total = raw.reduce((a, b) => a + b, 0);
  return measure({ space, positions, masses: raw.map((mass) => mass / total) });
}

/** Largest difference of places and masses, atom by atom. */
function apart(a: Profile, b: Profile): number {
  let largest = 0;
  a.forEach((mu, k) => {
    expect(b[k].count).toBe(mu.count);
    for (let i = 0; i < mu.positions.length; i++)
      largest = Math.max(largest, Math.abs(mu.positions[i] - b[k].positions[i]));
    for (let i = 0; i < mu.count; i++) largest = Math.max(largest, Math.abs(mu.masses[i] - b[k].masses[i]));
  });
  return largest;
}

// Neither symmetric nor with equal spaces, so that an exchange of anything shows.
const payoff = '(x - 2*y)^2 + x*y^2 + 0.3*sin(4*x)';
const mirrored = '-((y - 2*x)^2 + y*x^2 + 0.3*sin(4*y))';
const [left, right] = [box([[-1, 1]]), box([[0, 1]])];
const game = zeroSumGame({ payoff, spaces: [left, right] });
const initial: Profile = [unequal(left, 7), unequal(right, 5)];

const massesOnly: readonly DynamicsName[] = ['replicator', 'hedge', 'mass-mirror-prox'];
const positionsOnly: readonly DynamicsName[] = ['gradient', 'optimistic', 'extragradient', 'langevin'];
/** Noise is of the player and the atom, and knows neither exchanges nor halves. */
const deterministic = dynamicsNames.filter((name) => name !== 'langevin');
const normalized = dynamicsNames.filter((name) => name !== 'wfr-unnormalized');

describe.each(dynamicsNames)('%s', (name) => {
  const reached = run(game, name, initial);

  test('moves masses, positions or both, by its kind', () => {
    expect(apart(initial, reached)).toBeGreaterThan(0.05);
    const moved = reached.some((mu, k) => mu.positions.some((x, i) => x !== initial[k].positions[i]));
    const reacted = reached.some((mu, k) => mu.logMasses.some((m, i) => m !== initial[k].logMasses[i]));
    expect([moved, reacted]).toEqual([!massesOnly.includes(name), !positionsOnly.includes(name)]);
  });
});

describe.each(normalized)('%s', (name) => {
  const reached = run(game, name, initial);

  test('a constant added to the payoff moves no atom and no mass', () => {
    const shifted = zeroSumGame({ payoff: `${payoff} + 3`, spaces: [left, right] });
    expect(apart(run(shifted, name, initial), reached)).toBeLessThan(1e-12);
    const costs = [new Float64Array(2), new Float64Array(2)];
    shifted.costsInto(costs[0], reached);
    game.costsInto(costs[1], reached);
    expect(costs[0][0] - costs[1][0]).toBeCloseTo(3, 12);
  });

  test('total masses stay 1', () => {
    for (const { masses } of reached) expect(masses.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 14);
  });
});

test('langevin: a payoff four times as large is one with steps four times and beta a quarter as large', () => {
  const scaled = zeroSumGame({ payoff: `4*(${payoff})`, spaces: [left, right] });
  const quarter = { mass: 0, position: sizes.position / 4, temperature: 0.04 };
  expect(apart(run(scaled, 'langevin', initial, quarter), run(game, 'langevin', initial))).toBeLessThan(1e-12);
});

describe.each(deterministic)('%s', (name) => {
  const reached = run(game, name, initial);

  test('a payoff four times as large is one with steps four times as large', () => {
    const scaled = zeroSumGame({ payoff: `4*(${payoff})`, spaces: [left, right] });
    const quarter = { mass: sizes.mass / 4, position: sizes.position / 4 };
    expect(apart(run(scaled, name, initial, quarter), reached)).toBeLessThan(1e-12);
    expect(apart(run(scaled, name, initial), reached)).toBeGreaterThan(1e-3);
  });

  test('players who change places play the mirrored game', () => {
    const other = zeroSumGame({ payoff: mirrored, spaces: [right, left] });
    const [x, y] = run(other, name, [initial[1], initial[0]]);
    expect(apart([y, x], reached)).toBeLessThan(1e-12);
  });

  test('an atom split in two runs as one: both halves stay together and share its mass', () => {
    const halves = run(game, name, [splitAtom(initial[0], 2, 0.3), splitAtom(initial[1], 0, 0.6)]);
    halves.forEach((mu, k) => {
      const [from, share] = k === 0 ? [2, 0.3] : [0, 0.6];
      const last = mu.count - 1;
      expect(mu.positions[last]).toBeCloseTo(mu.positions[from], 14);
      expect(mu.masses[last] / (mu.masses[last] + mu.masses[from])).toBeCloseTo(share, 13);
      for (let i = 0; i < last; i++) {
        expect(mu.positions[i]).toBeCloseTo(reached[k].positions[i], 12);
        expect(mu.masses[i] + (i === from ? mu.masses[last] : 0)).toBeCloseTo(reached[k].masses[i], 12);
      }
    });
  });
});

describe('one step by hand', () => {
  const eta = { mass: 0.2, position: 0.05 };
  const at = [-0.5, 0.4];
  const start = [
    measure({ space: left, positions: at, masses: [0.3, 0.7] }),
    measure({ space: right, positions: [0.25] }),
  ];
  const value = (x: number, y: number): number => (x - 2 * y) ** 2 + x * y * y + 0.3 * Math.sin(4 * x);
  const slopeX = (x: number, y: number): number => 2 * (x - 2 * y) + y * y + 1.2 * Math.cos(4 * x);
  const slopeY = (x: number, y: number): number => -4 * (x - 2 * y) + 2 * x * y;
  /** Masses 0.3 and 0.7 tilted by the potential of places xs against y. */
  const tilt = (xs: readonly number[], y: number): readonly number[] => {
    const raw = xs.map((x, i) => [0.3, 0.7][i] * Math.exp(-eta.mass * value(x, y)));
    return raw.map((mass) => mass / (raw[0] + raw[1]));
  };

  test('of descent-ascent: m exp(-eta V) / Z and x - eta grad V', () => {
    const [x] = run(game, 'wfr', start, eta, 1);
    at.forEach((place, i) => {
      expect(x.positions[i]).toBeCloseTo(place - eta.position * slopeX(place, 0.25), 14);
      expect(x.masses[i]).toBeCloseTo(tilt(at, 0.25)[i], 14);
    });
  });

  test('of alternating descent-ascent: y answers the new x', () => {
    const [x, y] = run(game, 'wfr', start, { ...eta, order: 'alternating' }, 1);
    const newX = at.map((place) => place - eta.position * slopeX(place, 0.25));
    const newMass = tilt(at, 0.25);
    expect(x.positions[0]).toBeCloseTo(newX[0], 14);
    expect(y.positions[0]).toBeCloseTo(
      0.25 + eta.position * (newMass[0] * slopeY(newX[0], 0.25) + newMass[1] * slopeY(newX[1], 0.25)),
      14,
    );
  });

  test('of unnormalized descent-ascent: m exp(-eta V), which is not divided', () => {
    const [x, y] = run(game, 'wfr-unnormalized', start, eta, 1);
    at.forEach((place, i) => {
      expect(x.masses[i]).toBeCloseTo([0.3, 0.7][i] * Math.exp(-eta.mass * value(place, 0.25)), 14);
    });
    expect(y.masses[0]).toBeCloseTo(Math.exp(eta.mass * (0.3 * value(at[0], 0.25) + 0.7 * value(at[1], 0.25))), 14);
  });

  test('of mirror-prox: from the start by what the half step sees, positions times half mass / old mass', () => {
    const [x] = run(game, 'mirror-prox', start, eta, 1);
    const halfX = at.map((place) => place - eta.position * slopeX(place, 0.25));
    const halfY = 0.25 + eta.position * (0.3 * slopeY(at[0], 0.25) + 0.7 * slopeY(at[1], 0.25));
    const halfMass = tilt(at, 0.25);
    at.forEach((place, i) => {
      const ratio = halfMass[i] / [0.3, 0.7][i];
      expect(x.positions[i]).toBeCloseTo(place - eta.position * ratio * slopeX(halfX[i], halfY), 14);
      expect(x.masses[i]).toBeCloseTo(tilt(halfX, halfY)[i], 14);
    });
  });
});

/** Slope per step of the log distance of a small perturbation of the torus counterexample's equilibrium. */
function contraction(name: DynamicsName, mass: number, count: number): number {
  const { game: counterexample } = torusCounterexample();
  const [x, y] = counterexample.spaces;
  const off = 1e-5;
  const start = [
    measure({ space: x, positions: [3 / 8, 7 / 8], masses: [0.5 + off, 0.5 - off] }),
    measure({ space: y, positions: [1 / 8, 5 / 8] }),
  ];
  const end = run(counterexample, name, start, { mass, position: mass / 40 }, count);
  const distance = Math.hypot(...end.map(({ masses }) => masses[0] - 0.5));
  return Math.log(distance / off) / count;
}

// The linearization has the eigenvalues +-2i; s = 2 eta. Moving positions couple in only at higher order, since
// gradients vanish at the equilibrium.
test.each([0.08, 0.04, 0.02])('near the torus counterexample, eta = %d: mirror-prox contracts at its rate', (eta) => {
  const s = 2 * eta;
  const rate = 0.5 * Math.log((1 - s * s) ** 2 + s * s);
  expect(contraction('mirror-prox', eta, 400) / rate).toBeCloseTo(1, 2);
});

test.each([0.08, 0.04, 0.02])(
  'near the torus counterexample, eta = %d: descent-ascent leaves it at its rate',
  (eta) => {
    const rate = 0.5 * Math.log(1 + 4 * eta * eta);
    for (const name of ['wfr', 'hedge'] as const) expect(contraction(name, eta, 200) / rate).toBeCloseTo(1, 2);
  },
);

describe('a payoff that jumps', () => {
  const jump = zeroSumGame({ payoff: 'sign(y - x)', spaces: [left, right], name: 'who is ahead' });

  test.each(['wfr', 'mirror-prox', 'langevin', 'optimistic'] as const)('%s refuses it and says what to use', (name) => {
    const unseen: Game = jump;
    expect(() => dynamics(unseen, name, sizes)).toThrow(
      `[zero-sum ${name}] the payoff jumps, so its atoms have no gradient to follow, got who is ahead, ` +
        'expected a continuous payoff with gradients. Fix: use the replicator dynamics, which move masses only.',
    );
  });

  test('the compiler refuses it too, where it can see the payoff', () => {
    // @ts-expect-error atoms cannot follow gradients here
    expect(() => dynamics(jump, 'gradient', sizes)).toThrow('the payoff jumps');
    expect(dynamics(jump, 'hedge', sizes).flow.transports.some(Boolean)).toBe(false);
  });

  test('the replicator plays it: y gathers at the top, ahead of every x', () => {
    const [, y] = run(jump, 'replicator', initial, { mass: 0.5, position: 0.01 }, 400);
    expect(y.masses[y.count - 1]).toBeGreaterThan(0.99);
  });
});

test('on a finite game every scheme moves masses only', () => {
  const finite = matrixGame([
    [1, -1],
    [-1, 1],
  ]);
  for (const name of dynamicsNames.filter((one) => !positionsOnly.includes(one))) {
    const { flow } = dynamics(finite, name, sizes);
    expect([flow.transports, flow.reacts]).toEqual([
      [false, false],
      [true, true],
    ]);
  }
  for (const name of positionsOnly) {
    expect(() => dynamics(finite, name, sizes)).toThrow(
      'the actions of the game cannot move, got finite(2) and finite(2)',
    );
  }
});

test('on the torus the schemes commute with translations', () => {
  const circle = torus(1);
  const shifted = 0.37;
  const waves = (dx: number, dy: number): Game =>
    zeroSumGame({
      payoff: `cos(2*pi*(x - ${dx}) + 2*pi*(y - ${dy})) + 0.5*sin(4*pi*(x - ${dx})) - 0.2*cos(2*pi*(y - ${dy}))`,
      spaces: [circle, circle],
    });
  const start = [unequal(circle, 6), unequal(circle, 5)];
  const moved = start.map((mu) =>
    measure({ space: circle, positions: mu.positions.map((x) => (x + shifted) % 1), masses: mu.masses }),
  );
  for (const name of deterministic) {
    const [a, b] = [run(waves(0, 0), name, start), run(waves(shifted, shifted), name, moved)];
    a.forEach((mu, k) => {
      mu.positions.forEach((x, i) => {
        const off = Math.abs(((((b[k].positions[i] - x - shifted) % 1) + 1.5) % 1) - 0.5);
        expect(off).toBeLessThan(1e-12);
        expect(b[k].masses[i]).toBeCloseTo(mu.masses[i], 12);
      });
    });
  }
});

test('a position step of 0 holds the atoms: mirror-prox is then mirror-prox of the masses', () => {
  const still = { ...sizes, position: 0 };
  expect(apart(run(game, 'mirror-prox', initial, still), run(game, 'mass-mirror-prox', initial, still))).toBe(0);
});

test('many ghost steps solve the implicit step: y = z exp(-eta V(y)) in masses', () => {
  const coin = matrixGame([
    [1, -1],
    [-1, 1],
  ]);
  const start = [0.8, 0.3].map((p, k) => measure({ space: coin.spaces[k], positions: [0, 1], masses: [p, 1 - p] }));
  const [x, y] = run(coin, 'mirror-prox', start, { mass: 0.2, position: 0, ghostSteps: 60 }, 1);
  // Log-odds a of x and b of y: V_x differs by 2 (2 q - 1) between the actions, V_y by -2 (2 p - 1).
  const odds = (p: number): number => Math.log(p / (1 - p));
  expect(odds(x.masses[0])).toBeCloseTo(odds(0.8) - 0.4 * (2 * y.masses[0] - 1), 13);
  expect(odds(y.masses[0])).toBeCloseTo(odds(0.3) + 0.4 * (2 * x.masses[0] - 1), 13);
});

test('variants that a scheme does not have, and sizes that are none, are refused by name', () => {
  expect(() => dynamics(game, 'mirror-prox', { ...sizes, order: 'alternating' })).toThrow(
    '[zero-sum mirror-prox] the scheme has no such variant, got order alternating',
  );
  expect(() => dynamics(game, 'wfr', { ...sizes, ghostSteps: 2 })).toThrow('got 2 ghost steps');
  expect(() => dynamics(game, 'wfr', { mass: -1, position: 0.1 })).toThrow('got mass -1, position 0.1');
  expect(() => dynamics(game, 'gda' as DynamicsName, sizes)).toThrow(
    '[dynamics] there are no such dynamics, got "gda"',
  );
});
