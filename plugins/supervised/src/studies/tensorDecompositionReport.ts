import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  type Figure,
  logLogSlope,
  type Measure,
  quantiles,
  type StudyResult,
} from '@muflow/core';
import type { DualityGap } from '../certificate/dualityGap.js';

/** One kind of planted tensors: excess energies by width and problem, and what they are compared with. */
export interface Family {
  readonly name: string;
  readonly widths: readonly number[];
  /** `shares[k][s]`: excess of width k in problem s over that of no atoms. */
  readonly shares: readonly (readonly number[])[];
  /** Of the widest runs: distances to the decomposition by power iteration; and of that to the planted one. */
  readonly closed: {
    readonly angle: number;
    readonly mass: number;
    readonly iterated: number;
    /** `filled[k][s]`: the start of width k in problem s has a particle in the basin of every term. */
    readonly filled: readonly (readonly boolean[])[];
  } | null;
  /** Greatest gap of the best measure of a problem, as a share of the energy of no atoms. */
  readonly certified: { readonly gap: number; readonly proven: boolean } | null;
}

/** How far the terms of the optimum are from the planted ones at falling penalties. */
export interface Recovery {
  readonly lambdas: readonly number[];
  readonly angles: readonly number[];
  readonly gaps: readonly number[];
}

export interface MatrixOutcome {
  readonly shape: 'symmetric' | 'rectangular';
  readonly gap: DualityGap;
  readonly least: number;
  readonly found: number;
  /** Eigenvalues or singular values of the target. */
  readonly values: Float64Array;
  readonly atoms: Measure;
}

interface Outcome {
  readonly given: { readonly seeds: number; readonly lambda: number };
  readonly families: readonly Family[];
  readonly recovery: Recovery;
  readonly matrices: readonly MatrixOutcome[];
}

const enough = 1e-6;
/** Shares below this are rounding. */
const floor = 1e-12;
const shown = (value: number): number => Math.max(value, floor);
const shareBelow = (shares: readonly number[]): number => shares.filter((x) => x <= enough).length / shares.length;

/** Excess shares of the runs that start with a particle in every basin. */
const sharesOfFilled = (shares: readonly (readonly number[])[], filled: readonly (readonly boolean[])[]): number[] =>
  shares.flatMap((list, k) => list.filter((_, s) => filled[k][s]));

function familyClaims({ name, shares, closed, certified }: Family): Claim[] {
  const claims: Claim[] = [];
  if (closed !== null) {
    const found = sharesOfFilled(shares, closed.filled);
    claims.push(
      claimAtLeast({
        statement: `${name}: of the ${found.length} runs of any width that start with a particle in the basin of every term, share whose excess is at most 1e-6 of that of no atoms`,
        bound: 1,
        measured: shareBelow(found),
      }),
      claimAtMost({
        statement: `${name}: greatest angle between terms by particles and by power iteration`,
        bound: 1e-4,
        measured: closed.angle,
      }),
      claimAtMost({
        statement: `${name}: greatest difference of their masses, those of power iteration lowered by lambda`,
        bound: 1e-4,
        measured: closed.mass,
      }),
      claimAtMost({
        statement: `${name}: greatest angle between terms by power iteration and those planted`,
        bound: 1e-7,
        measured: closed.iterated,
      }),
    );
  }
  if (certified !== null) {
    claims.push(
      claimAtLeast({
        statement: `${name}: share of problems whose excess is at most 1e-6 of that of no atoms, most particles`,
        bound: 0.9,
        measured: shareBelow(shares[shares.length - 1]),
      }),
      claimAtMost({
        statement: `${name}: greatest ${certified.proven ? 'certified' : 'bounded'} gap of the best measure of a problem, over the energy of no atoms`,
        bound: enough,
        measured: certified.gap,
      }),
    );
  }
  return claims;
}

function recoveryClaims({ lambdas, angles, gaps }: Recovery): Claim[] {
  return [
    claimWithin({
      statement: 'Incoherent terms are found up to the order of the penalty: slope of the angle in lambda',
      predicted: 1,
      measured: logLogSlope(lambdas, angles),
      tolerance: 0.15,
    }),
    claimAtMost({
      statement: 'Greatest certified gap of these optima, over lambda times the planted mass',
      bound: enough,
      measured: Math.max(...gaps.map((gap, k) => gap / lambdas[k])),
    }),
  ];
}

