import { deriveKey, fail, normalsInto, type RandomKey, show, uniformAt } from '@muflow/core';
import { concatSets } from './batches.js';
import type { SetBatch } from './setBatch.js';
import { drawSets, type SetLaw } from './setLaws.js';

/** A uniform point of each shape from two uniforms, of mean 0 and mean square length 1. */
const samplers = {
  circle: (u) => [Math.cos(2 * Math.PI * u), Math.sin(2 * Math.PI * u)],
  square: (u) => polygonPoint(4, u, Math.sqrt(1.5)),
  triangle: (u) => polygonPoint(3, u, Math.SQRT2),
  cross: (u) => {
    const at = Math.sqrt(3) * (4 * (u % 0.5) - 1);
    return u < 0.5 ? [at, 0] : [0, at];
  },
  disk: (u, v) => {
    const radius = Math.sqrt(2 * v);
    return [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u)];
  },
  blobs: (u, v) => {
    // Two disks of radius 0.5 at distance sqrt(0.875) from 0: 0.875 + 0.25 / 2 = 1.
    const [side, turn] = [u < 0.5 ? 1 : -1, 4 * Math.PI * (u % 0.5)];
    const radius = 0.5 * Math.sqrt(v);
    return [side * Math.sqrt(0.875) + radius * Math.cos(turn), radius * Math.sin(turn)];
  },
} as const satisfies Readonly<Record<string, (u: number, v: number) => [number, number]>>;

export type Shape = keyof typeof samplers;

/** The shapes that can be drawn. */
export const shapes = Object.keys(samplers) as [Shape, ...Shape[]];

/** Sets are larger and smaller by up to this factor. */
const spread = 0.2;

/**
 * Clouds of one shape in the plane: the shape, of mean 0 and mean square length 1, is turned by an angle and scaled by a
 * factor uniform in [0.8, 1.2], both drawn once a set; its points are uniform on it, with Gaussian noise.
 * `within = ((1 + 0.04/3)/2 + noise^2) I`, `between = 0`.
 *
 * Means and mean square lengths are the same for all shapes: only finer features of the measure tell them apart.
 *
 * @param noise - standard deviation of a coordinate, >= 0.
 */
export function shapeSets(shape: Shape, noise: number): SetLaw {
  if (!Object.hasOwn(samplers, shape) || !(noise >= 0 && noise < Infinity)) {
    fail({
      code: 'invalid-argument',
      where: 'shapeSets',
      problem: 'the shape or its noise is not usable',
      got: `${show(shape)} with noise ${show(noise)}`,
      expected: `one of ${shapes.join(', ')}, and a finite noise >= 0`,
      fix: "pass for instance shapeSets('circle', 0.1)",
    });
  }
  const sample = samplers[shape];
  const variance = (1 + spread ** 2 / 3) / 2 + noise ** 2;
  return {
    name: `${shape} with noise ${noise}`,
    dim: 2,
    moments: {
      mean: new Float64Array(2),
      within: Float64Array.of(variance, 0, 0, variance),
      between: new Float64Array(4),
    },
    pointLaw(key) {
      const pose = deriveKey(key, 'pose');
      const angle = 2 * Math.PI * uniformAt(pose, 0, 0);
      const scale = 1 + spread * (2 * uniformAt(pose, 0, 1) - 1);
      const [c, s] = [scale * Math.cos(angle), scale * Math.sin(angle)];
      return {
        pointInto(out, start, pointKey, index) {
          const [x, y] = sample(uniformAt(pointKey, index, 0), uniformAt(pointKey, index, 1));
          normalsInto(out, start, 2, pointKey, index);
          out[start] = noise * out[start] + c * x - s * y;
          out[start + 1] = noise * out[start + 1] + s * x + c * y;
        },
      };
    },
  };
}

/** As many clouds of each of several shapes, with the name of the shape of each; ids are `circle 0`, ... */
export function drawShapes(options: {
  readonly shapes: readonly Shape[];
  /** Clouds of each shape. */
  readonly each: number;
  readonly size: number | readonly [number, number];
  readonly noise: number;
  readonly key: RandomKey;
}): { readonly batch: SetBatch; readonly labels: readonly string[] } {
  const { each, size, noise, key } = options;
  const batches = options.shapes.map((shape) =>
    drawSets(shapeSets(shape, noise), { sets: each, size, key: deriveKey(key, shape), idPrefix: `${shape} ` }),
  );
  return { batch: concatSets(batches), labels: options.shapes.flatMap((shape) => new Array<string>(each).fill(shape)) };
}

/** The point at the share u of the boundary of a regular polygon with corners at this distance from 0. */
function polygonPoint(corners: number, u: number, radius: number): [number, number] {
  const side = Math.min(corners - 1, Math.floor(u * corners));
  const share = u * corners - side;
  const [a, b] = [(2 * Math.PI * side) / corners, (2 * Math.PI * (side + 1)) / corners];
  return [
    radius * ((1 - share) * Math.cos(a) + share * Math.cos(b)),
    radius * ((1 - share) * Math.sin(a) + share * Math.sin(b)),
  ];
}
