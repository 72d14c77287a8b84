/**
 * Intervals of first and second derivatives, in flat arrays: the numbers of one node are its d first derivatives
 * and then the upper triangle of its second derivatives, row by row. Sums and products are rounded outward by one
 * or two units in the last place, without branches: what is lost there is lost in second-order terms only.
 */
export interface DerivativeSlots {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Two units in the last place at least, relative to a normal number. */
const unit = 2 ** -52;
const tiny = 2 ** -1022;

/** A number below the exact result of which `v` is the nearest double; -Infinity if that is unknown. */
export function below(v: number): number {
  const rounded = v - (Math.abs(v) * unit + tiny);
  return Number.isNaN(rounded) ? -Infinity : rounded;
}

/** A number above the exact result of which `v` is the nearest double. */
export function above(v: number): number {
  const rounded = v + (Math.abs(v) * unit + tiny);
  return Number.isNaN(rounded) ? Infinity : rounded;
}

/** `[lower[out], upper[out]] += [p, q] [r, s]`. */
export function addProduct(out: DerivativeSlots, k: number, p: number, q: number, r: number, s: number): void {
  const a = p * r;
  const b = p * s;
  const c = q * r;
  const d = q * s;
  out.lower[k] = below(out.lower[k] + below(Math.min(a, b, c, d)));
  out.upper[k] = above(out.upper[k] + above(Math.max(a, b, c, d)));
}

/** `[lower[out], upper[out]] = [p, q] [r, s]`. */
export function setProduct(out: DerivativeSlots, k: number, p: number, q: number, r: number, s: number): void {
  const a = p * r;
  const b = p * s;
  const c = q * r;
  const d = q * s;
  out.lower[k] = below(Math.min(a, b, c, d));
  out.upper[k] = above(Math.max(a, b, c, d));
}

/** `[lower[out], upper[out]] += [p, q] [r, s]^2`, the square known to be non-negative. */
export function addSquareProduct(out: DerivativeSlots, k: number, p: number, q: number, r: number, s: number): void {
  const near = r > 0 ? r : s < 0 ? -s : 0;
  const far = Math.max(-r, s);
  addProduct(out, k, p, q, Math.max(0, below(near * near)), above(far * far));
}

/** Number of derivatives up to second order in d coordinates. */
export function derivativeCount(d: number): number {
  return d + (d * (d + 1)) / 2;
}
