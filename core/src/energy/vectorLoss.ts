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
