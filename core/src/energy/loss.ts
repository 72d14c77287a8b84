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

export const losses = { square: squareLoss, logistic: logisticLoss, hinge: hingeLoss } as const;
