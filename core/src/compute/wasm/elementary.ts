import type { Assembly, Local } from './assembly.js';
import { type ElementaryConstants, elementaryConstants } from './elementaryConstants.js';
import { tableAddress, tableSize } from './expTable.js';
import { doubleLanes } from './laneType.js';

/**
 * Elementary functions on vectors of either kind of lane, as straight-line code without branches. Arguments are reduced as
 * in fdlibm [fdlibm]; errors in units in the last place are those that the spec measures.
 */

/**
 * A polynomial, constant term first, by Estrin's scheme: neighbors are combined with x, pairs with x^2, and so on, so that
 * most products do not wait for each other. Horner's rule is as long as the delays of all its operations.
 */
function polynomial(asm: Assembly, x: Local, coefficients: readonly number[]): Local {
  const one = asm.constant(1);
  let terms: readonly Local[] = coefficients.map((coefficient) => asm.constant(coefficient));
  for (let power = x; terms.length > 1; power = terms.length > 1 ? asm.vector('mul', power, power) : power) {
    const next: Local[] = [];
    for (let k = 0; k < terms.length; k += 2) {
      const isLast = k + 1 === terms.length;
      if (isLast) next.push(terms[k]);
      else if (terms[k + 1] === one) next.push(asm.vector('add', power, terms[k]));
      else next.push(asm.multiplyAdd(terms[k + 1], power, terms[k]));
    }
    terms = next;
  }
  return terms[0];
}

const constantsOf = (asm: Assembly): ElementaryConstants => elementaryConstants(asm.lane);

/** 1.5 * 2^mantissaBits: adding it leaves an integer in the low bits of the sum. */
const integerMagic = (asm: Assembly): number => 1.5 * 2 ** constantsOf(asm).mantissaBits;

interface Reduced {
  /** A number whose lowest bits are `n + bias` for n the nearest integer to x / ln 2. */
  readonly shifted: Local;
  /** The rest `x - n ln 2`. */
  readonly r: Local;
}

/** Reduces by multiples of `ln 2 / parts`: n, bias and rest are in these units then. */
function reduceExp(asm: Assembly, x: Local, bias: number, parts = 1): Reduced {
  const { ln2 } = constantsOf(asm);
  const magic = asm.constant(integerMagic(asm) + parts * bias);
  const shifted = asm.multiplyAdd(x, asm.constant(parts * Math.LOG2E), magic);
  const n = asm.vector('sub', shifted, magic);
  const first = asm.multiplySubtract(n, asm.constant(ln2[0] / parts), x);
  return { shifted, r: asm.multiplySubtract(n, asm.constant(ln2[1] / parts), first) };
}

/**
 * `exp(x)` but for the part of its scale that is missing in `exponent`, by the table of powers `2^(j/256)` [Tang1989]: a rest
 * below ln(2)/512 needs a polynomial of degree 4 only (error 4e-17), which is half of the operations.
 */
function expByTable(asm: Assembly, { shifted, r }: Reduced, exponent: Local): Local {
  const inner = asm.multiplyAdd(asm.multiplyAdd(asm.constant(1 / 24), r, asm.constant(1 / 6)), r, asm.constant(0.5));
  const tail = asm.multiplyAdd(asm.vector('mul', r, r), inner, r);
  const mantissa = asm.lookUp(shifted, { address: tableAddress, size: tableSize });
  const power = asm.vector('addInteger', mantissa, scaleOf(asm, exponent));
  return asm.multiplyAdd(power, tail, power);
}

/** Multiples of ln(2)/256 in doubles; a table does not pay in four lanes of singles. */
const hasTable = (asm: Assembly): boolean => asm.lane === doubleLanes;
const tableBits = Math.log2(tableSize);

/** `exp(r)` for |r| <= ln(2)/2. */
const expOfRest = (asm: Assembly, r: Local): Local => polynomial(asm, r, [1, 1, ...constantsOf(asm).expTail]);

/** The number whose exponent the lowest bits are. */
const scaleOf = (asm: Assembly, bits: Local): Local => asm.shift('left', bits, constantsOf(asm).mantissaBits);

/**
 * `exp(x)`; infinities, NaN, overflow and gradual underflow as Math.exp has them. The scale goes beyond the exponents of
 * normal numbers on both sides, so it is applied in two parts; a branch for the ends would cost more.
 */
