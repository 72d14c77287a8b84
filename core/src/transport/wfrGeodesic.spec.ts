import { describe, expect, test } from 'vitest';
import file from '../../../test/vectors/transport.json' with { type: 'json' };
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { measure, normalize } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { fisherRaoDistance } from './fisherRao.js';
import { geodesicPointInto } from './spaceGeodesic.js';
import { sphericalGeodesic, sphericalHellingerKantorovich } from './sphericalHellingerKantorovich.js';
import { wfrDistance } from './wfrDistance.js';
import { wfrGeodesic } from './wfrGeodesic.js';

interface DiracPath {
  readonly input: Readonly<Record<'d' | 'm0' | 'm1' | 'alpha', number>>;
  readonly expected: { readonly points: readonly Readonly<Record<'t' | 'mass' | 'position', number>>[] };
}
interface Clouds {
  readonly input: {
    readonly x: readonly (readonly number[])[];
    readonly y: readonly (readonly number[])[];
    readonly a: readonly number[];
    readonly b: readonly number[];
  };
  readonly expected: { readonly SHK: number };
}

function vectorOf<Vector>(id: string): Vector {
  const vector = file.vectors.find((candidate) => candidate.id === id);
  if (!vector) throw new Error(`no vector ${id}`);
  return { input: vector.input, expected: vector.expect } as unknown as Vector;
}

const cube = box([
  [0, 1],
  [0, 1],
]);
const spaces: readonly Space[] = [cube, torus(2), sphere(3), product([cube, torus(1, { period: 2 })])];

function randomCloud(random: RandomStream, space: Space, count: number): Measure {
  const positions = new Float64Array(count * space.dim);
  space.sampleInto(positions, count, random);
  const masses = Float64Array.from({ length: count }, () => 10 ** (random.uniform() - 0.5));
  return measure({ space, positions, masses, kind: 'positive' });
}

const times = [0, 0.2, 0.5, 0.75, 1];

/** The distances along a path against those of constant speed, as intervals. */
function checkConstantSpeed(
  path: (t: number) => Measure,
  distance: (mu: Measure, nu: Measure) => { readonly lower: number; readonly upper: number; readonly value: number },
  whole: number,
): void {
  const room = 1e-10 * whole;
  for (const [k, s] of times.entries()) {
    for (const t of times.slice(k + 1)) {
      const { lower, upper, value } = distance(path(s), path(t));
      expect(lower).toBeLessThanOrEqual((t - s) * whole + room);
      expect(upper).toBeGreaterThanOrEqual((t - s) * whole - room);
      expect(Math.abs(value - (t - s) * whole)).toBeLessThan(room);
    }
  }
}

describe('geodesicPointInto', () => {
  test('a point at fraction f lies at f of the distance from one end and 1 - f from the other', () => {
    const random = randomStream(randomKey('geodesic-point'));
    for (const space of [...spaces, sphere(2, { radius: 3 }), torus(3, { period: 0.5 })]) {
      const d = space.dim;
      const [ends, out] = [new Float64Array(2 * d), new Float64Array(d)];
      for (let trial = 0; trial < 50; trial++) {
        space.sampleInto(ends, 2, random);
        const pair = { from: ends, fromStart: 0, to: ends, toStart: d };
        const whole = space.distance(ends, 0, ends, d);
        for (const f of [0, 0.1, 0.6, 1]) {
          geodesicPointInto(space, out, 0, pair, f);
          expect(space.contains(out)).toBe(true);
          expect(Math.abs(space.distance(ends, 0, out, 0) - f * whole)).toBeLessThan(1e-12 * space.diameter);
          expect(Math.abs(space.distance(out, 0, ends, d) - (1 - f) * whole)).toBeLessThan(1e-12 * space.diameter);
        }
      }
    }
  });

  test('antipodal points are joined by a half circle', () => {
    const ends = Float64Array.of(0.6, 0, 0.8, -0.6, 0, -0.8);
    const out = new Float64Array(3);
    geodesicPointInto(sphere(3), out, 0, { from: ends, fromStart: 0, to: ends, toStart: 3 }, 0.25);
    expect(sphere(3).distance(ends, 0, out, 0)).toBeCloseTo(Math.PI / 4, 12);
    expect(sphere(3).distance(out, 0, ends, 3)).toBeCloseTo((3 * Math.PI) / 4, 12);
  });

  test('a finite space has no paths between different points', () => {
    const places = Float64Array.of(0, 1, 1);
    const out = new Float64Array(1);
    expect(() =>
      geodesicPointInto(finite(3), out, 0, { from: places, fromStart: 0, to: places, toStart: 1 }, 0.5),
    ).toThrow(/no known shortest paths/);
    geodesicPointInto(finite(3), out, 0, { from: places, fromStart: 1, to: places, toStart: 2 }, 0.5);
    expect(out[0]).toBe(1);
  });
});

