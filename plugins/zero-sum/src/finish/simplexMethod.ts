/**
 * The simplex method for the linear programme behind a matrix game with positive payoffs,
 * `max sum_i q_i` subject to `B' q <= 1`, `q >= 0`, whose dual is `min sum_j p_j` subject to `B p >= 1`, `p >= 0`.
 * The tableau is condensed: one column per non-basic variable, exchanged in place. Source: [Dantzig1963].
 */

/** Below this a pivot counts as zero; payoffs lie in [1, 2]. */
const zero = 1e-11;
/** Reduced costs above this are optimal up to rounding. */
const optimal = -1e-14;

/** A basis of the programme: the actions that are in it, equally many of either player, in increasing order. */
export interface Basis {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly pivots: number;
}

interface Tableau {
  /** Constraints (one per column of the game) and the cost row below them. */
  readonly height: number;
  /** Non-basic variables and the right-hand side after them. */
  readonly width: number;
  readonly entries: Float64Array;
  /** Variable of each constraint row and of each tableau column: q_i is i, the slack of column j is rows + j. */
  readonly basic: Int32Array;
  readonly free: Int32Array;
}

/**
 * An optimal basis of the matrix game `payoff` (rows*columns, entries in [1, 2], row player minimizes).
 * Entering variables by the steepest reduced cost, and by the least index [Bland1977] after a run of pivots
 * that did not move, so that degenerate games cannot cycle. Cost: rows*columns per pivot, usually fewer than
 * three pivots per action.
 *
 * @param start a basis to begin from, for example one that rounding has left not quite optimal.
 */
export function optimalBasis(payoff: Float64Array, rows: number, columns: number, start?: Basis): Basis {
  const tableau = slackTableau(payoff, rows, columns);
  if (start !== undefined) enterBasis(tableau, rows, start);
  const limit = 50 * (rows + columns) + 1000;
  let pivots = 0;
  let still = 0;
  while (pivots < limit) {
    const cautious = still > 20;
    const enters = entering(tableau, cautious);
    if (enters < 0) break;
    const leaves = leaving(tableau, enters, cautious);
    if (leaves < 0) break;
    const before = tableau.entries[tableau.height * tableau.width - 1];
    pivot(tableau, leaves, enters);
    const gained = tableau.entries[tableau.height * tableau.width - 1] - before;
    still = gained > 0 ? 0 : still + 1;
    pivots++;
  }
  return basisOf(tableau, rows, pivots);
}

function slackTableau(payoff: Float64Array, rows: number, columns: number): Tableau {
  const width = rows + 1;
  const height = columns + 1;
  const entries = new Float64Array(width * height);
  for (let j = 0; j < columns; j++) {
    for (let i = 0; i < rows; i++) entries[j * width + i] = payoff[i * columns + j];
    entries[j * width + rows] = 1;
  }
  for (let i = 0; i < rows; i++) entries[columns * width + i] = -1;
  return {
    height,
    width,
    entries,
    basic: Int32Array.from({ length: columns }, (_, j) => rows + j),
    free: Int32Array.from({ length: rows }, (_, i) => i),
  };
}

/** Pivots the rows of a basis in for its columns, largest pivots first. */
function enterBasis(tableau: Tableau, rows: number, { rows: inside, columns }: Basis): void {
  const { width, entries } = tableau;
  const candidates = new Set(columns);
  for (const i of inside) {
    let best = -1;
    for (const j of candidates) {
      if (best < 0 || Math.abs(entries[j * width + i]) > Math.abs(entries[best * width + i])) best = j;
    }
    if (best < 0 || Math.abs(entries[best * width + i]) <= zero) continue;
    candidates.delete(best);
    pivot(tableau, best, i);
  }
  // A constraint may have become infeasible by rounding; the method needs a feasible start.
  for (let j = 0; j < tableau.height - 1; j++) {
    const at = j * width + rows;
    if (entries[at] < 0) entries[at] = 0;
  }
}

/** The tableau column that enters: the least reduced cost, or the least variable with a negative one; -1 at the optimum. */
function entering({ height, width, entries, free }: Tableau, cautious: boolean): number {
  const costs = (height - 1) * width;
  let found = -1;
  let least = optimal;
  for (let i = 0; i < width - 1; i++) {
    const cost = entries[costs + i];
    if (cost >= optimal) continue;
    if (cautious ? found < 0 || free[i] < free[found] : cost < least) {
      found = i;
      least = cost;
    }
  }
  return found;
}

/** The constraint that binds first; among equals the largest pivot, or the least variable. */
function leaving({ height, width, entries, basic }: Tableau, enters: number, cautious: boolean): number {
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < height - 1; j++) {
    const step = entries[j * width + enters];
    if (step <= zero) continue;
    const ratio = Math.max(0, entries[j * width + width - 1]) / step;
    if (ratio > least + zero * least) continue;
    const better =
      ratio < least - zero * least || (cautious ? basic[j] < basic[found] : step > entries[found * width + enters]);
    if (found < 0 || better) {
      found = j;
      least = Math.min(least, ratio);
    }
  }
  return found;
}

/** Exchanges the variable of a constraint with that of a tableau column. */
function pivot({ height, width, entries, basic, free }: Tableau, leaves: number, enters: number): void {
  const row = leaves * width;
  const inverse = 1 / entries[row + enters];
  for (let i = 0; i < width; i++) entries[row + i] *= inverse;
  for (let j = 0; j < height; j++) {
    if (j === leaves) continue;
    const at = j * width;
    const factor = entries[at + enters];
    if (factor === 0) continue;
    // Hot loop: entry (j, i) loses factor times entry (leaves, i).
    for (let i = 0; i < width; i++) entries[at + i] -= factor * entries[row + i];
    entries[at + enters] = -factor * inverse;
  }
  entries[row + enters] = inverse;
  const variable = basic[leaves];
  basic[leaves] = free[enters];
  free[enters] = variable;
}

function basisOf({ basic, free }: Tableau, rows: number, pivots: number): Basis {
  const ascending = (a: number, b: number): number => a - b;
  return {
    rows: Array.from(basic)
      .filter((variable) => variable < rows)
      .sort(ascending),
    columns: Array.from(free)
      .filter((variable) => variable >= rows)
      .map((variable) => variable - rows)
      .sort(ascending),
    pivots,
  };
}
