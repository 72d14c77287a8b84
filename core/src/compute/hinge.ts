/** Rows `x_l` of `width` coordinates, row-major, that stay as they are, and where the coordinates of a point are in an atom. */
export interface HingeRows {
  readonly coordinates: Float64Array;
  readonly count: number;
  readonly width: number;
  /** Points are atoms of `width` numbers unless it is said. */
  readonly atom?: HingeAtom;
}

/** Atoms of `dim` numbers: coordinate k of a point is number `offsets[k]` of its atom. */
export interface HingeAtom {
  readonly dim: number;
  readonly offsets: readonly number[];
}

/** A sum over rows as a function of the point, and its gradient times a factor of the point. */
export interface HingeVariation {
  /** One number for each point. */
  readonly values: Float64Array;
  /** An atom for each point, of which only the coordinates of the point are meant: others are left as they come. */
  readonly gradients: Float64Array;
}

/**
 * The two sums of a layer of rectified inner products over fixed rows and the points of the last {@link HingeSums.place}.
 * It keeps the signs of the inner products, so that points that move little cost little.
 */
export interface HingeSums {
  /** Takes new points `p_i`, `count` atoms. False where they, or their number, do not suit: nothing can be summed then. */
  place(atoms: Float64Array, count: number): boolean;
  /** `out_l = sum_i w_i max(<x_l, p_i>, 0)`, one for each row. */
  overPointsInto(out: Float64Array, weights: Float64Array): void;
  /** `values_i = sum_l r_l max(<x_l, p_i>, 0)`, and as gradients `s_i sum_l r_l 1{<x_l, p_i> > 0} x_l`. */
  overRowsInto(out: HingeVariation, weights: Float64Array, scales: Float64Array): void;
}