export function exp(asm: Assembly, x: Local): Local {
  const { expRange, bias } = constantsOf(asm);
  const inside = asm.vector('pmax', asm.vector('pmin', x, asm.constant(expRange[1])), asm.constant(expRange[0]));
  if (hasTable(asm)) {
    const reduced = reduceExp(asm, inside, 2 * bias, tableSize);
    const half = asm.shift('rightUnsigned', reduced.shifted, tableBits + 1);
    const other = asm.vector('subInteger', asm.shift('rightUnsigned', reduced.shifted, tableBits), half);
    return asm.vector('mul', expByTable(asm, reduced, half), scaleOf(asm, other));
  }
  const { shifted, r } = reduceExp(asm, inside, 2 * bias);
  const half = asm.shift('rightUnsigned', shifted, 1);
  const scaled = asm.vector('mul', expOfRest(asm, r), scaleOf(asm, half));
  return asm.vector('mul', scaled, scaleOf(asm, asm.vector('subInteger', shifted, half)));
}

/** `exp(x)` for x <= 0, and about 1e-304 or 1e-38 instead of anything below: one multiplication by the scale instead of two. */
export function expOfNegative(asm: Assembly, x: Local): Local {
  const { lowestExponent, bias } = constantsOf(asm);
  const inside = asm.vector('pmax', x, asm.constant(lowestExponent));
  if (hasTable(asm)) {
    const reduced = reduceExp(asm, inside, bias, tableSize);
    return expByTable(asm, reduced, asm.shift('rightUnsigned', reduced.shifted, tableBits));
  }
  const { shifted, r } = reduceExp(asm, inside, bias);
  return asm.vector('mul', expOfRest(asm, r), scaleOf(asm, shifted));
}

/** The same with 0 instead of anything below. */
function expOrZero(asm: Assembly, x: Local): Local {
  return asm.vector(
    'andNot',
    expOfNegative(asm, x),
    asm.vector('lt', x, asm.constant(constantsOf(asm).lowestExponent)),
  );
}

/** `exp(x) - 1` for x <= 0. */
function expm1OfNegative(asm: Assembly, x: Local): Local {
  const { bias, expTail } = constantsOf(asm);
  const { shifted, r } = reduceExp(asm, asm.vector('pmax', x, asm.constant(-50)), bias);
  const tail = asm.multiplyAdd(asm.vector('mul', r, r), polynomial(asm, r, expTail), r);
  const scale = scaleOf(asm, shifted);
  return asm.vector('add', asm.vector('mul', scale, tail), asm.vector('sub', scale, asm.constant(1)));
}

/** `log(x)`; zero, negative numbers, subnormal numbers, infinity and NaN as Math.log has them. */
export function log(asm: Assembly, x: Local): Local {
  const { mantissaBits, bias, ln2, logTail } = constantsOf(asm);
  // Subnormal numbers are scaled up; an integer in the low bits of 2^mantissaBits is a number again.
  const isSmall = asm.vector('lt', x, asm.constant(2 ** (1 - bias)));
  const raised = mantissaBits + 2;
  const normal = asm.vector('select', asm.vector('mul', x, asm.constant(2 ** raised)), x, isSmall);
  const whole = 2 ** mantissaBits;
  const exponentBits = asm.vector('or', asm.shift('rightUnsigned', normal, mantissaBits), asm.constant(whole));
  const shiftOfSmall = asm.vector('and', isSmall, asm.constant(raised));
  const exponent = asm.vector('sub', asm.vector('sub', exponentBits, asm.constant(whole + bias)), shiftOfSmall);
  const mantissa = asm.vector('or', asm.vector('and', normal, asm.integers(whole - 1)), asm.constant(1));
  const isBig = asm.vector('gt', mantissa, asm.constant(Math.SQRT2));
  const m = asm.vector('select', asm.vector('mul', mantissa, asm.constant(0.5)), mantissa, isBig);
  const k = asm.vector('add', exponent, asm.vector('and', isBig, asm.constant(1)));
  const f = asm.vector('sub', m, asm.constant(1));
  const s = asm.vector('div', f, asm.vector('add', f, asm.constant(2)));
  const z = asm.vector('mul', s, s);
  const rest = asm.vector('mul', z, polynomial(asm, z, logTail));
  const halfSquare = asm.vector('mul', asm.constant(0.5), asm.vector('mul', f, f));
  const low = asm.vector(
    'add',
    asm.vector('mul', s, asm.vector('add', halfSquare, rest)),
    asm.vector('mul', k, asm.constant(ln2[1])),
  );
  const inner = asm.vector('sub', asm.vector('sub', halfSquare, low), f);
  const value = asm.vector('sub', asm.vector('mul', k, asm.constant(ln2[0])), inner);
  // What is not a positive finite number: +Infinity and NaN give themselves, zero -Infinity, negative numbers NaN.
  const isOrdinary = asm.vector('lt', x, asm.constant(Number.POSITIVE_INFINITY));
  const upper = asm.vector('select', value, x, isOrdinary);
  const isZero = asm.vector('eq', x, asm.constant(0));
  const withZero = asm.vector('select', asm.constant(Number.NEGATIVE_INFINITY), upper, isZero);
  return asm.vector('select', asm.constant(Number.NaN), withZero, asm.vector('lt', x, asm.constant(0)));
}

