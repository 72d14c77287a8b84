import { column, row } from '../formula/build.js';
import { gradient, hessian } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { nodesOf, variablesOf } from '../formula/inspect.js';
import { type Interval, intervalExtension } from '../formula/interval.js';
import { addDown, addUp } from '../formula/intervalRounding.js';
import type { Space } from '../space/space.js';
import { radiusOf } from './charts.js';
import type { CoordinateNames, MinimumProblem } from './minimumProblem.js';
import type { WeightedAtoms } from './potentialProgram.js';
import { keptByFormula } from './problemTerms.js';

/** Fewer atoms, and a potential whose values lie within `slack` of the one before. */
export interface MergedAtoms {
  readonly atoms: WeightedAtoms;
  readonly slack: number;
}

/** Merging is not worth it above this share of the atoms. */
const worth = 0.7;
const unit = 2 ** -52;

/**
 * Merges atoms that are so close that the potential `V(x) = sum_j w_j l(x, y_j)` changes by at most `allowance`, proven:
 * with c the mean of a cluster, `|sum_j w_j (l(x, y_j) - l(x, c))|` is at most `G |sum_j w_j (y_j - c)| +
 * sum_j |w_j| (y_j - c)'H (y_j - c) / 2`, where G and H bound the derivatives of l in y over all x and the hull of the atoms,
 * and at most `sum_j |w_j| G |y_j - c|`. Equal atoms are merged exactly. The atoms themselves where that saves little.
 * Cost O(n m) for m clusters, and one interval evaluation of the derivatives.
 */
export function mergedAtoms(problem: MinimumProblem, atoms: WeightedAtoms, allowance: number): MergedAtoms {
  const bends = sensitivityOf(problem, atoms);
  let reach = reachOf(bends, allowance);
  for (let attempt = 0; attempt < 6; attempt++) {
    const clusters = clustersOf(atoms, reach);
    if (clusters.length > worth * atoms.count) break;
    const merged = mergeClusters(atoms, clusters, bends);
    if (merged.slack <= allowance) return merged;
    reach = attempt === 4 ? 0 : reach / 3;
  }
  return { atoms, slack: 0 };
}

