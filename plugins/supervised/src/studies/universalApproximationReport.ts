import { type Claim, claimAtLeast, claimAtMost, claimWithin, type Figure, quantiles, type Table } from '@muflow/core';

/** What units of one kind leave of the target, relative squares: for every width those of all draws. */
export interface Approximation {
  readonly activation: string;
  /** Degree of a polynomial unit; null for others. */
  readonly degree: number | null;
  /** Dimension of the polynomials of that degree, and what they leave. */
  readonly dimension: number | null;
  readonly floor: number | null;
  readonly residuals: readonly (readonly number[])[];
}

/** What a network leaves whose weights are all trained. */
export interface Trained {
  readonly activation: string;
  readonly share: number;
  /** What polynomials of degree 2 leave. */
  readonly floor: number;
}

/** Squared errors below this are those of rounding. */
const rounding = 1e-16;

const medians = ({ residuals }: Approximation): number[] => residuals.map((list) => quantiles(list).median);

export function approximationClaims(
  found: readonly Approximation[],
  trained: readonly Trained[],
  widths: readonly number[],
): Claim[] {
  const claims: Claim[] = [];
  const lowest = Math.min(...found.flatMap(({ floor }) => floor ?? []));
  for (const one of found) {
    const { activation, dimension, floor, residuals } = one;
    if (floor === null || dimension === null) {
      const errors = medians(one);
      const last = errors.length - 1;
      claims.push(
        claimAtMost({
          statement: `Units ${activation}, ${widths[last]} of them: median error over the least that polynomial units leave`,
          bound: 1,
          measured: errors[last] / lowest,
        }),
        claimAtMost({
          statement: `Units ${activation} leave less and less: median error of ${widths[last]} over that of ${widths[last - 1]}, or over rounding`,
          bound: 0.7,
          measured: errors[last] / Math.max(rounding, errors[last - 1]),
        }),
      );
      continue;
    }
    claims.push(
      claimAtLeast({
        statement: `Units ${activation} leave at least what their polynomials leave: least error of any draw and width over the floor`,
        bound: 1 - 1e-9,
        measured: Math.min(...residuals.flat()) / floor,
      }),
    );
    if (widths[widths.length - 1] < dimension) continue;
    claims.push(
      claimWithin({
        statement: `Units ${activation}: from ${dimension} units on, nothing is gained: largest error of such widths over the floor`,
        predicted: 1,
        measured: Math.max(...residuals.flatMap((list, k) => (widths[k] >= dimension ? list : []))) / floor,
        tolerance: 1e-6,
      }),
    );
  }
  for (const { activation, share, floor } of trained) {
    const statement = `All weights of 32 units ${activation} trained: error over what polynomials of degree 2 leave`;
    const claim = { statement, bound: activation === 'relu' ? 0.9 : 1 - 1e-9, measured: share / floor };
    claims.push(activation === 'relu' ? claimAtMost(claim) : claimAtLeast(claim));
  }
  return claims;
}

export function approximationTables(
  found: readonly Approximation[],
  trained: readonly Trained[],
  widths: readonly number[],
): Table[] {
  return [
    {
      title: 'Squared error over the square of the target, median over the draws',
      summary: true,
      columns: ['units', 'dimension of the span', 'floor', ...widths.map(String)].map((name) => ({ name })),
      rows: found.map((one) => [one.activation, one.dimension, one.floor, ...medians(one)]),
    },
    ...(trained.length === 0
      ? []
      : [
          {
            title: 'The same after training all weights of 32 units',
            columns: ['units', 'error', 'left by polynomials of degree 2'].map((name) => ({ name })),
            rows: trained.map(({ activation, share, floor }) => [activation, share, floor]),
          },
        ]),
  ];
}

export function approximationFigures(found: readonly Approximation[], widths: readonly number[]): Figure[] {
  return [
    {
      id: 'error-by-width',
      title: 'What units leave of the target',
      caption:
        'Medians over the draws. Polynomial units stop at the floor of their degree, reached with as many units as the polynomials have dimensions; the error of the others falls on.',
      x: { label: 'units', scale: 'log' },
      y: { label: 'squared error over the square of the target', scale: 'log' },
      marks: [
        ...found.map((one) => ({
          type: 'line' as const,
          label: one.activation,
          x: [...widths],
          y: medians(one).map((value) => Math.max(value, 1e-20)),
        })),
        ...found.flatMap(({ floor, degree }) =>
          floor === null ? [] : [{ type: 'rule' as const, axis: 'y' as const, at: floor, label: `degree ${degree}` }],
        ),
      ],
    },
  ];
}
