import {
  allocateFirstVariation,
  allocateTangent,
  deriveKey,
  euclideanNorm,
  fillNormal,
  type Measure,
  type Metric,
  pushInto,
  type RandomKey,
  type Risk,
  workingCopy,
} from '@muflow/core';

/** What the tangent kernel is taken of. */
export interface TangentScaleOptions {
  readonly metric: Metric;
  /** rows*d. */
  readonly inputs: Float64Array;
  readonly rows: number;
  readonly key: RandomKey;
  /** Rounds of the power iteration, default 12. */
  readonly rounds?: number;
}

/** Step of the difference quotient, for motions of about unit size. */
const epsilon = 1e-5;

/**
 * The largest eigenvalue of the tangent kernel of a network on given rows: the fastest rate at which its flow of the
 * square loss moves a prediction. With residuals v the flow is `d/dt f = -T v`; for the transport part
 * `(T v)(x) = int <grad Phi(x, u), (1/L) sum_l v_l grad Phi(x_l, u)> dmu`, and likewise for the reaction. Explicit steps
 * are stable while `dt < 2 / largest`, as long as the kernel stays near this one.
 *
 * Power iteration from a random vector, from below; T v is a difference quotient of predictions along the motion.
 * Each round costs one first variation and one prediction on the rows.
 *
 * @param network - a square risk; of its own data nothing is used.
 * @returns 0 where nothing moves the predictions.
 */
export function tangentScale(network: Risk, mu: Measure, options: TangentScaleOptions): number {
  const { metric, inputs, rows, key, rounds = 12 } = options;
  const variation = allocateFirstVariation(mu.count, mu.dim);
  const tangent = allocateTangent(metric.transports, metric.reacts, mu.count, mu.dim);
  const moved = workingCopy(mu);
  const [now, then, targets, v] = [0, 1, 2, 3].map(() => new Float64Array(rows));
  network.predictInto(now, inputs, rows, mu);
  fillNormal(v, deriveKey(key, 'power iteration'));
  let scale = 0;
  for (let round = 0; round < rounds; round++) {
    const size = euclideanNorm(v);
    if (size === 0) return 0;
    for (let l = 0; l < rows; l++) targets[l] = now[l] - (v[l] / size) * Math.sqrt(rows);
    network.firstVariationOnSamplesInto(variation, mu, { inputs, targets, count: rows });
    metric.descendInto(tangent, variation, mu);
    pushInto(moved, mu, tangent, epsilon);
    network.predictInto(then, inputs, rows, moved);
    for (let l = 0; l < rows; l++) v[l] = (then[l] - now[l]) / epsilon;
    scale = euclideanNorm(v) / Math.sqrt(rows);
  }
  return scale;
}