describe('wfrGeodesic', () => {
  test('between Diracs it has the positions and masses of the vector', () => {
    const { input, expected } = vectorOf<DiracPath>('wfr-geodesic-dirac');
    const { d, m0, m1, alpha } = input;
    const at = (x: number, mass: number): Measure =>
      measure({ space: euclidean(1), positions: [x], masses: [mass], kind: 'positive' });
    const path = wfrGeodesic(at(0, m0), at(d, m1), { alpha });
    for (const { t, mass, position } of expected.points) {
      expect(Math.abs(path(t).masses[0] - mass)).toBeLessThan(1e-9);
      expect(Math.abs(path(t).positions[0] - position)).toBeLessThan(1e-9);
    }
  });

  test('constant speed between all times on box, torus, sphere and product, below and beyond the cut-off', () => {
    const random = randomStream(randomKey('wfr-speed'));
    for (const space of spaces) {
      for (const alpha of [0.1, 4, 60]) {
        const [mu, nu] = [randomCloud(random, space, 8), randomCloud(random, space, 10)];
        const whole = wfrDistance(mu, nu, { alpha }).value;
        checkConstantSpeed(wfrGeodesic(mu, nu, { alpha }), (a, b) => wfrDistance(a, b, { alpha }), whole);
      }
    }
  });

  test('it starts at mu and ends at nu, with the same atoms at all times', () => {
    const random = randomStream(randomKey('wfr-ends'));
    const [mu, nu] = [randomCloud(random, torus(2), 12), randomCloud(random, torus(2), 9)];
    const path = wfrGeodesic(mu, nu, { alpha: 30 });
    expect(wfrDistance(path(0), mu, { alpha: 30 }).value).toBeLessThan(1e-7);
    expect(wfrDistance(path(1), nu, { alpha: 30 }).value).toBeLessThan(1e-7);
    expect(path(0.3).ids).toEqual(path(0.9).ids);
    expect(() => path(1.01)).toThrow(/not on the geodesic/);
  });
});

describe('sphericalHellingerKantorovich', () => {
  test('the vector within 1e-8', () => {
    const { input, expected } = vectorOf<Clouds>('wfr-3x4-prob');
    const { x, y, a, b } = input;
    const [mu, nu] = [
      measure({ space: euclidean(2), positions: x.flat(), masses: a }),
      measure({ space: euclidean(2), positions: y.flat(), masses: b }),
    ];
    const { value, lower, upper } = sphericalHellingerKantorovich(mu, nu);
    expect(Math.abs(value - expected.SHK)).toBeLessThan(1e-8);
    expect(lower).toBeLessThanOrEqual(value);
    expect(value).toBeLessThanOrEqual(upper);
    expect(upper - lower).toBeLessThan(1e-12);
  });

  test('equal to FR / sqrt(alpha) where nothing can move, and pi / sqrt(alpha) at most', () => {
    for (const alpha of [1e6, 1e8]) {
      const [mu, nu] = [
        diracs([0, 1, 2]),
        measure({ space: euclidean(1), positions: [0, 1, 2], masses: [0.2, 0.1, 0.7] }),
      ];
      const { value } = sphericalHellingerKantorovich(mu, nu, { alpha });
      expect(Math.abs((value * Math.sqrt(alpha)) / fisherRaoDistance(mu, nu) - 1)).toBeLessThan(1e-12);
    }
    expect(sphericalHellingerKantorovich(diracs([0]), diracs([9]), { alpha: 4 }).value).toBeCloseTo(Math.PI / 2, 14);
  });

  test('its geodesic has mass 1 and constant speed for three values of alpha', () => {
    const random = randomStream(randomKey('shk-speed'));
    for (const space of [cube, sphere(3)]) {
      for (const alpha of [0.1, 4, 60]) {
        const [mu, nu] = [normalize(randomCloud(random, space, 7)), normalize(randomCloud(random, space, 9))];
        const distance = (a: Measure, b: Measure) => sphericalHellingerKantorovich(a, b, { alpha });
        checkConstantSpeed(sphericalGeodesic(mu, nu, { alpha }), distance, distance(mu, nu).value);
      }
    }
  });

  test('refuses a total other than 1', () => {
    const mu = diracs([0, 1]);
    const heavy = measure({ space: euclidean(1), positions: [0], masses: [2], kind: 'positive' });
    expect(() => sphericalHellingerKantorovich(mu, heavy)).toThrow(/wrong sum, got 2/);
  });
});