/** `|d l / d y_k|` and `|d^2 l / d y_k d y_l|` over all x and the hull of the atoms; Infinity where unknown. */
interface Sensitivity {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const jumps = new Set<string>(['sign', 'step']);
const kinks = new Set<string>(['abs', 'relu', 'min', 'max', ...jumps]);

const uses = (formula: Expression, operations: ReadonlySet<string>): boolean =>
  nodesOf(formula).some((node) => node.kind === 'operation' && operations.has(node.operation));

/** The formula and its derivatives in the atom, ready to be bounded; null where they do not exist everywhere. */
const derivativesOf = keptByFormula(({ formula, against }: MinimumProblem) => {
  if (uses(formula, jumps)) return null;
  const names = against?.variables ?? [];
  const handles = names.map(({ name, size }) => {
    const role = variablesOf(formula).find((variable) => variable.name === name)?.role;
    return role === 'column' ? column(name, size) : row(name, size);
  });
  // Mixed derivatives between variables are not at hand: with several of them, first order it is.
  const bends = handles.length === 1 && !uses(formula, kinks) ? hessian(formula, handles[0]).flat() : null;
  return {
    value: intervalExtension(formula),
    first: handles.map((handle) => intervalExtension(gradient(formula, handle))),
    second: bends?.map((entry) => intervalExtension(entry)) ?? null,
  };
});

function sensitivityOf(problem: MinimumProblem, atoms: WeightedAtoms): Sensitivity {
  const d = atoms.dim;
  const first = new Float64Array(d).fill(Infinity);
  const second = new Float64Array(d * d).fill(Infinity);
  const hull = hullOf(problem.space);
  const derivatives = derivativesOf(problem);
  if (hull === null || derivatives === null) return { first, second };
  const low = new Float64Array(d).fill(Infinity);
  const high = new Float64Array(d).fill(-Infinity);
  for (let at = 0; at < atoms.count * d; at++) {
    low[at % d] = Math.min(low[at % d], atoms.points[at]);
    high[at % d] = Math.max(high[at % d], atoms.points[at]);
  }
  const ends = {
    ...cut(problem.variables, hull.lower, hull.upper),
    ...cut(problem.against?.variables ?? [], low, high),
  };
  if (derivatives.value.evaluate(ends).domain !== 'inside') return { first, second };
  const size = ({ lower, upper, domain }: Interval): number =>
    domain === 'inside' ? Math.max(-lower, upper) : Infinity;
  const slopes = derivatives.first.flatMap((part) => part.evaluateVector(ends));
  first.set(slopes.map(size));
  if (derivatives.second?.length === d * d) second.set(derivatives.second.map((entry) => size(entry.evaluate(ends))));
  return { first, second };
}

function cut(names: readonly CoordinateNames[], lower: Float64Array, upper: Float64Array) {
  let start = 0;
  return Object.fromEntries(
    names.map(({ name, size }) => {
      start += size;
      return [name, { lower: lower.slice(start - size, start), upper: upper.slice(start - size, start) }];
    }),
  );
}

/** A box that holds a space. */
function hullOf(space: Space): { readonly lower: Float64Array; readonly upper: Float64Array } | null {
  const fill = (low: number, high: number) => ({
    lower: new Float64Array(space.dim).fill(low),
    upper: new Float64Array(space.dim).fill(high),
  });
  if (space.kind === 'product') {
    const parts = (space.factors ?? []).map(hullOf);
    if (parts.some((part) => part === null)) return null;
    const join = (side: 'lower' | 'upper') =>
      Float64Array.from(parts.flatMap((part) => Array.from(part?.[side] ?? [])));
    return { lower: join('lower'), upper: join('upper') };
  }
  if (space.kind === 'sphere') return fill(-radiusOf(space), radiusOf(space));
  if (space.kind === 'simplex') return fill(0, 1);
  if (space.kind === 'finite') return fill(0, space.volume);
  if (space.kind === 'torus') return fill(0, space.volume ** (1 / space.dim) * (1 + 2 ** -40));
  if (space.kind === 'box') {
    const { lower, upper } = fill(-Number.MAX_VALUE, Number.MAX_VALUE);
    space.projectInto(lower, lower, 1);
    space.projectInto(upper, upper, 1);
    return { lower, upper };
  }
  return null;
}

/** A distance at which the slack is about the allowance. */
function reachOf({ first, second }: Sensitivity, allowance: number): number {
  const [steep, bend] = [first, second].map((sizes) => sizes.reduce((sum, size) => sum + size, 0));
  const reach = Math.max(allowance / steep, Math.sqrt((2 * allowance) / bend));
  return Number.isFinite(reach) ? reach : 0;
}

/** Atoms within the reach of the first of their cluster in every coordinate, with weights of one sign. */
function clustersOf({ count, dim, points, lower }: WeightedAtoms, reach: number): number[][] {
  const clusters: number[][] = [];
  for (let j = 0; j < count; j++) {
    const home = clusters.find(([head]) => {
      if (lower[head] < 0 !== lower[j] < 0) return false;
      for (let k = 0; k < dim; k++)
        if (!(Math.abs(points[head * dim + k] - points[j * dim + k]) <= reach)) return false;
      return true;
    });
    if (home === undefined) clusters.push([j]);
    else home.push(j);
  }
  return clusters;
}

function mergeClusters(
  atoms: WeightedAtoms,
  clusters: readonly number[][],
  { first, second }: Sensitivity,
): MergedAtoms {
  const { dim, points } = atoms;
  const merged = {
    count: clusters.length,
    dim,
    points: new Float64Array(clusters.length * dim),
    lower: new Float64Array(clusters.length),
    upper: new Float64Array(clusters.length),
  };
  let slack = 0;
  clusters.forEach((cluster, c) => {
    const center = merged.points.subarray(c * dim, (c + 1) * dim);
    let total = 0;
    for (const j of cluster) {
      const weight = atoms.lower[j] / 2 + atoms.upper[j] / 2;
      merged.lower[c] = addDown(merged.lower[c], atoms.lower[j]);
      merged.upper[c] = addUp(merged.upper[c], atoms.upper[j]);
      total += weight;
      for (let k = 0; k < dim; k++) center[k] += weight * (points[j * dim + k] - points[cluster[0] * dim + k]);
    }
    for (let k = 0; k < dim; k++) {
      const shift = total === 0 ? 0 : center[k] / total;
      const [low, high] = rangeOf(points, cluster, { dim, k });
      // Inside the hull, in which the derivatives are bounded.
      center[k] = Math.min(high, Math.max(low, points[cluster[0] * dim + k] + shift));
    }
    slack += changeOf(atoms, cluster, center, { first, second });
  });
  return { atoms: merged, slack: slack * (1 + 2 ** -30) };
}

function rangeOf(
  points: Float64Array,
  cluster: readonly number[],
  { dim, k }: { readonly dim: number; readonly k: number },
): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const j of cluster) {
    low = Math.min(low, points[j * dim + k]);
    high = Math.max(high, points[j * dim + k]);
  }
  return [low, high];
}

/** Bound of `|sum_j w_j (l(x, y_j) - l(x, c))|` over x, the smaller of first and second order, with its rounding. */
function changeOf(atoms: WeightedAtoms, cluster: readonly number[], center: Float64Array, bends: Sensitivity): number {
  const d = atoms.dim;
  const [steep, offset, spread] = [0, 1, 2].map(() => new Float64Array(d));
  let bent = 0;
  for (const j of cluster) {
    const weight = atoms.lower[j] / 2 + atoms.upper[j] / 2;
    const most = Math.max(-atoms.lower[j], atoms.upper[j]);
    for (let k = 0; k < d; k++) {
      const apart = atoms.points[j * d + k] - center[k];
      steep[k] += most * Math.abs(apart);
      offset[k] += weight * apart;
      spread[k] += (most * (cluster.length + 8) * unit + (atoms.upper[j] - atoms.lower[j])) * Math.abs(apart);
      for (let l = 0; l < d; l++) {
        const both = Math.abs(apart * (atoms.points[j * d + l] - center[l]));
        if (both > 0) bent += most * both * bends.second[k * d + l];
      }
    }
  }
  let [direct, mean] = [0, bent / 2];
  for (let k = 0; k < d; k++) {
    if (steep[k] === 0) continue;
    direct += bends.first[k] * steep[k];
    mean += bends.first[k] * (Math.abs(offset[k]) + spread[k]);
  }
  return Math.min(direct, mean) * (1 + (cluster.length + 8) * unit);
}
