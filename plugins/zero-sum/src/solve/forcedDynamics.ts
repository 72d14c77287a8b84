import { type Game, maxAbs, type Profile, simulate } from '@muflow/core';
import { type DynamicsName, dynamics } from '../dynamics/dynamics.js';
import { atomsOf } from '../finish/atoms.js';
import { payoffJet } from '../finish/payoffJet.js';
import { payoffMatrix } from '../payoffMatrix.js';
import { gridStart } from '../starts.js';

/** A run of one dynamics that goes on from stretch to stretch. */
export interface DynamicsRun {
  readonly start: Profile;
  /** Runs `steps` further steps; null once a number has left the finite ones. */
  advance(steps: number): Profile | null;
}

/**
 * A run of the named dynamics from a grid start, with step sizes from the payoff: `eta_w = 1 / (2 range)` and
 * `eta_x = 1 / (4 max |hess l|)`, both over a sample of pairs.
 * A stretch that diverges is begun again with half the steps.
 */
export function dynamicsRun(game: Game, name: DynamicsName, seed: number): DynamicsRun {
  const first: Profile = game.spaces.map((space) => gridStart(space, space.intrinsicDim <= 1 ? 24 : 60));
  let profile = first;
  let { mass, position } = stepSizesOf(game);
  let stretch = 0;
  return {
    start: first,
    advance(steps) {
      for (let attempt = 0; attempt < 6; attempt++) {
        const { flow, stepper, start } = dynamics(game, name, { mass, position });
        const plan = { stepper, dt: 1, maxSteps: steps, seed: seed + stretch, record: { every: steps } };
        const { status, profile: reached } = simulate({ flow, initial: start(profile) }, plan);
        stretch++;
        if (status !== 'diverged' && status !== 'massLost') {
          profile = reached;
          return profile;
        }
        mass /= 2;
        position /= 2;
      }
      return null;
    },
  };
}

/** Steps that keep explicit schemes stable: from the range and the curvature of the payoff on a sample. */
function stepSizesOf(game: Game): { mass: number; position: number } {
  const [x, y] = game.spaces.map((space) => atomsOf(gridStart(space, 12)));
  const payoff = payoffMatrix(game, x, y);
  const range = Math.max(...payoff) - Math.min(...payoff);
  let curvature = 0;
  if (game.smooth) {
    const jet = payoffJet(game);
    for (let i = 0; i < x.masses.length; i++) {
      for (let j = 0; j < y.masses.length; j++) {
        jet.evaluate(x.positions, i * x.space.dim, y.positions, j * y.space.dim);
        curvature = Math.max(curvature, maxAbs(jet.xx), maxAbs(jet.yy), maxAbs(jet.xy));
      }
    }
  }
  return { mass: range > 0 ? 0.5 / range : 1, position: curvature > 0 ? 0.25 / curvature : 0.01 };
}
