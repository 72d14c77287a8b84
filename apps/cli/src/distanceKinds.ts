import {
  type CertifiedDistance,
  exactDistance,
  fail,
  fisherRaoDistance,
  fisherRaoGeodesic,
  type Measure,
  measure,
  nearest,
  show,
  wassersteinDistance,
  wfrDistance,
} from '@muflow/core';
import { sharedSupport } from './sharedSupport.js';

/** Flags of `muflow distance` that say which distance is meant, as texts. */
export interface DistanceFlags {
  readonly alpha?: string;
  readonly eps?: string;
  readonly p?: string;
  readonly rho?: string;
  readonly debiased?: boolean;
  readonly directions?: string;
  readonly seed?: string;
  readonly width?: string;
  readonly kernel?: string;
  readonly cone?: string;
}

/** A distance computed, with the path between the ends where there is one. */
export interface Measured {
  /** What was computed, in words. */
  readonly title: string;
  readonly distance: CertifiedDistance;
  /** A further line, such as the standard error of an estimate. */
  readonly note?: string;
  /** The ends that the plan and the figure speak of. */
  readonly ends: readonly [Measure, Measure];
  /** Times from 0 to 1. */
  readonly geodesic?: () => (t: number) => Measure;
}

interface Kind {
  readonly flags: readonly (keyof DistanceFlags)[];
  readonly measure: (mu: Measure, nu: Measure, flags: DistanceFlags) => Measured;
}

const kinds: Readonly<Record<string, Kind>> = {
  w2: { flags: ['p'], measure: wasserstein },
  wfr: { flags: ['alpha'], measure: wfr },
  fr: { flags: ['alpha', 'cone'], measure: fisherRao },
};

/** The distance of this kind between two positive measures; a flag that it has no use for is refused. */
export function measured(kind: string, [mu, nu]: readonly [Measure, Measure], flags: DistanceFlags): Measured {
  const found = Object.hasOwn(kinds, kind) ? kinds[kind] : refuseKind(kind);
  for (const [flag, value] of Object.entries(flags)) {
    if (value === undefined || (found.flags as readonly string[]).includes(flag)) continue;
    const users = Object.keys(kinds).filter((name) => (kinds[name].flags as readonly string[]).includes(flag));
    fail({
      code: 'invalid-argument',
      where: `muflow distance --${flag}`,
      problem: `the distance ${kind} does not depend on it`,
      got: show(value),
      expected: `this flag with ${users.join(' or ')}`,
      fix: `leave out --${flag}`,
    });
  }
  return found.measure(mu, nu, flags);
}

function wasserstein(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const p = number(flags.p, '--p', 2);
  return {
    title: `Wasserstein distance of order ${p}`,
    distance: wassersteinDistance(mu, nu, { p }),
    ends: [mu, nu],
  };
}

function wfr(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const alpha = number(flags.alpha, '--alpha', 1);
  return {
    title: `Wasserstein-Fisher-Rao distance, alpha = ${alpha}`,
    distance: wfrDistance(mu, nu, { alpha }),
    ends: [mu, nu],
  };
}

/** Atoms are matched by their positions; one that a file lacks has no mass there. */
function fisherRao(mu: Measure, nu: Measure, flags: DistanceFlags): Measured {
  const alpha = number(flags.alpha, '--alpha', 1);
  const shared = sharedSupport(mu, nu);
  const kind = coneOf(flags.cone, shared);
  const ends = kind === 'positive' ? shared : ([probability(shared[0]), probability(shared[1])] as const);
  return {
    title: `Fisher-Rao distance of ${kind === 'positive' ? 'positive' : 'probability'} measures, alpha = ${alpha}`,
    distance: exactDistance(fisherRaoDistance(...ends, kind) / Math.sqrt(alpha)),
    ends,
    geodesic: () => fisherRaoGeodesic(...ends),
  };
}

/** By default probabilities where both totals are 1 within 1e-9. */
function coneOf(text: string | undefined, ends: readonly [Measure, Measure]): Measure['kind'] {
  if (text === 'probability' || text === 'positive') return text;
  if (text === undefined) {
    const isOne = ({ masses }: Measure): boolean => Math.abs(masses.reduce((sum, m) => sum + m, 0) - 1) <= 1e-9;
    return ends.every(isOne) ? 'probability' : 'positive';
  }
  return fail({
    code: 'invalid-argument',
    where: 'muflow distance --cone',
    problem: 'there are no such measures',
    got: show(text),
    expected: 'probability (paths of total 1) or positive (of any total)',
    fix: 'leave it out to have probabilities where both totals are 1',
  });
}

const probability = ({ space, positions, masses }: Measure): Measure => measure({ space, positions, masses });

/** The value of a flag that takes a positive number. */
export function number(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && Number.isFinite(value)) return value;
  return fail({
    code: 'invalid-argument',
    where: `muflow distance ${flag}`,
    problem: 'the number is not usable',
    got: JSON.stringify(text),
    expected: 'a number above 0',
    fix: `pass for instance ${flag} ${otherwise}`,
  });
}

function refuseKind(kind: string): never {
  const names = Object.keys(kinds);
  const near = nearest(kind, names);
  return fail({
    code: 'unknown-id',
    where: 'muflow distance',
    problem: 'there is no such distance',
    got: show(kind),
    expected: `one of ${names.join(', ')}`,
    fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see muflow distance --help',
  });
}
