import fc, { type Arbitrary } from 'fast-check';
import { randomKey, randomStream } from '../math/random.js';
import type { Measure, MeasureKind, Profile } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { randomMeasure } from './measures.js';

const simpleSpaces: Arbitrary<Space> = fc.oneof(
  { withCrossShrink: true },
  fc.integer({ min: 1, max: 4 }).map((d) => euclidean(d)),
  fc.integer({ min: 1, max: 3 }).map((d) => box(Array.from({ length: d }, (_, k) => [-1 - k, 1] as const))),
  fc.integer({ min: 2, max: 4 }).map((d) => sphere(d)),
  fc.integer({ min: 1, max: 3 }).map((d) => torus(d)),
  fc.integer({ min: 2, max: 4 }).map((k) => simplex(k)),
  fc.integer({ min: 1, max: 6 }).map((n) => finite(n)),
);

/** Spaces of every family, in low dimension, and products of two. Shrinks towards `euclidean(1)`. */
export const spaceArbitrary: Arbitrary<Space> = fc.oneof(
  { withCrossShrink: true },
  { weight: 4, arbitrary: simpleSpaces },
  { weight: 1, arbitrary: fc.tuple(simpleSpaces, simpleSpaces).map((factors) => product(factors)) },
);

export interface MeasureArbitraryOptions {
  /** Default any of {@link spaceArbitrary}. */
  readonly space?: Space;
  /** Number of atoms, or its bounds; default 1 to 8. Shrinks towards fewer. */
  readonly count?: number | { readonly min: number; readonly max: number };
  /** Default either. */
  readonly kind?: MeasureKind;
}

/**
 * Random measures: atoms uniform where the space has a uniform law and Gaussian otherwise, masses unequal.
 *
 * @example
 * fc.assert(fc.property(measureArbitrary({ kind: 'probability' }), (mu) => Math.abs(totalMass(mu) - 1) < 1e-12));
 */
export function measureArbitrary(options: MeasureArbitraryOptions = {}): Arbitrary<Measure> {
  const { space, count = { min: 1, max: 8 }, kind } = options;
  const bounds = typeof count === 'number' ? { min: count, max: count } : count;
  return fc
    .record({
      space: space === undefined ? spaceArbitrary : fc.constant(space),
      count: fc.integer(bounds),
      kind: kind === undefined ? fc.constantFrom<MeasureKind>('probability', 'positive') : fc.constant(kind),
      seed: fc.nat(),
    })
    .map((drawn) => randomMeasure(drawn.space, drawn.count, drawn.kind, randomStream(randomKey(drawn.seed))));
}

/** Random profiles: one measure per entry, each with its own options. */
export function profileArbitrary(players: readonly MeasureArbitraryOptions[]): Arbitrary<Profile> {
  return fc.tuple(...players.map((options) => measureArbitrary(options)));
}
