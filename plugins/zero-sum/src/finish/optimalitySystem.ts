import type { Atoms } from './atoms.js';
import { type LocalFrame, localFrame } from './localFrame.js';
import type { PayoffJet } from './payoffJet.js';

/** A pair of strategies with a value, the unknowns of the optimality system. */
export interface Guess {
  readonly x: Atoms;
  readonly y: Atoms;
  readonly value: number;
}

/** Residuals and Jacobian of the optimality system at a guess. */
export interface OptimalitySystem {
  readonly equations: number;
  readonly unknowns: number;
  /** In units of the payoff. */
  readonly residual: Float64Array;
  /** equations*unknowns, row-major. */
  readonly jacobian: Float64Array;
  readonly frames: readonly [readonly LocalFrame[], readonly LocalFrame[]];
  /** Least eigenvalue's matrix: second derivatives of each player's own potential in its frames (rank*rank). */
  readonly hessians: readonly [readonly Float64Array[], readonly Float64Array[]];
}

/** Derivatives of the payoff at every pair of atoms. */
interface Pairs {
  readonly n: number;
  readonly m: number;
  readonly dx: number;
  readonly dy: number;
  readonly value: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly xy: Float64Array;
}

function pairsOf(jet: PayoffJet, x: Atoms, y: Atoms): Pairs {
  const [n, m, dx, dy] = [x.masses.length, y.masses.length, x.space.dim, y.space.dim];
  const room = (size: number): Float64Array => new Float64Array(n * m * size);
  const pairs = { value: room(1), x: room(dx), y: room(dy), xx: room(dx * dx), yy: room(dy * dy), xy: room(dx * dy) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const at = i * m + j;
      jet.evaluate(x.positions, i * dx, y.positions, j * dy);
      pairs.value[at] = jet.value[0];
      pairs.x.set(jet.x, at * dx);
      pairs.y.set(jet.y, at * dy);
      pairs.xx.set(jet.xx, at * dx * dx);
      pairs.yy.set(jet.yy, at * dy * dy);
      pairs.xy.set(jet.xy, at * dx * dy);
    }
  }
  return { n, m, dx, dy, ...pairs };
}

/**
 * The optimality system of a finitely supported equilibrium, at a guess `(w, x, v, y, val)`:
 * `sum_j v_j l(x_i, y_j) = val`, `grad sum_j v_j l(., y_j) = 0` at x_i in its free directions,
 * `sum_i w_i l(x_i, y_j) = val`, `grad sum_i w_i l(x_i, .) = 0` at y_j likewise, `sum w = sum v = 1`.
 * Unknowns in this order: w (n), local coordinates of x, v (m), local coordinates of y, val; equations in the
 * order above. One equation is redundant at a solution. Atoms on a wall that holds them have no gradient equation.
 * Cost: n m payoff jets and `(n + m)^2 d^2`.
 */
export function optimalitySystem(jet: PayoffJet, { x, y, value }: Guess): OptimalitySystem {
  const pairs = pairsOf(jet, x, y);
  const framesX = framesOf(pairs, { atoms: x, masses: y.masses, player: 0 });
  const framesY = framesOf(pairs, { atoms: y, masses: x.masses, player: 1 });
  const { n, m } = pairs;
  const startX = offsets(framesX.frames, n);
  const startY = offsets(framesY.frames, startX.end + m);
  const unknowns = startY.end + 1;
  const equations = unknowns + 1;
  const residual = new Float64Array(equations);
  const jacobian = new Float64Array(equations * unknowns);
  const put = (row: number, column: number, entry: number): void => {
    jacobian[row * unknowns + column] += entry;
  };
  const sides = [
    { own: x, other: y, framed: framesX, ownMass: 0, ownMove: startX.at, otherMass: startX.end, otherMove: startY.at },
    { own: y, other: x, framed: framesY, ownMass: startX.end, ownMove: startY.at, otherMass: 0, otherMove: startX.at },
  ];
  const frames = [framesX.frames, framesY.frames] as const;
  sides.forEach(({ own, other, framed, ownMass, ownMove, otherMass, otherMove }, player) => {
    const otherFrames = frames[1 - player];
    let total = 0;
    for (let i = 0; i < own.masses.length; i++) {
      total += own.masses[i];
      const equation = ownMass + i;
      residual[equation] = framed.potential[i] - value;
      put(equation, unknowns - 1, -1);
      const { rank } = frames[player][i];
      for (let a = 0; a < rank; a++) {
        residual[ownMove[i] + a] = framed.slope[i][a];
        put(equation, ownMove[i] + a, framed.slope[i][a]);
        for (let b = 0; b < rank; b++) put(ownMove[i] + a, ownMove[i] + b, framed.curvature[i][a * rank + b]);
      }
      for (let j = 0; j < other.masses.length; j++) {
        const cross = crossTerms(pairs, { player, i, j, own: frames[player][i], other: otherFrames[j] });
        put(equation, otherMass + j, cross.value);
        for (let a = 0; a < rank; a++) put(ownMove[i] + a, otherMass + j, cross.ownSlope[a]);
        const share = other.masses[j];
        for (let b = 0; b < otherFrames[j].rank; b++) {
          put(equation, otherMove[j] + b, share * cross.otherSlope[b]);
          for (let a = 0; a < rank; a++)
            put(ownMove[i] + a, otherMove[j] + b, share * cross.mixed[a * otherFrames[j].rank + b]);
        }
      }
      put(equations - 2 + player, equation, 1);
    }
    residual[equations - 2 + player] = total - 1;
  });
  const signed = framesY.curvature.map((matrix) => matrix.map((entry) => -entry));
  return { equations, unknowns, residual, jacobian, frames, hessians: [framesX.curvature, signed] };
}

