import { softplus } from '../math/special.js';

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

/**
 * A loss of c predictions at once, convex in them. Predictions f, targets y and derivatives are rows*c numbers,
 * row-major.
 */
export interface VectorLoss {
  readonly name: string;
  /** Sum of the losses of all rows. */
  total(f: Float64Array, y: Float64Array, rows: number, outputs: number): number;
  /** Derivatives of the total in every prediction. */
  derivativesInto(
    out: Float64Array,
    f: Float64Array,
    y: Float64Array,
    shape: { readonly rows: number; readonly outputs: number },
  ): void;
}

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

/**
 * Softmax and cross-entropy, `log sum_k exp(f_k) - sum_k y_k f_k` for targets y that are probabilities of c classes (a
 * class c as a unit vector): `-sum_k y_k log softmax(f)_k`, without overflow. Derivative `softmax(f) - y`.
 */
export const crossEntropyLoss: VectorLoss = {
  name: 'cross-entropy',
  total(f, y, rows, outputs) {
    let sum = 0;
    for (let l = 0; l < rows; l++) {
      const top = largest(f, l * outputs, outputs);
      let weight = 0;
      let chosen = 0;
      for (let k = l * outputs; k < (l + 1) * outputs; k++) {
        weight += Math.exp(f[k] - top);
        chosen += y[k] * (f[k] - top);
      }
      sum += Math.log(weight) - chosen;
    }
    return sum;
  },
  derivativesInto(out, f, y, { rows, outputs }) {
    for (let l = 0; l < rows; l++) {
      const top = largest(f, l * outputs, outputs);
      let weight = 0;
      for (let k = l * outputs; k < (l + 1) * outputs; k++) weight += Math.exp(f[k] - top);
      for (let k = l * outputs; k < (l + 1) * outputs; k++) out[k] = Math.exp(f[k] - top) / weight - y[k];
    }
  },
};

function largest(values: Float64Array, start: number, count: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = start; k < start + count; k++) if (values[k] > top) top = values[k];
  return top;
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
