import { fail, show } from '../errors.js';
import { logSumExp } from '../math/sums.js';
import { mergeAtoms } from '../measure/support.js';
import type { Jump } from './flow.js';
import { checkPeriod, type JumpOptions, replaceMeasure, selectAtoms, unchanged } from './population.js';

export interface MergeOptions extends JumpOptions {
  /** Atoms within this distance of a heavier one become one; 0 merges equal points only. */
  readonly radius: number;
  /** Steps between mergers, default 1. */
  readonly every?: number;
}

/**
 * Merges atoms that have come together, by {@link mergeAtoms}: in order of mass, each takes in the free atoms within
 * `radius`; the merged atom has their mass, lies at their barycenter and keeps the id of the heaviest. Total mass stays;
 * the integral of a smooth function changes by O(radius^2). Cost O(n^2) distances at most.
 *
 * @throws `invalid-argument` for a radius or period out of range.
 */
export function merge({ radius, every = 1, player = 0, name = 'merge' }: MergeOptions): Jump {
  checkSize('merge', 'radius', radius, Number.MAX_VALUE);
  checkPeriod('merge', every);
  return {
    name,
    player,
    apply: (profile, _flow, { step }) => {
      if ((step + 1) % every !== 0) return unchanged(profile);
      const merged = mergeAtoms(profile[player], radius);
      const deaths = profile[player].count - merged.count;
      return deaths === 0
        ? unchanged(profile)
        : { profile: replaceMeasure(profile, player, merged), births: 0, deaths };
    },
  };
}

export interface PruneOptions extends JumpOptions {
  /** Share of the total mass, in [0, 1): atoms below it are dropped; 0 drops none but the empty. */
  readonly threshold: number;
  /** Steps between prunings, default 1. */
  readonly every?: number;
}

/**
 * Drops atoms whose share of the mass is below `threshold`, never the heaviest. A probability is normalized again; a
 * positive measure loses their mass, at most `n threshold` of the total.
 *
 * @throws `invalid-argument` for a threshold or period out of range.
 */
export function prune({ threshold, every = 1, player = 0, name = 'prune' }: PruneOptions): Jump {
  checkSize('prune', 'threshold', threshold, 1);
  checkPeriod('prune', every);
  return {
    name,
    player,
    apply: (profile, _flow, { step }) => {
      const mu = profile[player];
      const logTotal = logSumExp(mu.logMasses);
      if ((step + 1) % every !== 0 || !Number.isFinite(logTotal)) return unchanged(profile);
      const heaviest = mu.logMasses.reduce((a, b) => Math.max(a, b));
      const floor = Math.min(threshold === 0 ? -Number.MAX_VALUE : logTotal + Math.log(threshold), heaviest);
      const kept = Array.from(mu.logMasses.keys()).filter((i) => mu.logMasses[i] >= floor);
      const deaths = mu.count - kept.length;
      if (deaths === 0) return unchanged(profile);
      return { profile: replaceMeasure(profile, player, selectAtoms(mu, kept)), births: 0, deaths };
    },
  };
}

function checkSize(where: string, option: string, value: number, below: number): void {
  if (value >= 0 && value < below) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: `the ${option} is not usable`,
    got: show(value),
    expected: below === 1 ? 'a number in [0, 1)' : 'a finite number >= 0',
    fix: `pass for instance ${option}: 1e-3`,
  });
}
