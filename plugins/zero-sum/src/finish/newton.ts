import { leastSquares, maxAbs } from '@muflow/core';
import type { Atoms } from './atoms.js';
import { type Guess, type OptimalitySystem, optimalitySystem } from './optimalitySystem.js';
import type { PayoffJet } from './payoffJet.js';

export interface NewtonOutcome {
  readonly guess: Guess;
  /** Largest residual of the optimality system; small at any stationary point, so it proves nothing. */
  readonly residual: number;
  readonly steps: number;
  readonly system: OptimalitySystem;
}

/**
 * Newton's method on the optimality system in the least-squares sense, with the step halved until the residual
 * falls; masses may become negative on the way, which the caller must look at. Quadratic near a non-degenerate
 * equilibrium: 5 to 12 steps.
 *
 * @param maxSteps default 30.
 */
export function newton(jet: PayoffJet, start: Guess, maxSteps = 30): NewtonOutcome {
  let guess = start;
  let system = optimalitySystem(jet, guess);
  let size = norm(system.residual);
  let steps = 0;
  const first = size;
  const rounding = 4 * Number.EPSILON * Math.max(maxAbs(system.jacobian), 1);
  while (steps < maxSteps && size > rounding) {
    // Damped steps that crawl are far from a solution; another merging of the atoms is then the better try.
    if (steps === 10 && size > 0.1 * first) break;
    const direction = stepOf(system);
    if (direction === null) break;
    let taken: { guess: Guess; system: OptimalitySystem; size: number } | null = null;
    const whole = stepLimit(guess, system, direction);
    for (let scale = whole; scale > whole / 64; scale /= 2) {
      const next = moved(guess, system, { direction, scale });
      const trial = optimalitySystem(jet, next);
      const trialSize = norm(trial.residual);
      if (trialSize < (1 - 0.2 * scale) * size) {
        taken = { guess: next, system: trial, size: trialSize };
        break;
      }
    }
    if (taken === null) break;
    ({ guess, system, size } = taken);
    steps++;
  }
  return { guess, residual: maxAbs(system.residual), steps, system };
}

function norm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** The least-squares solution of `J d = -F`; columns are scaled to length 1, so that units do not matter. */
function stepOf({ equations, unknowns, residual, jacobian }: OptimalitySystem): Float64Array | null {
  if (!(residual.every(Number.isFinite) && jacobian.every(Number.isFinite))) return null;
  const lengths = columnLengths(jacobian, equations, unknowns);
  const scaled = jacobian.map((entry, at) => entry / lengths[at % unknowns]);
  const solution = leastSquares(
    scaled,
    residual.map((entry) => -entry),
    equations,
    unknowns,
    1e-11,
  );
  return solution.map((entry, k) => entry / lengths[k]);
}

export function columnLengths(jacobian: Float64Array, equations: number, unknowns: number): Float64Array {
  const lengths = new Float64Array(unknowns);
  for (let i = 0; i < equations; i++) for (let k = 0; k < unknowns; k++) lengths[k] += jacobian[i * unknowns + k] ** 2;
  return lengths.map((sum) => (sum > 0 ? Math.sqrt(sum) : 1));
}

/** At most a twentieth of the space per step: further away the linearization says nothing. */
function stepLimit({ x, y }: Guess, { frames }: OptimalitySystem, direction: Float64Array): number {
  let limit = 1;
  let at = 0;
  [x, y].forEach(({ masses, space }, player) => {
    at += masses.length;
    for (const { rank } of frames[player]) {
      const length = norm(direction.subarray(at, at + rank));
      if (length > 0) limit = Math.min(limit, (0.05 * space.diameter) / length);
      at += rank;
    }
  });
  return limit;
}

function moved(
  { x, y, value }: Guess,
  { frames, unknowns }: OptimalitySystem,
  { direction, scale }: { readonly direction: Float64Array; readonly scale: number },
): Guess {
  let at = 0;
  const [nextX, nextY] = [x, y].map((atoms, player): Atoms => {
    const { space, positions } = atoms;
    const masses = atoms.masses.map((mass, i) => mass + scale * direction[at + i]);
    at += masses.length;
    const velocity = new Float64Array(positions.length);
    frames[player].forEach(({ rank, basis }, i) => {
      for (let a = 0; a < rank; a++)
        for (let k = 0; k < space.dim; k++) velocity[i * space.dim + k] += direction[at + a] * basis[a * space.dim + k];
      at += rank;
    });
    const out = new Float64Array(positions.length);
    space.retractInto(out, positions, velocity, scale, masses.length);
    return { space, positions: out, masses };
  });
  return { x: nextX, y: nextY, value: value + scale * direction[unknowns - 1] };
}
