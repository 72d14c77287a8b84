import { describe, expect, test } from 'vitest';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { movedBy } from '../testing/measures.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { wassersteinOnCircle } from './circle.js';
import { energyDistance } from './energyDistance.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { gaussianW2Squared } from './gaussian.js';
import type { GaussianLaw } from './gaussianLaw.js';
import { mmdDistance } from './mmd.js';
import { wassersteinOnLine } from './oneDimensional.js';
import { slicedWasserstein } from './sliced.js';
import { sphericalHellingerKantorovich } from './sphericalHellingerKantorovich.js';
import { wfrDistance } from './wfrDistance.js';

const curved = [torus(2), torus(1), sphere(3)] as const;
const flat = [
  euclidean(1),
  euclidean(2),
  euclidean(5),
  box([
    [-1, 2],
    [-2, 1],
  ]),
] as const;

/** A distance and where it is one. */
interface Kind {
  readonly name: string;
  readonly of: (mu: Measure, nu: Measure, alpha: number) => CertifiedDistance;
  readonly spaces: readonly Space[];
  /** Whether both totals are 1. */
  readonly balanced: boolean;
  /** Largest `(upper - lower) / upper`; differences that cancel leave 1. */
  readonly gap: number;
  /** What a relative error of one mass may add to the square, per mass (per its square for MMD), over a distance. */
  readonly reach: (distance: number, alpha: number) => number;
  /** How far a shift of all atoms of total mass 1 by this length is. */
  readonly shift?: (length: number) => number;
  readonly trials: number;
}

const kinds: readonly Kind[] = [
  {
    name: 'W1',
    of: (mu, nu) => wassersteinDistance(mu, nu, { p: 1 }),
    spaces: [...flat, ...curved],
    balanced: true,
    gap: 1e-9,
    reach: square,
    trials: 400,
  },
  {
    name: 'W2',
    of: (mu, nu) => wassersteinDistance(mu, nu),
    spaces: [...flat, ...curved],
    balanced: true,
    gap: 1e-9,
    reach: square,
    trials: 2000,
  },
  {
    name: 'W2 on the line',
    of: (mu, nu) => wassersteinOnLine(mu, nu),
    spaces: [euclidean(1), box([[-1, 2]])],
    balanced: true,
    gap: 1e-9,
    reach: square,
    trials: 2000,
  },
  {
    name: 'W2 on the circle',
    of: (mu, nu) => wassersteinOnCircle(mu, nu),
    spaces: [torus(1), torus(1, { period: 7 })],
    balanced: true,
    // Its bounds allow for roundings of the squared period, whatever the distance.
    gap: 1e-7,
    reach: () => 7 ** 2,
    trials: 400,
  },
  {
    name: 'WFR',
    of: (mu, nu, alpha) => wfrDistance(mu, nu, { alpha }),
    spaces: [...flat, ...curved],
    balanced: false,
    gap: 1e-6,
    reach: (distance, alpha) => Math.min(distance ** 2, 8 / alpha),
    trials: 2000,
  },
  {
    name: 'SHK',
    of: (mu, nu, alpha) => sphericalHellingerKantorovich(mu, nu, { alpha }),
    spaces: [...flat, ...curved],
    balanced: true,
    gap: 1e-6,
    reach: (distance, alpha) => Math.min(distance ** 2, 8 / alpha),
    trials: 400,
  },
  {
    name: 'sliced W2 over the circle',
    of: (mu, nu) => slicedWasserstein(mu, nu, { directions: 'all' }),
    spaces: [euclidean(2)],
    balanced: true,
    gap: 1e-6,
    reach: square,
    trials: 200,
  },
  {
    name: 'MMD',
    of: (mu, nu) => mmdDistance(mu, nu),
    spaces: flat,
    balanced: false,
    gap: 1,
    reach: () => 4,
    trials: 400,
  },
  {
    name: 'energy distance',
    of: energyDistance,
    spaces: flat,
    balanced: true,
    gap: 1,
    reach: (distance) => 2 * distance,
    shift: (length) => Math.sqrt(2 * length),
    trials: 400,
  },
];

function square(distance: number): number {
  return distance * distance;
}

const stream = (label: string): RandomStream => randomStream(randomKey(label));
const pick = <T>(random: RandomStream, items: readonly T[]): T => items[Math.floor(random.uniform() * items.length)];

/** The largest distance between atoms of any of them. */
function diameter(...measures: readonly Measure[]): number {
  const { space, dim } = measures[0];
  const all = Float64Array.from(measures.flatMap(({ positions }) => Array.from(positions)));
  let largest = 0;
  for (let i = 0; i < all.length; i += dim) {
    for (let j = 0; j < i; j += dim) largest = Math.max(largest, space.distance(all, i, all, j));
  }
  return largest;
}

/**
 * Up to 12 atoms: spread, or on a lattice of ties and duplicates, or in clusters of 1e-6; masses equal, over six
 * decades, or partly zero; total 1 where `balanced`.
 */
