import {
  boundedLipschitzDistance,
  type CertifiedDistance,
  energyDistance,
  euclidean,
  exactDistance,
  fisherRaoDistance,
  gaussianHellinger,
  isMuflowError,
  type Measure,
  measure,
  measureFromParts,
  mmdDistance,
  sharedSupport,
  sinkhornDistance,
  sinkhornDivergence,
  slicedWasserstein,
  sphericalHellingerKantorovich,
  torus,
  unbalancedTransport,
  wassersteinDistance,
  wassersteinOnCircle,
  wassersteinOnLine,
  wfrDistance,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';

interface Kind {
  readonly name: string;
  readonly of: (mu: Measure, nu: Measure) => CertifiedDistance;
  /** Which totals it compares: equal ones, ones, or any. */
  readonly totals: 'equal' | 'one' | 'any';
  readonly dim: 1 | 2;
  /** Unit Diracs at this distance. */
  readonly diracs: (distance: number) => number;
  /** The distance from nothing to a unit Dirac. */
  readonly nothing?: number;
  /** Entropic: refuses costs beside which epsilon is lost. */
  readonly farthest?: number;
  /** Relative error, where the distance of Diracs comes out of cancelling or iterated sums. */
  readonly error?: number;
}

const alpha = 0.7;
const cut = (angle: number, at = Math.PI / 2): number => Math.min(angle, at);
const kinds: readonly Kind[] = [
  {
    name: 'W1',
    of: (mu, nu) => wassersteinDistance(mu, nu, { p: 1 }),
    totals: 'equal',
    dim: 2,
    diracs: (d) => d,
  },
  { name: 'W2', of: (mu, nu) => wassersteinDistance(mu, nu), totals: 'equal', dim: 2, diracs: (d) => d },
  {
    name: 'W2 by a formula',
    of: (mu, nu) => wassersteinDistance(mu, nu, { cost: 'norm2(x - y)' }),
    totals: 'equal',
    dim: 2,
    diracs: (d) => d * d,
  },
  { name: 'W2 on the line', of: (mu, nu) => wassersteinOnLine(mu, nu), totals: 'equal', dim: 1, diracs: (d) => d },
  {
    name: 'sliced W2',
    of: (mu, nu) => slicedWasserstein(mu, nu, { directions: 'all' }),
    totals: 'equal',
    dim: 2,
    diracs: (d) => d / Math.SQRT2,
    error: 1e-6,
  },
  {
    name: 'sliced W2 along two directions',
    of: (mu, nu) => slicedWasserstein(mu, nu, { directions: [1, 0, 0, 1] }),
    totals: 'equal',
    dim: 2,
    diracs: (d) => d / Math.SQRT2,
  },
  {
    name: 'Sinkhorn',
    of: (mu, nu) => sinkhornDistance(mu, nu, { epsilon: 0.1 }),
    totals: 'equal',
    dim: 2,
    diracs: (d) => d,
    farthest: 1e4,
  },
  {
    name: 'Sinkhorn divergence',
    of: (mu, nu) => sinkhornDivergence(mu, nu, { epsilon: 0.1 }),
    totals: 'equal',
    dim: 2,
    diracs: (d) => d,
    farthest: 1e4,
  },
  {
    name: 'unbalanced',
    of: (mu, nu) => unbalancedTransport(mu, nu, { epsilon: 0.1, rho: 1 }),
    totals: 'any',
    dim: 2,
    farthest: 1e4,
    // Of two unit Diracs: (2 rho + epsilon) (1 - exp(-c / (2 rho + epsilon))).
    diracs: (d) => Math.sqrt(2.1 * -Math.expm1((-d * d) / 2.1)),
    nothing: 1,
  },
  {
    name: 'Gaussian-Hellinger',
    of: (mu, nu) => gaussianHellinger(mu, nu),
    totals: 'any',
    dim: 2,
    diracs: (d) => Math.sqrt(2 * -Math.expm1((-d * d) / 2)),
    nothing: 1,
  },
  {
    name: 'WFR',
    of: (mu, nu) => wfrDistance(mu, nu, { alpha }),
    totals: 'any',
    dim: 2,
    diracs: (d) => (4 / Math.sqrt(alpha)) * Math.sin(cut((Math.sqrt(alpha) * d) / 2) / 2),
    nothing: 2 / Math.sqrt(alpha),
  },
  {
    name: 'SHK',
    of: (mu, nu) => sphericalHellingerKantorovich(mu, nu, { alpha }),
    totals: 'one',
    dim: 2,
    diracs: (d) => (2 / Math.sqrt(alpha)) * cut((Math.sqrt(alpha) * d) / 2),
  },
  {
    name: 'Fisher-Rao',
    of: (mu, nu) => exactDistance(fisherRaoDistance(...sharedSupport(mu, nu), 'positive')),
    totals: 'any',
    dim: 2,
    diracs: (d) => (d > 0 ? Math.sqrt(8) : 0),
    nothing: 2,
  },
  {
    name: 'bounded Lipschitz',
    of: boundedLipschitzDistance,
    totals: 'any',
    dim: 2,
    diracs: (d) => Math.min(d, 2),
    nothing: 1,
  },
  {
    name: 'MMD',
    of: (mu, nu) => mmdDistance(mu, nu),
    totals: 'any',
    dim: 2,
    diracs: (d) => Math.sqrt(2 * -Math.expm1((-d * d) / 2)),
    nothing: 1,
  },
  {
    name: 'energy distance',
    of: energyDistance,
    totals: 'equal',
    dim: 2,
    diracs: (d) => Math.sqrt(2 * d),
  },
];

const cloud = (dim: number, positions: readonly number[], masses: readonly number[]): Measure =>
  measure({ space: euclidean(dim), positions, masses, kind: 'positive' });
/** Points (or numbers) of two clouds. */
const onto = (dim: 1 | 2, places: readonly number[]): number[] => places.flatMap((x) => (dim === 1 ? [x] : [x, 0]));
const ordered = ({ lower, value, upper }: CertifiedDistance): boolean =>
  0 <= lower && lower <= value && value <= upper && Number.isFinite(upper);

/** What a refusal says; fails where there is none. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isMuflowError(error)) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe.each(kinds)('$name', ({ of, totals, dim, diracs, nothing, error = 1e-9, farthest = 1e16 }) => {
  const mu = cloud(dim, onto(dim, [0, 1, 0.25]), [0.25, 0.5, 0.25]);
  const nu = cloud(dim, onto(dim, [0.5, -1]), [0.375, 0.625]);

  test('between two unit Diracs is known, near, at the cut-offs, and at costs up to 1e32', () => {
    for (const distance of [0, 1e-3, 1, 3.75, 100, 1e8, 1e16]) {
      if (distance > farthest) continue;
      const found = of(cloud(dim, onto(dim, [0]), [1]), cloud(dim, onto(dim, [distance]), [1]));
      const expected = diracs(distance);
      expect(ordered(found), `${distance}`).toBe(true);
      expect(found.status).not.toBe('maxIterations');
      expect(Math.abs(found.value - expected), `${distance}`).toBeLessThanOrEqual(error * expected);
      expect(found.lower, `${distance}`).toBeLessThanOrEqual(expected * (1 + 1e-12));
      expect(found.upper, `${distance}`).toBeGreaterThanOrEqual(expected * (1 - 1e-12));
    }
  });

  test('at costs up to 1e32 among several atoms has finite bounds in order, or says what is lost', () => {
    const far = [
      [0, 1, 1e16],
      [-1e16, 3],
    ].map((places) => onto(dim, places));
    const ends = [cloud(dim, far[0], [0.25, 0.5, 0.25]), cloud(dim, far[1], [0.5, 0.5])] as const;
    if (farthest < 1e16) return expect(refusal(() => of(...ends))).toMatch(/epsilon is lost in the rounding/);
    const found = of(...ends);
    expect(ordered(found)).toBe(true);
    expect(found.upper).toBeGreaterThan(0);
  });

  test('does not see atoms of no mass, and sees duplicates as one', () => {
    const idle = cloud(dim, onto(dim, [7, 0, 1, 0.25, -1e16]), [0, 0.25, 0.5, 0.25, 0]);
    const twice = cloud(dim, onto(dim, [0.25, 0, 1, 0.25, 1]), [0.125, 0.25, 0.125, 0.125, 0.375]);
    const { value, upper } = of(mu, nu);
    expect(Math.abs(of(idle, nu).value - value)).toBeLessThanOrEqual(1e-15 * upper);
    for (const found of [of(twice, nu), of(nu, twice)]) {
      expect(ordered(found)).toBe(true);
      expect(Math.abs(found.value - value)).toBeLessThanOrEqual(1e-8 * upper);
    }
  });

  test('of totals that differ beyond rounding is refused, or finite', () => {
    const heavy = cloud(dim, onto(dim, [0.5, -1]), [0.375, 0.625 + 1e-6]);
    if (totals === 'any') expect(ordered(of(mu, heavy))).toBe(true);
    else expect(refusal(() => of(mu, heavy))).toMatch(/totals differ|sum/);
    const rounded = cloud(dim, onto(dim, [0.5, -1]), [0.375, 0.625 + 1e-14]);
    expect(Math.abs(of(mu, rounded).value - of(mu, nu).value)).toBeLessThan(1e-6);
  });

  test('from nothing is refused, or known', () => {
    const none = cloud(dim, onto(dim, [3]), [0]);
    const one = cloud(dim, onto(dim, [0]), [1]);
    if (nothing === undefined) {
      for (const run of [() => of(none, one), () => of(one, none), () => of(none, none)])
        expect(refusal(run)).toMatch(/total|mass/);
      return;
    }
    for (const found of [of(none, one), of(one, none)]) {
      expect(ordered(found)).toBe(true);
      expect(found.value).toBeCloseTo(nothing, 12);
    }
    expect(of(none, none).value).toBe(0);
  });

  test('of different dimensions or spaces is refused with both', () => {
    const other = cloud(3 - dim, onto(dim === 1 ? 2 : 1, [0]), [1]);
    expect(refusal(() => of(mu, other))).toMatch(/euclidean\(1\).*euclidean\(2\)|euclidean\(2\).*euclidean\(1\)/);
    const round = measure({ space: torus(dim), positions: onto(dim, [0]) });
    expect(refusal(() => of(mu, round))).toMatch(/torus/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('with a coordinate %d is refused', (bad) => {
    const broken = measureFromParts({
      ...nu,
      positions: Float64Array.from(nu.positions, (x, k) => (k === 0 ? bad : x)),
    });
    expect(refusal(() => of(mu, broken))).toMatch(/finite/);
    expect(refusal(() => of(broken, mu))).toMatch(/finite/);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('with a log-mass %d is refused', (bad) => {
    const broken = measureFromParts({ ...nu, logMasses: Float64Array.of(bad, 0) });
    expect(refusal(() => of(mu, broken))).toMatch(/finite|total|mass/);
    expect(refusal(() => of(broken, mu))).toMatch(/finite|total|mass/);
  });

  test('whose costs overflow is refused, or finite', () => {
    const far = [cloud(dim, onto(dim, [-1e200]), [1]), cloud(dim, onto(dim, [1e200]), [1])] as const;
    try {
      expect(ordered(of(...far))).toBe(true);
    } catch (thrown) {
      expect(isMuflowError(thrown) && /finite|overflow/.test(thrown.message)).toBe(true);
    }
  });
});

describe('W2 on the circle', () => {
  const circle = torus(1);
  const at = (positions: readonly number[], masses: readonly number[]): Measure =>
    measure({ space: circle, positions, masses, kind: 'positive' });
  const nu = at([0.9, 0.4], [0.5, 0.5]);

  test('holds what the others do: Diracs, duplicates, no mass, totals, spaces, numbers', () => {
    for (const [place, expected] of [
      [0, 0],
      [0.25, 0.25],
      [0.875, 0.125],
    ])
      expect(wassersteinOnCircle(at([0], [1]), at([place], [1])).value).toBeCloseTo(expected, 14);
    const found = wassersteinOnCircle(at([0, 0.3, 0.3, 0.7], [0.25, 0.25, 0.5, 0]), nu);
    expect(ordered(found)).toBe(true);
    expect(found.value).toBeCloseTo(wassersteinDistance(at([0.3, 0], [0.75, 0.25]), nu).value, 9);
    expect(refusal(() => wassersteinOnCircle(at([0], [1 + 1e-6]), nu))).toMatch(/totals differ/);
    expect(refusal(() => wassersteinOnCircle(at([0], [0]), nu))).toMatch(/totals differ or vanish/);
    expect(refusal(() => wassersteinOnCircle(cloud(1, [0], [1]), nu))).toMatch(/euclidean\(1\).*torus/);
    expect(refusal(() => wassersteinOnCircle(cloud(1, [0], [1]), cloud(1, [0], [1])))).toMatch(/circle|torus/);
    const broken = measureFromParts({ ...nu, positions: Float64Array.of(0.1, Number.NaN) });
    expect(refusal(() => wassersteinOnCircle(broken, nu))).toMatch(/atom 1 is not finite/);
  });
});
