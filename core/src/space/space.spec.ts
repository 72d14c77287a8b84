import { describe, expect, test } from 'vitest';
import { isMuflowError } from '../errors.js';
import { deriveKey, type RandomStream, randomKey, randomStream } from '../math/random.js';
import { box } from './box.js';
import { euclidean } from './euclidean.js';
import { finite } from './finite.js';
import { parseSpace, spaceToText } from './parse.js';
import { product } from './product.js';
import { simplex } from './simplex.js';
import type { Space } from './space.js';
import { sphere } from './sphere.js';
import { torus } from './torus.js';

const spaces: readonly Space[] = [
  euclidean(1),
  euclidean(3),
  box([[-1, 1]]),
  box([
    [0, 1e-3],
    [99, 101],
  ]),
  sphere(2),
  sphere(3, { radius: 2.5 }),
  sphere(5),
  torus(1),
  torus(3, { period: 0.1 }),
  torus(2, { period: 2 * Math.PI }),
  simplex(2),
  simplex(5),
  finite(1),
  finite(6),
  product([sphere(3), box([[-1, 2]]), torus(2)]),
  product([product([simplex(3), finite(3)]), euclidean(2)]),
];

const streamOf = (space: Space, law: string): RandomStream =>
  randomStream(deriveKey(randomKey('space laws'), space.name, law));

/** Points of the space: uniform if there is a uniform law, else projected Gaussians. */
function pointsOf(space: Space, count: number, random: RandomStream): Float64Array {
  const points = Float64Array.from({ length: count * space.dim }, () => random.normal());
  if (Number.isFinite(space.volume)) space.sampleInto(points, count, random);
  else space.projectInto(points, points, count);
  return points;
}

/** A point off every border: the mean of eight points where the space has one (it is convex in those factors). */
function innerPoint(space: Space, random: RandomStream): Float64Array {
  if (space.factors !== undefined)
    return Float64Array.from(space.factors.flatMap((factor) => Array.from(innerPoint(factor, random))));
  // Away from the cut of a torus too, where coordinates jump by a period.
  if (space.kind === 'torus')
    return pointsOf(space, 1, random).map((x) => ((0.25 * space.diameter) / Math.sqrt(space.dim)) * 2 + x / 2);
  if (!space.hasBoundary) return pointsOf(space, 1, random);
  const many = pointsOf(space, 8, random);
  return Float64Array.from({ length: space.dim }, (_, k) =>
    many.reduce((sum, x, i) => sum + (i % space.dim === k ? x / 8 : 0), 0),
  );
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, k) => sum + x * b[k], 0);
const gaussian = (length: number, random: RandomStream): Float64Array =>
  Float64Array.from({ length }, () => random.normal());
const largest = (values: Float64Array): number => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** A unit of length below the shortest side of the space: small spaces are tested with small velocities. */
function scaleOf(space: Space): number {
  if (space.factors) return Math.min(...space.factors.map(scaleOf));
  return space.kind === 'box'
    ? Math.min(1, space.volume / space.diameter ** (space.dim - 1))
    : Math.min(1, space.diameter || 1);
}

