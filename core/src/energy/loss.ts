import { softplus } from '../math/special.js';
import { crossEntropyLoss, type VectorLoss } from './vectorLoss.js';

/** A loss of a prediction f against a target y, convex in f. */
export interface Loss {
  readonly name: string;
  value(f: number, y: number): number;
  /** Derivative in f; at a kink, one of the subgradients. */
  derivative(f: number, y: number): number;
}

/** `(1/2)(f - y)^2`. */
export const squareLoss: Loss = {
  name: 'square',
  value: (f, y) => 0.5 * (f - y) * (f - y),
  derivative: (f, y) => f - y,
};

/** `log(1 + exp(-y f))` for labels y = +-1, without overflow. */
export const logisticLoss: Loss = {
  name: 'logistic',
  value: (f, y) => softplus(-y * f),
  derivative: (f, y) => -y * Math.exp(-softplus(y * f)),
};

/** `max(0, 1 - y f)` for labels y = +-1; the derivative at the kink counts as 0. */
export const hingeLoss: Loss = {
  name: 'hinge',
  value: (f, y) => Math.max(0, 1 - y * f),
  derivative: (f, y) => (y * f < 1 ? -y : 0),
};

/** The sum of a loss over the components of a prediction. */
export function componentwise(loss: Loss): VectorLoss {
  return {
    name: loss.name,
    total(f, y, rows, outputs) {
      let sum = 0;
      for (let k = 0; k < rows * outputs; k++) sum += loss.value(f[k], y[k]);
      return sum;
    },
    derivativesInto(out, f, y, { rows, outputs }) {
      for (let k = 0; k < rows * outputs; k++) out[k] = loss.derivative(f[k], y[k]);
    },
  };
}

export const losses = { square: squareLoss, logistic: logisticLoss, hinge: hingeLoss } as const;

/** A loss by name, of one number (summed over several outputs), or of all outputs. */
export type AnyLoss = keyof typeof losses | 'crossEntropy' | Loss | VectorLoss;

/** The loss in its form for any number of outputs. */
export function readLoss(loss: AnyLoss = 'square'): VectorLoss {
  if (loss === 'crossEntropy') return crossEntropyLoss;
  const given = typeof loss === 'string' ? losses[loss] : loss;
  return 'total' in given ? given : componentwise(given);
}
