import { type CertifyOptions, fail, type Game, maxAbs, type Profile, randomKey, singularValues } from '@muflow/core';
import { type NikaidoIsodaInterval, nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { payoffMatrix } from '../payoffMatrix.js';
import { type Atoms, atomsOf, profileOfAtoms, withoutEmpty } from './atoms.js';
import { snapToWalls } from './localFrame.js';
import { type Margins, marginsOf } from './margins.js';
import { solveMatrixGame } from './matrixGame.js';
import { mergeStrategy } from './mergeStrategy.js';
import { columnLengths, newton } from './newton.js';
import { type OptimalitySystem, optimalitySystem } from './optimalitySystem.js';
import { type PayoffJet, payoffJet } from './payoffJet.js';
import { bestReplies } from './replies.js';

export interface FinishOptions extends CertifyOptions {
  /** Radii of merging that are tried, relative to the diameter of each space; default 1e-4 to 0.12. */
  readonly mergeRadii?: readonly number[];
  /** Atoms with a smaller share are left out before merging; default 1e-7. */
  readonly minShare?: number;
}

/** A profile brought to an equilibrium as far as it was possible, with what is proven of it. */
export interface Finished {
  readonly profile: Profile;
  /** The certificate of the profile; the residual of Newton's method is never taken for the error. */
  readonly ni: NikaidoIsodaInterval;
  /** Atoms of either player. */
  readonly support: { readonly x: number; readonly y: number };
  /** Upper bounds of the Wasserstein-1 distance that merging moved. */
  readonly moved: { readonly x: number; readonly y: number };
  /** Largest residual of the optimality system, in units of the payoff. */
  readonly residual: number;
  readonly newtonSteps: number;
  /** Ratio of the extreme singular values of the optimality system; Infinity if the equilibrium is not isolated. */
  readonly conditioning: number;
  readonly margins: Margins | null;
  /** Least margin; 0 where none is known. */
  readonly margin: number;
  /** True if the margin is below the width of the certificate, or the optimality system is singular. */
  readonly degenerate: boolean;
}

/** A pair of strategies with what a search says of its error. */
export interface Candidate {
  readonly atoms: readonly [Atoms, Atoms];
  /** The Nikaido-Isoda error from below, up to rounding. */
  readonly error: number;
  /** Bounds of how far merging moved mass. */
  readonly moved: readonly [number, number];
  readonly residual: number;
  readonly steps: number;
  /** True if Newton's method was through with it. */
  readonly polished: boolean;
}

const defaultRadii = [1.2e-2, 4e-3, 3e-2, 1e-3, 6e-2, 1e-4, 0.12];
/** Larger systems are left to the next, better merged profile: a step costs the cube of the unknowns. */
const mostUnknowns = 72;
/** An error below this share of the payoff's size is rounding: nothing more is tried. */
const roundingShare = 1e-12;

/**
 * Brings a profile near an equilibrium to the equilibrium: merges close atoms at several radii, solves the matrix
 * game on the supports, polishes every candidate by Newton's method on the optimality system
 * ({@link optimalitySystem}), keeps masses positive (an atom that would turn negative is dropped and the rest is
 * polished again; atoms that run into each other are merged), and takes the candidate of the least Nikaido-Isoda
 * error by search. The certificate then says what has been reached: neither a small residual nor a small error
 * of a signed solution passes for one. The proven error is not above that of the profile as it was given, but for the
 * tolerance.
 *
 * @throws `invalid-argument` for games that are not two-player zero-sum.
 */
export function finish(game: Game, profile: Profile, options: FinishOptions = {}): Finished {
  const best = polished(game, profile, options);
  const done = certify(game, best, options);
  // Where the certificate finds replies that the search has missed, what was given may have been better.
  if (done.ni.upper <= best.error + 4 * (options.tolerance ?? 1e-9)) return done;
  const given = ([0, 1] as const).map((k) => withoutEmpty(atomsOf(profile[k]), profile[k].masses)) as [Atoms, Atoms];
  const kept = certify(game, candidate(game, given, { moved: [0, 0] }), options);
  return kept.ni.upper < done.ni.upper ? kept : done;
}

/** The best candidate that merging, the matrix game and Newton's method make of a profile, without a certificate. */
export function polished(game: Game, profile: Profile, options: FinishOptions = {}): Candidate {
  checkGame(game);
  const given = ([0, 1] as const).map((player) =>
    withoutEmpty(atomsOf(profile[player]), profile[player].masses, options.minShare ?? 1e-7),
  ) as [Atoms, Atoms];
  const finite = game.spaces.every((space) => space.intrinsicDim === 0);
  const equalized = onSupports(game, given);
  let best = candidate(game, given, { moved: [0, 0] });
  best = better(best, candidate(game, equalized, { moved: [0, 0] }));
  if (finite || !game.smooth) return best;
  const jet = payoffJet(game);
  const enough = roundingShare * Math.max(sizeOf(game, given), Number.MIN_VALUE);
  const tried = new Set<string>();
  for (const start of [given, equalized]) {
    for (const radius of options.mergeRadii ?? defaultRadii) {
      if (best.polished && best.error <= enough) return best;
      const merged = start.map((atoms) => mergeStrategy(atoms, radius * atoms.space.diameter));
      const atoms: [Atoms, Atoms] = [merged[0].atoms, merged[1].atoms];
      const key = fingerprint(atoms);
      if (tried.has(key) || unknownsOf(atoms) > mostUnknowns) continue;
      tried.add(key);
      const moved = [merged[0].moved, merged[1].moved] as const;
      const next = polish(game, jet, { atoms: onWalls(game, atoms, radius), moved });
      if (next !== null) best = better(best, next, enough);
    }
  }
  return best;
}

/** Masses and free coordinates of a pair of strategies. */
const unknownsOf = (atoms: readonly [Atoms, Atoms]): number =>
  atoms.reduce((sum, { masses, space }) => sum + masses.length * (1 + space.intrinsicDim), 0);

/** Largest payoff between atoms, in absolute value. */
function sizeOf(game: Game, atoms: readonly [Atoms, Atoms]): number {
  return maxAbs(payoffMatrix(game, ...atoms));
}

/** Atoms close to a wall into which they descend are put on it: Newton's method alone would leave it behind. */
function onWalls(game: Game, atoms: readonly [Atoms, Atoms], radius: number): [Atoms, Atoms] {
  if (!game.spaces.some((space) => space.hasBoundary)) return [...atoms];
  const out = atoms.map(({ masses, positions }) => ({
    potential: new Float64Array(masses.length),
    gradient: new Float64Array(positions.length),
  }));
  game.evaluateInto(out, profileOfAtoms(atoms), { time: 0, step: 0, key: randomKey(0) });
  return atoms.map((own, player) => {
    const { space, masses } = own;
    const positions = own.positions.slice();
    for (let i = 0; i < masses.length; i++) {
      const from = i * space.dim;
      const g = out[player].gradient.subarray(from, from + space.dim);
      snapToWalls(space, positions.subarray(from, from + space.dim), g, radius);
    }
    return { space, positions, masses };
  }) as [Atoms, Atoms];
}

/** The one of less error; within rounding the polished one, of which more is known. */
const better = (a: Candidate, b: Candidate, rounding = 0): Candidate =>
  b.error < a.error || (b.polished && !a.polished && b.error <= a.error + rounding) ? b : a;

const fingerprint = (atoms: readonly [Atoms, Atoms]): string =>
  atoms.map(({ positions }) => Array.from(positions, (at) => at.toFixed(9)).join(' ')).join('|');

/** The masses that solve the matrix game on the atoms as they stand. */
function onSupports(game: Game, [x, y]: readonly [Atoms, Atoms]): [Atoms, Atoms] {
  const { x: forX, y: forY } = solveMatrixGame(payoffMatrix(game, x, y), x.masses.length, y.masses.length);
  return [withoutEmpty(x, forX), withoutEmpty(y, forY)];
}

function candidate(
  game: Game,
  atoms: readonly [Atoms, Atoms],
  told: { moved: readonly [number, number]; residual?: number; steps?: number },
): Candidate {
  return {
    atoms,
    error: searchedError(game, atoms),
    moved: told.moved,
    residual: told.residual ?? Number.POSITIVE_INFINITY,
    steps: told.steps ?? 0,
    polished: told.residual !== undefined,
  };
}

/** The Nikaido-Isoda error as a search sees it: from below, up to rounding. */
function searchedError(game: Game, atoms: readonly [Atoms, Atoms]): number {
  const profile = profileOfAtoms(atoms);
  const best = ([0, 1] as const).map((player) => {
    const { values } = bestReplies(game, player, profile, { extra: atoms[player].positions });
    return values[0];
  });
  return Math.max(0, -best[0] - best[1]);
}

/** Newton until all masses are positive and no two atoms coincide; null where it ends nowhere. */
function polish(
  game: Game,
  jet: PayoffJet,
  start: { atoms: [Atoms, Atoms]; moved: readonly [number, number] },
): Candidate | null {
  let atoms = start.atoms;
  let steps = 0;
  for (let round = 0; round < 12; round++) {
    const [x, y] = atoms;
    const outcome = newton(jet, { x, y, value: valueAt(game, atoms) });
    steps += outcome.steps;
    const reached: [Atoms, Atoms] = [outcome.guess.x, outcome.guess.y];
    if (reached.some(({ masses, positions }) => !(masses.every(Number.isFinite) && positions.every(Number.isFinite))))
      return null;
    const cleaned = reached.map((own) =>
      own.masses.some((mass) => mass > 1e-9)
        ? mergeStrategy(withoutEmpty(own, own.masses, 1e-9), 1e-6 * own.space.diameter).atoms
        : null,
    );
    if (cleaned[0] === null || cleaned[1] === null) return null;
    const next: [Atoms, Atoms] = [cleaned[0], cleaned[1]];
    const settled = next.every((own, player) => own.masses.length === reached[player].masses.length);
    if (settled) return candidate(game, next, { moved: start.moved, residual: outcome.residual, steps });
    atoms = next;
  }
  return null;
}

/** `int int l dmu_x dmu_y`. */
function valueAt(game: Game, atoms: readonly [Atoms, Atoms]): number {
  const cost = new Float64Array(2);
  game.costsInto(cost, profileOfAtoms(atoms));
  return cost[0];
}

/** Certifies a candidate and measures how strict it is. */
export function certify(game: Game, best: Candidate, options: FinishOptions = {}): Finished {
  const [x, y] = best.atoms;
  const profile = profileOfAtoms(best.atoms);
  const ni = nikaidoIsoda(game, profile, options);
  const finite = game.spaces.every((space) => space.intrinsicDim === 0);
  const common = {
    profile,
    ni,
    support: { x: x.masses.length, y: y.masses.length },
    moved: { x: best.moved[0], y: best.moved[1] },
    residual: best.residual,
    newtonSteps: best.steps,
  };
  if (finite || !game.smooth || !best.polished) {
    const solution = finite ? wholeMatrix(game) : null;
    const margin = solution?.margin ?? 0;
    return {
      ...common,
      conditioning: Number.POSITIVE_INFINITY,
      margins: null,
      margin,
      degenerate: solution?.degenerate ?? true,
    };
  }
  const system = optimalitySystem(payoffJet(game), { x, y, value: valueAt(game, best.atoms) });
  const conditioning = conditionOf(system);
  const margins = marginsOf(game, best.atoms, system);
  return {
    ...common,
    conditioning,
    margins,
    margin: Math.max(0, margins.least),
    degenerate: margins.least <= Math.max(ni.upper, 0) || conditioning > 1e10,
  };
}

/** The full matrix game of a game on finite spaces. */
function wholeMatrix(game: Game): ReturnType<typeof solveMatrixGame> {
  const [x, y] = game.spaces.map((space): Atoms => {
    const positions = space.covering(0.5).centers;
    return { space, positions, masses: new Float64Array(positions.length).fill(1 / positions.length) };
  });
  return solveMatrixGame(payoffMatrix(game, x, y), x.masses.length, y.masses.length);
}

/** Condition number of the optimality system with columns of length 1: units do not matter. */
function conditionOf({ equations, unknowns, jacobian }: OptimalitySystem): number {
  const lengths = columnLengths(jacobian, equations, unknowns);
  const values = singularValues(
    jacobian.map((entry, at) => entry / lengths[at % unknowns]),
    equations,
    unknowns,
  );
  const least = values[unknowns - 1];
  return least > 0 ? values[0] / least : Number.POSITIVE_INFINITY;
}

function checkGame(game: Game): void {
  if (game.zeroSum && game.spaces.length === 2) return;
  fail({
    code: 'invalid-argument',
    where: 'finish',
    problem: 'the game is not two-player zero-sum',
    got: `${game.spaces.length} players, zero-sum ${game.zeroSum}`,
    expected: 'a two-player zero-sum game',
    fix: 'pass a game made by zeroSumGame or matrixGame',
  });
}
