import { sortedOrder } from './oneDimensionalSort.js';

/** Boxes with fewer points are not split. */
const fewPoints = 4;

/**
 * Points in an order where those near each other in space are near in the order: boxes are halved at the median of their
 * longest side until few points are left. Any run of it has about the points of a box, so every k-th point is a sample
 * far more even than a random one. Cost O(count log(count) dim), allocates.
 *
 * @param points - count*dim finite numbers, row-major.
 */
export function spatialOrder(points: Float64Array, dim: number): Int32Array {
  const count = points.length / dim;
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  const starts = [0];
  const ends = [count];
  for (;;) {
    const start = starts.pop();
    const end = ends.pop();
    if (start === undefined || end === undefined) return order;
    if (end - start < fewPoints) continue;
    sortAlong(order.subarray(start, end), points, dim, longestSide(order.subarray(start, end), points, dim));
    const middle = (start + end) >> 1;
    starts.push(start, middle);
    ends.push(middle, end);
  }
}

/** The coordinate in which the points differ most. */
function longestSide(part: Int32Array, points: Float64Array, dim: number): number {
  let axis = 0;
  let longest = -1;
  for (let c = 0; c < dim; c++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < part.length; k++) {
      const value = points[part[k] * dim + c];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > longest) {
      longest = high - low;
      axis = c;
    }
  }
  return axis;
}

/** Sorts the indices in place by one coordinate of their points. */
function sortAlong(part: Int32Array, points: Float64Array, dim: number, axis: number): void {
  const before = part.slice();
  const values = new Float64Array(part.length);
  for (let k = 0; k < part.length; k++) values[k] = points[before[k] * dim + axis];
  const order = sortedOrder(values);
  for (let k = 0; k < part.length; k++) part[k] = before[order[k]];
}
