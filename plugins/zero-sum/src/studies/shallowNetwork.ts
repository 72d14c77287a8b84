import type { Measure } from '@muflow/core';

/**
 * The network that a measure of neurons (a, theta) is, at points of the plane: `f(z) = int (2 a - 1) max(0, <theta,
 * (z, 1)>)^power dnu`, a = 0 or 1. Points are n*2, the output n.
 */
export function networkValues(
  { masses, positions, count }: Measure,
  power: number,
  points: Float64Array,
): Float64Array {
  const out = new Float64Array(points.length / 2);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < count; j++) {
      const inner =
        positions[4 * j + 1] * points[2 * i] + positions[4 * j + 2] * points[2 * i + 1] + positions[4 * j + 3];
      if (inner > 0) sum += masses[j] * (2 * positions[4 * j] - 1) * inner ** power;
    }
    out[i] = sum;
  }
  return out;
}

/** A grid of the square [-reach, reach]^2 about a point, with its corners. */
export function squareAround(center: readonly number[], reach: number, perAxis: number): Float64Array {
  const out = new Float64Array(2 * perAxis * perAxis);
  for (let i = 0; i < perAxis; i++) {
    for (let j = 0; j < perAxis; j++) {
      out[2 * (i * perAxis + j)] = center[0] + reach * ((2 * i) / (perAxis - 1) - 1);
      out[2 * (i * perAxis + j) + 1] = center[1] + reach * ((2 * j) / (perAxis - 1) - 1);
    }
  }
  return out;
}

/** The smallest `label f` that was found on a grid of moves of each point: an upper bound of the worst case. */
export function worstMargins(
  nu: Measure,
  power: number,
  data: { readonly points: readonly (readonly number[])[]; readonly labels: readonly number[] },
  radius: number,
): number[] {
  return data.points.map((point, i) => {
    const moved = radius === 0 ? Float64Array.from(point) : squareAround(point, radius, 9);
    return networkValues(nu, power, moved).reduce((least, f) => Math.min(least, data.labels[i] * f), Infinity);
  });
}

/** Pieces of a curve as one line with gaps: a y that is not a number ends a piece. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * Where a function of the plane changes its sign in [-reach, reach]^2, cell by cell of a grid, with linear
 * interpolation along the sides.
 */
export function zeroCurve(values: (points: Float64Array) => Float64Array, reach: number, perAxis: number): Curve {
  const points = squareAround([0, 0], reach, perAxis);
  const f = values(points);
  const x: number[] = [];
  const y: number[] = [];
  for (let i = 0; i + 1 < perAxis; i++) {
    for (let j = 0; j + 1 < perAxis; j++) {
      const corners = [i * perAxis + j, (i + 1) * perAxis + j, (i + 1) * perAxis + j + 1, i * perAxis + j + 1];
      const crossings = corners.flatMap((from, k) => {
        const to = corners[(k + 1) % 4];
        if (f[from] > 0 === f[to] > 0) return [];
        const t = f[from] / (f[from] - f[to]);
        return [[0, 1].map((c) => points[2 * from + c] + t * (points[2 * to + c] - points[2 * from + c]))];
      });
      for (let k = 0; k + 1 < crossings.length; k += 2) {
        const [a, b] = [crossings[k], crossings[k + 1]];
        x.push(a[0], b[0], b[0]);
        y.push(a[1], b[1], Number.NaN);
      }
    }
  }
  return { x, y };
}
