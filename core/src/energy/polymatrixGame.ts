import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import type { Profile } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import { allocateFirstVariation, checkBuffers, checkMeasure, grown, integrate } from './checks.js';
import type { FirstVariation, Game } from './energy.js';
import { isContinuous, isFormula, readFormula } from './formulas.js';
import { atomsOf, formulaPairSum, functionPairSum, namesOf, type PairFunction, type PairSum } from './pairKernel.js';
import { wrongPlayers } from './zeroSumGame.js';

/** What one player pays against one other: a formula in its own point `x` and the other's point `y`, or functions. */
export interface PairCost {
  readonly player: number;
  readonly opponent: number;
  readonly cost: string | Expression | PairFunction;
}

export interface PolymatrixGameOptions {
  /** One per player. */
  readonly spaces: readonly Space[];
  readonly costs: readonly PairCost[];
  readonly name?: string;
  /** Says that the costs of all players add up to 0 for every profile; default false. */
  readonly zeroSum?: boolean;
  readonly backend?: Backend;
}

/**
 * Game of any number of players with pairwise costs: player k pays
 * `cost_k = int V_k dmu_k` with `V_k(x) = sum_j int c_kj(x, y) dmu_j(y)`, one term for each entry of `costs`.
 * The two-player zero-sum game with payoff l has `c_01(x, y) = l(x, y)` and `c_10(x, y) = -l(y, x)`.
 * Cost: n_k n_j evaluations for each entry.
 *
 * @throws `invalid-argument` where an entry names a player that is not there, or a player against itself.
 * @example
 * const circle = torus(1);
 * const pursuit = polymatrixGame({
 *   spaces: [circle, circle, circle],
 *   costs: [0, 1, 2].map((k) => ({ player: k, opponent: (k + 1) % 3, cost: '-cos(2*pi*(x - y))' })),
 * });
 */
export function polymatrixGame(options: PolymatrixGameOptions): Game {
  const { spaces, name = 'polymatrix game', zeroSum = false, backend = defaultBackend() } = options;
  const terms = options.costs.map((cost, k) => compileTerm(cost, k, spaces, backend));
  let part: FirstVariation = allocateFirstVariation(0, 1);
  let values: Float64Array = new Float64Array(0);
  const check = (profile: Profile): void => {
    if (profile.length !== spaces.length) wrongPlayers(name, profile.length, spaces.length);
    for (let k = 0; k < spaces.length; k++) checkMeasure(`${name}, player ${k}`, profile[k], spaces[k].dim);
  };
  const potentialAt: Game['potentialAt'] = (player, out, points, count, profile) => {
    part = { potential: grown(part.potential, count), gradient: part.gradient };
    out.fill(0, 0, count);
    for (const term of terms) {
      if (term.player !== player) continue;
      term.sum.valueInto(part.potential, { coordinates: points, count }, atomsOf(profile[term.opponent]));
      for (let i = 0; i < count; i++) out[i] += part.potential[i];
    }
  };
  return {
    name,
    dims: spaces.map((space) => space.dim),
    spaces,
    zeroSum,
    smooth: terms.every(({ smooth }) => smooth),
    evaluateInto(out, profile) {
      check(profile);
      profile.forEach((mu, k) => {
        checkBuffers(name, out[k], mu);
        out[k].potential.fill(0, 0, mu.count);
        out[k].gradient.fill(0, 0, mu.count * mu.dim);
      });
      for (const { player, opponent, sum } of terms) {
        const mu = profile[player];
        const length = mu.count * mu.dim;
        part = { potential: grown(part.potential, mu.count), gradient: grown(part.gradient, length) };
        sum.bothInto(part, atomsOf(mu), atomsOf(profile[opponent]));
        for (let i = 0; i < mu.count; i++) out[player].potential[i] += part.potential[i];
        for (let i = 0; i < length; i++) out[player].gradient[i] += part.gradient[i];
      }
    },
    potentialAt,
    costsInto(out, profile) {
      check(profile);
      profile.forEach((mu, k) => {
        values = grown(values, mu.count);
        potentialAt(k, values, mu.positions, mu.count, profile);
        out[k] = integrate(mu, values);
      });
    },
  };
}

interface Term {
  readonly player: number;
  readonly opponent: number;
  readonly sum: PairSum;
  readonly smooth: boolean;
}

function compileTerm(
  { player, opponent, cost }: PairCost,
  entry: number,
  spaces: readonly Space[],
  backend: Backend,
): Term {
  const [mine, theirs] = [spaces[player], spaces[opponent]];
  if (mine === undefined || theirs === undefined || player === opponent) {
    fail({
      code: 'invalid-argument',
      where: 'polymatrixGame',
      problem: `entry ${entry} of the costs names no pair of players`,
      got: `player ${player} against ${opponent}`,
      expected: `two different players from 0 to ${spaces.length - 1}`,
      fix: 'number the players by their spaces',
    });
  }
  if (!isFormula(cost)) {
    return {
      player,
      opponent,
      sum: functionPairSum(cost, mine.dim, theirs.dim),
      smooth: cost.gradientInto !== undefined,
    };
  }
  const blocks = { rows: [{ name: 'x', size: mine.dim }], columns: [{ name: 'y', size: theirs.dim }] };
  const formula = readFormula('polymatrixGame', cost, namesOf(blocks));
  return { player, opponent, sum: formulaPairSum(formula, blocks, backend), smooth: isContinuous(formula) };
}
