import { fail, type Game, type Measure, measureFromParts, type Profile, show, solve } from '@muflow/core';
import { payoffMatrix } from '../payoffMatrix.js';

/** A quantal-response equilibrium on given atoms: `mu* ~ rho_x exp(-beta V_x)`, `nu* ~ rho_y exp(-beta V_y)`. */
export interface EntropicEquilibrium {
  readonly beta: number;
  readonly profile: Profile;
  /** `NI_beta` of the profile, by the closed form of {@link entropicError}; 0 at the equilibrium. */
  readonly error: number;
  /** Newton steps taken at this beta. */
  readonly steps: number;
}

/**
 * The regularized Nikaido-Isoda error at inverse temperature beta, in closed form:
 * `NI_beta = beta^-1 [KL(mu | mu^) + KL(nu | nu^)]`, `mu^ ~ rho_x exp(-beta V_x(nu, .))`, `nu^ ~ rho_y exp(-beta V_y(mu, .))`.
 * It is what both players together could gain in the game with payoff `l + beta^-1 KL(mu | rho_x) - beta^-1 KL(nu | rho_y)`,
 * needs no search, and is 0 only at its equilibrium.
 *
 * @param profile - probabilities on the atoms of `reference`, the rho.
 * Cost n_x n_y payoffs. Source: [McKelveyPalfrey1995]; [DomingoEnrichEtAl2020], section 3.
 */
export function entropicError(game: Game, profile: Profile, reference: Profile, beta: number): number {
  checkBeta(beta);
  let total = 0;
  for (const [k, mu] of profile.entries()) {
    const potential = new Float64Array(mu.count);
    game.potentialAt(k, potential, mu.positions, mu.count, profile);
    const reply = gibbs(reference[k].logMasses, potential, beta);
    total += divergence(mu.logMasses, reply);
  }
  return total / beta;
}

/**
 * Follows the entropic equilibrium through increasing beta, from the quantal response at low beta to near a Nash
 * equilibrium on the atoms: on n and m atoms of equal reference masses `NI <= (log n + log m) / beta`.
 *
 * At each beta, Newton's method with backtracking on the convex function
 * `f(mu) = beta^-1 [KL(mu | rho_x) + log int exp(beta int l dmu) drho_y]`, in the log-masses, from the equilibrium before;
 * nu is the reply to mu. Cost per step: O(n m + n^2 m + n^3) for n atoms of x and m of y.
 *
 * @param reference - the atoms and the reference masses rho of both players, all positive.
 * @param betas - positive, increasing.
 * @example
 * for (const { beta, profile } of entropicPath(game, [uniformX, uniformY], [1, 10, 100])) console.log(beta, profile);
 */
export function* entropicPath(
  game: Game,
  reference: Profile,
  betas: readonly number[],
): Generator<EntropicEquilibrium, void> {
  betas.forEach(checkBeta);
  const [rows, columns] = reference.map(({ count }) => count);
  const problem: Problem = {
    payoff: payoffMatrix(game, reference[0], reference[1]),
    rows,
    columns,
    rho: reference.map(({ logMasses }) => logMasses),
  };
  let logs: Float64Array = reference[0].logMasses.slice();
  for (const beta of betas) {
    const found = newton(problem, logs, beta);
    logs = found.logs;
    const { reply } = valueAt(problem, logs, beta);
    const profile = [withLogs(reference[0], logs), withLogs(reference[1], reply)];
    yield { beta, profile, error: entropicError(game, profile, reference, beta), steps: found.steps };
  }
}

interface Problem {
  readonly payoff: Float64Array;
  readonly rows: number;
  readonly columns: number;
  readonly rho: readonly Float64Array[];
}

/** f, the reply of y in log-masses, and the potential of x against it. */
interface Value {
  readonly f: number;
  readonly reply: Float64Array;
  readonly potential: Float64Array;
}

function valueAt({ payoff, rows, columns, rho }: Problem, logs: Float64Array, beta: number): Value {
  const earned = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    const mass = Math.exp(logs[i]);
    for (let j = 0; j < columns; j++) earned[j] -= mass * payoff[i * columns + j];
  }
  const reply = gibbs(rho[1], earned, beta);
  const potential = new Float64Array(rows);
  for (let j = 0; j < columns; j++) {
    const mass = Math.exp(reply[j]);
    for (let i = 0; i < rows; i++) potential[i] += mass * payoff[i * columns + j];
  }
  // log int exp(beta earned) drho = beta earned_j + log rho_j - reply_j for every j: read where the reply is largest.
  let top = 0;
  for (let j = 1; j < columns; j++) if (reply[j] > reply[top]) top = j;
  const free = -beta * earned[top] + rho[1][top] - reply[top];
  return { f: (divergence(logs, rho[0]) + free) / beta, reply, potential };
}

const mostSteps = 100;

