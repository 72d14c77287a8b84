import { type Expression, formula, gradient, type PointFunction, pointFunction } from '@muflow/core';
import type { Correlation } from './penalizedProblem.js';

/** Reads values and slopes of correlations off points; the formula is compiled once. */
export interface CorrelationFunction {
  /** `<r, phi(theta_i)>` at the points (n*d), and its gradient in theta (n*d) where asked for. */
  into(values: Float64Array, slopes: Float64Array | null, correlation: Correlation, points: Float64Array): void;
}

interface Compiled {
  readonly value: PointFunction;
  /** The value, then the gradient in all coordinates of theta. */
  readonly both: PointFunction;
}

/** A {@link CorrelationFunction} for correlations of one problem. A point costs one evaluation for each of the sum. */
export function correlationFunction(): CorrelationFunction {
  const known = new WeakMap<Expression, Compiled>();
  const compiledFor = ({ formula: expression, variables }: Correlation): Compiled => {
    const found = known.get(expression);
    if (found !== undefined) return found;
    const slopes = variables.flatMap(({ name, size }) => {
      const whole = gradient(expression, formula.row(name, size));
      return Array.from({ length: size }, (_, k) => formula.component(whole, k));
    });
    const compiled = {
      value: pointFunction(expression),
      both: pointFunction(formula.pack(expression, ...slopes)),
    };
    known.set(expression, compiled);
    return compiled;
  };
  return {
    into(values, slopes, correlation, points) {
      const { variables, against, space } = correlation;
      const compiled = compiledFor(correlation);
      const reading = slopes === null ? compiled.value : compiled.both;
      const { count, positions, weights } = against.over;
      const dim = space.dim;
      const size = positions.length / count;
      values.fill(0);
      slopes?.fill(0);
      for (let i = 0; i < values.length; i++) {
        fill(reading, variables, points, i * dim);
        for (let j = 0; j < count; j++) {
          if (weights[j] === 0) continue;
          fill(reading, against.variables, positions, j * size);
          reading.run();
          values[i] += weights[j] * reading.value[0];
          if (slopes === null) continue;
          for (let k = 0; k < dim; k++) slopes[i * dim + k] += weights[j] * reading.value[1 + k];
        }
      }
    },
  };
}

function fill(
  { inputs }: PointFunction,
  variables: readonly { readonly name: string; readonly size: number }[],
  from: Float64Array,
  start: number,
): void {
  let at = start;
  for (const { name, size } of variables) {
    const buffer = inputs[name];
    if (buffer !== undefined) for (let k = 0; k < size; k++) buffer[k] = from[at + k];
    at += size;
  }
}
