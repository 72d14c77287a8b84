import { fail, type Measure, show } from '@muflow/core';

/** Flags of `muflow distance` that say which distance is meant, as texts. */
export interface DistanceFlags {
  readonly alpha?: string;
  readonly eps?: string;
  readonly p?: string;
  readonly cost?: string;
  readonly rho?: string;
  readonly tol?: string;
  readonly debiased?: boolean;
  readonly directions?: string;
  readonly seed?: string;
  readonly width?: string;
  readonly kernel?: string;
  readonly unbiased?: boolean;
  readonly cone?: string;
}

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

/** The cost of moving a unit of mass as a formula in x and y, in place of a power of the distance. */
export function costOf({ cost, p }: DistanceFlags): { readonly cost?: string } {
  if (cost !== undefined && p !== undefined) {
    fail({
      code: 'invalid-argument',
      where: 'muflow distance --p',
      problem: 'the exponent belongs to the distance, and another cost is given',
      got: `--p ${p} --cost ${show(cost)}`,
      expected: 'one of the two',
      fix: 'write the exponent into the cost',
    });
  }
  return cost === undefined ? {} : { cost };
}

/** By default probabilities where both totals are 1 within 1e-9. */
export function coneOf(text: string | undefined, ends: readonly [Measure, Measure]): Measure['kind'] {
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
