import type { Backend } from '@muflow/core';
import type { FeatureKernel, UnitLaw } from './featureKernel.js';
import { unitKernel } from './productKernel.js';
import { cosineUnit, errorFunctionUnit, reluUnit, squaredReluUnit, stepUnit } from './units.js';

/** Kernels of units `sigma(<w, x> + b)` with w ~ N(0, weight^2 I) and b ~ N(0, bias^2). With `z = (weight x, bias)` and t the angle
 * between z and z', they depend on `q11 = |z|^2`, `q22 = |z'|^2` and `q12 = <z, z'>` alone. */

export interface UnitKernelOptions extends UnitLaw {
  readonly backend?: Backend;
}

export interface ArcCosineOptions extends UnitKernelOptions {
  /** Power n of the units `max(0, z)^n`: 0 are steps (1/2 at 0), 1 the ReLU, 2 its square. */
  readonly order: 0 | 1 | 2;
}

const arcCosineUnits = [stepUnit, reluUnit, squaredReluUnit] as const;

/**
 * `k = E[max(0, z)^n max(0, z')^n] = |z|^n |z'|^n J_n(t) / (2 pi)`, with `J_0 = pi - t`, `J_1 = sin t + (pi - t) cos
 * t` and `J_2 = 3 sin t cos t + (pi - t)(1 + 2 cos^2 t)`; half of the kernel that the source defines. Order 0 has no
 * gradient.
 * Source: [ChoSaul2009], section 2.1.
 *
 * @throws `invalid-argument` for a dimension that is no count or standard deviations that are negative, or both 0.
 *
 * @example
 * import { arcCosineKernel } from '@muflow/supervised';
 * const out = new Float64Array(1);
 * arcCosineKernel(2, { order: 1 }).gramInto(out, Float64Array.of(1, 0), 1, Float64Array.of(0, 1), 1);
 * console.log(Math.abs(out[0] * 2 * Math.PI - 1) < 1e-15); // => true
 */
export function arcCosineKernel(inputDim: number, options: ArcCosineOptions): FeatureKernel {
  return unitKernel(arcCosineUnits[options.order], inputDim, options, options.backend);
}

/**
 * `k = E[erf(z) erf(z')] = (2/pi) asin(2 q12 / sqrt((1 + 2 q11)(1 + 2 q22)))`. Source: [Williams1998], equation 11.
 *
 * @throws as {@link arcCosineKernel}.
 */
export function errorFunctionKernel(inputDim: number, options: UnitKernelOptions = {}): FeatureKernel {
  return unitKernel(errorFunctionUnit, inputDim, options, options.backend);
}

/**
 * `k = E[cos z cos z'] = exp(-(q11 + q22)/2) cosh q12`, the kernel of waves whose phase is near 0. With a bias of
 * many turns phases are uniform and 2 k tends to the Gaussian kernel of length 1/weight. Follows from the transform
 * of the normal law.
 *
 * @throws as {@link arcCosineKernel}.
 */
export function cosineKernel(inputDim: number, options: UnitKernelOptions = {}): FeatureKernel {
  return unitKernel(cosineUnit, inputDim, options, options.backend);
}
