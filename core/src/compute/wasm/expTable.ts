/** Powers in the table: the lowest bits of an integer choose one. */
export const tableSize = 256;
/** Where every kernel finds the table in its memory, and the first byte after it. */
export const tableAddress = 64;
export const tableEnd = tableAddress + 8 * tableSize;

/** Bits behind the point while the table is made. */
const precision = 120n;
const mantissaBits = 52n;

/**
 * The bits behind the leading one of `2^(j/256)`, j = 0 .. 255, correctly rounded, as the bits of numbers. They come from
 * integers: powers by the language may be rounded otherwise elsewhere.
 */
export const expTable: Float64Array = makeTable();

function makeTable(): Float64Array {
  const one = 1n << precision;
  let root = 2n * one;
  for (let count = 1; count < tableSize; count *= 2) root = squareRoot(root * one);
  const bits = new BigUint64Array(tableSize);
  const half = 1n << (precision - mantissaBits - 1n);
  for (let j = 0, power = one; j < tableSize; j++, power = (power * root) / one) {
    bits[j] = (power - one + half) >> (precision - mantissaBits);
  }
  return new Float64Array(bits.buffer);
}

/** The largest integer whose square is at most x, by Newton's iteration from above. */
function squareRoot(x: bigint): bigint {
  let root = x;
  for (let next = (root + 1n) / 2n; next < root; next = (root + x / root) / 2n) root = next;
  return root;
}
