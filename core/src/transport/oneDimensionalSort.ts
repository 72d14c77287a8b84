/** Bits sorted in one pass. */
const digit = 11;
const buckets = 1 << digit;

/**
 * The indices of the values in growing order, equal values by index (-0 may come before 0). Sorts by the upper 32 bits in three counting passes
 * and then by insertion, which has next to nothing left to do unless values agree in all of these bits; then by comparison.
 * Cost O(count) for values that differ in their first six digits, several times faster than a sort by comparison.
 */
export function sortedOrder(values: Float64Array): Int32Array {
  const count = values.length;
  let order: Int32Array = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  if (count > 64) order = byUpperBits(values, order);
  let moves = 16 * count;
  let last = count > 0 ? values[order[0]] : 0;
  for (let k = 1; k < count; k++) {
    const place = order[k];
    const value = values[place];
    if (value >= last) {
      last = value;
      continue;
    }
    let at = k;
    while (at > 0 && values[order[at - 1]] > value) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = place;
    moves -= k - at;
    if (moves < 0 && count > 64) return order.sort((a, b) => values[a] - values[b] || a - b);
  }
  return order;
}

/** Three counting passes over the upper halves of the numbers, which move along with the indices. */
function byUpperBits(values: Float64Array, start: Int32Array): Int32Array {
  const count = values.length;
  let keys: Uint32Array = upperKeys(values);
  let order = start;
  let nextKeys: Uint32Array = new Uint32Array(count);
  let nextOrder: Int32Array = new Int32Array(count);
  const places = [new Int32Array(buckets), new Int32Array(buckets), new Int32Array(buckets)];
  const [low, middle, high] = places;
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    low[key & (buckets - 1)]++;
    middle[(key >>> digit) & (buckets - 1)]++;
    high[key >>> (2 * digit)]++;
  }
  for (let pass = 0; pass < places.length; pass++) {
    const place = places[pass];
    const shift = pass * digit;
    for (let b = 0, sum = 0; b < buckets; b++) {
      const size = place[b];
      place[b] = sum;
      sum += size;
    }
    for (let k = 0; k < count; k++) {
      const key = keys[k];
      const at = place[(key >>> shift) & (buckets - 1)]++;
      nextKeys[at] = key;
      nextOrder[at] = order[k];
    }
    [keys, nextKeys] = [nextKeys, keys];
    [order, nextOrder] = [nextOrder, order];
  }
  return order;
}

/** The upper halves as whole numbers in the same order: negative ones have all bits turned, the others the sign bit. */
function upperKeys(values: Float64Array): Uint32Array {
  const upper = new Int32Array(Float64Array.of(1).buffer)[1] === 0 ? 0 : 1;
  const bits = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  const keys = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const word = bits[2 * i + upper];
    keys[i] = word < 0 ? ~word : word ^ 0x80000000;
  }
  return keys;
}