function randomMeasureOf(random: RandomStream, space: Space, balanced: boolean): Measure {
  const count = 1 + Math.floor(random.uniform() ** 2 * 12);
  const positions = new Float64Array(count * space.dim);
  if (space.kind === 'euclidean') for (let k = 0; k < positions.length; k++) positions[k] = 2 * random.normal();
  else space.sampleInto(positions, count, random);
  const shape = pick(random, ['spread', 'ties', 'cluster'] as const);
  for (let k = 0; k < positions.length; k++) {
    if (shape === 'ties' && space.kind === 'euclidean') positions[k] = Math.round(positions[k]);
    if (shape === 'cluster' && space.kind === 'euclidean') positions[k] = 7 + 1e-6 * positions[k];
  }
  for (let i = 1; i < count; i++) {
    if (shape === 'ties' && random.uniform() < 0.3) positions.copyWithin(i * space.dim, 0, space.dim);
  }
  const weights = pick(random, ['equal', 'decades', 'zeros'] as const);
  const masses = Float64Array.from({ length: count }, (_, i) => {
    if (weights === 'equal') return 1;
    if (weights === 'decades') return 10 ** (6 * random.uniform() - 3);
    return i > 0 && random.uniform() < 0.4 ? 0 : random.uniform() + 0.1;
  });
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({
    space,
    positions,
    masses: balanced ? masses.map((mass) => mass / total) : masses,
    kind: 'positive',
  });
}

/** What rounding may add: to squares where masses are rounded, to the distances where atoms are. */
interface Slack {
  readonly square: number;
  readonly shift: number;
}

function expectAtMost(a: number, b: number, { square, shift }: Slack): void {
  expect(Math.max(a - shift, 0) ** 2).toBeLessThanOrEqual(b ** 2 * (1 + 1e-15) + square);
}

/** The bounds of both enclose one number. */
function expectSame(one: CertifiedDistance, other: CertifiedDistance, slack: Slack): void {
  expectAtMost(one.lower, other.upper, slack);
  expectAtMost(other.lower, one.upper, slack);
}

/** Every atom as two at its place, in the opposite order. */
function split({ space, positions, masses, count, dim }: Measure, part: number): Measure {
  const order = Array.from({ length: 2 * count }, (_, k) => Math.floor((2 * count - 1 - k) / 2));
  return measure({
    space,
    positions: order.flatMap((i) => Array.from(positions.subarray(i * dim, (i + 1) * dim))),
    masses: order.map((i, k) => masses[i] * (k % 2 === 0 ? part : 1 - part)),
    kind: 'positive',
  });
}

describe.each(kinds)('$name', ({ name, of, spaces, balanced, gap, reach, shift = (length) => length, trials }) => {
  const random = stream(`laws of ${name}`);
  const draw = (trial: number) => {
    const space = spaces[trial % spaces.length];
    const [mu, nu, lambda] = [0, 1, 2].map(() => randomMeasureOf(random, space, balanced));
    const mass = Math.max(...[mu, nu, lambda].map(({ masses }) => masses.reduce((sum, m) => sum + m, 0)));
    const alpha = 10 ** (6 * random.uniform() - 3);
    const size = Math.max(...[mu, nu].flatMap(({ positions }) => Array.from(positions, Math.abs)));
    const slack = {
      square: 1e-14 * mass ** (name === 'MMD' ? 2 : 1) * reach(diameter(mu, nu, lambda), alpha),
      shift: 2 * Math.sqrt(mass) * shift(8 * Number.EPSILON * size),
    };
    return { mu, nu, lambda, alpha, masses: { ...slack, shift: 0 }, slack };
  };

  test('lower <= value <= upper, and the gap is closed', () => {
    for (let trial = 0; trial < trials; trial++) {
      const { mu, nu, alpha } = draw(trial);
      const { value, squared, lower, upper, status } = of(mu, nu, alpha);
      expect(status).toBe('exact');
      expect(0 <= lower && lower <= value && value <= upper && Number.isFinite(upper)).toBe(true);
      expect(Math.abs(squared - value * value)).toBeLessThanOrEqual(1e-15 * squared);
      expect(upper - lower).toBeLessThanOrEqual(gap * upper);
    }
  });

  test('symmetry and the triangle inequality', () => {
    for (let trial = 0; trial < trials / 4; trial++) {
      const { mu, nu, lambda, alpha, masses } = draw(trial);
      const direct = of(mu, nu, alpha);
      expectSame(direct, of(nu, mu, alpha), masses);
      expectAtMost(direct.lower, of(mu, lambda, alpha).upper + of(lambda, nu, alpha).upper, masses);
    }
  });

  test('isometries, the order of atoms and splitting them change nothing', () => {
    for (let trial = 0; trial < trials / 4; trial++) {
      const { mu, nu, alpha, slack } = draw(trial);
      const isometry = mu.space.isometry(random);
      const [one, other] = [mu, nu].map((old) => split(movedBy(old, isometry), random.uniform()));
      expectSame(of(mu, nu, alpha), of(one, other, alpha), slack);
    }
  });

  test('zero between equal measures, positive between different ones', () => {
    for (let trial = 0; trial < trials / 4; trial++) {
      const { mu, nu, alpha, masses } = draw(trial);
      const same = of(mu, split(mu, random.uniform()), alpha);
      expect(same.lower ** 2).toBeLessThanOrEqual(masses.square);
      expect(same.upper ** 2).toBeLessThanOrEqual(10 * masses.square);
      const { value, lower } = of(mu, nu, alpha);
      if (!isSame(mu, nu)) expect(gap < 1 ? lower : value).toBeGreaterThan(0);
    }
  });
});

