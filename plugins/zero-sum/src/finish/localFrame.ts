import { euclideanNorm, type Space } from '@muflow/core';

/** Directions in which an atom is free to move, orthonormal, with what their curves add to second derivatives. */
export interface LocalFrame {
  /** Number of free directions; the coordinates of active faces are left out. */
  readonly rank: number;
  /** rank*dim ambient vectors, row by row. */
  readonly basis: Float64Array;
  /** Added to the second derivative along each direction: `-<x, g>/R^2` on a sphere, 0 on flat spaces. */
  readonly bend: Float64Array;
  /** Least slope of the potential off the active faces; Infinity without any. */
  readonly push: number;
}

/** Relative distance to a wall below which an atom counts as sitting on it. */
const atWall = 1e-9;

/**
 * The free directions of an atom that descends a potential with ambient gradient g: the tangent space, without
 * the coordinates that a wall holds (the atom lies on the wall and descends into it).
 * Boxes and tori are flat; spheres bend; simplices drop the coordinates that are zero and want to fall; products
 * take their factors in turn; finite spaces have none; unknown spaces use their tangent projection.
 *
 * @param at the point (dim) and `g` its gradient (dim).
 */
export function localFrame(space: Space, at: Float64Array, g: Float64Array): LocalFrame {
  if (space.kind === 'product' && space.factors !== undefined) return productFrame(space, at, g);
  if (space.kind === 'finite') return frame(space.dim, [], 0, Number.POSITIVE_INFINITY);
  if (space.kind === 'sphere') {
    const radius = euclideanNorm(at);
    let along = 0;
    for (let k = 0; k < at.length; k++) along += at[k] * g[k];
    return frame(space.dim, tangentBasis(space, at), -along / (radius * radius), Number.POSITIVE_INFINITY);
  }
  if (space.kind === 'simplex') return simplexFrame(space, at, g);
  if (space.kind === 'box') return boxFrame(space, at, g);
  return frame(space.dim, tangentBasis(space, at), 0, Number.POSITIVE_INFINITY);
}

function frame(dim: number, vectors: readonly Float64Array[], bend: number, push: number): LocalFrame {
  const basis = new Float64Array(vectors.length * dim);
  vectors.forEach((vector, k) => {
    basis.set(vector, k * dim);
  });
  return { rank: vectors.length, basis, bend: new Float64Array(vectors.length).fill(bend), push };
}

function unit(dim: number, k: number): Float64Array {
  const vector = new Float64Array(dim);
  vector[k] = 1;
  return vector;
}

function boxFrame(space: Space, at: Float64Array, g: Float64Array): LocalFrame {
  const { lower, upper } = wallsOf(space);
  const vectors: Float64Array[] = [];
  let push = Number.POSITIVE_INFINITY;
  for (let k = 0; k < space.dim; k++) {
    const near = atWall * (upper[k] - lower[k]);
    const held = (at[k] <= lower[k] + near && g[k] >= 0) || (at[k] >= upper[k] - near && g[k] <= 0);
    if (held) push = Math.min(push, Math.abs(g[k]));
    else vectors.push(unit(space.dim, k));
  }
  return frame(space.dim, vectors, 0, push);
}

const walls = new WeakMap<Space, { lower: Float64Array; upper: Float64Array }>();

/** The corners of a box, found by projecting far points. */
function wallsOf(space: Space): { lower: Float64Array; upper: Float64Array } {
  const known = walls.get(space);
  if (known !== undefined) return known;
  const lower = new Float64Array(space.dim).fill(-Number.MAX_VALUE);
  const upper = new Float64Array(space.dim).fill(Number.MAX_VALUE);
  space.projectInto(lower, lower, 1);
  space.projectInto(upper, upper, 1);
  walls.set(space, { lower, upper });
  return { lower, upper };
}

/**
 * Moves a point onto every wall closer than `reach` (relative to the width of the space) into which it descends a
 * potential of ambient gradient g: coordinates of boxes and simplices, and of these in products. Changes `at`.
 */
