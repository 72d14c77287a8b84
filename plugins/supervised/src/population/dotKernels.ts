/**
 * The population kernel `K(w, v) = E[phi(x, w) phi(x, v)]` of units `sigma(<w, x>)` or `sigma(|x - w|)` on a
 * rotation-invariant law of x. It depends on `q11 = |w|^2`, `q22 = |v|^2` and `q12 = <w, v>` alone, so that
 *
 *     grad_w K = 2 dK/dq11 w + dK/dq12 v,   grad_v K = 2 dK/dq22 v + dK/dq12 w.
 */
export interface DotKernel {
  readonly name: string;
  /** False where K has no gradient at w = v. */
  readonly smooth: boolean;
  /** Fills `out` with `[K, 2 dK/dq11, 2 dK/dq22, dK/dq12]`. */
  evaluateInto(out: Float64Array, q11: number, q22: number, q12: number): void;
}

/** Laws of x for which the ReLU kernel is closed: N(0, I), and the uniform laws on spheres of radius 1 and sqrt(d). */
export type InputLaw = 'gaussian' | 'unit-sphere' | 'wide-sphere';

const twoPi = 2 * Math.PI;

/**
 * ReLU units: with t the angle between w and v,
 *
 *     K = s |w| |v| (sin t + (pi - t) cos t) / (2 pi),   grad_w K = s (|v| sin t w/|w| + (pi - t) v) / (2 pi),
 *
 * and s = 1 for N(0, I) and for the sphere of radius sqrt(d), s = 1/d for the unit sphere. Angles below 1.5e-8 are
 * read as 0. At w = 0, where K has a kink, the gradient is that of no preferred angle, `s v / 4`.
 * Source: [ChoSaul2009], section 2.1.
 */
export function reluKernel(law: InputLaw, inputs: number): DotKernel {
  const scale = (law === 'unit-sphere' ? 1 / inputs : 1) / twoPi;
  return {
    name: `relu, ${law}`,
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      const norms = Math.sqrt(q11 * q22);
      if (norms === 0) {
        out[0] = out[1] = out[2] = 0;
        out[3] = scale * (Math.PI / 2);
        return;
      }
      const cosine = Math.max(-1, Math.min(1, q12 / norms));
      const sine = Math.sqrt((1 - cosine) * (1 + cosine));
      const rest = Math.PI - Math.atan2(sine, cosine);
      out[0] = scale * norms * (sine + rest * cosine);
      out[1] = scale * sine * Math.sqrt(q22 / q11);
      out[2] = scale * sine * Math.sqrt(q11 / q22);
      out[3] = scale * rest;
    },
  };
}

/**
 * Step units `1[<w, x> > 0]`, any rotation-invariant law without an atom at 0: `K = (pi - t) / (2 pi)`. K behaves
 * like `1/2 - |w - v|` at w = v and has no gradient there, nor at w = 0; 0 is given in its place.
 * Source: [ChoSaul2009], section 2.1.
 */
export function stepKernel(): DotKernel {
  return {
    name: 'step',
    smooth: false,
    evaluateInto(out, q11, q22, q12) {
      const norms = Math.sqrt(q11 * q22);
      const cosine = norms === 0 ? 0 : Math.max(-1, Math.min(1, q12 / norms));
      const sine = Math.sqrt((1 - cosine) * (1 + cosine));
      out[0] = (Math.PI - Math.atan2(sine, cosine)) / twoPi;
      const factor = norms === 0 || sine === 0 ? 0 : 1 / (twoPi * sine);
      out[1] = factor === 0 ? 0 : (-factor * cosine) / q11;
      out[2] = factor === 0 ? 0 : (-factor * cosine) / q22;
      out[3] = factor === 0 ? 0 : factor / norms;
    },
  };
}

/**
 * Units erf(<w, x>) with x ~ N(0, I):
 *
 *     K = (2/pi) atan2(2 q12, sqrt(r)),   r = (1 + 2 q11)(1 + 2 q22) - 4 q12^2,   dK/dq12 = (4/pi) / sqrt(r).
 *
 * The formula does not hold on spheres. Source: [Williams1998], equation 11.
 */
export function erfKernel(): DotKernel {
  return {
    name: 'erf, gaussian',
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      const [first, second] = [1 + 2 * q11, 1 + 2 * q22];
      const root = Math.sqrt(first * second - 4 * q12 * q12);
      const slope = 4 / (Math.PI * root);
      out[0] = (2 / Math.PI) * Math.atan2(2 * q12, root);
      out[1] = (-2 * q12 * slope) / first;
      out[2] = (-2 * q12 * slope) / second;
      out[3] = slope;
    },
  };
}
