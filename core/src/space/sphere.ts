import { fail, show } from '../errors.js';
import { randomOrthogonal } from '../math/linalg.js';
import { sphereInto } from '../math/sampling.js';
import { logGamma } from '../math/special.js';
import {
  addScaled,
  checkDimension,
  checkRadius,
  copyFirst,
  defaultMaxCount,
  euclideanDistance,
  linearIsometry,
  roundingMargin,
  tooMany,
} from './flat.js';
import type { Covering, Space } from './space.js';

/**
 * The sphere of the given radius in R^d, with great-circle distance. The retraction is the projection
 * `R_x(v) = radius (x + v) / |x + v|`, of second order. Source: [AbsilMahonySepulchre2008], section 4.1.
 * @example
 * const ball = sphere(3); // the unit sphere in space
 */
export function sphere(d: number, options: { readonly radius?: number } = {}): Space {
  const { radius = 1 } = options;
  checkDimension('sphere', d, 2);
  if (!(radius > 0 && Number.isFinite(radius))) {
    fail({
      code: 'invalid-argument',
      where: 'sphere',
      problem: 'the radius is not usable',
      got: show(radius),
      expected: 'a finite number above 0',
      fix: 'pass { radius: 1 }',
    });
  }
  const name = radius === 1 ? `sphere(${d})` : `sphere(${d},${radius})`;
  const normalize = (out: Float64Array, count: number): void => {
    for (let i = 0; i < count; i++) {
      let squared = 0;
      for (let k = 0; k < d; k++) squared += out[i * d + k] * out[i * d + k];
      if (squared === 0) {
        // The center has no nearest point: take a fixed one.
        out[i * d] = radius;
        continue;
      }
      const scale = radius / Math.sqrt(squared);
      for (let k = 0; k < d; k++) out[i * d + k] *= scale;
    }
  };
  return {
    kind: 'sphere',
    name,
    dim: d,
    intrinsicDim: d - 1,
    volume: Math.exp(Math.log(2) + (d / 2) * Math.log(Math.PI) - logGamma(d / 2) + (d - 1) * Math.log(radius)),
    diameter: Math.PI * radius,
    hasBoundary: false,
    contains: (points, start = 0, tolerance = 1e-9) => {
      let squared = 0;
      for (let k = 0; k < d; k++) squared += points[start + k] * points[start + k];
      return Math.abs(Math.sqrt(squared) - radius) <= tolerance * Math.max(1, radius);
    },
    projectInto: (out, points, count) => {
      copyFirst(out, points, count * d);
      normalize(out, count);
    },
    retractInto: (out, points, velocity, scale, count) => {
      addScaled(out, points, velocity, scale, count * d);
      normalize(out, count);
    },
    projectTangentInto: (out, points, vectors, count) => {
      for (let i = 0; i < count; i++) {
        let along = 0;
        for (let k = 0; k < d; k++) along += points[i * d + k] * vectors[i * d + k];
        along /= radius * radius;
        for (let k = 0; k < d; k++) out[i * d + k] = vectors[i * d + k] - along * points[i * d + k];
      }
    },
    distance: (a, aStart, b, bStart) => {
      // The chord gives the angle without loss for near points, the opposite chord for far ones.
      const chord = euclideanDistance(a, aStart, b, bStart, d) / radius;
      if (chord < Math.SQRT2) return 2 * radius * Math.asin(Math.min(1, chord / 2));
      let squared = 0;
      for (let k = 0; k < d; k++) squared += (a[aStart + k] + b[bStart + k]) ** 2;
      return radius * (Math.PI - 2 * Math.asin(Math.min(1, Math.sqrt(squared) / radius / 2)));
    },
    sampleInto: (out, count, random) => {
      for (let i = 0; i < count; i++) {
        sphereInto(out, i * d, d, random);
        for (let k = 0; k < d; k++) out[i * d + k] *= radius;
      }
    },
    covering: (r, maxCount = defaultMaxCount) => sphereCovering(name, d, radius, r, maxCount),
    isometry: (random) => linearIsometry('rotation', randomOrthogonal(d, random), d, new Float64Array(d)),
  };
}

/**
 * Projects the cell centers of the faces of the cube [-1, 1]^d to the sphere.
 * Proof: radial projection maps the outside of the unit ball to its nearest points of the ball, so it never
 * lengthens. Every point of the unit sphere is the image of a point of the cube's surface, which lies within
 * half a diagonal `h = sqrt(d - 1) / perAxis` of the center of its cell; the images are within the chord h,
 * that is the angle `2 asin(h / 2)`, and `h <= 2 sin(angle / 2)`.
 */
function sphereCovering(name: string, d: number, radius: number, r: number, maxCount: number): Covering {
  checkRadius(name, r);
  const angle = Math.min(r / radius, Math.PI) * (1 - roundingMargin);
  const half = 2 * Math.sin(angle / 2);
  const perAxis = Math.max(1, Math.ceil(Math.sqrt(d - 1) / half));
  const perFace = perAxis ** (d - 1);
  const count = 2 * d * perFace;
  if (!(count <= maxCount)) tooMany(name, r, count, maxCount);
  const centers = new Float64Array(count * d);
  for (let c = 0; c < count; c++) {
    const face = Math.floor(c / perFace);
    let rest = c % perFace;
    const axis = face >> 1;
    let squared = 1;
    for (let k = 0; k < d; k++) {
      let x = face & 1 ? 1 : -1;
      if (k !== axis) {
        x = -1 + (2 * (rest % perAxis) + 1) / perAxis;
        rest = Math.floor(rest / perAxis);
        squared += x * x;
      }
      centers[c * d + k] = x;
    }
    const scale = radius / Math.sqrt(squared);
    for (let k = 0; k < d; k++) centers[c * d + k] *= scale;
  }
  return { radius: r, count, centers };
}
