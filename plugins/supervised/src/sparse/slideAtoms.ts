import { type SignedAtoms, type Space, symmetricEigen } from '@muflow/core';
import { type CorrelationFunction, correlationFunction } from '../certificate/correlationFunction.js';
import type { PenalizedProblem } from '../certificate/penalizedProblem.js';

export interface SlideOptions {
  /** Most Newton steps, default 40. */
  readonly maxSteps?: number;
}

/**
 * A local minimum of a penalized problem over weights and places together, near the given atoms,
 *
 *     min_{w, theta} (1/2L) |sum_i w_i phi(theta_i) - y|^2 + lambda sum |w_i|,
 *
 * by Newton's method in the tangent spaces with a line search; signs are kept and atoms whose weight goes to 0 are
 * dropped. The Hessian is that of the gradient by central differences (exact in the weights, to about ten digits in
 * the places), made positive by the sizes of its eigenvalues, so steps go down and the last ones converge fast.
 * Cost O(n^2 d) correlations and O(n^3 d^3) operations a step.
 */
export function slideAtoms(problem: PenalizedProblem, atoms: SignedAtoms, options: SlideOptions = {}): SignedAtoms {
  const { maxSteps = 40 } = options;
  const read = correlationFunction();
  let current = withoutZeros(atoms, 0);
  let energy = energyOf(problem, current);
  for (let step = 0; step < maxSteps && current.weights.length > 0; step++) {
    const bases = tangentBases(current);
    const slope = gradientOf(problem, read, current, bases);
    const walls = blocked(current, bases, slope);
    const direction = newtonDirection(problem, read, current, { bases, slope, walls });
    const size = relativeSize(current, direction, bases);
    let [scale, found] = [roomFor(current, direction, bases), false];
    for (let halvings = 0; halvings < 40; halvings++, scale /= 2) {
      const next = moved(current, direction, { bases, scale });
      const reached = energyOf(problem, next);
      // Where the energy is flat to rounding, full steps still sharpen the places.
      if (!(reached < energy || (size < 1e-6 && reached <= energy * (1 + 1e-15)))) continue;
      const heaviest = next.weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
      current = withoutZeros(next, 1e-10 * heaviest);
      [energy, found] = [energyOf(problem, current), true];
      break;
    }
    if (!found || size < 1e-13) break;
  }
  return current;
}

/** `(L/2)|r|^2 + lambda sum |w_i|`: atoms at one place are not merged, as their weights have one sign. */
export function energyOf(problem: PenalizedProblem, atoms: SignedAtoms): number {
  const { squaredNorm } = problem.residualOf(atoms);
  return squaredNorm / 2 + problem.lambda * atoms.weights.reduce((sum, w) => sum + Math.abs(w), 0);
}

/** The atoms with a weight beyond a size. */
export function withoutZeros({ space, positions, weights }: SignedAtoms, least: number): SignedAtoms {
  const kept = Array.from(weights, (_, i) => i).filter((i) => Math.abs(weights[i]) > least);
  const places = new Float64Array(kept.length * space.dim);
  kept.forEach((i, p) => {
    places.set(positions.subarray(i * space.dim, (i + 1) * space.dim), p * space.dim);
  });
  return { space, positions: places, weights: Float64Array.from(kept, (i) => weights[i]) };
}

/** For each atom an orthonormal basis of its tangent space: k vectors of d numbers, one after the other. */
function tangentBases({ space, positions, weights }: SignedAtoms): Float64Array[] {
  const { dim } = space;
  return Array.from(weights, (_, i) => {
    const at = positions.slice(i * dim, (i + 1) * dim);
    const basis: Float64Array[] = [];
    const vector = new Float64Array(dim);
    for (let axis = 0; axis < dim && basis.length < space.intrinsicDim; axis++) {
      vector.fill(0);
      vector[axis] = 1;
      space.projectTangentInto(vector, at, vector, 1);
      for (const b of basis) {
        const along = b.reduce((sum, x, k) => sum + x * vector[k], 0);
        for (let k = 0; k < dim; k++) vector[k] -= along * b[k];
      }
      const size = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
      if (size > 0.1 || (size > 1e-8 && dim - axis <= space.intrinsicDim - basis.length)) {
        basis.push(vector.map((x) => x / size));
      }
    }
    return Float64Array.from(basis.flatMap((b) => [...b]));
  });
}

/** The gradient in `(w_i, t_i)`: `lambda sign w_i - <r, phi>`, then `-w_i` times the slope along the basis. */
function gradientOf(
  problem: PenalizedProblem,
  read: CorrelationFunction,
  atoms: SignedAtoms,
  bases: readonly Float64Array[],
): Float64Array {
  const { space, positions, weights } = atoms;
  const [n, k] = [weights.length, space.intrinsicDim];
  const values = new Float64Array(n);
  const slopes = new Float64Array(n * space.dim);
  read.into(values, slopes, problem.residualOf(atoms).correlation, positions);
  const out = new Float64Array(n * (1 + k));
  for (let i = 0; i < n; i++) {
    out[i * (1 + k)] = problem.lambda * Math.sign(weights[i]) - values[i];
    for (let p = 0; p < k; p++) {
      let along = 0;
      for (let q = 0; q < space.dim; q++) along += bases[i][p * space.dim + q] * slopes[i * space.dim + q];
      out[i * (1 + k) + 1 + p] = -weights[i] * along;
    }
  }
  return out;
}

interface Frame {
  readonly bases: readonly Float64Array[];
  readonly slope: Float64Array;
  /** 1 for a coordinate that stays as it is. */
  readonly walls: Uint8Array;
}