/** `log(1 + u)` for u in [0, 1]. */
function log1pOfUnit(asm: Assembly, u: Local): Local {
  const isBig = asm.vector('gt', u, asm.constant(0.41421356237309503));
  const numerator = asm.vector('sub', u, asm.vector('and', isBig, asm.constant(1)));
  const two = asm.vector('select', asm.constant(3), asm.constant(2), isBig);
  const s = asm.vector('div', numerator, asm.vector('add', u, two));
  const z = asm.vector('mul', s, s);
  const rest = asm.vector('mul', z, polynomial(asm, z, constantsOf(asm).logTail));
  const value = asm.vector('mul', s, asm.vector('add', asm.constant(2), rest));
  return asm.vector('add', value, asm.vector('and', isBig, asm.constant(Math.LN2)));
}

/** `1/(1 + exp(-x))`, by exp(-|x|) so that nothing overflows. */
export function sigmoid(asm: Assembly, x: Local): Local {
  const e = expOrZero(asm, asm.vector('neg', asm.vector('abs', x)));
  const one = asm.constant(1);
  const isNegative = asm.vector('lt', x, asm.constant(0));
  const value = asm.vector('div', asm.vector('select', e, one, isNegative), asm.vector('add', one, e));
  return value;
}

/** `log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))`. */
export function softplus(asm: Assembly, x: Local): Local {
  const e = expOrZero(asm, asm.vector('neg', asm.vector('abs', x)));
  return asm.vector('add', asm.vector('max', x, asm.constant(0)), log1pOfUnit(asm, e));
}

/** `tanh(x) = -t/(t + 2)` with `t = exp(-2|x|) - 1`, and the sign of x. */
export function tanh(asm: Assembly, x: Local): Local {
  const t = expm1OfNegative(asm, asm.vector('mul', asm.vector('abs', x), asm.constant(-2)));
  const size = asm.vector('div', t, asm.vector('sub', asm.constant(-2), t));
  const sign = asm.vector('and', x, asm.constant(-0));
  return asm.vector('or', asm.vector('abs', size), sign);
}

const twoOverPi = 0.6366197723675814;

interface ReducedAngle {
  /** Nearest integer to 2 x / pi. */
  readonly n: Local;
  /** The rest `x - n pi/2`, and what was lost when it was rounded. */
  readonly r: Local;
  readonly lost: Local | null;
}

function reduceAngle(asm: Assembly, x: Local): ReducedAngle {
  const { halfPi, keepsLost } = constantsOf(asm);
  const n = asm.vector('nearest', asm.vector('mul', x, asm.constant(twoOverPi)));
  const t = asm.vector('sub', x, asm.vector('mul', n, asm.constant(halfPi[0])));
  const w = asm.vector('mul', n, asm.constant(halfPi[1]));
  const r = asm.vector('sub', t, w);
  const last = asm.vector('mul', n, asm.constant(halfPi[2]));
  if (!keepsLost) return { n, r: asm.vector('sub', r, last), lost: null };
  const lost = asm.vector('sub', asm.vector('sub', t, r), w);
  return { n, r, lost: asm.vector('add', lost, asm.vector('neg', last)) };
}

/** What sine and cosine of one angle share, which is nearly all of their work. */
export interface Angle {
  readonly x: Local;
  readonly sine: Local;
  readonly cosine: Local;
  /** A number whose lowest bits are the quadrant. */
  readonly quadrant: Local;
  /** Lanes that are beyond the angles that are reduced here. */
  readonly isLarge: Local;
}