/** Whether two measures have the same mass at every place. */
function isSame(mu: Measure, nu: Measure): boolean {
  const excess = new Map<string, number>();
  for (const [{ positions, masses, count, dim }, sign] of [
    [mu, 1],
    [nu, -1],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const place = positions
        .subarray(i * dim, (i + 1) * dim)
        .map((x) => x + 0)
        .join();
      excess.set(place, (excess.get(place) ?? 0) + sign * masses[i]);
    }
  }
  return [...excess.values()].every((mass) => Math.abs(mass) < 1e-12);
}

describe('distances among each other', () => {
  const random = stream('laws between distances');
  const draw = (space: Space): readonly [Measure, Measure] => [
    randomMeasureOf(random, space, true),
    randomMeasureOf(random, space, true),
  ];
  // Totals are 1 to 1e-15 only: a square may be off by that of the widest distance.
  const allow = (mu: Measure, nu: Measure): Slack => ({ square: 1e-14 * diameter(mu, nu) ** 2, shift: 0 });

  test('W1 <= W2 <= W3 on probabilities, and the simplex method agrees with the forms for line and circle', () => {
    for (let trial = 0; trial < 300; trial++) {
      const [mu, nu] = draw([...flat, ...curved][trial % 7]);
      const [first, second, third] = [1, 2, 3].map((p) => wassersteinDistance(mu, nu, { p }));
      expectAtMost(first.lower, second.upper, allow(mu, nu));
      expectAtMost(second.lower, third.upper, allow(mu, nu));
      if (mu.dim > 1) continue;
      const direct = mu.space.kind === 'torus' ? wassersteinOnCircle(mu, nu) : wassersteinOnLine(mu, nu);
      expectSame(second, direct, allow(mu, nu));
    }
  });

  test('WFR <= SHK and WFR <= W2; WFR falls and sqrt(alpha) WFR grows with alpha', () => {
    for (let trial = 0; trial < 300; trial++) {
      const [mu, nu] = draw([...flat, ...curved][trial % 7]);
      const alpha = 10 ** (6 * random.uniform() - 3);
      const [wfr, more] = [alpha, 3 * alpha].map((rate) => wfrDistance(mu, nu, { alpha: rate }));
      const slack = allow(mu, nu);
      expectAtMost(wfr.lower, sphericalHellingerKantorovich(mu, nu, { alpha }).upper, slack);
      expectAtMost(wfr.lower, wassersteinDistance(mu, nu).upper, slack);
      expectAtMost(more.lower, wfr.upper, slack);
      expectAtMost(wfr.lower, Math.sqrt(3) * more.upper, slack);
    }
  });

  test('sliced <= W2, MMD of width s <= W1 / s, energy distance^2 <= 2 W1', () => {
    for (let trial = 0; trial < 200; trial++) {
      const [mu, nu] = draw(flat[trial % flat.length]);
      const [w1, w2] = [1, 2].map((p) => wassersteinDistance(mu, nu, { p }).upper);
      const slack = allow(mu, nu);
      expectAtMost(slicedWasserstein(mu, nu, { directions: 20, seed: trial }).lower, w2, slack);
      expectAtMost(mmdDistance(mu, nu, { width: 0.5 }).lower, 2 * w1, slack);
      expectAtMost(energyDistance(mu, nu).lower, Math.sqrt(2 * w1), slack);
    }
  });

  test('W2^2 is at least that of the Gaussians with the same means and covariances', () => {
    for (let trial = 0; trial < 200; trial++) {
      const [mu, nu] = draw(euclidean(1 + (trial % 3)));
      const gaussians = gaussianW2Squared(gaussianOf(mu), gaussianOf(nu));
      // Traces of covariances are rounded to 1e-16 of the squares of coordinates, here below 1e3.
      expect(gaussians).toBeLessThanOrEqual(wassersteinDistance(mu, nu).upper ** 2 + 1e-11);
    }
  });
});

/** Mean and covariance of a probability measure. */
function gaussianOf({ positions, masses, count, dim }: Measure): GaussianLaw {
  const mean = new Float64Array(dim);
  const covariance = new Float64Array(dim * dim);
  for (let i = 0; i < count; i++) for (let c = 0; c < dim; c++) mean[c] += masses[i] * positions[i * dim + c];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < dim * dim; k++) {
      const [c, e] = [Math.floor(k / dim), k % dim];
      covariance[k] += masses[i] * (positions[i * dim + c] - mean[c]) * (positions[i * dim + e] - mean[e]);
    }
  }
  return { mean, covariance };
}
