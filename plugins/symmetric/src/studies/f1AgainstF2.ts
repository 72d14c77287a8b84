import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  claimWithinFactor,
  type Figure,
  linearFit,
  logLogSlope,
  type Study,
  type Table,
} from '@muflow/core';
import { z } from 'zod';
import { classSeparationBudget, neuronEnergies, neuronF2Budget, neuronF2Distance } from '../bounds/index.js';

const params = z.strictObject({
  dims: z
    .array(z.int().min(2).max(256))
    .min(2)
    .default([3, 4, 6, 8, 10, 14, 18, 24, 32, 48, 64, 96, 128])
    .describe('dimensions d of the sphere, ascending'),
  delta: z.number().positive().default(10).describe('radius of the ball of F2 whose distance is told'),
  relative: z.number().gt(0).lt(1).default(0.1).describe('relative error whose radius is told'),
  power: z.int().min(1).max(4).default(1).describe('1 for relu, 2 for its square'),
  degree: z.int().min(16).max(16_384).default(4096).describe('harmonics up to this degree are resolved'),
});

type Params = z.output<typeof params>;

/** What is found in one dimension. */
interface Row {
  readonly dim: number;
  /** Share of the energy above the degrees resolved. */
  readonly tail: number;
  /** Radius for L2 error 1/(4d), with the bound from below. */
  readonly absolute: number;
  readonly absoluteLower: number;
  /** Relative error at the radius `delta`. */
  readonly error: number;
  /** Radius for the relative error asked for. */
  readonly fixed: number;
  /** Norm that S2 needs at least to come within 1/(32 d) of the neuron on measures; null for other powers. */
  readonly floor: number | null;
}

/** Found with a coarser search before: the radius for L2 error 1/(4d), and the relative error at radius 10. */
const card: Readonly<Record<number, readonly [absolute: number, error: number]>> = {
  10: [9.28, 0.108],
  14: [26.5, 0.137],
  24: [268, 0.245],
  32: [1412, 0.296],
};

function rowOf(dim: number, { delta, relative, power, degree }: Params): Row {
  const options = { dim, power, degree };
  const { total, tail } = neuronEnergies(dim, options);
  const absolute = neuronF2Budget(1 / (4 * dim), options);
  return {
    dim,
    tail: tail / total,
    absolute: absolute.delta,
    absoluteLower: absolute.lower,
    error: neuronF2Distance(delta, options).relative,
    fixed: neuronF2Budget(relative * Math.sqrt(total), options).delta,
    floor: power === 1 ? classSeparationBudget(dim, 1 / (32 * dim)) : null,
  };
}

/** Slope of log2 of a column against the dimension, over dimensions from `low` to `high`; null for fewer than two. */
function doublings(rows: readonly Row[], of: (row: Row) => number | null, low: number, high: number): number | null {
  const some = rows.filter((row) => row.dim >= low && row.dim <= high && (of(row) ?? 0) > 0);
  if (some.length < 2) return null;
  return linearFit(
    some.map(({ dim }) => dim),
    some.map((row) => Math.log2(of(row) ?? Number.NaN)),
  ).slope;
}

function claimsOf(rows: readonly Row[], { delta, power, relative }: Params): Claim[] {
  const claims: Claim[] = [
    claimAtMost({
      statement: 'Sum rule: share of the energy of a neuron missing from its harmonics, largest over the dimensions',
      bound: 1e-5,
      measured: Math.max(...rows.map(({ tail }) => tail)),
    }),
    claimAtMost({
      statement: 'The two bounds of the radius for L2 error 1/(4d) agree: largest ratio less 1',
      bound: 1e-3,
      measured: Math.max(...rows.map(({ absolute, absoluteLower }) => absolute / absoluteLower - 1)),
    }),
  ];
  if (power !== 1) return claims;
  for (const { dim, absolute, error } of rows) {
    if (!(dim in card)) continue;
    const [predicted, before] = card[dim];
    claims.push(
      claimWithinFactor({
        statement: `Radius of the ball of F2 within 1/(4d) of a neuron in L2, d = ${dim}`,
        predicted,
        measured: absolute,
        factor: 1.03,
      }),
    );
    if (delta !== 10) continue;
    claims.push(
      claimWithinFactor({
        statement: `Relative error at radius 10, d = ${dim}`,
        predicted: before,
        measured: error,
        factor: 1.03,
      }),
    );
  }
  return [...claims, ...growthClaims(rows, relative)];
}