/** Reduces an angle and takes sine and cosine of the rest; which of them is meant, the quadrant says. */
export function angleOf(asm: Assembly, x: Local): Angle {
  const { n, r, lost } = reduceAngle(asm, x);
  const z = asm.vector('mul', r, r);
  return {
    x,
    sine: sineOf(asm, r, lost, z),
    cosine: cosineOf(asm, r, lost, z),
    quadrant: asm.vector('add', n, asm.constant(integerMagic(asm))),
    isLarge: asm.vector('gt', asm.vector('abs', x), asm.constant(constantsOf(asm).largestAngle)),
  };
}

/** Sine (shift 0) or cosine (shift 1) of an angle that is not large. */
export function waveOf(asm: Assembly, { sine, cosine, quadrant }: Angle, shift: 0 | 1): Local {
  const turned = shift === 0 ? quadrant : asm.vector('addInteger', quadrant, asm.integers(1));
  // In odd quadrants the two change places; the same mask serves sine and cosine.
  const odd = asm.vector('subInteger', asm.integers(0), asm.vector('and', quadrant, asm.integers(1)));
  const [inOdd, inEven] = shift === 0 ? [cosine, sine] : [sine, cosine];
  const sign = asm.shift('left', asm.vector('and', turned, asm.integers(2)), 8 * asm.lane.bytes - 2);
  return asm.vector('xor', asm.vector('select', inOdd, inEven, odd), sign);
}

/** The same where large angles go to the imported function, lane by lane. */
export function anyWaveOf(asm: Assembly, angle: Angle, shift: 0 | 1, imported: number): Local {
  const value = asm.local(angle.x.type);
  asm.assign(value, waveOf(asm, angle, shift));
  asm.when(asm.anyTrue(angle.isLarge), () => asm.assign(value, asm.callLanes(imported, angle.x)));
  return value;
}

/** fdlibm's kernel on |r| <= pi/4 with the tail y of the reduced angle. */
function sineOf(asm: Assembly, r: Local, y: Local | null, z: Local): Local {
  const { sinTail } = constantsOf(asm);
  const cube = asm.vector('mul', z, r);
  if (y === null) return asm.multiplyAdd(cube, polynomial(asm, z, sinTail), r);
  const rest = polynomial(asm, z, sinTail.slice(1));
  const half = asm.vector('mul', asm.constant(0.5), y);
  const corrected = asm.vector('sub', half, asm.vector('mul', cube, rest));
  const inner = asm.vector('sub', asm.vector('mul', z, corrected), y);
  const first = asm.vector('mul', cube, asm.constant(sinTail[0]));
  return asm.vector('sub', r, asm.vector('sub', inner, first));
}

function cosineOf(asm: Assembly, r: Local, y: Local | null, z: Local): Local {
  const one = asm.constant(1);
  const rest = asm.vector('mul', z, polynomial(asm, z, constantsOf(asm).cosTail));
  const half = asm.vector('mul', asm.constant(0.5), z);
  const w = asm.vector('sub', one, half);
  const lost = asm.vector('sub', asm.vector('sub', one, w), half);
  const high = asm.vector('mul', z, rest);
  const low = y === null ? high : asm.vector('sub', high, asm.vector('mul', r, y));
  return asm.vector('add', w, asm.vector('add', lost, low));
}

const erfCenter = 0.4556;

/** `erf(x)`: a polynomial up to 1, `1 - exp(-x^2) t G(t)` beyond, 1 where it rounds to that. */
export function erf(asm: Assembly, x: Local): Local {
  const { erfSmall, erfLarge, erfEnd } = constantsOf(asm);
  const size = asm.vector('min', asm.vector('abs', x), asm.constant(erfEnd));
  const square = asm.vector('mul', size, size);
  const small = asm.vector('add', size, asm.vector('mul', size, polynomial(asm, square, erfSmall)));
  const t = asm.vector('div', asm.constant(2), asm.vector('add', asm.constant(2), size));
  const g = polynomial(asm, asm.vector('sub', t, asm.constant(erfCenter)), erfLarge);
  const tail = asm.vector('mul', expOrZero(asm, asm.vector('neg', square)), asm.vector('mul', t, g));
  const large = asm.vector('sub', asm.constant(1), tail);
  const isLarge = asm.vector('gt', size, asm.constant(1));
  const sign = asm.vector('and', x, asm.constant(-0));
  return asm.vector('or', asm.vector('select', large, small, isLarge), sign);
}
