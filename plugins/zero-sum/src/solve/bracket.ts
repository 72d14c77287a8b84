import type { NikaidoIsodaInterval } from '../certificate/nikaidoIsoda.js';

/** What is known of the value of a game so far. Every certificate only ever shrinks the proven part. */
export interface Bracket {
  /** Proven: the value lies in [lower, upper]; infinite ends are not known. */
  readonly lower: number;
  readonly upper: number;
  /** The ends as a search sees them, where nothing is proven. */
  readonly estimate: { readonly lower: number; readonly upper: number };
}

export const unknownBracket: Bracket = {
  lower: Number.NEGATIVE_INFINITY,
  upper: Number.POSITIVE_INFINITY,
  estimate: { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY },
};

/**
 * The bracket after one more certificate: `min_x V_x <= value <= max_y int l dmu_x` holds for any profile, so
 * proven ends intersect; ends that a search has found only move the estimate.
 */
export function narrowed(bracket: Bracket, { x, y }: Pick<NikaidoIsodaInterval, 'x' | 'y'>): Bracket {
  const provenLower = x.status === 'estimated' ? bracket.lower : Math.max(bracket.lower, x.lower);
  const provenUpper = y.status === 'estimated' ? bracket.upper : Math.min(bracket.upper, -y.lower);
  return {
    lower: provenLower,
    upper: provenUpper,
    estimate: narrowedEstimate(bracket.estimate, x.upper, -y.upper),
  };
}

/** The estimate after replies worth `lower` and `upper` were found by search. */
export function estimated(bracket: Bracket, lower: number, upper: number): Bracket {
  return { ...bracket, estimate: narrowedEstimate(bracket.estimate, lower, upper) };
}

/** A search can miss a reply, so its ends may cross by its error; then the newer ones are kept. */
function narrowedEstimate(old: Bracket['estimate'], lower: number, upper: number): Bracket['estimate'] {
  const next = { lower: Math.max(old.lower, lower), upper: Math.min(old.upper, upper) };
  return next.lower <= next.upper ? next : { lower: Math.min(lower, upper), upper: Math.max(lower, upper) };
}

export const widthOf = ({ lower, upper }: { readonly lower: number; readonly upper: number }): number => upper - lower;
