import type { GroundCost } from './groundCost.js';
import { type ArcList, cheapestArcs, type FirstArcs, joinArcs, violatedArcs } from './networkSimplexArcs.js';
import { type AtomOrders, coarseProblem, extendedPotentials } from './networkSimplexCoarse.js';
import { greedyTree } from './networkSimplexStart.js';
import { pivot, resetPotentials, type SpanningTree } from './networkSimplexTree.js';

/** What the simplex method ends with. */
export interface SimplexResult {
  readonly tree: SpanningTree;
  readonly pivots: number;
  /** False where the limit of pivots was met first. */
  readonly optimal: boolean;
  /** How far the potential of every column must come down to be feasible: a number below 0, rounding where optimal. */
  readonly columnMinimum: Float64Array;
}

/** Arcs kept for every row and column at the start, and added for each in every later round. */
const startArcs = 12;
const addedArcs = 4;

/** What the method needs to know besides the costs. */
export interface SimplexOptions {
  /** Whole masses >= 1 of rows, then of columns, with equal totals up to 2^53. */
  readonly units: Float64Array;
  /** Orders that samples of the atoms are taken along. */
  readonly orders: AtomOrders;
  readonly maxPivots: number;
}

/**
 * Solves `min sum_ij P_ij c_ij` with row sums and column sums given, by the primal network simplex method on a list of arcs
 * that grows: the best arcs of every atom for the potentials of a coarse problem first, then, round by round, those whose
 * reduced cost is negative for the potentials found, until one pass over all costs finds none. The coarse problem is
 * between a quarter of the atoms, and solved in the same way. Costs are computed when they are needed; memory is
 * O(rows + columns). Source: [AhujaMagnantiOrlin1993], chapter 11.
 */
export function networkSimplex(cost: GroundCost, { units, orders, maxPivots }: SimplexOptions): SimplexResult {
  const first = firstArcs(cost, { units, orders, maxPivots });
  const tree = greedyTree(cost, units, first);
  let arcs: ArcList = first;
  let pivots = 0;
  for (let round = 0; ; round++) {
    const made = improve(tree, arcs, { tolerance: toleranceOf(tree), limit: maxPivots - pivots });
    pivots += made;
    resetPotentials(tree);
    const priced = violatedArcs(cost, tree.potential, { keep: addedArcs, tolerance: toleranceOf(tree) });
    // No pivot on arcs that looked better: they do so by the rounding of the potentials only, which the bound counts.
    const done = priced.arcs.count === 0 || (round > 0 && made === 0);
    if (done || pivots >= maxPivots) {
      return {
        tree,
        pivots,
        optimal: done,
        columnMinimum: priced.columnMinimum,
      };
    }
    arcs = joinArcs(arcs, priced.arcs);
  }
}

/** The arcs that are best for potentials of a coarse problem, or the cheapest where there is none. */
function firstArcs(cost: GroundCost, { units, orders, maxPivots }: SimplexOptions): FirstArcs {
  const coarse = coarseProblem(cost, units, orders);
  if (coarse === null) return cheapestArcs(cost, new Float64Array(cost.columns), startArcs);
  const { tree } = networkSimplex(coarse.cost, { ...coarse, maxPivots });
  return cheapestArcs(cost, extendedPotentials(cost, coarse.rows, tree), startArcs);
}

/** Reduced costs above minus this are zero up to the rounding of the potentials. */
function toleranceOf({ potential }: SpanningTree): number {
  let low = 0;
  let high = 0;
  for (let x = 0; x < potential.length; x++) {
    if (potential[x] < low) low = potential[x];
    if (potential[x] > high) high = potential[x];
  }
  return (high - low) * 2 ** -49;
}

/**
 * Pivots until no arc of the list has a negative reduced cost. Arcs are looked at in blocks, cyclically; the best arc of
 * the first block that has one comes in.
 *
 * @returns the number of pivots.
 */
function improve(
  tree: SpanningTree,
  arcs: ArcList,
  { tolerance, limit }: { readonly tolerance: number; readonly limit: number },
): number {
  const { rows, potential } = tree;
  const { row, column, cost, count } = arcs;
  const block = Math.max(32, Math.ceil(2 * Math.sqrt(count)));
  let pivots = 0;
  let at = 0;
  for (let seen = 0; seen < count && pivots < limit; ) {
    let best = -1;
    let least = -tolerance;
    const end = Math.min(block, count - seen);
    for (let k = 0; k < end; k++) {
      const reduced = cost[at] - potential[row[at]] + potential[rows + column[at]];
      if (reduced < least) {
        least = reduced;
        best = at;
      }
      if (++at === count) at = 0;
    }
    seen += end;
    if (best < 0) continue;
    pivot(tree, row[best], rows + column[best], cost[best]);
    pivots++;
    seen = 0;
  }
  return pivots;
}
