/** Pairs of differences that are remembered. */
const depth = 15;
/** A difference with less than this share of its square outside the span of newer ones adds rounding only. */
const spanned = 1e-14;

/** Memory of the last points of a fixed-point iteration and of where it sent them. */
export interface Acceleration {
  /**
   * Replaces g, which the iteration has sent to `image`, by the next point: the combination of the points remembered, on the image
   * side, whose residual `image - g` has the least weighted norm, no coordinate further from the image than `reach`. With nothing
   * remembered it is the image.
   */
  advance(g: Float64Array, image: Float64Array, reach: number): void;
  forget(): void;
}

/**
 * Anderson's acceleration of `g <- G(g)` in the norm `sum_j b_j r_j^2`. On a linear symmetric iteration it is the method of conjugate residuals
 * with a short memory; a few slow modes, as plans between groups have, are solved for at once.
 *
 * @param b - weights of the norm, > 0 (m).
 * @param floating - whether constants are free: the residual is then taken without its mean.
 * @returns the acceleration; memory 30 m numbers, 60 m multiplications a step. Source: [WalkerNi2011], section 2.
 */
export function anderson(b: Float64Array, floating: boolean): Acceleration {
  const count = b.length;
  const numbers = (length: number): Float64Array => new Float64Array(length);
  const [residual, lastResidual, lastPoint, step] = [0, 1, 2, 3].map(() => numbers(count));
  const [points, residuals] = [numbers(depth * count), numbers(depth * count)];
  const gram = numbers(depth * depth);
  let total = 0;
  for (let j = 0; j < count; j++) total += b[j];
  // Differences that are remembered, the place of the next one, and whether there is a last point to take one from.
  let known = 0;
  let next = 0;
  let hasLast = false;

  const remember = (g: Float64Array): void => {
    const start = next * count;
    for (let j = 0; j < count; j++) {
      points[start + j] = g[j] - lastPoint[j];
      residuals[start + j] = residual[j] - lastResidual[j];
    }
    known = Math.min(known + 1, depth);
    for (let k = 0; k < known; k++) {
      const product = weighted(b, residuals, start, k * count);
      gram[k * depth + next] = product;
      gram[next * depth + k] = product;
    }
    next = (next + 1) % depth;
  };

  return {
    forget() {
      known = 0;
      next = 0;
      hasLast = false;
    },
    advance(g, image, reach) {
      let mean = 0;
      for (let j = 0; j < count; j++) {
        residual[j] = image[j] - g[j];
        mean += b[j] * residual[j];
      }
      if (floating) for (let j = 0; j < count; j++) residual[j] -= mean / total;
      if (hasLast) remember(g);
      lastPoint.set(g);
      lastResidual.set(residual);
      hasLast = true;
      const factors = combination({ b, residual, residuals, gram, known, newest: (next + depth - 1) % depth });
      step.fill(0);
      for (let k = 0; k < factors.length; k++) {
        const factor = factors[k];
        const start = k * count;
        for (let j = 0; j < count; j++) step[j] -= factor * (points[start + j] + residuals[start + j]);
      }
      let longest = 0;
      for (let j = 0; j < count; j++) longest = Math.max(longest, Math.abs(step[j]));
      const share = longest > reach ? reach / longest : 1;
      for (let j = 0; j < count; j++) g[j] += residual[j] + share * step[j];
    },
  };
}

interface Remembered {
  readonly b: Float64Array;
  readonly residual: Float64Array;
  readonly residuals: Float64Array;
  readonly gram: Float64Array;
  readonly known: number;
  readonly newest: number;
}

/**
 * The factors of the differences for which the residual becomes least, by a Cholesky factorization from the newest to the oldest:
 * one that the newer ones span up to rounding takes no part.
 */
function combination({ b, residual, residuals, gram, known, newest }: Remembered): Float64Array {
  const factors = new Float64Array(known);
  const rows: Float64Array[] = [];
  const used: number[] = [];
  const right: number[] = [];
  for (let age = 0; age < known; age++) {
    const k = (newest - age + known) % known;
    const row = new Float64Array(rows.length + 1);
    let pivot = gram[k * depth + k];
    for (let l = 0; l < rows.length; l++) {
      let entry = gram[k * depth + used[l]];
      for (let m = 0; m < l; m++) entry -= row[m] * rows[l][m];
      row[l] = entry / rows[l][l];
      pivot -= row[l] * row[l];
    }
    if (!(pivot > spanned * gram[k * depth + k])) continue;
    row[rows.length] = Math.sqrt(pivot);
    let value = weightedAgainst(b, residuals, k * b.length, residual);
    for (let l = 0; l < rows.length; l++) value -= row[l] * right[l];
    right.push(value / row[rows.length]);
    rows.push(row);
    used.push(k);
  }
  for (let l = rows.length - 1; l >= 0; l--) {
    let value = right[l];
    for (let m = l + 1; m < rows.length; m++) value -= rows[m][l] * factors[used[m]];
    factors[used[l]] = value / rows[l][l];
  }
  return factors;
}

/** `sum_j b_j r_j s_j` of two differences that begin at given places. */
function weighted(b: Float64Array, values: Float64Array, one: number, other: number): number {
  let sum = 0;
  for (let j = 0; j < b.length; j++) sum += b[j] * values[one + j] * values[other + j];
  return sum;
}

function weightedAgainst(b: Float64Array, values: Float64Array, start: number, other: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < b.length; j++) sum += b[j] * values[start + j] * other[j];
  return sum;
}
