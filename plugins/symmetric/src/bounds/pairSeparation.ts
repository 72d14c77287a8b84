import { fail, funkHecke, harmonicCount, show, sphereMarginal } from '@muflow/core';

/** Squares of the eigenvalues of a pair function on the sphere, largest first, in blocks of equal ones. */
export interface PairSpectrum {
  readonly dim: number;
  readonly blocks: readonly {
    readonly degree: number;
    /** `h_k^2`, of each eigenfunction. */
    readonly square: number;
    /** N(d, k). */
    readonly count: number;
  }[];
  /** `sum_{k >= 1} h_k^2 N(d, k) = Var h(<x, y>)`, by quadrature of h^2 and not by the blocks. */
  readonly total: number;
  /** Share of the total in degrees left out: above the largest, or with |h_k| below 1e-13 of the size of h, where it has no digits. */
  readonly unresolved: number;
}

/**
 * The spectrum of the interaction `g(mu) = int int h(<x, y>) dmu dmu` beyond its constant, x and y uniform on the unit sphere of
 * R^d: harmonics of degree k are eigenfunctions with the eigenvalue `h_k = E h(t) P_k(t)`, N(d, k) times.
 *
 * @param h - finite on [-1, 1], smooth between the kinks.
 * @throws `invalid-argument` for a dimension below 2 or where h is constant.
 */
export function pairSpectrum(
  h: (t: number) => number,
  { dim, degree, kinks = [] }: { readonly dim: number; readonly degree: number; readonly kinks?: readonly number[] },
): PairSpectrum {
  const values = funkHecke(h, { dim, degree, kinks });
  // As a product with P_0 of the fine rule that resolves h.
  const total = funkHecke((t) => (h(t) - values[0]) ** 2, { dim, degree, kinks })[0];
  // Digits that quadrature has, of squares.
  const least = 1e-26 * (values[0] ** 2 + total);
  if (!(total > least)) {
    fail({
      code: 'invalid-argument',
      where: 'pairSpectrum',
      problem: 'the pair function is constant',
      got: `variance ${show(total)}`,
      expected: 'a function of <x, y> that varies',
      fix: 'pass for instance Math.sin',
    });
  }
  const blocks = Array.from(values, (value, k) => ({ degree: k, square: value * value, count: harmonicCount(dim, k) }))
    .filter((block) => block.degree > 0 && block.square > least)
    .sort((a, b) => b.square - a.square);
  const resolved = blocks.reduce((sum, { square, count }) => sum + square * count, 0);
  return { dim, blocks, total, unresolved: Math.max(0, 1 - resolved / total) };
}

/**
 * A floor under the unexplained share of `g(mu) = int int h(<x, y>) dmu dmu` for single-particle networks, on sets of N >= 2
 * independent uniform points of the sphere:
 *
 *     E|f - g|^2 / Var g >= 1 - (sum of the R largest h_k^2, each counted N(d, k) times) / Var h(<x, y>),
 *
 * for every `f(mu) = sum_{j <= M} p_j(int phi_j dmu)` with polynomials p_j of degree at most p, R = M (p - 1), and for every
 * polynomial of degree p in M features together, R = C(M + p - 1, p - 1) - 1 ({@link polynomialRank}). The test functions phi_j
 * are any with square-integrable powers up to p, of any width. It does not depend on N, nor on mean or sum pooling.
 *
 * Proof. By Hoeffding's decomposition [Hoeffding1948] into parts of 0, 1, 2, ... points, orthogonal in L2, the error is at least that of the
 * parts of two points. That of g is `(2/N^2) h(<x_a, x_b>)` less its mean, as h(<x, x>) is constant. In that of f every product of
 * integrals leaves a product of one monomial in the phi_j at x_a and one at x_b, each of degree 1 to p - 1 and centered: a
 * kernel of rank at most R, which leaves at least the eigenvalues beyond the R largest [EckartYoung1936]. N cancels. For p = 2
 * the floor is attained by `f = sum_j h_j (int phi_j dmu)^2` with the leading eigenfunctions, and a constant. Derived here.
 *
 * The same number bounds smooth outer units of every kind in another norm: the second variation of f = F(int phi dmu) at the
 * uniform measure is a kernel of rank at most M, that of g is 2h, so their relative distance in L2 is at least this, R = M.
 *
 * @param rank - R >= 0.
 */
export function singleParticleFloor({ blocks, total }: PairSpectrum, rank: number): number {
  let [left, explained] = [rank, 0];
  for (const { square, count } of blocks) {
    const taken = Math.min(left, count);
    explained += taken * square;
    left -= taken;
    if (left <= 0) break;
  }
  return Math.max(0, 1 - explained / total);
}

/**
 * The least rank R at which {@link singleParticleFloor} is at most a share; Infinity where that share lies in degrees not
 * resolved.
 *
 * @param share - unexplained, between 0 and 1.
 */
export function singleParticleRank({ blocks, total }: PairSpectrum, share: number): number {
  let [rank, missing] = [0, (1 - share) * total];
  for (const { square, count } of blocks) {
    if (missing <= count * square) return rank + Math.max(0, Math.ceil(missing / square));
    rank += count;
    missing -= count * square;
  }
  return Infinity;
}

/** Monomials of degree 1 to p - 1 in M variables, `C(M + p - 1, p - 1) - 1`: R of polynomials of degree p in M features. */
export function polynomialRank(features: number, degree: number): number {
  let binomial = 1;
  for (let j = 1; j < degree; j++) binomial = (binomial * (features + j)) / j;
  return binomial - 1;
}

/** A network on pairs, built and not trained. */
export interface PairNetwork {
  /** 2 d units z^2 for `|x + y|^2`, and one a knot. */
  readonly units: number;
  /** `E|f - g|^2 / Var g`, on sets of any size N >= 2. */
  readonly unexplained: number;
}

/**
 * A pairwise network for the same target: `<x, y> = |x + y|^2 / 2 - 1` by 2 d squared relus of x_i + y_i, then h by linear
 * interpolation with a relu at each of m knots, evenly on [-c, c], c = min(1, 6/sqrt d), constant beyond; pooled by the mean
 * over pairs, with the constant that is best. Its error is that of the interpolation, by quadrature.
 *
 * @param knots - m >= 2.
 */
export function pairNetworkError(h: (t: number) => number, dim: number, knots: number): PairNetwork {
  const range = Math.min(1, 6 / Math.sqrt(dim));
  const grid = Array.from({ length: knots }, (_, i) => -range + (2 * range * i) / (knots - 1));
  const heights = grid.map(h);
  const error = (t: number): number => {
    const at = Math.min(Math.max(((t + range) / (2 * range)) * (knots - 1), 0), knots - 1);
    const i = Math.min(Math.floor(at), knots - 2);
    return h(t) - heights[i] - (at - i) * (heights[i + 1] - heights[i]);
  };
  const varianceOf = (f: (t: number) => number, kinks: readonly number[]): number => {
    const mean = sphereMarginal(dim, f, kinks);
    return sphereMarginal(dim, (t) => (f(t) - mean) ** 2, kinks);
  };
  return { units: 2 * dim + knots, unexplained: varianceOf(error, grid) / varianceOf(h, grid) };
}