function offsets(frames: readonly LocalFrame[], start: number): { at: number[]; end: number } {
  const at: number[] = [];
  let end = start;
  for (const { rank } of frames) {
    at.push(end);
    end += rank;
  }
  return { at, end };
}

interface Framed {
  readonly frames: readonly LocalFrame[];
  /** Expected payoff at each atom. */
  readonly potential: Float64Array;
  /** Its slope and second derivatives in the frame of each atom. */
  readonly slope: readonly Float64Array[];
  readonly curvature: readonly Float64Array[];
}

interface Side {
  readonly atoms: Atoms;
  /** Masses of the other player. */
  readonly masses: Float64Array;
  readonly player: number;
}

/** The expected payoff of one player's atoms with derivatives in their frames; the maximizer ascends. */
function framesOf(pairs: Pairs, { atoms, masses, player }: Side): Framed {
  const { m } = pairs;
  const count = atoms.masses.length;
  const dim = atoms.space.dim;
  const [first, second] = player === 0 ? [pairs.x, pairs.xx] : [pairs.y, pairs.yy];
  const potential = new Float64Array(count);
  const frames: LocalFrame[] = [];
  const slope: Float64Array[] = [];
  const curvature: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const g = new Float64Array(dim);
    const h = new Float64Array(dim * dim);
    for (let j = 0; j < masses.length; j++) {
      const at = player === 0 ? i * m + j : j * m + i;
      potential[i] += masses[j] * pairs.value[at];
      for (let k = 0; k < dim; k++) g[k] += masses[j] * first[at * dim + k];
      for (let k = 0; k < dim * dim; k++) h[k] += masses[j] * second[at * dim * dim + k];
    }
    const descends = player === 0 ? g : g.map((component) => -component);
    const frame = localFrame(atoms.space, atoms.positions.slice(i * dim, (i + 1) * dim), descends);
    frames.push(frame);
    slope.push(inFrame(frame, g, dim));
    const own = new Float64Array(frame.rank * frame.rank);
    for (let a = 0; a < frame.rank; a++) {
      for (let b = 0; b < frame.rank; b++) {
        let sum = 0;
        for (let k = 0; k < dim; k++)
          for (let l = 0; l < dim; l++) sum += frame.basis[a * dim + k] * h[k * dim + l] * frame.basis[b * dim + l];
        own[a * frame.rank + b] = sum;
      }
      own[a * frame.rank + a] += player === 0 ? frame.bend[a] : -frame.bend[a];
    }
    curvature.push(own);
  }
  return { frames, potential, slope, curvature };
}

function inFrame({ rank, basis }: LocalFrame, vector: ArrayLike<number>, dim: number): Float64Array {
  const out = new Float64Array(rank);
  for (let a = 0; a < rank; a++) for (let k = 0; k < dim; k++) out[a] += basis[a * dim + k] * vector[k];
  return out;
}

interface Cross {
  readonly player: number;
  readonly i: number;
  readonly j: number;
  readonly own: LocalFrame;
  readonly other: LocalFrame;
}

/** Payoff, slopes and mixed second derivatives of one pair, seen from one player. */
function crossTerms(
  pairs: Pairs,
  { player, i, j, own, other }: Cross,
): { value: number; ownSlope: Float64Array; otherSlope: Float64Array; mixed: Float64Array } {
  const { m, dx, dy } = pairs;
  const at = player === 0 ? i * m + j : j * m + i;
  const x = pairs.x.subarray(at * dx, (at + 1) * dx);
  const y = pairs.y.subarray(at * dy, (at + 1) * dy);
  const [ownDim, otherDim] = player === 0 ? [dx, dy] : [dy, dx];
  const mixed = new Float64Array(own.rank * other.rank);
  for (let a = 0; a < own.rank; a++) {
    for (let b = 0; b < other.rank; b++) {
      let sum = 0;
      for (let k = 0; k < ownDim; k++) {
        for (let l = 0; l < otherDim; l++) {
          const entry = pairs.xy[at * dx * dy + (player === 0 ? k * dy + l : l * dy + k)];
          sum += own.basis[a * ownDim + k] * entry * other.basis[b * otherDim + l];
        }
      }
      mixed[a * other.rank + b] = sum;
    }
  }
  return {
    value: pairs.value[at],
    ownSlope: inFrame(own, player === 0 ? x : y, ownDim),
    otherSlope: inFrame(other, player === 0 ? y : x, otherDim),
    mixed,
  };
}
