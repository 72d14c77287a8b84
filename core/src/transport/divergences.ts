import { fail, show } from '../errors.js';
import type { Measure } from '../measure/measure.js';

/** Masses on one support: n numbers >= 0, or a measure, whose atoms must then be those of the other one in order. */
export type Masses = ArrayLike<number> | Measure;

/** Bhattacharyya coefficient `sum sqrt(p q)`; 1 for equal probabilities, 0 for disjoint ones. */
export function bhattacharyya(p: Masses, q: Masses): number {
  return sumTerms('bhattacharyya', p, q, (a, b) => Math.sqrt(a) * Math.sqrt(b));
}

/** `He^2 = sum (sqrt p - sqrt q)^2`, without a factor 1/2 (the normalized Hellinger distance is `He / sqrt 2`). */
export function hellingerSquared(p: Masses, q: Masses): number {
  return sumTerms('hellinger', p, q, (a, b) => (Math.sqrt(a) - Math.sqrt(b)) ** 2);
}

/** Hellinger distance `He = sqrt(sum (sqrt p - sqrt q)^2)`. */
export function hellinger(p: Masses, q: Masses): number {
  return Math.sqrt(hellingerSquared(p, q));
}

/**
 * Kullback-Leibler divergence with mass terms `sum p log(p/q) - p + q >= 0`; Infinity where p has mass and q has none.
 *
 * Each term is computed as `p (x - log(1 + x))` with `x = (q - p) / p`, which keeps it accurate for close masses.
 */
export function kullbackLeibler(p: Masses, q: Masses): number {
  return sumTerms('kullbackLeibler', p, q, relativeEntropy);
}

/** Total variation `(1/2) sum |p - q|`. */
export function totalVariation(p: Masses, q: Masses): number {
  return sumTerms('totalVariation', p, q, (a, b) => 0.5 * Math.abs(a - b));
}

/** Jensen-Shannon divergence `(1/2) KL(p | m) + (1/2) KL(q | m)`, `m = (p + q) / 2`; at most log 2 on probabilities. */
export function jensenShannon(p: Masses, q: Masses): number {
  return sumTerms('jensenShannon', p, q, (a, b) => {
    const middle = a / 2 + b / 2;
    return 0.5 * (relativeEntropy(a, middle) + relativeEntropy(b, middle));
  });
}

/** Pearson's chi^2 divergence `sum (p - q)^2 / q`; Infinity where p has mass and q has none. */
export function chiSquared(p: Masses, q: Masses): number {
  return sumTerms('chiSquared', p, q, (a, b) => (a === b ? 0 : (a - b) ** 2 / b));
}

/**
 * The two mass arrays, once their sizes and, for measures, their positions agree.
 *
 * @throws `shape-mismatch` for different numbers of atoms; `invalid-argument` for different positions, a measure
 * beside an array, and masses that are negative or not finite.
 */
export function sharedMasses(
  where: string,
  first: Masses,
  second: Masses,
): readonly [ArrayLike<number>, ArrayLike<number>] {
  const [p, q] = [massesOf(first), massesOf(second)];
  if (p.length !== q.length) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the supports have different sizes',
      got: `${p.length} and ${q.length} atoms`,
      expected: 'two families of masses on the same atoms',
      fix: 'put zero masses where an atom is missing, or use a transport distance',
    });
  }
  if (isMeasure(first) || isMeasure(second)) checkPositions(where, first, second);
  checkMasses(where, p);
  checkMasses(where, q);
  return [p, q];
}

function relativeEntropy(p: number, q: number): number {
  if (p === 0) return q;
  if (q === 0) return Number.POSITIVE_INFINITY;
  const x = (q - p) / p;
  if (!Number.isFinite(x)) return p * (Math.log(p) - Math.log(q)) - p + q;
  return Math.max(0, p * (x - Math.log1p(x)));
}

function sumTerms(where: string, p: Masses, q: Masses, term: (p: number, q: number) => number): number {
  const [a, b] = sharedMasses(where, p, q);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += term(a[i], b[i]);
  return sum;
}

const isMeasure = (masses: Masses): masses is Measure => 'logMasses' in masses;

const massesOf = (masses: Masses): ArrayLike<number> => (isMeasure(masses) ? masses.masses : masses);

function checkPositions(where: string, mu: Masses, nu: Masses): void {
  const both = isMeasure(mu) && isMeasure(nu);
  const apart = both ? mu.positions.findIndex((x, k) => x !== nu.positions[k]) : -1;
  if (both && mu.dim === nu.dim && apart < 0) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: both ? 'the measures live on different atoms' : 'a measure is compared with an array',
    got: both
      ? `${mu.dim} and ${nu.dim} coordinates${apart < 0 ? '' : `, atom ${Math.floor(apart / mu.dim)} differs`}`
      : 'a measure and an array',
    expected: 'two measures with the same positions in the same order',
    fix: 'compare their masses on a common support, or use a transport distance',
  });
}

function checkMasses(where: string, masses: ArrayLike<number>): void {
  for (let i = 0; i < masses.length; i++) {
    if (masses[i] >= 0 && masses[i] < Number.POSITIVE_INFINITY) continue;
    fail({
      code: 'invalid-argument',
      where,
      problem: `mass ${i} is not usable`,
      got: show(masses[i]),
      expected: 'a finite number >= 0',
      fix: 'pass masses, not log-masses or signed weights',
    });
  }
}
