import type { CellBound } from './cellBound.js';
import { cellQueue } from './cellQueue.js';
import type { ChartBox } from './charts.js';

/** What a search proved, in chart coordinates: the infimum lies in `[lower, upper]`. */
export interface SearchResult {
  readonly lower: number;
  readonly upper: number;
  readonly at: Float64Array;
  /** Cells that were bounded. */
  readonly cells: number;
}

export interface SearchOptions {
  readonly boxes: readonly ChartBox[];
  /** Stop when `upper - lower` is at most this. */
  readonly tolerance: number;
  readonly maxCells: number;
  /** Points of the chart whose values are tried first, row-major. */
  readonly starts: Float64Array;
}

/**
 * Best-first branch and bound: the cell of least lower bound is bisected until the least bound of all is within the
 * tolerance of the best value seen, or the cells are used up. A tolerance below the rounding noise of the value is
 * raised to it. Deterministic: ties are broken by age. Source: [MooreKearfottCloud2009], section 11.2.
 */
export function branchAndBound(cell: CellBound, options: SearchOptions): SearchResult {
  const { boxes, tolerance, maxCells, starts } = options;
  const dim = cell.center.length;
  const queue = cellQueue(dim);
  const [lower, upper] = [new Float64Array(dim), new Float64Array(dim)];
  const [childLower, childUpper] = [new Float64Array(dim), new Float64Array(dim)];
  const best = { value: Infinity, noise: 0, at: new Float64Array(dim) };
  let cells = 0;
  /** Least bound of the cells that are not kept. */
  let settled = Infinity;

  const offer = (point: Float64Array, expected: number): void => {
    if (!(expected < best.value)) return;
    const { upper: value, width } = cell.valueAt(point);
    if (!(value < best.value)) return;
    best.value = value;
    best.noise = width;
    best.at.set(point);
  };
  const goal = (): number => Math.max(tolerance, 4 * best.noise);
  const look = (parentBound: number): void => {
    cells++;
    const bound = Math.max(parentBound, cell.bound(childLower, childUpper, 0));
    const value = cell.centerUpper();
    if (bound === Infinity) return;
    offer(cell.center, value);
    offer(cell.candidate, cell.candidateValue());
    const done = bound >= best.value - goal() || cell.isConstant?.() === true || isPoint(childLower, childUpper);
    if (done) settled = Math.min(settled, bound);
    else queue.push(bound, cell.split(), childLower, childUpper);
  };

  for (let k = 0; k + dim <= starts.length; k += dim) offer(starts.subarray(k, k + dim), -Infinity);
  for (const box of boxes) {
    childLower.set(box.lower);
    childUpper.set(box.upper);
    look(-Infinity);
  }
  while (queue.size() > 0 && cells < maxCells && queue.least() < best.value - goal()) {
    const bound = queue.least();
    const split = queue.pop(lower, upper);
    const jump = cell.jumpIn?.(split, lower[split], upper[split]) ?? Number.NaN;
    const half = Math.min(upper[split], Math.max(lower[split], lower[split] / 2 + upper[split] / 2));
    const middle = Number.isNaN(jump) ? half : jump;
    // A jump divides a cell in three: what is below, the place itself, and what is above.
    for (let part = 0; part < 3; part++) {
      if (part === 1 && Number.isNaN(jump)) continue;
      childLower.set(lower);
      childUpper.set(upper);
      if (part < 2) childUpper[split] = middle;
      if (part > 0) childLower[split] = middle;
      look(bound);
    }
  }
  return { lower: Math.min(settled, queue.least(), best.value), upper: best.value, at: best.at, cells };
}

/** True where no coordinate can be bisected any more. */
function isPoint(lower: Float64Array, upper: Float64Array): boolean {
  for (let k = 0; k < lower.length; k++) {
    const middle = lower[k] / 2 + upper[k] / 2;
    if (middle > lower[k] && middle < upper[k]) return false;
  }
  return true;
}
