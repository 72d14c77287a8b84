/** What a bound assumes: which class of networks, any weight bound or none, approximation or learning. */
export interface Hypothesis {
  /** A noun for the part of the setting it fixes: `class`, `weights`, `data`, `target`, `question`. */
  readonly name: string;
  /** A sentence without its full stop. */
  readonly statement: string;
}

/** A proven lower bound on the relative squared error of every network of a class. */
export interface Floor {
  /** At least 0: `E|f - g|^2 / E|g|^2 >= value` for every f of the class. */
  readonly value: number;
  /** The width the class is limited to, or null for a class of any width. */
  readonly units: number | null;
  /** The weight budget the class is limited to, or null for any weights. */
  readonly norm: number | null;
  readonly hypotheses: readonly Hypothesis[];
  /** Which of several targets it is about, such as `d = 16`; only bounds of one problem are compared. */
  readonly problem?: string | undefined;
}

/** A measured or constructed relative squared error: never a bound from below. */
export interface Ceiling {
  readonly value: number;
  /** Ends of the 99 % band of `value` on points that nothing was fitted or chosen on. */
  readonly low: number;
  readonly high: number;
  /** How the network was made, as a noun: `explicit depth-three network`, `random features with ridge`. */
  readonly method: string;
  readonly units: number;
  /** As {@link Floor.problem}. */
  readonly problem?: string | undefined;
}