/** The coordinates along which descent would leave a space with walls. */
function blocked(atoms: SignedAtoms, bases: readonly Float64Array[], slope: Float64Array): Uint8Array {
  const { space, positions } = atoms;
  const walls = new Uint8Array(slope.length);
  if (!space.hasBoundary) return walls;
  const reach = 1e-6 * spread(space);
  const perAtom = 1 + space.intrinsicDim;
  const unit = new Float64Array(slope.length);
  for (let c = 0; c < slope.length; c++) {
    if (c % perAtom === 0 || slope[c] === 0) continue;
    unit[c] = -Math.sign(slope[c]);
    const next = moved(atoms, unit, { bases, scale: reach });
    unit[c] = 0;
    const start = Math.floor(c / perAtom) * space.dim;
    walls[c] = space.distance(positions, start, next.positions, start) < reach / 2 ? 1 : 0;
  }
  return walls;
}

function newtonDirection(
  problem: PenalizedProblem,
  read: CorrelationFunction,
  atoms: SignedAtoms,
  { bases, slope, walls }: Frame,
): Float64Array {
  const size = slope.length;
  const perAtom = 1 + atoms.space.intrinsicDim;
  const hessian = new Float64Array(size * size);
  const unit = new Float64Array(size);
  const reach = spread(atoms.space);
  for (let c = 0; c < size; c++) {
    if (walls[c] === 1) {
      hessian[c * size + c] = 1;
      continue;
    }
    const weight = Math.abs(atoms.weights[Math.floor(c / perAtom)]);
    const step = c % perAtom === 0 ? weight / 2 : 1e-5 * reach;
    unit[c] = 1;
    const [ahead, behind] = [step, -step].map((scale) =>
      gradientOf(problem, read, moved(atoms, unit, { bases, scale }), bases),
    );
    unit[c] = 0;
    for (let r = 0; r < size; r++) {
      if (walls[r] === 0) hessian[r * size + c] = (ahead[r] - behind[r]) / (2 * step);
    }
  }
  return solvePositive(
    hessian,
    slope.map((g, c) => (walls[c] === 1 ? 0 : g)),
    size,
  );
}

/** `-|H|^{-1} g` with the sizes of the eigenvalues of H, in coordinates that scale its diagonal to 1. */
function solvePositive(hessian: Float64Array, slope: Float64Array, size: number): Float64Array {
  const scales = Float64Array.from({ length: size }, (_, c) => 1 / Math.sqrt(Math.abs(hessian[c * size + c]) || 1));
  const scaled = new Float64Array(size * size);
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      scaled[r * size + c] = ((hessian[r * size + c] + hessian[c * size + r]) / 2) * scales[r] * scales[c];
    }
  }
  const { values, vectors } = symmetricEigen(scaled, size);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const out = new Float64Array(size);
  for (let e = 0; e < size; e++) {
    let along = 0;
    for (let r = 0; r < size; r++) along += vectors[r * size + e] * scales[r] * slope[r];
    const step = -along / Math.max(Math.abs(values[e]), 1e-10 * largest);
    for (let r = 0; r < size; r++) out[r] += step * vectors[r * size + e] * scales[r];
  }
  return out;
}

/** A length of the space: its diameter where that is finite. */
const spread = (space: Space): number => (Number.isFinite(space.diameter) ? Math.min(1, space.diameter) : 1);

interface Move {
  readonly bases: readonly Float64Array[];
  readonly scale: number;
}

function moved(
  { space, positions, weights }: SignedAtoms,
  direction: Float64Array,
  { bases, scale }: Move,
): SignedAtoms {
  const [n, k, d] = [weights.length, space.intrinsicDim, space.dim];
  const velocity = new Float64Array(n * d);
  const out = { space, positions: new Float64Array(n * d), weights: weights.slice() };
  for (let i = 0; i < n; i++) {
    out.weights[i] += scale * direction[i * (1 + k)];
    for (let p = 0; p < k; p++) {
      const along = direction[i * (1 + k) + 1 + p];
      for (let q = 0; q < d; q++) velocity[i * d + q] += along * bases[i][p * d + q];
    }
  }
  space.retractInto(out.positions, positions, velocity, scale, n);
  return out;
}

/** The longest share of a step that keeps a tenth of every weight and moves no atom by more than a tenth of the space. */
function roomFor({ space, weights }: SignedAtoms, direction: Float64Array, bases: readonly Float64Array[]): number {
  const perAtom = 1 + space.intrinsicDim;
  let longest = 1;
  for (let i = 0; i < weights.length; i++) {
    const change = direction[i * perAtom] / weights[i];
    if (change < 0) longest = Math.min(longest, 0.9 / -change);
    const travel = travelOf(direction, i, perAtom);
    if (bases[i].length > 0 && travel > 0) longest = Math.min(longest, (0.1 * spread(space)) / travel);
  }
  return longest;
}

function travelOf(direction: Float64Array, i: number, perAtom: number): number {
  let squares = 0;
  for (let p = 1; p < perAtom; p++) squares += direction[i * perAtom + p] ** 2;
  return Math.sqrt(squares);
}

/** The largest relative change of a weight, or of a place relative to the space. */
function relativeSize(
  { space, weights }: SignedAtoms,
  direction: Float64Array,
  bases: readonly Float64Array[],
): number {
  const perAtom = 1 + space.intrinsicDim;
  let most = 0;
  for (let i = 0; i < weights.length; i++) {
    most = Math.max(most, Math.abs(direction[i * perAtom] / weights[i]));
    if (bases[i].length > 0) most = Math.max(most, travelOf(direction, i, perAtom) / spread(space));
  }
  return most;
}
