import type { IntervalSlots } from '../formula/intervalArithmetic.js';
import type { ScalarGraph } from './scalarGraph.js';
import type { Term } from './separateTerms.js';
import { sizeOf, type TrigonometricPolynomial, trigonometricReader, type Wave } from './trigonometric.js';
import { type TrigonometricBound, trigonometricBound } from './trigonometricBound.js';

/** A potential that is a trigonometric polynomial of the free point, whatever the atoms are. */
export interface TrigonometricProgram {
  readonly bound: TrigonometricBound;
  /** Takes the moments of the terms; returns how far V may be from the polynomial that is bounded. */
  prepare(moments: IntervalSlots): number;
}

/** The terms as trigonometric polynomials with periods given; null where one is not. */
export function trigonometricProgram(
  graph: ScalarGraph,
  terms: readonly Term[],
  periods: readonly (number | null)[],
): TrigonometricProgram | null {
  if (periods.some((period) => period === null) || terms.some(({ mixed }) => mixed >= 0)) return null;
  const read = trigonometricReader(graph, periods as readonly number[]);
  const polynomials: TrigonometricPolynomial[] = [];
  for (const { x } of terms) {
    const polynomial = read(x);
    if (polynomial === null) return null;
    polynomials.push(polynomial);
  }
  const waves = new Map<string, Wave>();
  for (const polynomial of polynomials) for (const [key, one] of polynomial.waves) waves.set(key, one);
  const keys = [...waves.keys()];
  const places = new Map(keys.map((key, k) => [key, k]));
  const parts = polynomials.map((polynomial) => ({
    slack: polynomial.slack,
    size: sizeOf(polynomial),
    entries: [...polynomial.waves].map(([key, { cosine, sine }]) => ({ at: places.get(key) as number, cosine, sine })),
  }));
  const bound = trigonometricBound([...waves.values()], periods.length);
  const [cosines, sines] = [new Float64Array(keys.length), new Float64Array(keys.length)];
  const prepare = (moments: IntervalSlots): number => {
    cosines.fill(0);
    sines.fill(0);
    let slack = 0;
    let size = 0;
    parts.forEach((part, t) => {
      const [low, high] = [moments.lower[t], moments.upper[t]];
      const middle = low / 2 + high / 2;
      const largest = Math.max(-low, high);
      slack += (high - low) * part.size + largest * part.slack;
      size += largest * part.size;
      for (const { at, cosine, sine } of part.entries) {
        cosines[at] += middle * cosine;
        sines[at] += middle * sine;
      }
    });
    bound.setCoefficients(cosines, sines);
    return (slack + size * (parts.length + 4) * 2 ** -52) * (1 + 2 ** -40);
  };
  return { bound, prepare };
}
