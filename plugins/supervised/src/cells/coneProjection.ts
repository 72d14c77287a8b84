import { euclideanNorm } from '@muflow/core';
/** The nearest point of a cone to a point, with the multipliers that prove it. */
export interface ConeProjection {
  /** D numbers. */
  readonly point: Float64Array;
  /** Rows with a positive multiplier: the face on which the point lies. At most D. */
  readonly face: readonly number[];
  /** Their multipliers `y_l > 0`, of the rows as given. */
  readonly multipliers: readonly number[];
}

/** The cone `{w : s_l <w, x_l> >= 0}`, with `s_l = 1` where the row is active and -1 elsewhere. */
export interface Cone {
  readonly dim: number;
  /** L*D, row-major. */
  readonly rows: Float64Array;
  /** `active[start + l]` is 1 where `s_l = 1`. */
  readonly active: Uint8Array;
  readonly start: number;
}

/**
 * The projection of g on a {@link Cone}, `argmin |w - g| = g + sum_l y_l s_l x_l`, `y >= 0`, by the active-set method
 * for nonnegative least squares in y. Cost O(L D) a step and about as many steps as the point has active rows.
 * Source: [LawsonHanson1995], chapter 23.
 */
export function projectOnCone(g: ArrayLike<number>, cone: Cone): ConeProjection {
  const { dim, rows, active, start } = cone;
  const count = rows.length / dim;
  const face: number[] = [];
  const tried = new Set<number>();
  let multipliers: number[] = [];
  let size = 0;
  for (let k = 0; k < dim; k++) size = Math.max(size, Math.abs(g[k]));
  const point = Float64Array.from({ length: dim }, (_, k) => g[k]);
  for (let step = 0; step < 4 * count + 20; step++) {
    const worst = mostViolated(point, cone, count, (l) => face.includes(l) || tried.has(l));
    // Distances below the rounding of g are none.
    if (worst.row < 0 || worst.distance >= -1e-14 * size || face.length === dim) break;
    face.push(worst.row);
    multipliers.push(0);
    const solved = shorten(g, cone, face, multipliers);
    if (solved === null) {
      tried.add(worst.row);
      face.pop();
      multipliers.pop();
      continue;
    }
    multipliers = solved;
    for (let k = 0; k < dim; k++) {
      let sum = g[k];
      face.forEach((l, p) => {
        sum += (active[start + l] === 1 ? 1 : -1) * multipliers[p] * rows[l * dim + k];
      });
      point[k] = sum;
    }
  }
  if (face.length === dim) point.fill(0);
  return { point, face, multipliers };
}

/** The row with the least `s_l <w, x_l> / |x_l|`. */
function mostViolated(
  w: Float64Array,
  { dim, rows, active, start }: Cone,
  count: number,
  skip: (l: number) => boolean,
): { readonly row: number; readonly distance: number } {
  let [row, distance] = [-1, 0];
  for (let l = 0; l < count; l++) {
    let [sum, squares] = [0, 0];
    for (let k = 0; k < dim; k++) {
      const x = rows[l * dim + k];
      sum += w[k] * x;
      squares += x * x;
    }
    if (squares === 0) continue;
    const signed = (active[start + l] === 1 ? sum : -sum) / Math.sqrt(squares);
    if (signed < distance && !skip(l)) [row, distance] = [l, signed];
  }
  return { row, distance };
}

/**
 * The multipliers of the last row added to a face: least squares over the face, with rows removed from it on the way
 * where a multiplier would turn negative. Changes `face`; null where the new row depends on the others.
 */
function shorten(g: ArrayLike<number>, cone: Cone, face: number[], from: readonly number[]): number[] | null {
  let y = [...from];
  for (;;) {
    const free = leastSquaresOnFace(g, cone, face);
    if (free === null) return null;
    if (free.every((value) => value > 0)) return free;
    // The longest step towards `free` that keeps y >= 0.
    let step = 1;
    free.forEach((value, p) => {
      if (value <= 0) step = Math.min(step, y[p] / (y[p] - value));
    });
    if (!(step >= 0) || free[free.length - 1] <= 0) return null;
    const moved = y.map((value, p) => value + step * (free[p] - value));
    for (let p = face.length - 1; p >= 0; p--) {
      if (free[p] > 0 || moved[p] > 1e-15 * Math.max(...moved)) continue;
      face.splice(p, 1);
      moved.splice(p, 1);
    }
    y = moved;
  }
}

/** `argmin_y |g + sum_p y_p s_p x_p|` by orthogonalizing the rows of the face; null where they are dependent. */
function leastSquaresOnFace(
  g: ArrayLike<number>,
  { dim, rows, active, start }: Cone,
  face: readonly number[],
): number[] | null {
  const n = face.length;
  const basis: Float64Array[] = [];
  const triangle = new Float64Array(n * n);
  for (let p = 0; p < n; p++) {
    const l = face[p];
    const sign = active[start + l] === 1 ? 1 : -1;
    const v = Float64Array.from({ length: dim }, (_, k) => sign * rows[l * dim + k]);
    const length = euclideanNorm(v);
    // Twice is enough: the second pass removes what rounding left.
    for (let pass = 0; pass < 2; pass++) {
      basis.forEach((q, b) => {
        let along = 0;
        for (let k = 0; k < dim; k++) along += q[k] * v[k];
        for (let k = 0; k < dim; k++) v[k] -= along * q[k];
        triangle[b * n + p] += along;
      });
    }
    const rest = euclideanNorm(v);
    if (rest <= 1e-13 * length) return null;
    triangle[p * n + p] = rest;
    basis.push(v.map((x) => x / rest));
  }
  const y = new Array<number>(n).fill(0);
  for (let p = n - 1; p >= 0; p--) {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum -= basis[p][k] * g[k];
    for (let q = p + 1; q < n; q++) sum -= triangle[p * n + q] * y[q];
    y[p] = sum / triangle[p * n + p];
  }
  return y;
}
