import type { IntervalSlots } from '../formula/intervalArithmetic.js';
import { above } from './derivativeSlots.js';
import { type Polynomial, polynomialReader, type Stretch, sizeOfPolynomial } from './polynomial.js';
import { type PolynomialBound, polynomialBound } from './polynomialBound.js';
import type { ScalarGraph } from './scalarGraph.js';
import type { Term } from './separateTerms.js';

/** A potential that is a polynomial of the free point, whatever the atoms are. */
export interface PolynomialProgram {
  readonly bound: PolynomialBound;
  readonly stretches: readonly Stretch[];
  /** Takes the moments of the terms; returns how far V may be from the polynomial that is bounded. */
  prepare(moments: IntervalSlots): number;
}

/** More coefficients than this cost more than interval arithmetic. */
const mostCoefficients = 3000;

/** The terms as polynomials on a box with the given sides; null where one is not. */
export function polynomialProgram(
  graph: ScalarGraph,
  terms: readonly Term[],
  sides: readonly { readonly lower: number; readonly upper: number }[],
): PolynomialProgram | null {
  if (terms.some(({ mixed }) => mixed >= 0)) return null;
  const stretches = sides.map(({ lower, upper }) => {
    const middle = lower / 2 + upper / 2;
    return { middle, half: above(Math.max(middle - lower, upper - middle)) };
  });
  const read = polynomialReader(graph, stretches);
  const polynomials: Polynomial[] = [];
  for (const { x } of terms) {
    const polynomial = read(x);
    if (polynomial === null) return null;
    polynomials.push(polynomial);
  }
  const all = polynomials.flatMap(({ monomials }) => [...monomials.values()]);
  const degrees = sides.map((_, j) => all.reduce((most, { exponents }) => Math.max(most, exponents[j]), 0));
  const count = degrees.reduce((product, n) => product * (n + 1), 1);
  if (count > mostCoefficients) return null;
  const placeOf = (exponents: readonly number[]): number =>
    exponents.reduce((place, e, j) => place * (degrees[j] + 1) + e, 0);
  const parts = polynomials.map((polynomial) => ({
    slack: polynomial.slack,
    size: sizeOfPolynomial(polynomial),
    places: Int32Array.from(polynomial.monomials.values(), ({ exponents }) => placeOf(exponents)),
    coefficients: Float64Array.from(polynomial.monomials.values(), ({ coefficient }) => coefficient),
  }));
  const bound = polynomialBound(degrees);
  const coefficients = new Float64Array(count);
  const prepare = (moments: IntervalSlots): number => {
    coefficients.fill(0);
    let slack = 0;
    let size = 0;
    parts.forEach((part, t) => {
      const [low, high] = [moments.lower[t], moments.upper[t]];
      const middle = low / 2 + high / 2;
      const largest = Math.max(-low, high);
      slack += (high - low) * part.size + largest * part.slack;
      size += largest * part.size;
      for (let k = 0; k < part.places.length; k++) coefficients[part.places[k]] += middle * part.coefficients[k];
    });
    bound.setCoefficients(coefficients);
    // The last term pays for a point that is rounded, or clipped to the box.
    const degree = degrees.reduce((sum, n) => sum + n, 0);
    return (slack + size * (parts.length + 8 + 2 * degree ** 2) * 2 ** -52) * (1 + 2 ** -40);
  };
  return { bound, stretches, prepare };
}
