import type { EvaluationContext } from '../energy/energy.js';
import type { Flow } from '../flow/flow.js';
import { firstNonFinite } from '../math/vectors.js';
import type { Measure, Profile } from '../measure/measure.js';
import { logTotalMass } from '../measure/profile.js';
import type { NonFinite } from './problem.js';

/** Where a profile stops being a list of finite measures. */
export type Fault = Omit<NonFinite, 'step'>;

/** Below this log-mass a mass is 0 in double precision, above the other one it is Infinity. */
const smallestLog = -745.2;
const largestLog = 709.78;

/** The first position, log-mass or total mass that is not finite, or null; -Infinity is an atom of no mass. Cost O(n d). */
export function findFault(profile: Profile): Fault | null {
  for (let player = 0; player < profile.length; player++) {
    const mu = profile[player];
    const at = firstNonFinite(mu.positions);
    if (at >= 0) return { quantity: 'position', player, atom: Math.floor(at / mu.dim) };
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < mu.count; i++) {
      const logMass = mu.logMasses[i];
      // NaN compares with nothing.
      if (logMass <= largest) continue;
      if (!(logMass < Number.POSITIVE_INFINITY)) return { quantity: 'logMass', player, atom: i };
      largest = logMass;
    }
    if (largest > largestLog) return { quantity: 'totalMass', player, atom: mu.logMasses.indexOf(largest) };
  }
  return null;
}

/** The first player whose mass is 0 in double precision, or -1. */
export function findLostMass(profile: Profile): number {
  for (let player = 0; player < profile.length; player++) if (hasNoMass(profile[player])) return player;
  return -1;
}

function hasNoMass(mu: Measure): boolean {
  for (let i = 0; i < mu.count; i++) if (mu.logMasses[i] > smallestLog + 1) return false;
  return !(logTotalMass(mu) > smallestLog);
}

/**
 * The origin of a fault: evaluates the field at the last good profile, and where a potential or a gradient is
 * not finite there already, names it; else the fault itself.
 */
export function traceFault(fault: Fault, flow: Flow, profile: Profile, context: EvaluationContext): Fault {
  if (flow.field === undefined) return fault;
  const out = profile.map((mu) => ({
    potential: new Float64Array(mu.count),
    gradient: new Float64Array(mu.count * mu.dim),
  }));
  flow.field.evaluateInto(out, profile, context);
  for (let player = 0; player < profile.length; player++) {
    const potential = firstNonFinite(out[player].potential);
    if (potential >= 0) return { quantity: 'potential', player, atom: potential };
    const gradient = flow.transports[player] ? firstNonFinite(out[player].gradient) : -1;
    if (gradient >= 0) return { quantity: 'gradient', player, atom: Math.floor(gradient / profile[player].dim) };
  }
  return fault;
}
