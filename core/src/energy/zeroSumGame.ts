import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail, show } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import type { Profile } from '../measure/measure.js';
import { finite } from '../space/finite.js';
import type { Space } from '../space/space.js';
import { checkDeclaredBounds } from './checkDeclaredBounds.js';
import { checkFinitePayoff, checkPayoffGradient } from './checkPayoff.js';
import { checkBuffers, checkMeasure, grown, integrate } from './checks.js';
import type { Game } from './energy.js';
import { isContinuous, isFormula, readFormula } from './formulas.js';
import {
  atomsOf,
  formulaMutualSum,
  formulaPairSum,
  functionPairSum,
  type MutualPairSum,
  namesOf,
  type PairFunction,
  type PairSum,
  transposed,
} from './pairKernel.js';
import type { JumpingGame, SmoothGame, SmoothnessOf } from './smoothGame.js';

/** A payoff in plain TypeScript; without gradients the game allows weight-only dynamics. */
export interface PayoffFunction {
  value(x: Float64Array, xStart: number, y: Float64Array, yStart: number): number;
  gradientXInto?(
    out: Float64Array,
    outStart: number,
    x: Float64Array,
    xStart: number,
    y: Float64Array,
    yStart: number,
  ): void;
  gradientYInto?(
    out: Float64Array,
    outStart: number,
    x: Float64Array,
    xStart: number,
    y: Float64Array,
    yStart: number,
  ): void;
}

export interface ZeroSumGameOptions<
  Payoff extends string | Expression | PayoffFunction = string | Expression | PayoffFunction,
> {
  /** `l(x, y)`: a formula in `x` and `y`, or functions. x minimizes, y maximizes. */
  readonly payoff: Payoff;
  readonly spaces: readonly [Space, Space];
  readonly name?: string;
  readonly backend?: Backend;
  /** Try the payoff at a few points: finite, and gradients of functions against differences (default true). */
  readonly check?: boolean;
  /**
   * Lipschitz constants of the payoff in x and in y, which certificates of plain functions rest on. Samples that
   * violate one refuse it.
   */
  readonly lipschitz?: readonly [number, number];
  /**
   * Bounds of the second derivatives of the payoff in x and in y along geodesics of unit speed: with gradients, they
   * make certificates of plain functions quick, and choose step sizes. Samples that violate one refuse it.
   */
  readonly curvature?: readonly [number, number];
}

/**
 * Two-player zero-sum game with payoff l in mixed strategies: potentials `V_x(x) = int l(x, y) dmu_y`,
 * `V_y(y) = -int l(x, y) dmu_x`; each player descends its own. A formula that jumps (sign, step), or
 * functions without gradients, give a game that is not smooth: dynamics that move atoms refuse it, by type
 * where the compiler sees the formula.
 * Cost n_x n_y payoffs per evaluation. Source: [DomingoEnrichEtAl2020], section 2.
 * @throws `not-finite` where the payoff is not finite at a probe of its domain; `invalid-argument` where a
 * gradient of a function differs from central differences; `parse` and `shape-mismatch` for formulas.
 * @example
 * const game = zeroSumGame({ payoff: '(x - y)^2', spaces: [box([[-1, 1]]), box([[-1, 1]])] });
 */
export function zeroSumGame(options: ZeroSumGameOptions<Required<PayoffFunction>>): SmoothGame;
export function zeroSumGame(
  options: ZeroSumGameOptions<PayoffFunction & { gradientXInto?: undefined; gradientYInto?: undefined }>,
): JumpingGame;
export function zeroSumGame<const Payoff extends string | Expression | PayoffFunction>(
  options: ZeroSumGameOptions<Payoff>,
): Game & { readonly smooth: SmoothnessOf<Payoff> };
export function zeroSumGame({
  payoff,
  spaces,
  name = 'zero-sum game',
  backend = defaultBackend(),
  check = true,
  lipschitz,
  curvature,
}: ZeroSumGameOptions): Game {
  const declared = { ...(lipschitz && { lipschitz }), ...(curvature && { curvature }) };
  if (!isFormula(payoff)) {
    const game = { ...functionGame(payoff, spaces, name, check), ...declared };
    if (check) checkDeclaredBounds('zeroSumGame', game);
    return game;
  }
  const [xDim, yDim] = [spaces[0].dim, spaces[1].dim];
  const x = { name: 'x', size: xDim };
  const y = { name: 'y', size: yDim };
  const blocks = { rows: [x], columns: [y] };
  const formula = readFormula('zeroSumGame', payoff, namesOf(blocks));
  const forX = formulaPairSum(formula, blocks, backend);
  if (check) {
    const out = new Float64Array(1);
    const weights = Float64Array.of(1);
    const at = (points: Float64Array, start: number, dim: number) => ({
      coordinates: points.subarray(start, start + dim),
      count: 1,
      weights,
    });
    const value: PairFunction['value'] = (points, xStart, others, yStart) => {
      forX.valueInto(out, at(points, xStart, xDim), at(others, yStart, yDim));
      return out[0];
    };
    checkFinitePayoff('zeroSumGame', value, spaces);
  }
  const forY = formulaPairSum(transposed(formula, blocks), { rows: [y], columns: [x] }, backend);
  const mutual = formulaMutualSum(formula, { rows: x, columns: y }, backend);
  const parts = { name, spaces, forX, forY, mutual, smooth: isContinuous(formula), formula };
  const game = { ...assemble(parts), ...declared };
  if (check) checkDeclaredBounds('zeroSumGame', game);
  return game;
}

