import { gaussLegendre, special } from '@muflow/core';

/** `c = phi(0)`, with `phi(x) = c sinc(x/2)^2` of unit norm in L2 of the line: `c^2 = 3 / 4 pi`. */
const peak = Math.sqrt(3 / (4 * Math.PI));

/**
 * The spectral law of one factor `G(x) = exp(i w relu(x + b)) phi(x)`, in units where the band r is 1:
 *
 *     p(xi) = |F(xi)|^2 / 2 pi,   F(xi) = int G(x) exp(-i xi x) dx.
 *
 * With `K(eta) = int_{-b}^infinity phi(x) exp(-i eta x) dx` it is `F(xi) = T(xi) - K(xi) + exp(i w b) K(xi - w)`, and
 * `K = T/2 - i S + D`, where T is the triangle `2 pi c (1 - |eta|)_+`,
 *
 *     S(eta) = c ((eta + 1) ln|eta + 1| + (eta - 1) ln|eta - 1| - 2 eta ln|eta|),   D(eta) = int_0^b phi e^(i eta x) dx.
 *
 * Derived here by integrating `int_0^infinity (1 - cos x) x^-2 sin(eta x) dx` twice in eta.
 */
export interface SpectralLaw {
  /** w > 0, in units of r. */
  readonly omega: number;
  /** b, in units of 1/r. */
  readonly bias: number;
  /** Multiplications of one value of p; 1 without a bias. */
  readonly work: number;
  /** p at xi. The absolute error of F is below 1e-10 while `(w + 16) (1 + |b|) <= 2^14`; see {@link spectralLaw}. */
  density(xi: number): number;
  /**
   * Writes upper bounds of |F'| and |F''| on `[from, to]` into `out`; both are infinite where the interval meets
   * one of the six points 0, 1, -1, w, w + 1, w - 1.
   */
  slopesInto(out: Float64Array, from: number, to: number): void;
  /** An upper bound of `|F(xi) - F(xi')|` for `|xi - xi'| <= h <= 1`, wherever they lie within reach. */
  modulus(h: number): number;
}

/**
 * The spectral law of a factor, evaluated without an approximation except one integral with a bound on its error.
 *
 * Rounding: T and S are sums of at most six terms below 8 c, so their error is below 1e-14; S is evaluated by log1p, so
 * that nothing cancels far out. D is a Gauss-Legendre sum on pieces of length l whose remainder
 * `l^(2n+1) n!^4 c (1 + |eta|)^(2n) / ((2n + 1) (2n)!^3)` is below 1e-13 in all, and whose phases are off by
 * `|b eta| 2^-53`. Functions of the platform are taken to be good to a few units in the last place.
 *
 * @param omega w > 0, in units of r.
 * @param bias b, in units of 1/r.
 * @param reach the largest |xi| and |xi - w| that will be asked for.
 */
export function spectralLaw(omega: number, bias: number, reach: number): SpectralLaw {
  const { nodes, weights } = biasRule(bias, reach);
  const [first, second] = momentsOf(Math.abs(bias));
  const turn = [Math.cos(omega * bias), Math.sin(omega * bias)];
  return {
    omega,
    bias,
    work: 1 + 2 * nodes.length,
    density(xi) {
      const near = triangle(xi) / 2;
      const far = triangle(xi - omega) / 2;
      // First T - K at xi = T/2 + i S - D, then e^(i w b) K at xi - w, with K = T/2 - i S + D.
      let re = near;
      let im = oddPart(xi);
      let kRe = far;
      let kIm = -oddPart(xi - omega);
      for (let k = 0; k < nodes.length; k++) {
        const phase = xi * nodes[k];
        const shifted = (xi - omega) * nodes[k];
        re -= weights[k] * Math.cos(phase);
        im -= weights[k] * Math.sin(phase);
        kRe += weights[k] * Math.cos(shifted);
        kIm += weights[k] * Math.sin(shifted);
      }
      re += turn[0] * kRe - turn[1] * kIm;
      im += turn[0] * kIm + turn[1] * kRe;
      return (re * re + im * im) / (2 * Math.PI);
    },
    slopesInto(out, from, to) {
      out[0] = slopeBound(from, to) + slopeBound(from - omega, to - omega) + 2 * first;
      out[1] = curvatureBound(from, to) + curvatureBound(from - omega, to - omega) + 2 * second;
    },
    // x ln|x| moves by at most h (2 + |ln h| + ln X) on [-X, X], X >= 1; two S hold eight of them, two T/2 a slope of 2 pi c.
    modulus: (h) => h * (peak * (8 * (2 - Math.log(h) + Math.log(reach + 2)) + 2 * Math.PI) + 2 * first) * (1 + 1e-9),
  };
}

