/** How far predictions lie from what was measured. */
export interface PredictionErrors {
  /** Rows, or sets, with a finite target. */
  readonly rows: number;
  readonly rootMeanSquare: number;
  /** Squared error over that of the mean of these rows. */
  readonly varianceLeft: number;
}

/** The errors where there is a finite target; null where there is none. */
export function errorsOf(predictions: ArrayLike<number>, targets: ArrayLike<number>): PredictionErrors | null {
  let [rows, sum, squares, mean] = [0, 0, 0, 0];
  for (let l = 0; l < targets.length; l++) {
    if (Number.isFinite(targets[l])) mean += (targets[l] - mean) / ++rows;
  }
  for (let l = 0; l < targets.length; l++) {
    if (!Number.isFinite(targets[l])) continue;
    squares += (predictions[l] - targets[l]) ** 2;
    sum += (targets[l] - mean) ** 2;
  }
  return rows === 0 ? null : { rows, rootMeanSquare: Math.sqrt(squares / rows), varianceLeft: squares / sum };
}

/** The errors as a line for people. */
export const errorLine = (name: string, errors: PredictionErrors, what = 'rows'): string =>
  `against ${name} of ${errors.rows} ${what}: root mean square error ${errors.rootMeanSquare.toPrecision(4)}, share of the variance left ${errors.varianceLeft.toPrecision(4)}`;
