import type { Assembly, Local } from './assembly.js';

/**
 * Elementary functions on vectors of two numbers, as straight-line code without branches. Arguments are reduced as
 * in fdlibm [fdlibm]; errors in units in the last place are those that the spec measures.
 */

/** ln 2 in two parts; multiples of the first by integers below 2^20 are exact. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
/** 1.5 * 2^52: adding it leaves an integer in the low bits of the sum. */
const integerMagic = 6755399441055744;

/** `q` with `exp(r) = 1 + r + r^2 q(r)` for |r| <= ln(2)/2: Chebyshev fit, error 1.6e-17 of exp(r). */
const expTail = [
  0.5000000000000001, 0.16666666666666669, 0.041666666666624164, 0.008333333333330065, 0.001388888891719689,
  1.9841269863040675e-4, 2.480152132210459e-5, 2.7557268480106926e-6, 2.762007600563138e-7, 2.5100375929185925e-8,
] as const;

/** `R` of fdlibm's logarithm: `log((1 + s)/(1 - s)) = s (2 + R(s^2))` for |s| <= 0.1716. */
const logTail = [
  0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
  0.15313837699209373, 0.14798198605116586,
] as const;

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

/** The bias of exponents: `2^n` for integers n in [-1022, 1023] is `n + 1023` in the exponent's bits. */
const exponentBias = 1023;

interface Reduced {
  /** A number whose lowest bits are `n + bias` for n the nearest integer to x / ln 2. */
  readonly shifted: Local;
  /** The rest `x - n ln 2`. */
  readonly r: Local;
}

function reduceExp(asm: Assembly, x: Local, bias: number): Reduced {
  const magic = asm.constant(integerMagic + bias);
  const shifted = asm.multiplyAdd(x, asm.constant(Math.LOG2E), magic);
  const n = asm.vector('sub', shifted, magic);
  const first = asm.multiplySubtract(n, asm.constant(ln2High), x);
  return { shifted, r: asm.multiplySubtract(n, asm.constant(ln2Low), first) };
}

/** `exp(r)` for |r| <= ln(2)/2. */
const expOfRest = (asm: Assembly, r: Local): Local => polynomial(asm, r, [1, 1, ...expTail]);

/** The number whose exponent the lowest bits are. */
const scaleOf = (asm: Assembly, bits: Local): Local => asm.shift('left', bits, 52);

/**
 * `exp(x)`; infinities, NaN, overflow and gradual underflow as Math.exp has them. The scale goes beyond the exponents of
 * normal numbers on both sides, so it is applied in two parts; a branch for the ends would cost more.
 */
export function exp(asm: Assembly, x: Local): Local {
  const inside = asm.vector('pmax', asm.vector('pmin', x, asm.constant(710)), asm.constant(-746));
  const { shifted, r } = reduceExp(asm, inside, 2 * exponentBias);
  const half = asm.shift('rightUnsigned', shifted, 1);
  const scaled = asm.vector('mul', expOfRest(asm, r), scaleOf(asm, half));
  return asm.vector('mul', scaled, scaleOf(asm, asm.vector('subInteger', shifted, half)));
}

/** Below this `expOfNegative` stops falling. */
const lowestExponent = -700;

/** `exp(x)` for x <= 0, and about 1e-304 instead of anything below: one multiplication by the scale instead of two. */
export function expOfNegative(asm: Assembly, x: Local): Local {
  const { shifted, r } = reduceExp(asm, asm.vector('pmax', x, asm.constant(lowestExponent)), exponentBias);
  return asm.vector('mul', expOfRest(asm, r), scaleOf(asm, shifted));
}

/** The same with 0 instead of anything below. */
function expOrZero(asm: Assembly, x: Local): Local {
  return asm.vector('andNot', expOfNegative(asm, x), asm.vector('lt', x, asm.constant(lowestExponent)));
}