const triangle = (eta: number): number => 2 * Math.PI * peak * Math.max(0, 1 - Math.abs(eta));

/** `x ln|x|`, 0 at 0, from x and `ln|x|`. */
const timesLog = (x: number, log: number): number => (x === 0 ? 0 : x * log);

/** `S(eta) = int_0^infinity phi(x) sin(eta x) dx`, odd, without cancellation. */
function oddPart(eta: number): number {
  const size = Math.abs(eta);
  if (size === 0) return 0;
  const x = Math.min(size, 1 / size);
  const value =
    size > 1
      ? size * (timesLog(1 + x, Math.log1p(x)) + timesLog(1 - x, Math.log1p(-x)))
      : timesLog(1 + x, Math.log1p(x)) - timesLog(1 - x, Math.log1p(-x)) - 2 * timesLog(x, Math.log(x));
  return Math.sign(eta) * peak * value;
}

/** More than the rounding of xi - w; cells that come so near to a singular point count as meeting it. */
const padding = 1e-11;

/** Whether `[from, to]` meets -1, 0 or 1, where T has a corner or S a logarithm. */
const isSingular = (from: number, to: number): boolean =>
  meets(from, to, -1) || meets(from, to, 0) || meets(from, to, 1);

const meets = (from: number, to: number, at: number): boolean => from <= at + padding && to >= at - padding;

/** `|T'|/2 + |S'|` with `S' = c ln|1 - eta^-2|`, monotone between singular points; 5 % for rounding. */
function slopeBound(from: number, to: number): number {
  if (isSingular(from, to)) return Infinity;
  const at = (eta: number): number => Math.abs(Math.log(Math.abs((eta - 1) / eta) * Math.abs((eta + 1) / eta)));
  const ends = peak * Math.max(at(from), at(to));
  return 1.05 * (ends + (Math.abs(from) < 1 ? Math.PI * peak : 0)) + 1e-12;
}

/** `|S''| = 2 c / |eta (eta^2 - 1)|`: the cubic has one extremum between two of its roots, so its least is at an end. */
function curvatureBound(from: number, to: number): number {
  if (isSingular(from, to)) return Infinity;
  const cubic = (eta: number): number => Math.abs(eta * (eta - 1) * (eta + 1));
  return (1.05 * 2 * peak) / Math.min(cubic(from), cubic(to));
}

/** Bounds of `int_0^b x phi` and `int_0^b x^2 phi`, from `phi <= c min(1, 4 / x^2)`. */
function momentsOf(b: number): readonly [number, number] {
  const inner = Math.min(b, 2);
  const outer = Math.max(b / 2, 1);
  return [peak * (inner ** 2 / 2 + 4 * Math.log(outer)), peak * (inner ** 3 / 3 + 8 * (outer - 1))];
}

/** Gauss-Legendre nodes on equal pieces of `[0, b]` (b of any sign), and weights times phi; none for b = 0. */
function biasRule(bias: number, reach: number): { readonly nodes: Float64Array; readonly weights: Float64Array } {
  const pieces = Math.ceil((Math.abs(bias) * (1 + reach)) / 400);
  if (pieces === 0) return { nodes: new Float64Array(0), weights: new Float64Array(0) };
  const length = bias / pieces;
  const rule = gaussLegendre(ruleSize(Math.abs(length), reach, 1e-13 / pieces));
  const n = rule.nodes.length;
  const nodes = new Float64Array(pieces * n);
  const weights = nodes.map((_, k) => {
    const x = length * (Math.floor(k / n) + (rule.nodes[k % n] + 1) / 2);
    nodes[k] = x;
    return ((rule.weights[k % n] * length) / 2) * peak * (Math.sin(x / 2) / (x / 2)) ** 2;
  });
  return { nodes, weights };
}

/** A number of nodes whose remainder is below the tolerance, for derivatives of order k below `c (1 + reach)^k`. */
function ruleSize(length: number, reach: number, tolerance: number): number {
  const logOf = (n: number): number =>
    (2 * n + 1) * Math.log(length) +
    4 * special.logGamma(n + 1) -
    Math.log(2 * n + 1) -
    3 * special.logGamma(2 * n + 1) +
    2 * n * Math.log(1 + reach);
  let n = 4;
  while (logOf(n) > Math.log(tolerance)) n += 2;
  return n;
}
