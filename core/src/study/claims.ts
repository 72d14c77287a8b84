import type { Claim } from './study.js';

/** A number for a reader: seven significant digits without trailing zeros. */
const show = (value: number): string => {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-4 || size >= 1e7)
    ? value.toExponential(3).replace(/\.?0+e/, 'e')
    : String(Number(value.toPrecision(7)));
};

const decide = (holds: boolean): Claim['verdict'] => (holds ? 'holds' : 'fails');

/** The claim `measured <= bound`. A measurement that is NaN fails. */
export function claimAtMost(claim: {
  readonly statement: string;
  readonly bound: number;
  readonly measured: number;
}): Claim {
  const { statement, bound, measured } = claim;
  return {
    statement,
    prediction: `at most ${show(bound)}`,
    measurement: show(measured),
    verdict: decide(measured <= bound),
  };
}

/** The claim `measured >= bound`. A measurement that is NaN fails. */
export function claimAtLeast(claim: {
  readonly statement: string;
  readonly bound: number;
  readonly measured: number;
}): Claim {
  const { statement, bound, measured } = claim;
  return {
    statement,
    prediction: `at least ${show(bound)}`,
    measurement: show(measured),
    verdict: decide(measured >= bound),
  };
}

/** The claim `|measured - predicted| <= tolerance`. A measurement that is NaN fails. */
export function claimWithin(claim: {
  readonly statement: string;
  readonly predicted: number;
  readonly measured: number;
  readonly tolerance: number;
}): Claim {
  const { statement, predicted, measured, tolerance } = claim;
  return {
    statement,
    prediction: `${show(predicted)} ± ${show(tolerance)}`,
    measurement: show(measured),
    verdict: decide(Math.abs(measured - predicted) <= tolerance),
  };
}

/** The claim `1/factor <= measured/predicted <= factor`, for positive numbers. A measurement that is NaN fails. */
export function claimWithinFactor(claim: {
  readonly statement: string;
  readonly predicted: number;
  readonly measured: number;
  readonly factor: number;
}): Claim {
  const { statement, predicted, measured, factor } = claim;
  const ratio = measured / predicted;
  return {
    statement,
    prediction: `${show(predicted)} within a factor ${show(factor)}`,
    measurement: show(measured),
    verdict: decide(ratio <= factor && ratio >= 1 / factor),
  };
}

/** How many claims hold, fail and are undecided. */
export function tallyClaims(claims: readonly Claim[]): Readonly<Record<Claim['verdict'], number>> {
  const tally = { holds: 0, fails: 0, undecided: 0 };
  for (const claim of claims) tally[claim.verdict]++;
  return tally;
}
