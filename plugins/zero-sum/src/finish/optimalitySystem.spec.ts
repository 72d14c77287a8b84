import { box, parseSpace, randomKey, randomStream, type Space, sphere, torus, zeroSumGame } from '@muflow/core';
import { expect, test } from 'vitest';
import type { Atoms } from './atoms.js';
import { type Guess, optimalitySystem } from './optimalitySystem.js';
import { payoffJet } from './payoffJet.js';

const games = [
  ['torus', 'sin(2*pi*x)*cos(2*pi*y) + cos(2*pi*(x - 2*y))', torus(1), torus(1)],
  [
    'boxes',
    'x[0]^2*y + sin(x[1]*y) - y^3*x[0]',
    box([
      [-1, 1],
      [-1, 1],
    ]),
    box([[-1, 1]]),
  ],
  ['spheres', 'dot(x, y)^2 + x[0]*y[1] - 0.3*x[2] + y[0]', sphere(3), sphere(3)],
  ['product', 'x[0]*y[0] + exp(x[3]*y[1])', parseSpace('sphere(3) x [-1,1]'), sphere(2)],
] as const;

function drawn(space: Space, count: number, seed: number): Atoms {
  const random = randomStream(randomKey(seed));
  const positions = new Float64Array(count * space.dim);
  space.sampleInto(positions, count, random);
  const raw = Float64Array.from({ length: count }, () => 0.2 + random.uniform());
  const total = raw.reduce((sum, mass) => sum + mass, 0);
  return { space, positions, masses: raw.map((mass) => mass / total) };
}

test.each(games)('%s: the Jacobian is that of the residual, by central differences', (_, payoff, spaceX, spaceY) => {
  const jet = payoffJet(zeroSumGame({ payoff, spaces: [spaceX, spaceY] }));
  const guess: Guess = { x: drawn(spaceX, 2, 3), y: drawn(spaceY, 3, 5), value: 0.4 };
  const { unknowns, equations, jacobian, frames } = optimalitySystem(jet, guess);
  const h = 1e-5;
  /** The guess moved along unknown k; the frames at the moved point differ, so mass and value equations are compared. */
  const moved = (k: number, t: number): Guess => {
    let at = 0;
    const [x, y] = [guess.x, guess.y].map((atoms, player): Atoms => {
      const masses = atoms.masses.slice();
      if (k >= at && k < at + masses.length) masses[k - at] += t;
      at += masses.length;
      const velocity = new Float64Array(atoms.positions.length);
      frames[player].forEach(({ rank, basis }, i) => {
        if (k >= at && k < at + rank)
          velocity.set(basis.subarray((k - at) * atoms.space.dim, (k - at + 1) * atoms.space.dim), i * atoms.space.dim);
        at += rank;
      });
      const positions = new Float64Array(atoms.positions.length);
      atoms.space.retractInto(positions, atoms.positions, velocity, t, masses.length);
      return { space: atoms.space, positions, masses };
    });
    return { x, y, value: guess.value + (k === unknowns - 1 ? t : 0) };
  };
  const flat = [spaceX, spaceY].every(({ kind }) => kind === 'torus' || kind === 'box');
  const slopeRows = new Set<number>();
  let at = 0;
  [guess.x, guess.y].forEach(({ masses }, player) => {
    at += masses.length;
    for (const { rank } of frames[player]) for (let a = 0; a < rank; a++) slopeRows.add(at++);
  });
  for (let k = 0; k < unknowns; k++) {
    const up = optimalitySystem(jet, moved(k, h)).residual;
    const down = optimalitySystem(jet, moved(k, -h)).residual;
    for (let i = 0; i < equations; i++) {
      // Slopes in a frame that turns with the point are compared on flat spaces only.
      if (!flat && slopeRows.has(i)) continue;
      // Central differences are off by h^2 f''' / 6: (4 pi)^4 h^2 / 6, about 4e-7, for the slopes on the torus.
      expect(Math.abs(jacobian[i * unknowns + k] - (up[i] - down[i]) / (2 * h))).toBeLessThan(5e-7);
    }
  }
});

test('second derivatives along a sphere are those of the potential along great circles', () => {
  const spaces = [sphere(3), sphere(3)] as const;
  const game = zeroSumGame({ payoff: 'dot(x, y)^3 + x[0]*y[1]', spaces });
  const guess: Guess = { x: drawn(spaces[0], 1, 3), y: drawn(spaces[1], 3, 5), value: 0 };
  const { frames, hessians } = optimalitySystem(payoffJet(game), guess);
  const [frame] = frames[0];
  const h = 1e-4;
  for (let a = 0; a < frame.rank; a++) {
    const direction = frame.basis.slice(3 * a, 3 * a + 3);
    const value = (t: number): number => {
      const at = guess.x.positions.map((c, k) => Math.cos(t) * c + Math.sin(t) * direction[k]);
      let sum = 0;
      for (let j = 0; j < 3; j++) {
        const y = guess.y.positions.slice(3 * j, 3 * j + 3);
        const inner = at[0] * y[0] + at[1] * y[1] + at[2] * y[2];
        sum += guess.y.masses[j] * (inner ** 3 + at[0] * y[1]);
      }
      return sum;
    };
    const second = (value(h) - 2 * value(0) + value(-h)) / (h * h);
    expect(hessians[0][0][a * frame.rank + a]).toBeCloseTo(second, 5);
  }
});

test('a payoff given as functions has the derivatives of its formula, up to differences', () => {
  const spaces = [box([[-1, 1]]), box([[-1, 1]])] as const;
  const byFormula = payoffJet(zeroSumGame({ payoff: 'sin(2*x*y) + x^2', spaces }));
  const byFunctions = payoffJet(
    zeroSumGame({
      payoff: {
        value: (x, i, y, j) => Math.sin(2 * x[i] * y[j]) + x[i] ** 2,
        gradientXInto: (out, o, x, i, y, j) => {
          out[o] = 2 * y[j] * Math.cos(2 * x[i] * y[j]) + 2 * x[i];
        },
        gradientYInto: (out, o, x, i, y, j) => {
          out[o] = 2 * x[i] * Math.cos(2 * x[i] * y[j]);
        },
      },
      spaces,
    }),
  );
  const [x, y] = [Float64Array.of(0.3), Float64Array.of(-0.7)];
  byFormula.evaluate(x, 0, y, 0);
  byFunctions.evaluate(x, 0, y, 0);
  for (const part of ['value', 'x', 'y', 'xx', 'yy', 'xy'] as const)
    expect(byFunctions[part][0]).toBeCloseTo(byFormula[part][0], 7);
});