function matrixClaims({ shape, gap, least, found }: MatrixOutcome): Claim[] {
  const [what, names] = shape === 'symmetric' ? ['Symmetric matrix', 'eigenvalues'] : ['Matrix', 'singular values'];
  return [
    claimAtMost({
      statement: `${what}: excess over that of ${names} lowered by lambda, relative`,
      bound: enough,
      measured: Math.abs(found - least) / least,
    }),
    claimAtMost({
      statement: `${what}: ${gap.status} gap, over the least energy`,
      bound: enough,
      measured: Math.abs(gap.gap) / least,
    }),
  ];
}

function figure(families: readonly Family[]): Figure {
  return {
    id: 'excess',
    title: 'Excess against the number of particles',
    caption:
      'Medians over the problems with their range, as shares of the energy of no atoms. As many particles as terms often stop at a stationary point; a few for each term find all of them.',
    x: { label: 'particles m', scale: 'log' },
    y: { label: 'excess / energy of no atoms', scale: 'log' },
    marks: families.flatMap(({ name, widths, shares }) => {
      const spreads = shares.map((list) => quantiles(list.map(shown)));
      return [
        {
          type: 'band' as const,
          x: widths,
          low: spreads.map(({ low }) => low),
          high: spreads.map(({ high }) => high),
          label: name,
        },
        { type: 'line' as const, x: widths, y: spreads.map(({ median }) => median), label: name },
      ];
    }),
  };
}

/** Claims, tables and the figure of the study. */
export function reportOf({ given, families, recovery, matrices }: Outcome): StudyResult {
  return {
    claims: [...families.flatMap(familyClaims), ...recoveryClaims(recovery), ...matrices.flatMap(matrixClaims)],
    notes: [
      `A tensor T = sum of w_i e_i^(tensor k) is an integral of theta^(tensor k) over the sphere against a sparse measure. Particles start at uniform places and follow the WFR flow of (1/2) |int theta^(tensor k) dmu - T|^2 + lambda |mu|, lambda = ${given.lambda}. For orthonormal e_i and k >= 3 the only minimizer has the same directions (for even k: or the opposite ones) with masses lowered by lambda. At the start the term of the greatest w_i <theta, e_i>^(k-2) draws a particle to itself; a term that draws none may be missed for good, and the table says how often.`,
      'Incoherent directions have cosines of at most 0.3 with each other; there is no closed form, and the excess is over a lower bound that is proven by branch and bound on the sphere.',
      'For k = 2 the energy depends on the measure through one matrix: its eigenvalues are those of T lowered by lambda, and its decomposition into atoms is not determined. On pairs (u, v) of unit vectors the penalty is the nuclear norm.',
    ],
    tables: [
      {
        title: `Excess as a share of the energy of no atoms, ${given.seeds} problems`,
        columns: [
          'family',
          'particles',
          'least',
          'median',
          'greatest',
          'share at most 1e-6',
          'starts in every basin',
        ].map((name) => ({ name })),
        rows: families.flatMap(({ name, widths, shares, closed }) =>
          widths.map((m, k) => {
            const { low, median, high } = quantiles(shares[k].map(shown));
            const starts = closed === null ? null : closed.filled[k].filter(Boolean).length / given.seeds;
            return [name, m, low, median, high, shareBelow(shares[k]), starts];
          }),
        ),
      },
      {
        title: 'Incoherent terms found at falling penalties',
        columns: ['lambda', 'greatest angle to a planted term', 'certified gap'].map((name) => ({ name })),
        rows: recovery.lambdas.map((lambda, k) => [lambda, recovery.angles[k], shown(recovery.gaps[k])]),
      },
      {
        title: 'Matrices',
        columns: ['matrix', 'least energy', 'found', 'gap'].map((name) => ({ name })),
        rows: matrices.map(({ shape, least, found, gap }) => [shape, least, found, shown(gap.gap)]),
      },
    ],
    figures: [figure(families)],
    profiles: Object.fromEntries(matrices.map(({ shape, atoms }) => [shape, [atoms]])),
  };
}