describe.each(spaces.map((space) => [space.name, space] as const))('%s', (_, space) => {
  const d = space.dim;

  test('the retraction of a zero velocity, and the projection, fix every point', () => {
    const random = streamOf(space, 'fixed points');
    const points = pointsOf(space, 50, random);
    const out = new Float64Array(points.length);
    space.retractInto(out, points, new Float64Array(points.length), 1, 50);
    expect(largest(out.map((x, k) => x - points[k]))).toBeLessThan(1e-14 * (1 + largest(points)));
    space.projectInto(out, points, 50);
    expect(largest(out.map((x, k) => x - points[k]))).toBeLessThan(1e-14 * (1 + largest(points)));
  });

  test('off the border the retraction leaves x + t v by at most the order t^2', () => {
    const random = streamOf(space, 'first order');
    for (let i = 0; i < 20; i++) {
      const x = innerPoint(space, random);
      const v = gaussian(d, random);
      space.projectTangentInto(v, x, v, 1);
      const unit = (0.02 * scaleOf(space)) / Math.max(1, largest(v));
      const out = new Float64Array(d);
      const error = (t: number): number => {
        space.retractInto(out, x, v, t, 1);
        return Math.sqrt(out.reduce((sum, value, k) => sum + (value - x[k] - t * v[k]) ** 2, 0));
      };
      const [coarse, fine] = [error(unit), error(unit / 16)];
      if (coarse < 1e-14 * (1 + largest(x))) continue;
      expect(Math.log(coarse / fine) / Math.log(16)).toBeGreaterThan(1.95);
    }
  });

  test('any velocity ends in the space, and NaN is not hidden', () => {
    const random = streamOf(space, 'inside');
    for (const scale of [0, 1e-300, 1e-3, 1, 50, 1e9]) {
      const points = pointsOf(space, 20, random);
      const v = gaussian(points.length, random);
      space.projectTangentInto(v, points, v, 20);
      space.retractInto(points, points, v, scale, 20);
      for (let i = 0; i < 20; i++) expect(space.contains(points, i * d)).toBe(true);
    }
    if (space.intrinsicDim === 0) return;
    const broken = pointsOf(space, 1, random);
    space.retractInto(broken, broken, new Float64Array(d).fill(Number.NaN), 1, 1);
    expect(space.contains(broken)).toBe(false);
  });

  test('the tangent projection is an orthogonal projection of rank the intrinsic dimension', () => {
    const random = streamOf(space, 'tangent');
    for (let i = 0; i < 20; i++) {
      const x = pointsOf(space, 1, random);
      const [u, v] = [gaussian(d, random), gaussian(d, random)];
      const [pu, pv, ppv] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
      space.projectTangentInto(pu, x, u, 1);
      space.projectTangentInto(pv, x, v, 1);
      space.projectTangentInto(ppv, x, pv, 1);
      expect(largest(ppv.map((value, k) => value - pv[k]))).toBeLessThan(1e-12);
      expect(dot(pu, v)).toBeCloseTo(dot(u, pv), 11);
      let trace = 0;
      for (let k = 0; k < d; k++) {
        const axis = new Float64Array(d);
        axis[k] = 1;
        space.projectTangentInto(axis, x, axis, 1);
        trace += axis[k];
      }
      expect(trace).toBeCloseTo(space.intrinsicDim, 10);
    }
  });

  test('the distance is a metric bounded by the diameter', () => {
    const random = streamOf(space, 'metric');
    for (let i = 0; i < 100; i++) {
      const p = pointsOf(space, 3, random);
      const between = (a: number, b: number): number => space.distance(p, a * d, p, b * d);
      expect([between(0, 0), between(1, 1)]).toEqual([0, 0]);
      expect(between(0, 1)).toBe(between(1, 0));
      if (space.intrinsicDim > 0) expect(between(0, 1)).toBeGreaterThan(0);
      expect(between(0, 2)).toBeLessThanOrEqual((between(0, 1) + between(1, 2)) * (1 + 1e-12));
      expect(between(0, 1)).toBeLessThanOrEqual(space.diameter * (1 + 1e-12));
    }
  });

  test('near a point the distance is the length of the velocity', () => {
    const random = streamOf(space, 'length');
    for (let i = 0; i < 20; i++) {
      const x = innerPoint(space, random);
      const v = gaussian(d, random);
      space.projectTangentInto(v, x, v, 1);
      const speed = Math.sqrt(dot(v, v));
      const t = 1e-5 * scaleOf(space);
      const out = new Float64Array(d);
      space.retractInto(out, x, v, t, 1);
      expect(Math.abs(space.distance(x, 0, out, 0) / t - speed)).toBeLessThan(1e-4 * (1 + speed));
    }
  });

  test('an isometry keeps the space, the distances and the lengths of velocities, and carries velocities along', () => {
    const random = streamOf(space, 'isometry');
    for (let i = 0; i < 20; i++) {
      const { applyInto, pushForwardInto } = space.isometry(random);
      const p = Float64Array.from([...innerPoint(space, random), ...pointsOf(space, 1, random)]);
      const q = new Float64Array(2 * d);
      applyInto(q, p, 2);
      expect(space.contains(q) && space.contains(q, d)).toBe(true);
      expect(Math.abs(space.distance(q, 0, q, d) - space.distance(p, 0, p, d))).toBeLessThan(1e-11 * (1 + largest(p)));
      const v = gaussian(d, random);
      space.projectTangentInto(v, p, v, 1);
      const w = new Float64Array(d);
      pushForwardInto(w, p, v, 1);
      expect(dot(w, w)).toBeCloseTo(dot(v, v), 9);
      const t = 1e-3 * scaleOf(space);
      const [moved, other] = [new Float64Array(d), new Float64Array(d)];
      space.retractInto(moved, p, v, t, 1);
      applyInto(moved, moved, 1);
      space.retractInto(other, q, w, t, 1);
      expect(space.distance(moved, 0, other, 0)).toBeLessThan(1e-11 * (1 + largest(p)));
    }
  });

  test('the array methods give the same with out as an input, and one point at a time', () => {
    const random = streamOf(space, 'aliases');
    const count = 7;
    const x = pointsOf(space, count, random);
    const v = gaussian(x.length, random);
    const isometry = space.isometry(random);
    const tangent = new Float64Array(x.length);
    space.projectTangentInto(tangent, x, v, count);
    const methods: readonly ((out: Float64Array, points: Float64Array, vectors: Float64Array, n: number) => void)[] = [
      (out, points, vectors, n) => space.retractInto(out, points, vectors, 0.3, n),
      (out, points, vectors, n) => space.projectTangentInto(out, points, vectors, n),
      (out, points, _vectors, n) => space.projectInto(out, points, n),
      (out, points, _vectors, n) => isometry.applyInto(out, points, n),
      (out, points, vectors, n) => isometry.pushForwardInto(out, points, vectors, n),
    ];
    for (const method of methods) {
      const expected = new Float64Array(x.length);
      method(expected, x, tangent, count);
      const asPoints = x.slice();
      method(asPoints, asPoints, tangent, count);
      const asVectors = tangent.slice();
      method(asVectors, x, asVectors, count);
      expect([asPoints, asVectors]).toEqual([expected, expected]);
      const single = new Float64Array(d);
      for (let i = 0; i < count; i++) {
        method(single, x.slice(i * d, (i + 1) * d), tangent.slice(i * d, (i + 1) * d), 1);
        expect(single).toEqual(expected.slice(i * d, (i + 1) * d));
      }
    }
  });

  test('the text of the space reads back to the same space', () => {
    const again = parseSpace(spaceToText(space));
    expect([again.kind, again.name, again.dim, again.intrinsicDim, again.volume, again.diameter]).toEqual([
      space.kind,
      space.name,
      d,
      space.intrinsicDim,
      space.volume,
      space.diameter,
    ]);
    const p = pointsOf(space, 2, streamOf(space, 'text'));
    expect(again.distance(p, 0, p, d)).toBe(space.distance(p, 0, p, d));
  });
});

