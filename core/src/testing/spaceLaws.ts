import { randomStream } from '../math/random.js';
import type { Space } from '../space/space.js';
import type { Law } from './law.js';
import { caseKey, overCases, randomPoints, randomTangents } from './samples.js';

const rounding = 1e-9;
/** Of coverings: balls overlap, so that a hole is small. */
const pointsPerCase = 16;
const show = (space: Space, points: Float64Array): string =>
  `${space.name} at [${Array.from(points.slice(0, space.dim)).join(', ')}]`;

/** The scale of coordinates, for tolerances. */
const sizeOf = (points: Float64Array): number => 1 + points.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);

/** Laws of every space: retraction, tangent projection, distance, isometries, sampling and covering. */
export const spaceLaws: readonly Law<Space>[] = [
  {
    id: 'retraction-fixes-points',
    title: 'the retraction of a zero velocity is the point itself',
    check: (space, options) =>
      overCases(options, 'retraction-fixes-points', (random) => {
        const x = randomPoints(space, 1, random);
        const out = new Float64Array(space.dim);
        space.retractInto(out, x, new Float64Array(space.dim), 1, 1);
        return { error: space.distance(out, 0, x, 0), tolerance: rounding * sizeOf(x), detail: show(space, x) };
      }),
  },
  {
    id: 'retraction-is-first-order',
    title: 'the retraction leaves a point with the given velocity',
    skip: (space) => (space.intrinsicDim === 0 ? 'nothing moves on a space of dimension 0' : null),
    check: (space, options) =>
      overCases(options, 'retraction-is-first-order', (random) => {
        const x = interiorPoint(space, random);
        const v = randomTangents(space, x, 1, random);
        const speed = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
        const t = 1e-4;
        const straight = x.map((value, k) => value + t * v[k]);
        space.projectInto(straight, straight, 1);
        const out = new Float64Array(space.dim);
        space.retractInto(out, x, v, t, 1);
        const direction = space.distance(out, 0, straight, 0) / t;
        const length = Math.abs(space.distance(x, 0, out, 0) / t - speed);
        return { error: direction + length, tolerance: 1e-3 * (1 + speed) ** 3 * sizeOf(x), detail: show(space, x) };
      }),
  },
  {
    id: 'retraction-stays-inside',
    title: 'the retraction of any velocity lies in the space',
    check: (space, options) =>
      overCases(options, 'retraction-stays-inside', (random) => {
        const x = randomPoints(space, 1, random);
        const v = randomTangents(space, x, 1, random);
        space.retractInto(x, x, v, 3, 1);
        return { error: space.contains(x, 0, rounding * sizeOf(x)) ? 0 : 1, tolerance: 0.5, detail: show(space, x) };
      }),
  },
  {
    id: 'projection',
    title: 'the projection leads into the space, is idempotent, and leaves points of the space where they are',
    check: (space, options) =>
      overCases(options, 'projection', (random) => {
        const inside = randomPoints(space, 1, random);
        const anywhere = inside.map((value) => value + 2 * random.normal());
        const [kept, once, twice] = [inside, inside, inside].map(({ length }) => new Float64Array(length));
        space.projectInto(kept, inside, 1);
        space.projectInto(once, anywhere, 1);
        space.projectInto(twice, once, 1);
        const outside = space.contains(once, 0, rounding * sizeOf(anywhere)) ? 0 : 1;
        const error = outside + space.distance(kept, 0, inside, 0) + space.distance(twice, 0, once, 0);
        return { error, tolerance: 1e-7 * sizeOf(anywhere), detail: show(space, anywhere) };
      }),
  },
  {
    id: 'tangent-projection',
    title: 'the tangent projection is idempotent and removes a part orthogonal to what it keeps',
    check: (space, options) =>
      overCases(options, 'tangent-projection', (random) => {
        const x = randomPoints(space, 1, random);
        const v = Float64Array.from({ length: space.dim }, () => random.normal());
        const p = new Float64Array(space.dim);
        const pp = new Float64Array(space.dim);
        space.projectTangentInto(p, x, v, 1);
        space.projectTangentInto(pp, x, p, 1);
        let error = 0;
        let inner = 0;
        for (let k = 0; k < space.dim; k++) {
          error += Math.abs(pp[k] - p[k]);
          inner += p[k] * (v[k] - p[k]);
        }
        return { error: error + Math.abs(inner), tolerance: rounding * space.dim, detail: show(space, x) };
      }),
  },
  {
    id: 'distance-is-a-metric',
    title: 'the distance is symmetric, zero at a point, and obeys the triangle inequality',
    check: (space, options) =>
      overCases(options, 'distance-is-a-metric', (random) => {
        const p = randomPoints(space, 3, random);
        const d = space.dim;
        const between = (i: number, j: number): number => space.distance(p, i * d, p, j * d);
        const triangle = Math.max(0, between(0, 2) - between(0, 1) - between(1, 2));
        const error =
          triangle + Math.abs(between(0, 1) - between(1, 0)) + Math.abs(between(0, 0)) + Math.max(0, -between(0, 1));
        return { error, tolerance: 1e-7 * sizeOf(p), detail: show(space, p) };
      }),
  },
  {
    id: 'isometry-keeps-distances',
    title: 'an isometry keeps distances and carries velocities along',
    check: (space, options) =>
      overCases(options, 'isometry-keeps-distances', (random) => {
        const d = space.dim;
        const isometry = space.isometry(random);
        const p = Float64Array.from([...interiorPoint(space, random), ...interiorPoint(space, random)]);
        const q = new Float64Array(2 * d);
        isometry.applyInto(q, p, 2);
        const kept = Math.abs(space.distance(p, 0, p, d) - space.distance(q, 0, q, d));
        const v = randomTangents(space, p, 1, random);
        const w = new Float64Array(d);
        isometry.pushForwardInto(w, p, v, 1);
        const moved = new Float64Array(d);
        space.retractInto(moved, p, v, 1e-3, 1);
        isometry.applyInto(moved, moved, 1);
        const other = new Float64Array(d);
        space.retractInto(other, q, w, 1e-3, 1);
        const carried = space.distance(moved, 0, other, 0);
        return { error: kept + carried, tolerance: 1e-6 * sizeOf(q), detail: `${isometry.name}, ${show(space, p)}` };
      }),
  },
  {
    id: 'samples-lie-inside',
    title: 'uniform samples lie in the space and repeat with their key',
    skip: (space) => (Number.isFinite(space.volume) ? null : 'an unbounded space has no uniform law'),
    check: (space, options) =>
      overCases(options, 'samples-lie-inside', (_, k) => {
        const key = caseKey(options, 'samples-lie-inside', k);
        const [a, b] = [new Float64Array(8 * space.dim), new Float64Array(8 * space.dim)];
        space.sampleInto(a, 8, randomStream(key));
        space.sampleInto(b, 8, randomStream(key));
        const outside = Array.from({ length: 8 }, (_x, i) => i).filter((i) => !space.contains(a, i * space.dim));
        const different = a.some((value, i) => !Object.is(value, b[i]));
        return { error: outside.length + (different ? 1 : 0), tolerance: 0.5, detail: show(space, a) };
      }),
  },
  {
    id: 'covering-covers',
    title: 'every point lies within the radius of a center of the covering',
    skip: (space) =>
      !Number.isFinite(space.diameter)
        ? 'an unbounded space has no covering'
        : space.dim > 6
          ? 'coverings above six coordinates are too large to test'
          : null,
    check: (space, options) => {
      const radius = Math.max(0.35 * space.diameter, 1e-3);
      const { centers, count } = space.covering(radius, 2_000_000);
      return overCases(options, 'covering-covers', (random) => {
        const x = randomPoints(space, pointsPerCase, random);
        let farthest = 0;
        for (let i = 0; i < pointsPerCase; i++) {
          let nearest = Number.POSITIVE_INFINITY;
          for (let c = 0; c < count; c++) {
            nearest = Math.min(nearest, space.distance(x, i * space.dim, centers, c * space.dim));
          }
          farthest = Math.max(farthest, nearest);
        }
        return { error: farthest, tolerance: radius * (1 + rounding), detail: show(space, x) };
      });
    },
  },
];

/** A point away from the border: the average of a few uniform ones where the space has a border. */
function interiorPoint(space: Space, random: Parameters<typeof randomPoints>[2]): Float64Array {
  if (!space.hasBoundary) return randomPoints(space, 1, random);
  const many = randomPoints(space, 8, random);
  const out = new Float64Array(space.dim);
  for (let i = 0; i < 8; i++) for (let k = 0; k < space.dim; k++) out[k] += many[i * space.dim + k] / 8;
  space.projectInto(out, out, 1);
  return out;
}
