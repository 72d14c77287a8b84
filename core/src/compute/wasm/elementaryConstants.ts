import type { LaneType } from './laneType.js';

/**
 * Numbers that elementary functions are made of, for one kind of lane. Polynomials are Chebyshev fits, constant term first,
 * those of the logarithm and of sine and cosine in 64 bits as fdlibm has them [fdlibm].
 */
export interface ElementaryConstants {
  /** Bits after the leading one, and the bias of exponents: `2^n` is `n + bias` in the bits of the exponent. */
  readonly mantissaBits: number;
  readonly bias: number;
  /** ln 2 in two parts; multiples of the first by integers as large as exponents are exact. */
  readonly ln2: readonly [number, number];
  /** Beyond these `exp` is 0 and Infinity. */
  readonly expRange: readonly [number, number];
  /** The lowest x for which `exp(x)` and its scale are normal numbers. */
  readonly lowestExponent: number;
  /** `q` with `exp(r) = 1 + r + r^2 q(r)` for |r| <= ln(2)/2. */
  readonly expTail: readonly number[];
  /** `R` with `log((1 + s)/(1 - s)) = s (2 + R(s^2))` for |s| <= 0.1716. */
  readonly logTail: readonly number[];
  /** pi/2 in parts; multiples of all but the last by quadrants up to the largest angle are exact. */
  readonly halfPi: readonly [number, number, number];
  readonly largestAngle: number;
  /** Whether what is lost when the rest of an angle is rounded is carried on: it must be far below a unit of the angle. */
  readonly keepsLost: boolean;
  /** `sin r = r + r^3 S(r^2)` and `cos r = 1 - r^2/2 + r^4 C(r^2)` for |r| <= pi/4. */
  readonly sinTail: readonly number[];
  readonly cosTail: readonly number[];
  /** `erf(x)/x - 1` in x^2 for |x| <= 1. */
  readonly erfSmall: readonly number[];
  /** `exp(x^2) erfc(x)/t` in `t - 0.4556`, `t = 2/(2 + x)`, from 1 to where erf rounds to 1. */
  readonly erfLarge: readonly number[];
  readonly erfEnd: number;
}

/** Fits to 1.6e-17 of exp(r), 1e-19 of erf(x)/x and 2e-17 of erfc(x). */
const double: ElementaryConstants = {
  mantissaBits: 52,
  bias: 1023,
  ln2: [0.6931471803691238, 1.9082149292705877e-10],
  expRange: [-746, 710],
  lowestExponent: -700,
  expTail: [
    0.5000000000000001, 0.16666666666666669, 0.041666666666624164, 0.008333333333330065, 0.001388888891719689,
    1.9841269863040675e-4, 2.480152132210459e-5, 2.7557268480106926e-6, 2.762007600563138e-7, 2.5100375929185925e-8,
  ],
  logTail: [
    0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
    0.15313837699209373, 0.14798198605116586,
  ],
  halfPi: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21],
  largestAngle: 1e5,
  keepsLost: true,
  sinTail: [
    -0.16666666666666632, 0.00833333333332249, -1.984126982985795e-4, 2.7557313707070068e-6, -2.5050760253406863e-8,
    1.58969099521155e-10,
  ],
  cosTail: [
    0.0416666666666666, -0.001388888888887411, 2.480158728947673e-5, -2.7557314351390663e-7, 2.087572321298175e-9,
    -1.1359647557788195e-11,
  ],
  erfSmall: [
    0.1283791670955126, -0.3761263890318375, 0.11283791670954879, -0.026866170645076792, 0.0052239776248180145,
    -8.54832698083379e-4, 1.205533111164271e-4, -1.4925595266831182e-5, 1.6461000484121368e-6, -1.6350312701054695e-7,
    1.4659775274047436e-8, -1.1372848856791674e-9, 5.957176147748911e-11,
  ],
  erfLarge: [
    0.4813698893809454, 0.638446665585447, 0.5375886027974469, 0.17412259521907675, -0.1463336676547951,
    -0.12738700924216878, 0.07768741091682052, 0.0822947028925509, -0.07439077185874786, -0.04439391026363928,
    0.08362111090648722, -0.001170048265851426, -0.08162681766785747, 0.055198165643680595, 0.04924047551166895,
    -0.08433672792517775,
  ],
  erfEnd: 6,
};

/** Fits to 8e-9 of exp(r), 1e-9 of log(x), 1.3e-8 of sin(r), 8e-10 of cos(r), 1.3e-9 of erf(x)/x and 2e-8 of erfc(x). */
const single: ElementaryConstants = {
  mantissaBits: 23,
  bias: 127,
  ln2: [0.693145751953125, 1.428606765330187e-6],
  expRange: [-104, 89],
  lowestExponent: -87,
  expTail: [0.5, 0.16666576266288757, 0.041666556149721146, 0.008363190107047558, 0.0013926198007538915],
  logTail: [0.6666668653488159, 0.39988774061203003, 0.2958027720451355],
  halfPi: [1.5703125, 4.837512969970703e-4, 7.549790126404332e-8],
  largestAngle: 1000,
  keepsLost: false,
  sinTail: [-0.166666641831398, 0.008332745172083378, -1.9587248971220106e-4],
  cosTail: [0.0416666641831398, -0.0013888300163713676, 2.4547298380639404e-5],
  erfSmall: [
    0.12837916612625122, -0.3761262595653534, 0.11283594369888306, -0.02685421146452427, 0.005189087241888046,
    -8.01686430349946e-4, 7.875874871388078e-5,
  ],
  erfLarge: [
    0.48136988282203674, 0.6384490728378296, 0.5375874638557434, 0.17359228432178497, -0.14533081650733948,
    -0.10218720138072968,
  ],
  erfEnd: 4,
};

export const elementaryConstants = ({ precision }: LaneType): ElementaryConstants =>
  precision === 'float64' ? double : single;