export function snapToWalls(space: Space, at: Float64Array, g: Float64Array, reach: number): void {
  if (space.kind === 'product') {
    let start = 0;
    for (const factor of space.factors ?? []) {
      const end = start + factor.dim;
      snapToWalls(factor, at.subarray(start, end), g.subarray(start, end), reach);
      start = end;
    }
  } else if (space.kind === 'box') {
    const { lower, upper } = wallsOf(space);
    for (let k = 0; k < space.dim; k++) {
      const near = reach * (upper[k] - lower[k]);
      if (at[k] <= lower[k] + near && g[k] > 0) at[k] = lower[k];
      else if (at[k] >= upper[k] - near && g[k] < 0) at[k] = upper[k];
    }
  } else if (space.kind === 'simplex') {
    const level = at.reduce((sum, share, k) => sum + share * g[k], 0);
    for (let k = 0; k < space.dim; k++) if (at[k] <= reach && g[k] > level) at[k] = 0;
    const total = at.reduce((sum, share) => sum + share, 0);
    for (let k = 0; k < space.dim; k++) at[k] /= total;
  }
}

/** Differences of free coordinates: the tangent space of the face on which the atom lies. */
function simplexFrame(space: Space, at: Float64Array, g: Float64Array): LocalFrame {
  const free = new Set(Array.from(at.keys()).filter((k) => at[k] > atWall));
  const level = [...free].reduce((sum, k) => sum + g[k], 0) / Math.max(1, free.size);
  let push = Number.POSITIVE_INFINITY;
  for (let k = 0; k < at.length; k++) {
    if (at[k] > atWall) continue;
    if (g[k] >= level) push = Math.min(push, g[k] - level);
    else free.add(k);
  }
  const order = [...free].sort((a, b) => a - b);
  // Helmert's contrasts: coordinate k against the mean of those before it.
  const vectors = order.slice(1).map((k, before) => {
    const vector = new Float64Array(at.length);
    const scale = 1 / Math.sqrt((before + 1) * (before + 2));
    for (let j = 0; j <= before; j++) vector[order[j]] = scale;
    vector[k] = -(before + 1) * scale;
    return vector;
  });
  return frame(space.dim, vectors, 0, push);
}

/** An orthonormal basis of the tangent space: projected unit vectors, orthogonalized, the long ones first. */
function tangentBasis(space: Space, at: Float64Array): Float64Array[] {
  const { dim, intrinsicDim } = space;
  const candidates = Array.from({ length: dim }, (_, k) => {
    const vector = unit(dim, k);
    space.projectTangentInto(vector, at, vector, 1);
    return vector;
  }).sort((a, b) => euclideanNorm(b) - euclideanNorm(a));
  const basis: Float64Array[] = [];
  for (const vector of candidates) {
    if (basis.length === intrinsicDim) break;
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        let along = 0;
        for (let k = 0; k < dim; k++) along += vector[k] * other[k];
        for (let k = 0; k < dim; k++) vector[k] -= along * other[k];
      }
    }
    const length = euclideanNorm(vector);
    if (length < 1e-6) continue;
    basis.push(vector.map((component) => component / length));
  }
  return basis;
}

function productFrame(space: Space, at: Float64Array, g: Float64Array): LocalFrame {
  const vectors: Float64Array[] = [];
  const bends: number[] = [];
  let push = Number.POSITIVE_INFINITY;
  let start = 0;
  for (const factor of space.factors ?? []) {
    const end = start + factor.dim;
    const own = localFrame(factor, at.slice(start, end), g.slice(start, end));
    for (let k = 0; k < own.rank; k++) {
      const vector = new Float64Array(space.dim);
      vector.set(own.basis.subarray(k * factor.dim, (k + 1) * factor.dim), start);
      vectors.push(vector);
      bends.push(own.bend[k]);
    }
    push = Math.min(push, own.push);
    start = end;
  }
  return { ...frame(space.dim, vectors, 0, push), bend: Float64Array.from(bends) };
}
