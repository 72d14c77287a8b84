import type { RandomStream } from '../math/random.js';

/** Centers such that every point of the space lies within `radius` of one of them. */
export interface Covering {
  readonly radius: number;
  readonly count: number;
  /** count*dim, row-major. */
  readonly centers: Float64Array;
}

/** A distance-preserving map of the space onto itself, with its action on tangent vectors. */
export interface Isometry {
  readonly name: string;
  applyInto(out: Float64Array, points: Float64Array, count: number): void;
  /** Pushes tangent vectors forward (the differential at the given points). */
  pushForwardInto(out: Float64Array, points: Float64Array, vectors: Float64Array, count: number): void;
}

/**
 * A space on which measures live. Points are rows of `dim` numbers in flat row-major arrays;
 * embedded spaces (sphere, simplex) use the coordinates of the space around them.
 * All array methods take the number of points, never allocate, and allow `out` to be an input.
 */
export interface Space {
  /** Family: `euclidean`, `box`, `sphere`, `torus`, `simplex`, `finite`, `product`, or a plugin's own. */
  readonly kind: string;
  /** Text that {@link parseSpace} reads back, e.g. `torus(2)`. */
  readonly name: string;
  /** Stored coordinates per point. */
  readonly dim: number;
  /** Dimension as a manifold, `dim - 1` for sphere and simplex, 0 for a finite space. */
  readonly intrinsicDim: number;
  /** Intrinsic volume; Infinity where unbounded, the number of points for a finite space. */
  readonly volume: number;
  readonly diameter: number;
  /** True where a retraction may stop at a border (box, simplex): orders of steppers hold inside only. */
  readonly hasBoundary: boolean;
  /** The factors of a product; absent otherwise. */
  readonly factors?: readonly Space[];
  /** True if the point at `start` lies in the space up to `tolerance` (default 1e-9). */
  contains(points: Float64Array, start?: number, tolerance?: number): boolean;
  /** Moves each point to a nearest point of the space. */
  projectInto(out: Float64Array, points: Float64Array, count: number): void;
  /** `out_i = R_{x_i}(scale * v_i)`, a retraction: `R_x(0) = x`, `d/dt R_x(t v) = v` at t = 0. */
  retractInto(out: Float64Array, points: Float64Array, velocity: Float64Array, scale: number, count: number): void;
  /** Orthogonal projection of ambient vectors onto the tangent spaces: turns a differential into a gradient. */
  projectTangentInto(out: Float64Array, points: Float64Array, vectors: Float64Array, count: number): void;
  /** Geodesic distance between the point of `a` at `aStart` and the point of `b` at `bStart`. */
  distance(a: Float64Array, aStart: number, b: Float64Array, bStart: number): number;
  /** Independent uniform points; throws `unsupported` where the volume is infinite. */
  sampleInto(out: Float64Array, count: number, random: RandomStream): void;
  /** Throws `unsupported` where unbounded, `invalid-argument` where it would need more than `maxCount` centers. */
  covering(radius: number, maxCount?: number): Covering;
  /** A random isometry (the identity where there is no other). */
  isometry(random: RandomStream): Isometry;
}
