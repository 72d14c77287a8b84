import { type Game, type Profile, type Space, symmetricEigen } from '@muflow/core';
import { type Atoms, profileOfAtoms } from './atoms.js';
import type { OptimalitySystem } from './optimalitySystem.js';
import { searchPoints } from './replies.js';

/** How strictly a pair of strategies is optimal, all in units of the payoff. */
export interface Margins {
  /** Least of the three below: how much the payoff may change before the supports may. */
  readonly least: number;
  /**
   * Least second derivative of a player's own potential at its atoms in free directions, times `radius^2 / 2`, and
   * least slope off a wall that holds an atom, times the radius: what an atom loses by moving this far.
   */
  readonly curvature: number;
  /** Least excess of the potentials over the value outside the balls of this radius around the atoms, on a grid. */
  readonly slack: number;
  /** Least mass of an atom times the spread of the payoff on the supports. */
  readonly mass: number;
  /** Radius of the balls relative to the diameter of the space. */
  readonly radius: number;
}

const radius = 0.02;

/** Margins of the strategies of a finished guess; the slack is searched on a grid, so it is an estimate. */
export function marginsOf(game: Game, atoms: readonly [Atoms, Atoms], system: OptimalitySystem): Margins {
  const profile = profileOfAtoms(atoms);
  let curvature = Number.POSITIVE_INFINITY;
  let slack = Number.POSITIVE_INFINITY;
  let mass = Number.POSITIVE_INFINITY;
  const spread = spreadOn(game, profile);
  atoms.forEach((own, player) => {
    const reach = radius * own.space.diameter;
    system.frames[player].forEach(({ rank, push }, i) => {
      curvature = Math.min(curvature, push * reach);
      if (rank === 0) return;
      const [least] = symmetricEigen(symmetrized(system.hessians[player][i], rank), rank).values;
      curvature = Math.min(curvature, (least * reach * reach) / 2);
    });
    slack = Math.min(slack, slackOf(game, player, { profile, own, reach }));
    // One atom keeps its mass whatever happens.
    if (own.masses.length > 1) for (const share of own.masses) mass = Math.min(mass, share * spread);
  });
  return { least: Math.min(curvature, slack, mass), curvature, slack, mass, radius };
}

function symmetrized(matrix: Float64Array, d: number): Float64Array {
  return matrix.map((entry, at) => (entry + matrix[(at % d) * d + Math.floor(at / d)]) / 2);
}

function spreadOn(game: Game, profile: Profile): number {
  const values = [0, 1].map((player) => {
    const { positions, count } = profile[player];
    const out = new Float64Array(count);
    game.potentialAt(player, out, positions, count, profile);
    return out;
  });
  // At an equilibrium potentials are flat on the supports; the spread of the whole space is what matters.
  let least = Math.min(...values[0]);
  let most = Math.max(...values[0]);
  game.spaces.forEach((space, player) => {
    const points = searchPoints(space);
    const count = points.length / space.dim;
    const out = new Float64Array(count);
    game.potentialAt(player, out, points, count, profile);
    for (const value of out) {
      const paid = player === 0 ? value : -value;
      least = Math.min(least, paid);
      most = Math.max(most, paid);
    }
  });
  return most - least;
}

interface Off {
  readonly profile: Profile;
  readonly own: Atoms;
  readonly reach: number;
}

function slackOf(game: Game, player: number, { profile, own, reach }: Off): number {
  const space: Space = own.space;
  const points = searchPoints(space);
  const count = points.length / space.dim;
  const out = new Float64Array(count);
  game.potentialAt(player, out, points, count, profile);
  const cost = new Float64Array(2);
  game.costsInto(cost, profile);
  let slack = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    let near = false;
    for (let i = 0; i < own.masses.length && !near; i++)
      near = space.distance(points, k * space.dim, own.positions, i * space.dim) <= reach;
    if (!near) slack = Math.min(slack, out[k] - cost[player]);
  }
  return slack;
}
