import { type Claim, claimAtLeast, claimAtMost, type Figure, linearFit, logLogSlope, type Table } from '@muflow/core';

/** One pair function in one dimension. */
export interface PairRow {
  readonly dim: number;
  readonly omega: number;
  readonly unresolved: number;
  /** Features, or neurons, that quadratic outer units need at least for the share asked for. */
  readonly rank: number;
  /** Features that a polynomial of degree 4 in all of them needs at least. */
  readonly features: number;
  /** Floor with as many features as the pair network has units. */
  readonly floor: number;
  readonly units: number;
  /** Of the pair network. */
  readonly unexplained: number;
}

/** Quadratic functions of drawn features. */
export interface DrawnFit {
  readonly dim: number;
  readonly features: number;
  readonly floor: number;
  readonly measured: number;
}

/** Slope of log2 of the number of features against the dimension, from d = 6 on. */
function doublings(rows: readonly PairRow[], of: (row: PairRow) => number): number {
  const some = rows.filter((row) => row.dim >= 6 && Number.isFinite(of(row)));
  if (some.length < 2) return Number.NaN;
  return linearFit(
    some.map(({ dim }) => dim),
    some.map((row) => Math.log2(of(row))),
  ).slope;
}

export function pairClaims(growing: readonly PairRow[], fixed: readonly PairRow[], fits: readonly DrawnFit[]): Claim[] {
  const claims: Claim[] = [
    claimAtMost({
      statement: 'The spectrum holds the energy of the pair function: largest share missing',
      bound: 1e-6,
      measured: Math.max(...[...growing, ...fixed].map(({ unresolved }) => unresolved)),
    }),
    claimAtMost({
      statement:
        'A pair network of 2d units and one a knot leaves little, omega growing with d: largest share unexplained',
      bound: 1e-2,
      measured: Math.max(...growing.map(({ unexplained }) => unexplained)),
    }),
    claimAtLeast({
      statement:
        'No quadratic function of drawn features explains more than the floor allows: least measured share less floor',
      // Shares are means over some thousand sets: a few percent.
      bound: -0.05,
      measured: Math.min(...fits.map(({ measured, floor }) => measured - floor)),
    }),
  ];
  const far = growing.filter(({ dim }) => dim >= 12);
  if (far.length > 0) {
    claims.push(
      claimAtLeast({
        statement:
          'Single particles with as many features leave, proven for quadratic outer units, d >= 12: least share',
        bound: 0.9,
        measured: Math.min(...far.map(({ floor }) => floor)),
      }),
    );
  }
  if (growing.filter(({ dim }) => dim >= 6).length < 2) return claims;
  return [
    ...claims,
    claimAtLeast({
      statement: 'The features they need grow exponentially: log2 per dimension from d = 6 on, omega growing with d',
      bound: 1,
      measured: doublings(growing, ({ rank }) => rank),
    }),
    claimAtLeast({
      statement: 'So do those of polynomials of degree 4 in all features, at a third of the rate',
      bound: 0.33,
      measured: doublings(growing, ({ features }) => features),
    }),
    claimAtMost({
      statement: 'At a fixed omega they do not: exponent of d from d = 6 on',
      bound: 2,
      measured: logLogSlope(
        fixed.filter(({ dim }) => dim >= 6).map(({ dim }) => dim),
        fixed.filter(({ dim }) => dim >= 6).map(({ rank }) => rank),
      ),
    }),
  ];
}

