import type { ScalarGraph } from './scalarGraph.js';

/**
 * A polynomial in coordinates t_j of [-1, 1] that a node equals up to `slack`, uniformly: the rounding of its
 * coefficients is accounted for there.
 */
export interface Polynomial {
  /** By exponents `a_1,a_2,…`. */
  readonly monomials: ReadonlyMap<string, Monomial>;
  readonly slack: number;
}

export interface Monomial {
  readonly exponents: readonly number[];
  readonly coefficient: number;
}

/** The interval of a coordinate as `middle + half t`. */
export interface Stretch {
  readonly middle: number;
  readonly half: number;
}

/** More monomials, or a higher degree in one coordinate, are left to interval arithmetic. */
const mostMonomials = 3000;
const mostDegree = 40;
const unit = 2 ** -52;

/**
 * Reads nodes of the free point as polynomials: constants, coordinates, sums, products, whole powers, quotients by
 * constants. Null for all else.
 */
export function polynomialReader(
  graph: ScalarGraph,
  stretches: readonly Stretch[],
): (node: number) => Polynomial | null {
  const known = new Map<number, Polynomial | null>();
  const dim = stretches.length;
  const find = (node: number): Polynomial | null => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const made = read(node);
    const kept = made !== null && isUsable(made) ? made : null;
    known.set(node, kept);
    return kept;
  };
  const read = (node: number): Polynomial | null => {
    const { operation, a, b, parameter } = graph.nodes[node];
    switch (operation) {
      case 'constant':
        return constantPolynomial(parameter, dim);
      case 'free':
        return coordinate(parameter, stretches[parameter], dim);
      case 'negate':
        return both(constantPolynomial(0, dim), find(a), (p, q) => add(p, q, -1));
      case 'add':
        return both(find(a), find(b), (p, q) => add(p, q, 1));
      case 'subtract':
        return both(find(a), find(b), (p, q) => add(p, q, -1));
      case 'multiply':
        return both(find(a), find(b), multiply);
      case 'divide':
        return both(find(a), inverse(find(b), dim), multiply);
      case 'power':
        return raise(find(a), parameter);
      default:
        return null;
    }
  };
  return find;
}

function isUsable({ monomials, slack }: Polynomial): boolean {
  if (monomials.size > mostMonomials || !Number.isFinite(slack)) return false;
  for (const { exponents } of monomials.values()) if (exponents.some((e) => e > mostDegree)) return false;
  return true;
}

function both(
  p: Polynomial | null,
  q: Polynomial | null,
  combine: (p: Polynomial, q: Polynomial) => Polynomial | null,
): Polynomial | null {
  return p === null || q === null ? null : combine(p, q);
}

function constantPolynomial(value: number, dim: number, slack = 0): Polynomial {
  const exponents = new Array<number>(dim).fill(0);
  return { monomials: new Map([[exponents.join(), { exponents, coefficient: value }]]), slack };
}

function coordinate(k: number, { middle, half }: Stretch, dim: number): Polynomial {
  const zero = new Array<number>(dim).fill(0);
  const own = zero.map((_, j) => (j === k ? 1 : 0));
  const monomials = new Map<string, Monomial>([[own.join(), { exponents: own, coefficient: half }]]);
  if (middle !== 0) monomials.set(zero.join(), { exponents: zero, coefficient: middle });
  return { monomials, slack: 0 };
}

/** The sum of the sizes of the coefficients, a bound of the polynomial, rounded up. */
export function sizeOfPolynomial({ monomials }: Pick<Polynomial, 'monomials'>): number {
  let size = 0;
  for (const { coefficient } of monomials.values()) size += Math.abs(coefficient);
  return size * (1 + monomials.size * unit);
}

function add(p: Polynomial, q: Polynomial, sign: 1 | -1): Polynomial {
  const monomials = new Map(p.monomials);
  let rounding = 0;
  for (const [key, { exponents, coefficient }] of q.monomials) {
    const old = monomials.get(key);
    const sum = (old?.coefficient ?? 0) + sign * coefficient;
    if (old !== undefined) rounding += Math.abs(sum);
    monomials.set(key, { exponents, coefficient: sum });
  }
  return { monomials, slack: (p.slack + q.slack + rounding * unit) * (1 + unit) };
}

function multiply(p: Polynomial, q: Polynomial): Polynomial | null {
  if (p.monomials.size * q.monomials.size > 8 * mostMonomials) return null;
  const sum = new Map<string, { exponents: readonly number[]; coefficient: number }>();
  for (const a of p.monomials.values()) {
    for (const b of q.monomials.values()) {
      const exponents = a.exponents.map((e, j) => e + b.exponents[j]);
      const key = exponents.join();
      const entry = sum.get(key);
      if (entry === undefined) sum.set(key, { exponents, coefficient: a.coefficient * b.coefficient });
      else entry.coefficient += a.coefficient * b.coefficient;
    }
  }
  const [sizeP, sizeQ] = [sizeOfPolynomial(p), sizeOfPolynomial(q)];
  const terms = Math.min(p.monomials.size, q.monomials.size) + 4;
  const rounding = sizeP * sizeQ * terms * unit + 2 ** -1000;
  return { monomials: sum, slack: (p.slack * (sizeQ + q.slack) + q.slack * sizeP + rounding) * (1 + 8 * unit) };
}

function raise(p: Polynomial | null, exponent: number): Polynomial | null {
  if (p === null || !(Number.isInteger(exponent) && exponent >= 1 && exponent <= mostDegree)) return null;
  let product: Polynomial | null = p;
  for (let k = 1; k < exponent && product !== null; k++) product = multiply(product, p);
  return product;
}

/** The reciprocal of a constant. */
function inverse(p: Polynomial | null, dim: number): Polynomial | null {
  const only = p?.monomials.size === 1 ? [...p.monomials.values()][0] : undefined;
  if (p === null || only === undefined || only.exponents.some((e) => e !== 0)) return null;
  const size = Math.abs(only.coefficient);
  if (!(size > 2 * p.slack) || size < 1e-290) return null;
  return constantPolynomial(1 / only.coefficient, dim, ((2 * p.slack) / size + 2 * unit) / size);
}