function growthClaims(rows: readonly Row[], relative: number): Claim[] {
  const claims: Claim[] = [];
  const small = doublings(rows, ({ absolute }) => absolute, 10, 32);
  if (small !== null) {
    claims.push(
      claimWithin({
        statement: 'log2 of the radius for L2 error 1/(4d) grows per dimension, d from 10 to 32',
        predicted: 0.33,
        measured: small,
        tolerance: 0.02,
      }),
    );
  }
  const large = doublings(rows, ({ absolute }) => absolute, 96, 256);
  if (small !== null && large !== null) {
    claims.push(
      claimAtMost({
        statement: 'In L2 that growth is not exponential: from d = 96 on its rate is at most this share of the first',
        bound: 0.85,
        measured: large / small,
      }),
    );
  }
  const wide = rows.filter(({ dim }) => dim >= 24);
  if (wide.length >= 2 && relative === 0.1) {
    claims.push(
      claimWithin({
        statement: 'At relative error 0.1 the radius is a power of d: exponent from d = 24 on',
        predicted: 2,
        measured: logLogSlope(
          wide.map(({ dim }) => dim),
          wide.map(({ fixed }) => fixed),
        ),
        tolerance: 0.2,
      }),
    );
  }
  const proven = doublings(rows, ({ floor }) => floor, 16, 256);
  if (proven !== null) {
    claims.push(
      claimAtLeast({
        statement:
          'On measures, in the largest value, the norm that S2 is proven to need for error 1/(32d) grows faster than 2^(d/2): its log2 per dimension, d from 16 on',
        bound: 0.5,
        measured: proven,
      }),
    );
  }
  return claims;
}

function tableOf(rows: readonly Row[], { delta, relative }: Params): Table {
  return {
    title: 'One neuron of norm 1 in F1 against balls of F2',
    summary: true,
    columns: [
      { name: 'd' },
      { name: 'radius, L2 error 1/(4d)' },
      { name: `relative error, radius ${delta}` },
      { name: `radius, relative error ${relative}` },
      { name: 'norm proven for S2, error 1/(32d)' },
    ],
    rows: rows.map((row) => [row.dim, row.absolute, row.error, row.fixed, row.floor]),
  };
}

function figuresOf(rows: readonly Row[], { delta, relative }: Params): Figure[] {
  const dims = rows.map(({ dim }) => dim);
  const proven = rows.filter(({ floor }) => (floor ?? 0) > 0);
  return [
    {
      id: 'radius',
      title: 'Norm in F2 that one neuron needs',
      caption:
        'In L2 at error 1/(4d) the radius looks exponential in small dimensions and bends below a straight line later; at fixed relative error it is a power of d. On measures and in the largest value, the proven floor for S2 is exponential.',
      x: { label: 'dimension d' },
      y: { label: 'norm', scale: 'log' },
      marks: [
        { type: 'line', label: 'L2 error 1/(4d)', x: dims, y: rows.map(({ absolute }) => absolute) },
        { type: 'line', label: `relative L2 error ${relative}`, x: dims, y: rows.map(({ fixed }) => fixed) },
        ...(proven.length > 1
          ? [
              {
                type: 'line' as const,
                label: 'proven for S2 on measures, largest value 1/(32d)',
                x: proven.map(({ dim }) => dim),
                y: proven.map(({ floor }) => floor ?? 0),
              },
            ]
          : []),
      ],
    },
    {
      id: 'error',
      title: `Relative L2 error of the ball of radius ${delta}`,
      caption: 'At a fixed norm the distance of a neuron from F2 rises slowly with the dimension.',
      x: { label: 'dimension d', scale: 'log' },
      y: { label: 'relative error' },
      marks: [{ type: 'line', x: dims, y: rows.map(({ error }) => error) }],
    },
  ];
}

/** What a fixed law of features costs for one neuron that trained features hold with norm 1. */
export const f1AgainstF2Study: Study<Params> = {
  id: 'symmetric/f1-against-f2',
  title: 'Norm in F2 of what one trained neuron holds with norm 1: the step from S1 to S2',
  reference: 'Bach2017',
  params,
  async run(given, context) {
    const rows: Row[] = [];
    for (const [i, dim] of given.dims.entries()) {
      rows.push(rowOf(dim, given));
      await context.pause({ label: `dimension ${dim}`, step: i + 1, fraction: (i + 1) / given.dims.length });
    }
    return {
      claims: claimsOf(rows, given),
      notes: [
        'The neuron is sigma(<w, x>) on the unit sphere of R^d, |w| = 1, of norm 1 in F1. F2 has the features sigma(<v, x>) with v uniform on the sphere and no bias. Its ball of radius delta holds, nearest to the neuron in L2, the one whose harmonics of degree k are shrunk by lambda_k^2/(lambda_k^2 + t): distances are exact up to the degrees above the largest resolved, which are bounded from both sides.',
        'What this shows: the cost of a fixed law of features for one neuron, with no training and no sampling. What it does not show: that the cost in L2 is exponential. From d = 10 to 32 the radius doubles every three dimensions, and ten dimensions show a factor of ten at most; beyond, its rate falls. The relative error 1/sqrt(8d) asked for here grows stricter with d more slowly than an exponential needs.',
        'The separation that is published is in the largest value over measures. For it the last column gives what is proven here with constants: the group norm below which no S2 network, with any outer unit of Lipschitz constant 1, comes within 1/(32d) of the neuron mu -> int relu(<w, x>) dmu on all probability measures of the sphere. One harmonic of degree up to 2d tells them apart; other test measures may give more.',
        'F2 is the space of infinitely many features. Finitely many drawn features have another kernel, and nothing here is about them.',
      ],
      tables: [tableOf(rows, given)],
      figures: figuresOf(rows, given),
      metrics: {
        dim: rows.map(({ dim }) => dim),
        radius: rows.map(({ absolute }) => absolute),
        relativeError: rows.map(({ error }) => error),
        radiusAtRelativeError: rows.map(({ fixed }) => fixed),
      },
    };
  },
};
