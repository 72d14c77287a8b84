import { fail, show } from '@muflow/core';

/** A coordinate of the region in which a support is to separate. */
export interface SeparationAxis {
  readonly low: number;
  readonly high: number;
  /** The ends are one point, as of an angle; default false. */
  readonly periodic?: boolean;
}

export interface SeparationOptions {
  /** k = 1, 2 or 3 coordinates; the first, not periodic, leads from one of the two sets to the other. */
  readonly axes: readonly SeparationAxis[];
  /** Atoms stand for the balls of this radius rho, in the coordinates given. */
  readonly resolution: number;
  /** Cells per resolution, default 4: the answer is that of a radius within `rho (1 +- sqrt(k) / (2 cells))`. */
  readonly cells?: number;
}

/**
 * Whether a support separates the face `low` of the first axis from the face `high`: every continuous path from one
 * to the other meets it. It is what starts of a homogeneous lift must have for flows to reach global optima:
 * for `u = (a, theta)`, separate a = -r from a = r; for `u = rho e` of a 2-homogeneous lift, separate
 * two spheres, with axes log rho and the angle of e.
 *
 * Finitely many points separate nothing, so they are thickened to balls of radius rho: the free cells of a grid are
 * flooded from one face. `true` proves that balls of radius `rho + h sqrt(k)/2` separate, `false` that those of radius
 * `rho - h/2` do not, h the side of a cell. Cost O(cells^k) in memory and time, at most 20 million cells.
 * Source: [ChizatBach2018], section 3 (support that separates).
 *
 * @param points - n*k, row-major.
 * @throws `invalid-argument` for axes or a resolution that are not usable, or too many cells.
 * @example
 * const axes = [{ low: -1, high: 1 }, { low: 0, high: 2 * Math.PI, periodic: true }];
 * separates(Float64Array.of(0, 1, 0, 4), { axes, resolution: 0.5 }); // false: the circle is not filled
 */
export function separates(points: ArrayLike<number>, options: SeparationOptions): boolean {
  const { axes, resolution } = options;
  const grid = gridOf(points.length, options);
  const blocked = new Uint8Array(grid.total);
  for (let start = 0; start < points.length; start += axes.length) block(blocked, grid, points, start, resolution);
  return !flooded(blocked, grid);
}

interface Grid {
  readonly axes: readonly SeparationAxis[];
  /** Number of cells, side of a cell and stride of the index along each axis. */
  readonly counts: readonly number[];
  readonly sides: readonly number[];
  readonly strides: readonly number[];
  readonly total: number;
}

function gridOf(length: number, { axes, resolution, cells = 4 }: SeparationOptions): Grid {
  const counts = axes.map(({ low, high }) => Math.ceil(((high - low) * cells) / resolution));
  const total = counts.reduce((product, count) => product * count, 1);
  const usable =
    axes.length >= 1 &&
    axes.length <= 3 &&
    axes[0].periodic !== true &&
    axes.every(({ low, high }) => high > low && Number.isFinite(high - low)) &&
    resolution > 0 &&
    cells >= 1 &&
    length % axes.length === 0 &&
    total <= 2e7;
  if (!usable) {
    fail({
      code: 'invalid-argument',
      where: 'separates',
      problem: 'points, axes or resolution are not usable',
      got: `${length} numbers on ${axes.length} axes, resolution ${show(resolution)}, ${show(total)} cells`,
      expected: 'whole points on 1 to 3 axes of positive length, the first not periodic, at most 2e7 cells',
      fix: 'enlarge the resolution, or shrink the region',
    });
  }
  const strides = counts.map((_, k) => counts.slice(0, k).reduce((product, count) => product * count, 1));
  return { axes, counts, sides: axes.map(({ low, high }, k) => (high - low) / counts[k]), strides, total };
}

/** Marks the cells whose centers lie within the radius of one point. */
function block(out: Uint8Array, grid: Grid, points: ArrayLike<number>, start: number, radius: number): void {
  const { axes, counts, sides, strides } = grid;
  const visit = (axis: number, index: number, square: number): void => {
    if (axis === axes.length) {
      out[index] = 1;
      return;
    }
    const reach = Math.sqrt(radius * radius - square);
    const at = (points[start + axis] - axes[axis].low) / sides[axis] - 0.5;
    const [first, last] = [Math.ceil(at - reach / sides[axis]), Math.floor(at + reach / sides[axis])];
    // A ball wider than a circle meets each of its cells once.
    for (let cell = first; cell <= Math.min(last, first + counts[axis] - 1); cell++) {
      const wrapped = axes[axis].periodic === true ? (cell + counts[axis] * 1e6) % counts[axis] : cell;
      if (wrapped < 0 || wrapped >= counts[axis]) continue;
      const offset = (cell - at) * sides[axis];
      visit(axis + 1, index + wrapped * strides[axis], square + offset * offset);
    }
  };
  visit(0, 0, 0);
}

/** Whether a path of free cells leads along the first axis from one end to the other. */
function flooded(blocked: Uint8Array, { axes, counts, strides, total }: Grid): boolean {
  const queue = new Int32Array(total);
  let [head, tail] = [0, 0];
  for (let index = 0; index < total; index += counts[0]) {
    if (blocked[index] === 0) {
      blocked[index] = 1;
      queue[tail++] = index;
    }
  }
  while (head < tail) {
    const index = queue[head++];
    if (index % counts[0] === counts[0] - 1) return true;
    for (let k = 0; k < axes.length; k++) {
      const place = Math.floor(index / strides[k]) % counts[k];
      for (const step of [-1, 1]) {
        const inside = place + step >= 0 && place + step < counts[k];
        if (!inside && axes[k].periodic !== true) continue;
        const next = index + (((place + step + counts[k]) % counts[k]) - place) * strides[k];
        if (blocked[next] !== 0) continue;
        blocked[next] = 1;
        queue[tail++] = next;
      }
    }
  }
  return false;
}
