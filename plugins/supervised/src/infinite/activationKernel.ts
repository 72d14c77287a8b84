import type { Backend } from '@muflow/core';
import { activationFormula } from '@muflow/core';
import { type DotKernel, erfKernel, reluKernel, stepKernel } from '../population/dotKernels.js';
import { quadratureKernel } from '../population/quadratureKernel.js';

/**
 * The Gaussian kernel of an activation, `E[sigma(u) sigma(v)]` with its derivatives: in closed form for relu,
 * leaky relu, erf and step, by quadrature for others.
 *
 * @throws as `quadratureKernel`.
 */
export function activationKernel(activation: string, backend?: Backend): DotKernel {
  switch (activationFormula(activation)) {
    case 'relu(z)':
      return reluKernel('gaussian', 1);
    case 'max(z, 0.01 * z)':
      return leakyReluKernel(0.01);
    case 'erf(z)':
      return erfKernel();
    case 'step(z)':
      return stepKernel();
    default:
      return quadratureKernel(activation, backend === undefined ? {} : { backend });
  }
}

/**
 * Leaky relu `max(z, s z)`: with k the kernel of relu, `K(q12) = (1 + s^2) k(q12) - 2 s k(-q12)`, since the unit is
 * `relu(z) - s relu(-z)`.
 *
 * @param slope - s below 0.
 */
export function leakyReluKernel(slope: number): DotKernel {
  const relu = reluKernel('gaussian', 1);
  const far = new Float64Array(4);
  const [own, mixed] = [1 + slope * slope, 2 * slope];
  return {
    name: `leaky relu of slope ${slope}, gaussian`,
    smooth: true,
    evaluateInto(out, q11, q22, q12) {
      relu.evaluateInto(far, q11, q22, -q12);
      relu.evaluateInto(out, q11, q22, q12);
      out[0] = own * out[0] - mixed * far[0];
      out[1] = own * out[1] - mixed * far[1];
      out[2] = own * out[2] - mixed * far[2];
      out[3] = own * out[3] + mixed * far[3];
    },
  };
}