export function pairNotes({
  knots,
  fixedFrequency,
  frequencyPerDim,
  share,
}: {
  readonly knots: number;
  readonly fixedFrequency: number;
  readonly frequencyPerDim: number;
  readonly share: number;
}): string[] {
  return [
    `The target is int int sin(omega <x, y>) dmu dmu on sets of independent uniform points of the unit sphere of R^d, of any number N >= 2: omega = ${frequencyPerDim} d, and beside it omega = ${fixedFrequency}. All shares are errors over the variance of the target; they do not depend on N.`,
    `What is proven: a sum of M neurons p_j(int phi_j dmu) with quadratic p_j, or any quadratic function of M features, leaves at least the share of the eigenvalues of sin(omega <x, y>) beyond the M largest, whatever the test functions phi_j and their size or width; with polynomials of degree p the number M is to be replaced by M (p - 1), or by C(M + p - 1, p - 1) - 1 for functions of all features. The floor is attained for p = 2. Told is the least M for a share of ${share}.`,
    'What is not proven: anything for outer units that are no polynomials, in this norm. With test functions as wild as one likes they can name every set, so that some smoothness must be asked for; the published separation asks for analytic units. For smooth outer units the same floor holds for the second variation at the uniform measure, whose rank is at most M.',
    `The network on pairs is built, not trained: <x, y> by 2d squared relus, then sin by linear interpolation on ${knots} knots. Its test function has two layers. A pair network whose test function is one layer of ridge units is not known to be enough: functions of <x, y> are hard for those too.`,
    'Least squares on drawn relu test functions shows the floor from the other side, in a small dimension: they stay well above it, as they are not the leading eigenfunctions.',
  ];
}

interface Shown {
  readonly fits: readonly DrawnFit[];
  readonly share: number;
}

export function pairTables(growing: readonly PairRow[], fixed: readonly PairRow[], { fits, share }: Shown): Table[] {
  return [
    {
      title: `Features needed for an unexplained share of ${share}, and a pair network`,
      summary: true,
      columns: [
        { name: 'd' },
        { name: 'omega' },
        { name: 'features, p = 2' },
        { name: 'features, p = 4' },
        { name: 'pair units' },
        { name: 'left by pair network' },
        { name: 'floor, as many features' },
        { name: 'features, p = 2, fixed omega' },
      ],
      rows: growing.map((row, k) => [
        row.dim,
        row.omega,
        row.rank,
        row.features,
        row.units,
        row.unexplained,
        row.floor,
        fixed[k].rank,
      ]),
    },
    {
      title: `Quadratic functions of drawn features, d = ${fits[0].dim}`,
      columns: [{ name: 'features' }, { name: 'unexplained share' }, { name: 'floor' }],
      rows: fits.map(({ features, measured, floor }) => [features, measured, floor]),
    },
  ];
}

export function pairFigures(growing: readonly PairRow[], fixed: readonly PairRow[], { fits, share }: Shown): Figure[] {
  const dims = growing.map(({ dim }) => dim);
  return [
    {
      id: 'features',
      title: `Features that single particles need for an unexplained share of ${share}`,
      caption:
        'Lower bounds that hold for all test functions. The pair network has a few units a dimension and leaves less than a hundredth.',
      x: { label: 'dimension d' },
      y: { label: 'features', scale: 'log' },
      marks: [
        { type: 'line', label: 'quadratic outer, omega grows with d', x: dims, y: growing.map(({ rank }) => rank) },
        { type: 'line', label: 'degree 4 in all features', x: dims, y: growing.map(({ features }) => features) },
        { type: 'line', label: 'quadratic outer, omega fixed', x: dims, y: fixed.map(({ rank }) => rank) },
        { type: 'line', label: 'units of the pair network', x: dims, y: growing.map(({ units }) => units) },
      ],
    },
    {
      id: 'drawn',
      title: `Drawn features and the floor, d = ${fits[0].dim}`,
      caption: 'All squares and products of drawn relu test functions, fitted by least squares, on sets not fitted.',
      x: { label: 'features M' },
      y: { label: 'unexplained share' },
      marks: [
        {
          type: 'dot',
          label: 'least squares',
          x: fits.map(({ features }) => features),
          y: fits.map(({ measured }) => measured),
        },
        { type: 'line', label: 'floor', x: fits.map(({ features }) => features), y: fits.map(({ floor }) => floor) },
      ],
    },
  ];
}