/** `exp(x) - 1` for x <= 0. */
function expm1OfNegative(asm: Assembly, x: Local): Local {
  const { shifted, r } = reduceExp(asm, asm.vector('pmax', x, asm.constant(-50)), exponentBias);
  const tail = asm.multiplyAdd(asm.vector('mul', r, r), polynomial(asm, r, expTail), r);
  const scale = scaleOf(asm, shifted);
  return asm.vector('add', asm.vector('mul', scale, tail), asm.vector('sub', scale, asm.constant(1)));
}

/** `log(x)`; zero, negative numbers, subnormal numbers, infinity and NaN as Math.log has them. */
export function log(asm: Assembly, x: Local): Local {
  const isSmall = asm.vector('lt', x, asm.constant(2.2250738585072014e-308));
  const normal = asm.vector('select', asm.vector('mul', x, asm.constant(18014398509481984)), x, isSmall);
  const exponentBits = asm.vector('or', asm.shift('rightUnsigned', normal, 52), asm.bits(0x43300000, 0));
  const shiftOfSmall = asm.vector('and', isSmall, asm.constant(54));
  const bias = asm.constant(4503599627370496 + 1023);
  const exponent = asm.vector('sub', asm.vector('sub', exponentBits, bias), shiftOfSmall);
  const mantissaBits = asm.vector('and', normal, asm.bits(0x000fffff, 0xffffffff));
  const mantissa = asm.vector('or', mantissaBits, asm.bits(0x3ff00000, 0));
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
    asm.vector('mul', k, asm.constant(ln2Low)),
  );
  const inner = asm.vector('sub', asm.vector('sub', halfSquare, low), f);
  const value = asm.vector('sub', asm.vector('mul', k, asm.constant(ln2High)), inner);
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
  const rest = asm.vector('mul', z, polynomial(asm, z, logTail));
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
  const sign = asm.vector('and', x, asm.bits(0x80000000, 0));
  return asm.vector('or', asm.vector('abs', size), sign);
}

/** pi/2 in parts of 33 bits with their rests, as fdlibm has them. */
const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
const twoOverPi = 0.6366197723675814;
/** Up to here the reduction keeps full accuracy. */
const largestAngle = 1e5;

const sinTail = [
  -0.16666666666666632, 0.00833333333332249, -1.984126982985795e-4, 2.7557313707070068e-6, -2.5050760253406863e-8,
  1.58969099521155e-10,
] as const;
const cosTail = [
  0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7, 2.087572321298175e-9,
  -1.1359647557788195e-11,
] as const;

/** Sine (shift 0) or cosine (shift 1); angles beyond 1e5 go to the imported function, lane by lane. */
function angle(asm: Assembly, x: Local, shift: 0 | 1, imported: number): Local {
  const n = asm.vector('nearest', asm.vector('mul', x, asm.constant(twoOverPi)));
  const t = asm.vector('sub', x, asm.vector('mul', n, asm.constant(halfPi[0])));
  const w = asm.vector('mul', n, asm.constant(halfPi[1]));
  const r = asm.vector('sub', t, w);
  const lost = asm.vector('sub', asm.vector('sub', t, r), w);
  const y = asm.vector('add', lost, asm.vector('neg', asm.vector('mul', n, asm.constant(halfPi[2]))));
  const z = asm.vector('mul', r, r);
  const sine = sineOf(asm, r, y, z);
  const cosine = cosineOf(asm, r, y, z);
  const bits = asm.vector('add', n, asm.constant(integerMagic));
  const quadrant = shift === 0 ? bits : asm.vector('addInteger', bits, asm.bits(0, 1));
  const odd = asm.vector('subInteger', asm.bits(0, 0), asm.vector('and', quadrant, asm.bits(0, 1)));
  const sign = asm.shift('left', asm.vector('and', quadrant, asm.bits(0, 2)), 62);
  const value = asm.local(x.type);
  asm.assign(value, asm.vector('xor', asm.vector('select', cosine, sine, odd), sign));
  const isLarge = asm.vector('gt', asm.vector('abs', x), asm.constant(largestAngle));
  asm.when(asm.anyTrue(isLarge), () => asm.assign(value, asm.callLanes(imported, x)));
  return value;
}

