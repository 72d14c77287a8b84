/** Rows `x_l` of `width` coordinates, row-major, that stay as they are. */
export interface HingeRows {
  readonly coordinates: Float64Array;
  readonly count: number;
  readonly width: number;
}

/**
 * The two sums of a layer of rectified inner products over fixed rows and the points of the last {@link HingeSums.place}.
 * It keeps the signs of the inner products, so that points that move little cost little.
 */
export interface HingeSums {
  /** Takes new points `p_i`, count*width row-major. False where they, or their number, do not suit: nothing can be summed then. */
  place(points: Float64Array, count: number): boolean;
  /** `out_l = sum_i w_i max(<x_l, p_i>, 0)`, one for each row. */
  overPointsInto(out: Float64Array, weights: Float64Array): void;
  /** `out_i = sum_l r_l 1{<x_l, p_i> > 0} x_l`, `width` numbers for each point. */
  overRowsInto(out: Float64Array, weights: Float64Array): void;
}