function functionGame(payoff: PayoffFunction, spaces: readonly [Space, Space], name: string, check: boolean): Game {
  const inX = { value: payoff.value.bind(payoff), ...ownGradient(payoff.gradientXInto?.bind(payoff)) };
  const inY = exchanged(payoff);
  const [xDim, yDim] = [spaces[0].dim, spaces[1].dim];
  if (check) {
    checkFinitePayoff('zeroSumGame', inX.value, spaces);
    checkPayoffGradient('zeroSumGame', inX, spaces, 'x');
    checkPayoffGradient('zeroSumGame', inY, [spaces[1], spaces[0]], 'y');
  }
  const forX = functionPairSum(inX, xDim, yDim);
  const forY = functionPairSum(inY, yDim, xDim);
  const smooth = payoff.gradientXInto !== undefined && payoff.gradientYInto !== undefined;
  const mutual: MutualPairSum = {
    bothInto(out, other, x, y) {
      forX.bothInto(out, x, y);
      forY.bothInto(other, y, x);
    },
  };
  return assemble({ name, spaces, forX, forY, mutual, smooth });
}

/** The payoff as a function of (y, x), for the sums of the second player. */
function exchanged(payoff: PayoffFunction): PairFunction {
  const gradient = payoff.gradientYInto?.bind(payoff);
  return {
    value: (y, yStart, x, xStart) => payoff.value(x, xStart, y, yStart),
    ...ownGradient(
      gradient && ((out, outStart, y, yStart, x, xStart) => gradient(out, outStart, x, xStart, y, yStart)),
    ),
  };
}

const ownGradient = (gradientInto: PairFunction['gradientInto'] | undefined) => (gradientInto ? { gradientInto } : {});

/** What a two-player game is made of once its payoff has been compiled for either player. */
interface Compiled {
  readonly name: string;
  readonly spaces: readonly [Space, Space];
  readonly forX: PairSum;
  readonly forY: PairSum;
  readonly mutual: MutualPairSum;
  readonly smooth: boolean;
  readonly formula?: Expression;
}

function assemble({ name, spaces, forX, forY, mutual, smooth, formula }: Compiled): Game {
  let values: Float64Array = new Float64Array(0);
  const flip = (out: Float64Array, length: number): void => {
    for (let i = 0; i < length; i++) out[i] = -out[i];
  };
  const check = (profile: Profile): void => {
    if (profile.length !== 2) wrongPlayers(name, profile.length, 2);
    checkMeasure(`${name}, player x`, profile[0], spaces[0].dim);
    checkMeasure(`${name}, player y`, profile[1], spaces[1].dim);
  };
  const potentialAt: Game['potentialAt'] = (player, out, points, count, profile) => {
    const other = profile[1 - player];
    const sum = player === 0 ? forX : forY;
    sum.valueInto(out, { coordinates: points, count }, atomsOf(other));
    if (player === 1) flip(out, count);
  };
  return {
    name,
    dims: spaces.map((space) => space.dim),
    spaces,
    zeroSum: true,
    smooth,
    ...(formula && { formula }),
    evaluateInto(out, profile) {
      check(profile);
      const [mu, nu] = profile;
      checkBuffers(name, out[0], mu);
      checkBuffers(name, out[1], nu);
      mutual.bothInto(out[0], out[1], atomsOf(mu), atomsOf(nu));
      flip(out[1].potential, nu.count);
      flip(out[1].gradient, nu.count * nu.dim);
    },
    potentialAt,
    costsInto(out, profile) {
      check(profile);
      values = grown(values, profile[0].count);
      potentialAt(0, values, profile[0].positions, profile[0].count, profile);
      out[0] = integrate(profile[0], values);
      out[1] = -out[0];
    },
  };
}

export function wrongPlayers(where: string, got: number, expected: number): never {
  return fail({
    code: 'shape-mismatch',
    where,
    problem: 'the profile has the wrong number of players',
    got: `${got} measures`,
    expected: `${expected}`,
    fix: 'pass one measure for each player',
  });
}

/**
 * Matrix game on finite spaces: entry `payoff[i][j]` is paid by the row player x (who minimizes) to the
 * column player y. Masses are probabilities of actions; a finite space has no tangent vectors, so
 * gradients are zero and nothing moves.
 */
export function matrixGame(payoff: readonly (readonly number[])[], name = 'matrix game'): SmoothGame {
  const columns = payoff[0]?.length ?? 0;
  const ragged = payoff.findIndex((row) => row.length !== columns);
  const wrong = payoff.findIndex((row) => row.some((entry) => !Number.isFinite(entry)));
  if (columns === 0 || ragged >= 0 || wrong >= 0) {
    fail({
      code: 'shape-mismatch',
      where: 'matrixGame',
      problem:
        ragged >= 0
          ? `row ${ragged} has another length`
          : wrong >= 0
            ? `row ${wrong} has an entry that is not finite`
            : 'the matrix is empty',
      got:
        ragged >= 0 ? `${payoff[ragged].length} entries` : wrong >= 0 ? show(payoff[wrong]) : `${payoff.length} rows`,
      expected: ragged >= 0 ? `${columns} entries, as in row 0` : 'finite numbers in rows of one length',
      fix: 'pass one array for each action of the row player',
    });
  }
  const flat = Float64Array.from(payoff.flat());
  return zeroSumGame({
    name,
    spaces: [finite(payoff.length), finite(columns)],
    payoff: {
      value: (x, xStart, y, yStart) => flat[x[xStart] * columns + y[yStart]],
      gradientXInto: (out, outStart) => {
        out[outStart] = 0;
      },
      gradientYInto: (out, outStart) => {
        out[outStart] = 0;
      },
    },
  });
}
