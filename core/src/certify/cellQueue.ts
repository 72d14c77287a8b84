/** Cells ordered by a lower bound, ties by age, in flat arrays: a binary heap whose slots are reused. */
export interface CellQueue {
  size(): number;
  /** The least bound; Infinity when empty. */
  least(): number;
  /** Keeps a copy of the cell `lower[start …], upper[start …]`. */
  push(bound: number, split: number, lower: Float64Array, upper: Float64Array): void;
  /** Removes the cell of least bound, writes it to the arrays and returns the coordinate it is to be split in. */
  pop(lower: Float64Array, upper: Float64Array): number;
}

/** An empty queue of cells in `dim` coordinates. */
export function cellQueue(dim: number): CellQueue {
  let capacity = 256;
  let bounds = new Float64Array(capacity);
  let ages = new Float64Array(capacity);
  let splits = new Int32Array(capacity);
  let boxes = new Float64Array(capacity * 2 * dim);
  let heap = new Int32Array(capacity);
  let free = new Int32Array(capacity);
  let freeCount = 0;
  let count = 0;
  let used = 0;
  let age = 0;

  const grow = (): void => {
    capacity *= 2;
    const copied = <T extends Float64Array | Int32Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    bounds = copied(bounds, new Float64Array(capacity));
    ages = copied(ages, new Float64Array(capacity));
    splits = copied(splits, new Int32Array(capacity));
    boxes = copied(boxes, new Float64Array(capacity * 2 * dim));
    heap = copied(heap, new Int32Array(capacity));
    free = copied(free, new Int32Array(capacity));
  };
  const before = (a: number, b: number): boolean =>
    bounds[a] < bounds[b] || (bounds[a] === bounds[b] && ages[a] < ages[b]);
  const siftUp = (from: number): void => {
    let k = from;
    const slot = heap[k];
    while (k > 0) {
      const parent = (k - 1) >> 1;
      if (!before(slot, heap[parent])) break;
      heap[k] = heap[parent];
      k = parent;
    }
    heap[k] = slot;
  };
  const siftDown = (slot: number): void => {
    let k = 0;
    for (;;) {
      let child = 2 * k + 1;
      if (child >= count) break;
      if (child + 1 < count && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], slot)) break;
      heap[k] = heap[child];
      k = child;
    }
    heap[k] = slot;
  };
  return {
    size: () => count,
    least: () => (count === 0 ? Infinity : bounds[heap[0]]),
    push(bound, split, lower, upper) {
      if (count === capacity) grow();
      const slot = freeCount > 0 ? free[--freeCount] : used++;
      bounds[slot] = bound;
      ages[slot] = age++;
      splits[slot] = split;
      const start = slot * 2 * dim;
      for (let k = 0; k < dim; k++) {
        boxes[start + k] = lower[k];
        boxes[start + dim + k] = upper[k];
      }
      heap[count] = slot;
      siftUp(count++);
    },
    pop(lower, upper) {
      const slot = heap[0];
      count--;
      if (count > 0) siftDown(heap[count]);
      const start = slot * 2 * dim;
      for (let k = 0; k < dim; k++) {
        lower[k] = boxes[start + k];
        upper[k] = boxes[start + dim + k];
      }
      free[freeCount++] = slot;
      return splits[slot];
    },
  };
}