function newton(problem: Problem, start: Float64Array, beta: number): { logs: Float64Array; steps: number } {
  let logs = start;
  let value = valueAt(problem, logs, beta);
  const scale = Math.max(
    1 / beta,
    problem.payoff.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0),
  );
  for (let step = 0; step < mostSteps; step++) {
    const { direction, decrement } = newtonDirection(problem, logs, beta, value);
    if (decrement <= 1e-30 * scale) return { logs, steps: step };
    let t = 1;
    let moved = stepped(logs, direction, t);
    let next = valueAt(problem, moved, beta);
    // At the rounding of f a full step is taken on trust: there Newton's method converges quadratically.
    while (next.f > value.f - 1e-4 * t * decrement + 1e-14 * scale && t > 1e-10) {
      t /= 2;
      moved = stepped(logs, direction, t);
      next = valueAt(problem, moved, beta);
    }
    [logs, value] = [moved, next];
    if (decrement <= 1e-22 * scale) return { logs, steps: step + 1 };
  }
  return { logs, steps: mostSteps };
}

/**
 * The Newton direction s of the log-masses, `(I + beta^2 A C A' D) s = -beta (g - c)`, `sum_i m_i s_i = 0`, with D the masses,
 * C the covariance of the reply, g the gradient of f; and the decrement `-sum_i m_i s_i g_i`.
 */
function newtonDirection(
  { payoff, rows, columns, rho }: Problem,
  logs: Float64Array,
  beta: number,
  { reply, potential }: Value,
): { direction: Float64Array; decrement: number } {
  const masses = logs.map(Math.exp);
  const replies = reply.map(Math.exp);
  const matrix = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k <= i; k++) {
      let sum = 0;
      for (let j = 0; j < columns; j++)
        sum += replies[j] * (payoff[i * columns + j] - potential[i]) * (payoff[k * columns + j] - potential[k]);
      matrix[i * rows + k] = beta * beta * sum * masses[k] + (i === k ? 1 : 0);
      matrix[k * rows + i] = beta * beta * sum * masses[i] + (i === k ? 1 : 0);
    }
  }
  const sides = new Float64Array(2 * rows);
  const slopes = potential.map((v, i) => v + (logs[i] - rho[0][i]) / beta);
  let mean = 0;
  for (let i = 0; i < rows; i++) mean += masses[i] * slopes[i];
  for (let i = 0; i < rows; i++) {
    sides[2 * i] = -beta * (slopes[i] - mean);
    sides[2 * i + 1] = 1;
  }
  const both = solve(matrix, sides, rows, 2);
  let first = 0;
  let second = 0;
  for (let i = 0; i < rows; i++) {
    first += masses[i] * both[2 * i];
    second += masses[i] * both[2 * i + 1];
  }
  let decrement = 0;
  const direction = Float64Array.from({ length: rows }, (_, i) => both[2 * i] - (first / second) * both[2 * i + 1]);
  for (let i = 0; i < rows; i++) decrement -= masses[i] * direction[i] * (slopes[i] - mean);
  return { direction, decrement };
}

/**
 * Masses after a step t s of their logarithms. What shrinks, or grows and stays small, takes its exponential, so that
 * atoms find their e^-1000 in one step; what is large grows by the factor 1 + t s. Both agree to first order.
 */
function stepped(logs: Float64Array, direction: Float64Array, t: number): Float64Array {
  const small = Math.log(0.05);
  return normalized(
    logs.map((log, i) => {
      const move = t * direction[i];
      return move <= 0 ? log + move : log + Math.max(Math.log1p(move), Math.min(move, small - log));
    }),
  );
}

/** Log-masses of `rho exp(-beta V)`, normalized. */
function gibbs(rho: Float64Array, potential: Float64Array, beta: number): Float64Array {
  return normalized(rho.map((log, i) => log - beta * potential[i]));
}

function normalized(logs: Float64Array): Float64Array {
  let top = Number.NEGATIVE_INFINITY;
  for (const log of logs) top = Math.max(top, log);
  let total = 0;
  for (const log of logs) total += Math.exp(log - top);
  const shift = top + Math.log(total);
  return logs.map((log) => log - shift);
}

/** `KL(p | q)` from the log-masses of two probabilities. */
function divergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if (p[i] !== Number.NEGATIVE_INFINITY) sum += Math.exp(p[i]) * (p[i] - q[i]);
  return sum;
}

function withLogs(mu: Measure, logMasses: Float64Array): Measure {
  return measureFromParts({ ...mu, kind: 'probability', logMasses });
}

function checkBeta(beta: number): void {
  if (beta > 0 && Number.isFinite(beta)) return;
  fail({
    code: 'invalid-argument',
    where: 'entropic',
    problem: 'beta is no inverse temperature',
    got: show(beta),
    expected: 'a finite number > 0',
    fix: 'pass for instance 10 divided by the range of the payoff',
  });
}
