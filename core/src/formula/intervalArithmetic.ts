import { addDown, addUp, divideDown, divideUp, multiplyDown, multiplyUp } from './intervalRounding.js';

/**
 * Interval arithmetic on numbered slots: slot k holds the interval `[lower[k], upper[k]]`, outward rounded.
 * Nothing here allocates, so one buffer serves any number of evaluations. Division is that of the extended
 * real line: it takes the range over the part of the box where the quotient exists and says so in `domain`.
 * Source: [MooreKearfottCloud2009], chapters 2 and 4.
 */
export interface IntervalSlots {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** One of the codes of {@link domainCode}. */
  readonly domain: Uint8Array;
}

/**
 * `inside`: proven to be defined on the whole box; `partial`: possibly undefined somewhere, and the bounds
 * hold where it is defined; `outside`: proven to be defined nowhere, the empty interval.
 */
export type IntervalDomain = 'inside' | 'partial' | 'outside';

export const domainCode = { inside: 0, partial: 1, outside: 2 } as const;
export const domainNames: readonly IntervalDomain[] = ['inside', 'partial', 'outside'];

/** Slots for `count` intervals, all `[0, 0]`. */
export function intervalSlots(count: number): IntervalSlots {
  return { lower: new Float64Array(count), upper: new Float64Array(count), domain: new Uint8Array(count) };
}

/** Writes one interval; bounds are not checked. */
export function setInterval(slots: IntervalSlots, out: number, lower: number, upper: number): void {
  slots.lower[out] = lower;
  slots.upper[out] = upper;
}

/** Makes a slot empty: the expression is defined nowhere on the box. */
export function setEmpty(slots: IntervalSlots, out: number): void {
  slots.lower[out] = Infinity;
  slots.upper[out] = -Infinity;
  slots.domain[out] = domainCode.outside;
}

/** Carries the domain of one argument over; false, and an empty result, where the argument is empty. */
export function carryDomain(slots: IntervalSlots, out: number, a: number): boolean {
  if (slots.domain[a] === domainCode.outside) {
    setEmpty(slots, out);
    return false;
  }
  slots.domain[out] = slots.domain[a];
  return true;
}

/** Joins the domains of two arguments; false, and an empty result, where one of them is empty. */
export function joinDomains(slots: IntervalSlots, out: number, a: number, b: number): boolean {
  const { domain } = slots;
  const joined = Math.max(domain[a], domain[b]);
  if (joined === domainCode.outside) {
    setEmpty(slots, out);
    return false;
  }
  domain[out] = joined;
  return true;
}

export function addInto(slots: IntervalSlots, out: number, a: number, b: number): void {
  if (!joinDomains(slots, out, a, b)) return;
  const { lower, upper } = slots;
  setInterval(slots, out, addDown(lower[a], lower[b]), addUp(upper[a], upper[b]));
}

export function subtractInto(slots: IntervalSlots, out: number, a: number, b: number): void {
  if (!joinDomains(slots, out, a, b)) return;
  const { lower, upper } = slots;
  setInterval(slots, out, addDown(lower[a], -upper[b]), addUp(upper[a], -lower[b]));
}

/** The product; which bounds meet follows from the signs, so that equal rounded products cannot mislead. */
export function multiplyInto(slots: IntervalSlots, out: number, a: number, b: number): void {
  if (!joinDomains(slots, out, a, b)) return;
  const p = slots.lower[a];
  const q = slots.upper[a];
  const r = slots.lower[b];
  const s = slots.upper[b];
  if (p >= 0) {
    setInterval(slots, out, multiplyDown(r >= 0 ? p : q, r), multiplyUp(s >= 0 ? q : p, s));
  } else if (q <= 0) {
    setInterval(slots, out, multiplyDown(s >= 0 ? p : q, s), multiplyUp(r >= 0 ? q : p, r));
  } else if (r >= 0) {
    setInterval(slots, out, multiplyDown(p, s), multiplyUp(q, s));
  } else if (s <= 0) {
    setInterval(slots, out, multiplyDown(q, r), multiplyUp(p, r));
  } else {
    const low = Math.min(multiplyDown(p, s), multiplyDown(q, r));
    setInterval(slots, out, low, Math.max(multiplyUp(p, r), multiplyUp(q, s)));
  }
}

/** The square of one argument, never negative. */
export function squareInto(slots: IntervalSlots, out: number, a: number): void {
  if (!carryDomain(slots, out, a)) return;
  const p = slots.lower[a];
  const q = slots.upper[a];
  const near = p >= 0 ? p : q <= 0 ? -q : 0;
  const far = Math.max(q, -p);
  setInterval(slots, out, multiplyDown(near, near), multiplyUp(far, far));
}

/**
 * The quotient over the part of the box where the divisor is not 0: a divisor that reaches 0 opens a side
 * of the result to infinity, one that crosses 0 opens both.
 */
export function divideInto(slots: IntervalSlots, out: number, a: number, b: number): void {
  if (!joinDomains(slots, out, a, b) || !excludeZero(slots, out, b)) return;
  let p = slots.lower[a];
  let q = slots.upper[a];
  let r = slots.lower[b];
  let s = slots.upper[b];
  if (r < 0 && s > 0) {
    const wide = p === 0 && q === 0 ? 0 : Infinity;
    setInterval(slots, out, -wide, wide);
    return;
  }
  if (r < 0) {
    // x / y = (-x) / (-y): from here on 0 <= r and 0 < s.
    [p, q, r, s] = [-q, -p, -s, -r];
  }
  const low = p >= 0 ? divideDown(p, s) : r === 0 ? -Infinity : divideDown(p, r);
  const high = q <= 0 ? divideUp(q, s) : r === 0 ? Infinity : divideUp(q, r);
  setInterval(slots, out, low, high);
}

/** Marks `out` partial where slot `b` may be 0; false, and an empty result, where it is 0 throughout. */
export function excludeZero(slots: IntervalSlots, out: number, b: number): boolean {
  const r = slots.lower[b];
  const s = slots.upper[b];
  if (r > 0 || s < 0) return true;
  if (r === 0 && s === 0) {
    setEmpty(slots, out);
    return false;
  }
  slots.domain[out] = domainCode.partial;
  return true;
}

export function minInto(slots: IntervalSlots, out: number, a: number, b: number): void {
  if (!joinDomains(slots, out, a, b)) return;
  const { lower, upper } = slots;
  setInterval(slots, out, Math.min(lower[a], lower[b]), Math.min(upper[a], upper[b]));
}

export function maxInto(slots: IntervalSlots, out: number, a: number, b: number): void {
  if (!joinDomains(slots, out, a, b)) return;
  const { lower, upper } = slots;
  setInterval(slots, out, Math.max(lower[a], lower[b]), Math.max(upper[a], upper[b]));
}

export function negateInto(slots: IntervalSlots, out: number, a: number): void {
  if (!carryDomain(slots, out, a)) return;
  setInterval(slots, out, -slots.upper[a], -slots.lower[a]);
}

export function absInto(slots: IntervalSlots, out: number, a: number): void {
  if (!carryDomain(slots, out, a)) return;
  const p = slots.lower[a];
  const q = slots.upper[a];
  if (p >= 0) setInterval(slots, out, p, q);
  else if (q <= 0) setInterval(slots, out, -q, -p);
  else setInterval(slots, out, 0, Math.max(-p, q));
}

export function reluInto(slots: IntervalSlots, out: number, a: number): void {
  if (!carryDomain(slots, out, a)) return;
  setInterval(slots, out, Math.max(0, slots.lower[a]), Math.max(0, slots.upper[a]));
}
