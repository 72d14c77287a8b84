import {
  type CertifiedMinimum,
  type CertifyOptions,
  declaredMinimum,
  fail,
  type Game,
  hasChart,
  type Measure,
  measure,
  measureFromParts,
  normalize,
  type Profile,
  randomKey,
  show,
} from '@muflow/core';
import { bestResponse } from '../bestResponse.js';

/**
 * The least potential of a player where the payoff is not a formula: entry by entry on a finite space, with the
 * rounding of the sum over atoms; by the Lipschitz constants and
 * curvatures that the game declares, if it does; else by a search, which proves nothing of `lower`.
 */
export function functionMinimum(
  game: Game,
  player: 0 | 1,
  profile: Profile,
  options: CertifyOptions = {},
): CertifiedMinimum {
  checkFinite(profile[1 - player]);
  if (game.spaces[player].kind === 'finite') return finiteMinimum(game, player, profile, options.tolerance ?? 1e-9);
  const bounds = { lipschitz: game.lipschitz?.[player], curvature: game.smooth ? game.curvature?.[player] : undefined };
  if ((bounds.lipschitz ?? bounds.curvature) !== undefined && hasChart(game.spaces[player]))
    return declared(game, player, profile, { bounds, options });
  const found = bestResponse(game, player, profile);
  return { lower: found.value, upper: found.value, at: found.at, status: 'estimated', cells: 0, method: 'search' };
}

interface Declared {
  readonly bounds: { readonly lipschitz: number | undefined; readonly curvature: number | undefined };
  readonly options: CertifyOptions;
}

/** Branch and bound on the normalized potential, with the bounds that the game declares. */
function declared(game: Game, player: 0 | 1, profile: Profile, { bounds, options }: Declared): CertifiedMinimum {
  const { lipschitz, curvature } = bounds;
  const normalized = profile.map((mu, k) => (k === player ? mu : normalize(mu)));
  const out = new Float64Array(1);
  const value = (point: Float64Array): number => {
    game.potentialAt(player, out, point, 1, normalized);
    return out[0];
  };
  // No payoff is larger than those at one point by more than L times the diameter; n + 256 roundings of these.
  const other = profile[1 - player];
  let largest = 0;
  for (let j = 0; j < other.count; j++) {
    game.potentialAt(player, out, profile[player].positions, 1, alone(profile, player, j));
    largest = Math.max(largest, Math.abs(out[0]));
  }
  const space = game.spaces[player];
  const slope = slopeOf(game, player, normalized);
  const first = profile[player].positions.slice(0, space.dim);
  const steepest = lipschitz ?? slope(first) + (curvature ?? 0) * space.diameter;
  const roundings = (2 * other.count + 256) * 2 ** -52;
  const error = (largest + steepest * space.diameter) * roundings;
  const bend = curvature === undefined ? undefined : { curvature, slope, error: steepest * space.dim * roundings };
  const bounded = { space, value, error, ...(lipschitz !== undefined && { lipschitz }), ...(bend && { bend }) };
  return declaredMinimum(bounded, options);
}

/** The length of the tangent gradient of a player's potential at one point. */
function slopeOf(game: Game, player: 0 | 1, profile: Profile): (point: Float64Array) => number {
  const space = game.spaces[player];
  const out = profile.map((mu, k) => ({
    potential: new Float64Array(k === player ? 1 : mu.count),
    gradient: new Float64Array(k === player ? space.dim : mu.count * mu.dim),
  }));
  const { gradient } = out[player];
  return (point) => {
    const probe = measure({ space, positions: point });
    game.evaluateInto(out, player === 0 ? [probe, profile[1]] : [profile[0], probe], context);
    space.projectTangentInto(gradient, point, gradient, 1);
    return Math.hypot(...gradient);
  };
}

const context = { time: 0, step: 0, key: randomKey(0) };

/** Every point of a finite space: `sum_j m_j l(i, y_j) / sum m` with the payoffs as the doubles they are. */
function finiteMinimum(game: Game, player: 0 | 1, profile: Profile, tolerance: number): CertifiedMinimum {
  const points = game.spaces[player].covering(0.5).centers;
  const n = points.length;
  const other = profile[1 - player];
  const [sum, size, row] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const most = other.logMasses.reduce((a, b) => Math.max(a, b), -Infinity);
  // Masses are taken as they are, unless they under- or overflow.
  const direct = most > -700 && most < 600;
  let mass = 0;
  for (let j = 0; j < other.count; j++) {
    const weight = direct ? other.masses[j] : Math.exp(other.logMasses[j] - most);
    if (!(weight > 0)) continue;
    mass += weight;
    game.potentialAt(player, row, points, n, alone(profile, player, j));
    for (let i = 0; i < n; i++) {
      sum[i] += weight * row[i];
      size[i] += weight * Math.abs(row[i]);
    }
  }
  // Weight, product, sums of n terms and the quotient: fewer than 2 n + 8 roundings of terms of this total size.
  const unit = (2 * other.count + 8) * 2 ** -52;
  let [lower, upper, at] = [Infinity, Infinity, 0];
  for (let i = 0; i < n; i++) {
    const error = (size[i] / mass) * unit + 2 ** -1000;
    lower = Math.min(lower, sum[i] / mass - error);
    if (sum[i] / mass + error < upper) {
      upper = sum[i] / mass + error;
      at = i;
    }
  }
  const status = upper - lower <= tolerance ? 'certified' : 'budget';
  return { lower, upper, at: points.slice(at, at + 1), status, cells: n, method: 'finite' };
}

/** The profile in which the other player has atom j alone, with mass 1. */
function alone(profile: Profile, player: 0 | 1, j: number): Profile {
  const other = profile[1 - player];
  const single = measureFromParts({
    space: other.space,
    kind: 'probability',
    positions: other.positions.slice(j * other.dim, (j + 1) * other.dim),
    logMasses: Float64Array.of(0),
    ids: Uint32Array.of(0),
    nextId: 1,
  });
  return player === 0 ? [profile[0], single] : [single, profile[1]];
}

function checkFinite(mu: Measure): void {
  const wrong = mu.positions.findIndex((x) => !Number.isFinite(x));
  const nan = mu.logMasses.findIndex((x) => Number.isNaN(x) || x === Infinity);
  const massless = mu.logMasses.every((x) => x === -Infinity);
  if (wrong < 0 && nan < 0 && !massless) return;
  fail({
    code: massless ? 'invalid-argument' : 'not-finite',
    where: 'nikaidoIsoda',
    problem: massless ? 'a measure has no mass' : 'an atom is not a number',
    got: show(wrong >= 0 ? mu.positions[wrong] : mu.logMasses[Math.max(0, nan)]),
    expected: 'finite coordinates and a positive total mass',
    fix: 'look for the step at which the run left the finite numbers',
  });
}
