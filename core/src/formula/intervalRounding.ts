/**
 * Arithmetic in double precision rounded toward -Infinity (`…Down`) or +Infinity (`…Up`).
 * Sums, products, quotients and roots are rounded exactly: the rounding error of the nearest double is
 * itself computed without error, and the neighbor is taken only where the error points the wrong way.
 *
 * Lower bounds are never +Infinity and upper bounds never -Infinity: an infinite argument stands for an
 * unbounded side, never for a number. Source: [MooreKearfottCloud2009], section 2.5.
 */

/** Just above half a unit in the last place, relative to the number. */
const overHalfUlp = 2 ** -53 * (1 + 2 ** -52);
const smallest = 2 ** -1074;
const upscale = 2 ** 54;

/**
 * The least double above `x`; `nextUp(-Infinity)` is the most negative finite double.
 * Adding slightly more than half a unit in the last place rounds to the neighbor [RumpZimmermannBoldo2009];
 * where that unit would underflow the number is scaled first, and below 2^-1021 doubles are equally spaced.
 */
export function nextUp(x: number): number {
  const size = Math.abs(x);
  if (size >= 2 ** -969) return x === -Infinity ? -Number.MAX_VALUE : x + size * overHalfUlp;
  if (size < 2 ** -1021) return x + smallest;
  return (x * upscale + size * upscale * overHalfUlp) / upscale;
}

/** The greatest double below `x`; `nextDown(Infinity)` is the largest finite double. */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

/** `a + b` rounded down; the error of the nearest sum is exact [Knuth1998, 4.2.2, theorem B]. */
export function addDown(a: number, b: number): number {
  const sum = a + b;
  const tail = sum - a;
  const error = a - (sum - tail) + (b - tail);
  return error >= 0 ? sum : nextDown(sum);
}

/** `a + b` rounded up. */
export function addUp(a: number, b: number): number {
  return -addDown(-a, -b);
}

/** `a b` rounded down, with `0 * Infinity = 0`. */
export function multiplyDown(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  const product = a * b;
  if (product === 0) return a > 0 === b > 0 ? 0 : -smallest;
  return productError(a, b, product) >= 0 ? product : nextDown(product);
}

/** `a b` rounded up, with `0 * Infinity = 0`. */
export function multiplyUp(a: number, b: number): number {
  return -multiplyDown(-a, b);
}

/** `a / b` rounded down for `b != 0`; `a / Infinity` is its limit 0. */
export function divideDown(a: number, b: number): number {
  if (a === 0 || b === Infinity || b === -Infinity) return 0;
  const quotient = a / b;
  if (quotient === 0) return a > 0 === b > 0 ? 0 : -smallest;
  if (Math.abs(quotient) < 2 ** -960) return nextDown(quotient);
  const product = quotient * b;
  const rest = a - product - productError(quotient, b, product);
  return (b > 0 ? rest >= 0 : rest <= 0) ? quotient : nextDown(quotient);
}

/** `a / b` rounded up for `b != 0`. */
export function divideUp(a: number, b: number): number {
  return -divideDown(-a, b);
}

/** `sqrt(x)` rounded down for `x >= 0`. */
export function sqrtDown(x: number): number {
  const root = Math.sqrt(x);
  if (root === 0) return 0;
  const square = root * root;
  return x - square - productError(root, root, square) >= 0 ? root : nextDown(root);
}

/** `sqrt(x)` rounded up for `x >= 0`. */
export function sqrtUp(x: number): number {
  const root = Math.sqrt(x);
  if (root === 0) return 0;
  const square = root * root;
  return x - square - productError(root, root, square) <= 0 ? root : nextUp(root);
}

/** A number at least `ulps` units in the last place below `value`. */
export function widenDown(value: number, ulps: number): number {
  if (ulps === 0) return value;
  if (value === Infinity) return Number.MAX_VALUE * (1 - ulps * 2 ** -52);
  return nextDown(value - ulps * (Math.abs(value) * 2 ** -52 + smallest));
}

/** A number at least `ulps` units in the last place above `value`. */
export function widenUp(value: number, ulps: number): number {
  return -widenDown(-value, ulps);
}

/**
 * `a b - product` without error for the nearest double `product` [Dekker1971]; NaN where the splitting
 * could over- or underflow, which callers read as "unknown" and round outward.
 */
function productError(a: number, b: number, product: number): number {
  const size = Math.abs(product);
  if (!(size >= 2 ** -960 && size <= 2 ** 1000 && Math.abs(a) <= 2 ** 990 && Math.abs(b) <= 2 ** 990))
    return Number.NaN;
  const scaledA = 134217729 * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = 134217729 * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return highA * highB - product + highA * lowB + lowA * highB + lowA * lowB;
}
