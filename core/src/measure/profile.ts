import { logSumExp } from '../math/sums.js';
import type { Measure, Profile } from './measure.js';

/** The profile of one measure or of several: a single measure is the game of one player. */
export function profileOf(state: Measure | Profile): Profile {
  return isProfile(state) ? state : [state];
}

/** True for a list of measures. */
export function isProfile(state: Measure | Profile): state is Profile {
  return Array.isArray(state);
}

/** `log mu(X)`, computed from the log-masses; -Infinity for the null measure. */
export function logTotalMass(mu: Measure): number {
  return logSumExp(mu.logMasses);
}

/** Total mass `mu(X) = sum_i m_i`. */
export function totalMass(mu: Measure): number {
  return Math.exp(logSumExp(mu.logMasses));
}
