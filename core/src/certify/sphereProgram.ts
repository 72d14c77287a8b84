import { above, below } from './derivativeSlots.js';
import { type Polynomial, polynomialReader, sizeOfPolynomial } from './polynomial.js';
import { type PotentialProgram, potentialProgram } from './potentialProgram.js';
import type { ScalarGraph } from './scalarGraph.js';
import type { Term } from './separateTerms.js';
import { type SphereMinimum, sphereQuadraticMinimum } from './sphereQuadratic.js';

/** A potential that is a quadratic of the point of a sphere, whatever the atoms are. */
export interface SphereProgram {
  /** Takes the atoms of the sum. */
  readonly prepare: PotentialProgram['prepare'];
  /** The minimum, at a point of the unit sphere; null where a sum over atoms is not finite. Cost O(d^3). */
  minimum(): SphereMinimum | null;
}

interface Part {
  readonly size: number;
  readonly slack: number;
  /** Places in the matrix (i*d + j, i <= j), then of the linear part from d*d on, then of the constant. */
  readonly places: Int32Array;
  readonly coefficients: Float64Array;
}

/**
 * Terms in the d coordinates of a point of the sphere of the given radius as quadratics; null where one has another
 * degree.
 */
export function sphereProgram(
  graph: ScalarGraph,
  terms: readonly Term[],
  { dim: d, radius }: { readonly dim: number; readonly radius: number },
): SphereProgram | null {
  if (terms.some(({ mixed }) => mixed >= 0)) return null;
  const read = polynomialReader(graph, new Array(d).fill({ middle: 0, half: radius }));
  const parts: Part[] = [];
  for (const { x } of terms) {
    const part = partOf(read(x), d);
    if (part === null) return null;
    parts.push(part);
  }
  const one = graph.constant(1);
  // Moments do not ask for the factors of the point.
  const program = potentialProgram(
    graph,
    terms.map((term) => ({ ...term, x: one })),
    0,
  );
  const minimum = (): SphereMinimum | null => {
    const sums = new Float64Array(d * d + d + 1);
    let slack = 0;
    let size = 0;
    parts.forEach((part, t) => {
      const [low, high] = [program.moments.lower[t], program.moments.upper[t]];
      const middle = low / 2 + high / 2;
      const largest = Math.max(-low, high);
      slack += (high - low) * part.size + largest * part.slack;
      size += largest * part.size;
      for (let k = 0; k < part.places.length; k++) sums[part.places[k]] += middle * part.coefficients[k];
    });
    const error = (slack + size * (parts.length + 8) * 2 ** -52) * (1 + 2 ** -40);
    if (!Number.isFinite(error)) return null;
    const found = sphereQuadraticMinimum({
      dim: d,
      matrix: symmetric(sums, d),
      linear: sums.subarray(d * d, d * d + d),
      constant: sums[d * d + d],
    });
    return { lower: below(found.lower - error), upper: above(found.upper + error), at: found.at };
  };
  return { prepare: program.prepare, minimum };
}

/** Coefficients with their places; null for what is no quadratic. */
function partOf(polynomial: Polynomial | null, d: number): Part | null {
  if (polynomial === null) return null;
  const places: number[] = [];
  const coefficients: number[] = [];
  for (const { exponents, coefficient } of polynomial.monomials.values()) {
    const factors = exponents.flatMap((e, k) => new Array<number>(e).fill(k));
    if (factors.length > 2) return null;
    const [i, j] = factors;
    places.push(factors.length === 2 ? i * d + j : factors.length === 1 ? d * d + i : d * d + d);
    coefficients.push(coefficient);
  }
  return {
    size: sizeOfPolynomial(polynomial),
    slack: polynomial.slack,
    places: Int32Array.from(places),
    coefficients: Float64Array.from(coefficients),
  };
}

/** The symmetric matrix of a form whose mixed coefficients stand above the diagonal; halves are exact. */
function symmetric(form: Float64Array, d: number): Float64Array {
  const matrix = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    matrix[i * d + i] = form[i * d + i];
    for (let j = i + 1; j < d; j++) {
      matrix[i * d + j] = form[i * d + j] / 2;
      matrix[j * d + i] = matrix[i * d + j];
    }
  }
  return matrix;
}
