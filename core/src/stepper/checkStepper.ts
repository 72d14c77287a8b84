import { fail } from '../errors.js';
import { checkFlowProfile } from '../flow/checkFlow.js';
import type { Flow } from '../flow/flow.js';
import type { Profile } from '../measure/measure.js';
import type { Stepper } from './stepper.js';

/**
 * Refuses, before the first step, a stepper that cannot follow a flow: noise, moving atoms or changing masses that it
 * does not accept, noise on a space of isolated points, or a profile the flow is not stated for or its jumps refuse.
 *
 * @throws `unsupported`, or `shape-mismatch` and `invalid-argument` from the profile.
 */
export function checkStepper(stepper: Stepper, flow: Flow, profile: Profile): void {
  checkFlowProfile(flow, profile);
  for (const jump of flow.jumps) jump.check?.(profile);
  const { accepts, name } = stepper;
  if (flow.noise.length > 0 && !accepts.noise) {
    const temperatures = flow.noise.map(({ player, temperature }) => `temperature ${temperature} on player ${player}`);
    refuse(
      name,
      'cannot follow noise',
      temperatures.join(', '),
      'a flow without noise',
      'use eulerMaruyama, or lieSplitting with it as transport',
    );
  }
  const moving = flow.transports.indexOf(true);
  if (moving >= 0 && !accepts.transport) {
    refuse(
      name,
      'cannot move atoms',
      `${flow.name}, which moves those of player ${moving}`,
      'fixed atoms',
      'use fisherRao, or another stepper',
    );
  }
  const reacting = flow.reacts.indexOf(true);
  if (reacting >= 0 && !accepts.reaction) {
    refuse(
      name,
      'cannot change masses',
      `${flow.name}, which changes those of player ${reacting}`,
      'fixed masses',
      'use wasserstein, or another stepper',
    );
  }
  for (const { player } of flow.noise) {
    const { space } = profile[player];
    if (space.intrinsicDim > 0) continue;
    refuse(
      name,
      'cannot diffuse on isolated points',
      `noise of player ${player} on ${space.name}`,
      'a space of dimension >= 1',
      'remove the noise',
    );
  }
}

function refuse(where: string, problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'unsupported', where, problem, got, expected, fix });
}
