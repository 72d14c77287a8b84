import type { Game, Profile } from '@muflow/core';
import { type Atoms, pointOf, profileOfAtoms, withoutEmpty } from '../finish/atoms.js';
import { type MatrixSolution, solveMatrixGame } from '../finish/matrixGame.js';
import { bestReplies, searchPoints } from '../finish/replies.js';
import { payoffMatrix } from '../payoffMatrix.js';

/** The atoms that either player may use so far. */
export interface Pool {
  readonly atoms: readonly [Atoms, Atoms];
  /** Rounds since an atom had mass, one per atom. */
  readonly idle: readonly [Uint16Array, Uint16Array];
}

/** The equilibrium of a pool and what a search finds against it. */
export interface Round {
  readonly pool: Pool;
  readonly solution: MatrixSolution;
  /** The strategies, without atoms of no mass. */
  readonly profile: Profile;
  /** `min_x V_x` and `max_y int l dmu_x` by search: they lie about the value of the game. */
  readonly lower: number;
  readonly upper: number;
  /** Range of the payoff between atoms of the pool. */
  readonly range: number;
}

/** A pool of points of the search, thinned evenly to at most `count` for each player. */
export function startPool(game: Game, count: number, seed: number): Pool {
  const atoms = game.spaces.map((space): Atoms => {
    const points = searchPoints(space, seed);
    const total = points.length / space.dim;
    const used = Math.min(total, count);
    const positions = new Float64Array(used * space.dim);
    for (let i = 0; i < used; i++) {
      const from = used === 1 ? 0 : Math.round((i * (total - 1)) / (used - 1));
      positions.set(points.subarray(from * space.dim, (from + 1) * space.dim), i * space.dim);
    }
    return { space, positions, masses: new Float64Array(used).fill(1 / used) };
  }) as [Atoms, Atoms];
  return { atoms, idle: [new Uint16Array(atoms[0].masses.length), new Uint16Array(atoms[1].masses.length)] };
}

export interface RoundOptions {
  /** Most atoms that the round adds to a player's pool. */
  readonly births: number;
  /** Rounds without mass after which an atom is dropped. */
  readonly patience: number;
  /** How finely replies beside atoms are tried where the payoff jumps. */
  readonly level?: number;
}

/**
 * One round of the double oracle [McMahanGordonBlum2003]: solves the matrix game on the pool, searches the best
 * replies of either player, adds them, and drops atoms that have had no mass for `patience` rounds.
 */
export function oracleRound(game: Game, pool: Pool, { births, patience, level }: RoundOptions): Round {
  const [x, y] = pool.atoms;
  const payoff = payoffMatrix(game, x, y);
  const solution = solveMatrixGame(payoff, x.masses.length, y.masses.length);
  const masses = [solution.x, solution.y] as const;
  const support: [Atoms, Atoms] = [withoutEmpty(x, solution.x), withoutEmpty(y, solution.y)];
  const profile = profileOfAtoms(support);
  const found = ([0, 1] as const).map((player) =>
    bestReplies(game, player, profile, {
      count: births,
      extra: support[player].positions,
      ...(level !== undefined && { level }),
    }),
  );
  const grown = pool.atoms.map((atoms, player) => {
    const kept = withoutIdle(atoms, pool.idle[player], { masses: masses[player], patience });
    const own = player === 0 ? solution.value : -solution.value;
    const gains = Array.from({ length: found[player].count }, (_, k) => k).filter((k) => found[player].values[k] < own);
    return born(kept, { ...found[player], chosen: gains });
  });
  return {
    pool: { atoms: [grown[0].atoms, grown[1].atoms], idle: [grown[0].idle, grown[1].idle] },
    solution,
    profile,
    lower: found[0].values[0],
    upper: -found[1].values[0],
    range: payoff.reduce((a, b) => Math.max(a, b)) - payoff.reduce((a, b) => Math.min(a, b)),
  };
}

/** The pool with further points, such as a polished support or the replies of a certificate. */
export function withAtoms(pool: Pool, points: readonly [Float64Array, Float64Array]): Pool {
  const grown = pool.atoms.map((atoms, player) => {
    const count = points[player].length / atoms.space.dim;
    return born(
      { atoms, idle: pool.idle[player] },
      { points: points[player], chosen: Array.from({ length: count }, (_, k) => k) },
    );
  });
  return { atoms: [grown[0].atoms, grown[1].atoms], idle: [grown[0].idle, grown[1].idle] };
}

interface Kept {
  readonly atoms: Atoms;
  readonly idle: Uint16Array;
}

function withoutIdle(
  atoms: Atoms,
  idle: Uint16Array,
  { masses, patience }: { masses: Float64Array; patience: number },
): Kept {
  const waited = idle.map((rounds, i) => (masses[i] > 0 ? 0 : rounds + 1));
  const kept = Array.from(masses.keys()).filter((i) => waited[i] <= patience);
  const { space } = atoms;
  const positions = new Float64Array(kept.length * space.dim);
  kept.forEach((i, k) => {
    positions.set(pointOf(atoms, i), k * space.dim);
  });
  return {
    atoms: { space, positions, masses: Float64Array.from(kept, (i) => masses[i]) },
    idle: Uint16Array.from(kept, (i) => waited[i]),
  };
}

/** Adds chosen points that are not in the pool yet, up to rounding. */
function born(
  { atoms, idle }: Kept,
  { points, chosen }: { readonly points: Float64Array; readonly chosen: readonly number[] },
): Kept {
  const { space, positions, masses } = atoms;
  const apart = 1e-10 * space.diameter;
  const fresh = chosen.filter((k) => {
    for (let i = 0; i < masses.length; i++)
      if (space.distance(points, k * space.dim, positions, i * space.dim) <= apart) return false;
    return true;
  });
  const all = new Float64Array(positions.length + fresh.length * space.dim);
  all.set(positions);
  fresh.forEach((k, n) => {
    all.set(points.subarray(k * space.dim, (k + 1) * space.dim), positions.length + n * space.dim);
  });
  const allMasses = new Float64Array(masses.length + fresh.length);
  allMasses.set(masses);
  const allIdle = new Uint16Array(allMasses.length);
  allIdle.set(idle);
  return { atoms: { space, positions: all, masses: allMasses }, idle: allIdle };
}
