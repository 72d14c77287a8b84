import type { GaussianUnits } from './gaussianUnits.js';
import type { PopulationTarget } from './networkPopulation.js';
import type { ThreeSpin } from './threeSpin.js';

/** The symmetric part `s_pqr` of the couplings and its contraction `t_r = 3 sum_p s_ppr`. */
interface CubicForm {
  readonly symmetric: Float64Array;
  readonly trace: Float64Array;
}

function symmetrize({ inputs: d, couplings: a }: ThreeSpin): CubicForm {
  const symmetric = new Float64Array(d ** 3);
  const trace = new Float64Array(d);
  const at = (p: number, q: number, r: number): number => a[(p * d + q) * d + r];
  for (let p = 0; p < d; p++) {
    for (let q = 0; q < d; q++) {
      for (let r = 0; r < d; r++) {
        const sum = at(p, q, r) + at(p, r, q) + at(q, p, r) + at(q, r, p) + at(r, p, q) + at(r, q, p);
        symmetric[(p * d + q) * d + r] = sum / 6;
        if (p === q) trace[r] += sum / 2;
      }
    }
  }
  return { symmetric, trace };
}

const squaredNorm = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);

/**
 * `E f(x)^2` of the three-spin polynomial for its own couplings, x uniform on the sphere of radius sqrt(d): with the
 * symmetric part s of the couplings and `t_r = 3 sum_p s_ppr`, by the sixth moments of the sphere,
 *
 *     E f^2 = d (6 |s|^2 + |t|^2) / (d (d + 2)(d + 4)) = (6 |s|^2 + |t|^2) / ((d + 2)(d + 4)).
 *
 * Its mean over the couplings is d. O(d^3). Source: [RotskoffVandenEijnden2018], section 4.
 */
export function threeSpinSquare(form: ThreeSpin): number {
  const { symmetric, trace } = symmetrize(form);
  return (6 * squaredNorm(symmetric) + squaredNorm(trace)) / ((form.inputs + 2) * (form.inputs + 4));
}

/**
 * The three-spin polynomial as a target of Gaussian units, in closed form: third derivatives of the transform H give
 *
 *     E[f(x) phi(x, z)] = (A/d) exp(-(alpha/2)(d + |z|^2)) (8 H'''(q) s(w, w, w) + 4 H''(q) <t, w>),
 *
 * with `w = alpha z`, `q = |w|^2`. O(d^3) per center, no allocation. Source: [RotskoffVandenEijnden2018], section 4.
 *
 * @example
 * const units = gaussianUnits(5, 1);
 * const target = threeSpinTarget(threeSpin(5, randomKey(1)), units);
 * const energy = networkPopulation(units.kernel, 5, target); // (1/2) E|f_mu - f|^2 without a sample
 */
export function threeSpinTarget(form: ThreeSpin, units: GaussianUnits): PopulationTarget {
  const d = form.inputs;
  const { symmetric, trace } = symmetrize(form);
  const { alpha, amplitude, transform } = units;
  return {
    inputs: units.inputs,
    square: threeSpinSquare(form),
    correlationInto(gradient, points, start) {
      let [square, cubic, linear] = [0, 0, 0];
      for (let p = 0; p < d; p++) {
        let slope = 0;
        for (let q = 0; q < d; q++) {
          let row = 0;
          for (let r = 0; r < d; r++) row += symmetric[(p * d + q) * d + r] * points[start + r];
          slope += row * points[start + q];
        }
        gradient[p] = slope;
        const z = points[start + p];
        square += z * z;
        cubic += slope * z;
        linear += trace[p] * z;
      }
      const q = alpha * alpha * square;
      const second = transform.derivative(2, q);
      const third = transform.derivative(3, q);
      const fourth = transform.derivative(4, q);
      const scale = (amplitude / d) * Math.exp(-(alpha / 2) * (d + square));
      const [ofCubic, ofLinear] = [8 * scale * alpha ** 3 * third, 4 * scale * alpha * second];
      const value = ofCubic * cubic + ofLinear * linear;
      // d/dz of the scale, and of H''' and H'' through q = alpha^2 |z|^2.
      const chain = 2 * alpha * alpha;
      const radial = -alpha * value + chain * scale * (8 * alpha ** 3 * fourth * cubic + 4 * alpha * third * linear);
      for (let p = 0; p < d; p++) {
        gradient[p] = 3 * ofCubic * gradient[p] + ofLinear * trace[p] + radial * points[start + p];
      }
      return value;
    },
  };
}