const bounded = spaces.filter((space) => Number.isFinite(space.diameter));

test.each(bounded.map((space) => [space.name, space] as const))(
  '%s: every point lies within the radius of a center',
  (_, space) => {
    const random = streamOf(space, 'covering');
    const d = space.dim;
    for (const share of d > 4 ? [0.5, 0.34] : [2, 0.6, 0.21]) {
      const { radius, count, centers } = space.covering(share * space.diameter || 1);
      expect(centers.length).toBe(count * d);
      for (let c = 0; c < count; c++) expect(space.contains(centers, c * d)).toBe(true);
      const points = pointsOf(space, 300, random);
      for (let i = 0; i < 300; i++) {
        let nearest = Infinity;
        for (let c = 0; c < count && nearest > radius; c++)
          nearest = Math.min(nearest, space.distance(points, i * d, centers, c * d));
        expect(nearest).toBeLessThanOrEqual(radius);
      }
    }
  },
);

test.each(bounded.map((space) => [space.name, space] as const))(
  '%s: a covering refuses a bad radius and too many centers',
  (_, space) => {
    const codes = [0, -1, Number.NaN, Infinity].map((radius) => codeOf(() => space.covering(radius)));
    expect(new Set(codes)).toEqual(new Set(['invalid-argument']));
    if (space.intrinsicDim > 0)
      expect(codeOf(() => space.covering(1e-4 * space.diameter, 100))).toBe('invalid-argument');
  },
);

test('an unbounded space has no uniform law and no covering', () => {
  for (const space of spaces.filter(({ diameter }) => !Number.isFinite(diameter))) {
    expect(codeOf(() => space.sampleInto(new Float64Array(space.dim), 1, streamOf(space, 'none')))).toBe('unsupported');
    expect(codeOf(() => space.covering(1))).toBe('unsupported');
  }
});

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return isMuflowError(error) ? error.code : String(error);
  }
  return 'none';
}