/** fdlibm's kernel on |r| <= pi/4 with the tail y of the reduced angle. */
function sineOf(asm: Assembly, r: Local, y: Local, z: Local): Local {
  const cube = asm.vector('mul', z, r);
  const rest = polynomial(asm, z, sinTail.slice(1));
  const half = asm.vector('mul', asm.constant(0.5), y);
  const corrected = asm.vector('sub', half, asm.vector('mul', cube, rest));
  const inner = asm.vector('sub', asm.vector('mul', z, corrected), y);
  const first = asm.vector('mul', cube, asm.constant(sinTail[0]));
  return asm.vector('sub', r, asm.vector('sub', inner, first));
}

function cosineOf(asm: Assembly, r: Local, y: Local, z: Local): Local {
  const one = asm.constant(1);
  const rest = asm.vector('mul', z, polynomial(asm, z, cosTail));
  const half = asm.vector('mul', asm.constant(0.5), z);
  const w = asm.vector('sub', one, half);
  const lost = asm.vector('sub', asm.vector('sub', one, w), half);
  const low = asm.vector('sub', asm.vector('mul', z, rest), asm.vector('mul', r, y));
  return asm.vector('add', w, asm.vector('add', lost, low));
}

export const sin = (asm: Assembly, x: Local, imported: number): Local => angle(asm, x, 0, imported);
export const cos = (asm: Assembly, x: Local, imported: number): Local => angle(asm, x, 1, imported);

/** `erf(x)/x - 1` in x^2 for |x| <= 1: Chebyshev fit, error 1e-19. */
const erfSmall = [
  0.1283791670955126, -0.3761263890318375, 0.11283791670954879, -0.026866170645076792, 0.0052239776248180145,
  -8.54832698083379e-4, 1.205533111164271e-4, -1.4925595266831182e-5, 1.6461000484121368e-6, -1.6350312701054695e-7,
  1.4659775274047436e-8, -1.1372848856791674e-9, 5.957176147748911e-11,
] as const;

/** `exp(x^2) erfc(x)/t` in `t - 0.4556`, `t = 2/(2 + x)`, for 1 <= x <= 6.2: Chebyshev fit, error 2e-17. */
const erfLarge = [
  0.4813698893809454, 0.638446665585447, 0.5375886027974469, 0.17412259521907675, -0.1463336676547951,
  -0.12738700924216878, 0.07768741091682052, 0.0822947028925509, -0.07439077185874786, -0.04439391026363928,
  0.08362111090648722, -0.001170048265851426, -0.08162681766785747, 0.055198165643680595, 0.04924047551166895,
  -0.08433672792517775,
] as const;
const erfCenter = 0.4556;

/** `erf(x)`: a polynomial up to 1, `1 - exp(-x^2) t G(t)` beyond, 1 from 6 on. */
export function erf(asm: Assembly, x: Local): Local {
  const size = asm.vector('min', asm.vector('abs', x), asm.constant(6));
  const square = asm.vector('mul', size, size);
  const small = asm.vector('add', size, asm.vector('mul', size, polynomial(asm, square, erfSmall)));
  const t = asm.vector('div', asm.constant(2), asm.vector('add', asm.constant(2), size));
  const g = polynomial(asm, asm.vector('sub', t, asm.constant(erfCenter)), erfLarge);
  const tail = asm.vector('mul', expOrZero(asm, asm.vector('neg', square)), asm.vector('mul', t, g));
  const large = asm.vector('sub', asm.constant(1), tail);
  const isLarge = asm.vector('gt', size, asm.constant(1));
  const sign = asm.vector('and', x, asm.bits(0x80000000, 0));
  return asm.vector('or', asm.vector('select', large, small, isLarge), sign);
}
