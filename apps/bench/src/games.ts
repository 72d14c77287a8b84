import {
  type Backend,
  extragradient,
  gameFlow,
  grid,
  simulate,
  torus,
  wassersteinFisherRao,
  zeroSumGame,
} from '@muflow/core';
import { checksum, type Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

const degree = 3;

/**
 * Formula of the portable random trigonometric game `Re sum_kl C_kl e^(2 pi i (k x + l y))`, with
 * `s <- 16807 s mod 2147483647` and parts `s/2147483647 - 1/2` of the C_kl, collected by waves of x.
 */
function payoffText(seed: number): string {
  let state = seed;
  const next = (): number => {
    state = (16807 * state) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  const size = 2 * degree + 1;
  // Waves 0, 2, 4, ... are the cosines of frequency 0, 1, 2, ...; 1, 3, 5 the sines of frequency 1, 2, 3.
  const table = Array.from({ length: size }, () => new Float64Array(size));
  const cosine = (k: number): number => 2 * Math.abs(k);
  const sine = (k: number): number => 2 * Math.abs(k) - 1;
  for (let k = -degree; k <= degree; k++) {
    for (let l = -degree; l <= degree; l++) {
      const [re, im, s, t] = [next(), next(), Math.sign(k), Math.sign(l)];
      table[cosine(k)][cosine(l)] += re;
      if (k !== 0 && l !== 0) table[sine(k)][sine(l)] -= re * s * t;
      if (k !== 0) table[sine(k)][cosine(l)] -= im * s;
      if (l !== 0) table[cosine(k)][sine(l)] -= im * t;
    }
  }
  const wave = (index: number, name: string): string =>
    index === 0 ? '1' : `${index % 2 === 0 ? 'cos' : 'sin'}(${2 * Math.ceil(index / 2)}*pi*${name})`;
  return table
    .map((row, i) => `${wave(i, 'x')}*(${Array.from(row, (entry, j) => `(${entry})*${wave(j, 'y')}`).join(' + ')})`)
    .join(' + ');
}

/** A run of conic particle mirror-prox on a random trigonometric torus game of degree 3. */
export function gameRun(params: Params, backend: Backend): Prepared {
  const [n, steps, seed] = [params.n, params.steps, params.seed].map(Number);
  const circle = torus(1);
  const game = zeroSumGame({ payoff: payoffText(seed), spaces: [circle, circle], backend });
  const flow = gameFlow(game, wassersteinFisherRao({ alpha: 0.02, gamma: 0.0005 }));
  const initial = [grid(circle, n, 'centers'), grid(circle, n, 'centers')];
  const plan = { stepper: extragradient({ ratio: true }), dt: 1, maxSteps: steps, record: { every: steps } };
  let last = initial;
  return {
    run() {
      last = [...simulate({ flow, initial }, plan).profile];
    },
    check: () => [...checksum(last[0].masses), ...checksum(last[1].masses)],
  };
}

/**
 * The row of such a run. Peers form the matrix of payoffs from its waves (`by: matrix`), or sum over the waves of
 * either player as its author must find out to do (`by: waves`); we read that off the formula.
 */
export function gameRunRow(by: 'matrix' | 'waves', n = 100, steps = 1000): Workload {
  return {
    name: `conic mirror-prox, ${steps} steps, trigonometric game, ${n} + ${n} atoms, peers by ${by}`,
    kind: 'gameRun',
    params: { n, steps, seed: 20240, by },
    tolerance: 1e-6,
    work: n * steps * (by === 'matrix' ? n : 10),
  };
}
