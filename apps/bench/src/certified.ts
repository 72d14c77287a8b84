import { box, type Game, measure, type Profile, zeroSumGame } from '@muflow/core';
import { nikaidoIsoda, portableTrigonometricGame, solveGame } from '@muflow/zero-sum';
import { numbers } from './data.js';
import type { Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

/** Width of every enclosure and bracket that is asked for. */
const tolerance = 1e-6;

const interval = (payoff: string): Game => zeroSumGame({ payoff, spaces: [box([[-1, 1]]), box([[-1, 1]])] });

/** Games of one dimension by the kind of their payoff: what rows call it, and how it is made. */
const games = {
  trigonometric: ['trigonometric payoff of degree 3', () => portableTrigonometricGame(20240, 3)],
  polynomial: ['(x - y)^4 - (x - y)^2 + x^3 y', () => interval('(x - y)^4 - (x - y)^2 + x^3*y')],
  exponential: ['exp(-4 (x - y)^2)', () => interval('exp(-4*(x - y)^2)')],
} as const satisfies Readonly<Record<string, readonly [string, () => Game]>>;

type GameName = keyof typeof games;

/** n atoms for each player at random places with random masses. */
function randomProfile({ spaces }: Game, n: number): Profile {
  return spaces.map((space, player) => {
    const places = numbers(n, 30 + player);
    const raw = numbers(n, 32 + player).map((u) => 1.5 + u);
    const total = raw.reduce((sum, one) => sum + one, 0);
    const positions = space.kind === 'torus' ? places.map((u) => (1 + u) / 2) : places;
    return measure({ space, positions, masses: raw.map((one) => one / total) });
  });
}

/** The enclosed Nikaido-Isoda error of a profile, and the value between its ends. */
export function certificate({ payoff, n }: Params): Prepared | string {
  const game = games[payoff as GameName][1]();
  const profile = randomProfile(game, Number(n));
  const enclose = () => nikaidoIsoda(game, profile, { tolerance });
  let last = enclose();
  if (last.status !== 'certified') return `is not certified to ${tolerance}: ${last.status}`;
  return {
    run() {
      last = enclose();
    },
    check: () => [last.lower, last.upper, last.value.lower, last.value.upper],
  };
}

/** A game solved from nothing to a proven bracket of its value. */
export function solving({ payoff }: Params): Prepared | string {
  const game = games[payoff as GameName][1]();
  let last = solveGame(game, { tolerance });
  if (last.status !== 'certified') return `is not certified to ${tolerance}: ${last.status}`;
  return {
    run() {
      last = solveGame(game, { tolerance });
    },
    check: () => [last.lower, last.upper, last.x.length, last.y.length],
  };
}

export function certificateRow(payoff: GameName, n = 20): Workload {
  return {
    name: `certified Nikaido-Isoda error to 1e-6, ${games[payoff][0]}, ${n} + ${n} atoms`,
    kind: 'certificate',
    params: { payoff, n },
    tolerance: 1e-9,
    work: n,
    alone: 'no peer encloses the error: they would search a grid, which proves nothing',
  };
}

export function solvingRow(payoff: GameName): Workload {
  return {
    name: `solve to a certified 1e-6, ${games[payoff][0]}`,
    kind: 'solve',
    params: { payoff },
    tolerance: 1e-9,
    work: 1,
    alone: 'no peer proves a bracket of the value of a continuous game',
  };
}
