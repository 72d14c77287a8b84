import type { IntervalSlots } from '../formula/intervalArithmetic.js';
import { addDown, addUp } from '../formula/intervalRounding.js';
import { smoothness } from './jetRules.js';
import { type PotentialProgram, potentialProgram, type WeightedAtoms } from './potentialProgram.js';
import { depends, type ScalarGraph } from './scalarGraph.js';
import type { Term } from './separateTerms.js';

/**
 * Where a potential jumps: at hyperplanes `u_k = b`. A cell with an extent in coordinate k stands for its interior
 * there, and the places of jumps are cells of their own.
 */
export interface Jumps {
  /** The jump in coordinate k strictly between two numbers that leaves as many on either side; NaN if there is none. */
  between(k: number, lower: number, upper: number): number;
}

/** A potential `sum_t x_t(u) m_t + sum_s x_s(u) F_s(u_k)` with step functions F_s that jump at atoms. */
export interface JumpProgram {
  readonly program: PotentialProgram;
  readonly jumps: Jumps;
  /** True if it is constant between jumps. */
  readonly constant: boolean;
}

/** `sign` or `step` of `u_k - y_c`, or of its opposite: its values below and above the jump, at which it is 0. */
interface StepFactor {
  readonly axis: number;
  readonly coordinate: number;
  readonly values: readonly [number, number];
}

/**
 * Reads the mixed factors of terms as jumps at coordinates of the atoms; null where one is something else. The chart
 * coordinates must be those of the point.
 */
export function jumpProgram(graph: ScalarGraph, terms: readonly Term[], dim: number): JumpProgram | null {
  const factors = terms.map(({ mixed }) => (mixed < 0 ? null : stepFactor(graph, mixed)));
  if (!terms.some(({ mixed }) => mixed >= 0)) return null;
  if (factors.some((factor, t) => factor === null && terms[t].mixed >= 0)) return null;
  const program = potentialProgram(
    graph,
    terms.map((term) => ({ ...term, mixed: -1 })),
    dim,
  );
  const { moments } = program;
  const steps = factors.flatMap((factor, t) => (factor === null ? [] : [{ ...factor, term: t, sums: noSums() }]));
  const places: Float64Array[] = Array.from({ length: dim }, () => new Float64Array(0));

  const prepare = (atoms: WeightedAtoms): void => {
    for (let k = 0; k < dim; k++) places[k] = placesOn(k, steps, atoms);
    const weights = weightsOf(program, steps, atoms);
    steps.forEach((step, s) => {
      step.sums = stepSums(step, places[step.axis], { atoms, weights, s, count: steps.length });
    });
    program.prepare(atoms);
  };
  const run: PotentialProgram['run'] = (out, lower, upper, start, order) => {
    let crossed = false;
    for (const { axis, term, sums } of steps) {
      const [p, q] = [lower[start + axis], upper[start + axis]];
      const at = places[axis];
      const below = countBelow(at, p);
      const tie = below < at.length && at[below] === p;
      const first = 2 * below + (tie ? (p === q ? 1 : 2) : 0);
      const last = p === q ? first : 2 * countBelow(at, q);
      let [least, most] = [Infinity, -Infinity];
      for (let e = first; e <= last; e++) {
        least = Math.min(least, sums.lower[e]);
        most = Math.max(most, sums.upper[e]);
      }
      moments.lower[term] = least;
      moments.upper[term] = most;
      if (last > first) crossed = true;
    }
    program.run(out, lower, upper, start, order);
    if (crossed) out.kind = smoothness.jump;
  };
  const between: Jumps['between'] = (k, lower, upper) => {
    const at = places[k];
    const below = countBelow(at, lower);
    const first = below < at.length && at[below] === lower ? below + 1 : below;
    const last = countBelow(at, upper);
    return last > first ? at[(first + last) >> 1] : Number.NaN;
  };
  const constant = terms.every(({ x }) => graph.nodes[x].depends === depends.none);
  return { program: { dim, moments, perAtom: false, prepare, run }, jumps: { between }, constant };
}

/** Values of a step function: entry 2 i between the jumps i - 1 and i, entry 2 i + 1 at jump i. */
type StepSums = Pick<IntervalSlots, 'lower' | 'upper'>;

const noSums = (): StepSums => ({ lower: new Float64Array(1), upper: new Float64Array(1) });

function stepFactor(graph: ScalarGraph, mixed: number): StepFactor | null {
  const { operation, a } = graph.nodes[mixed];
  if (operation !== 'sign' && operation !== 'step') return null;
  const difference = graph.nodes[a];
  if (difference.operation !== 'subtract') return null;
  const [left, right] = [graph.nodes[difference.a], graph.nodes[difference.b]];
  const low = operation === 'sign' ? -1 : 0;
  if (left.operation === 'free' && right.operation === 'atom')
    return { axis: left.parameter, coordinate: right.parameter, values: [low, 1] };
  if (left.operation === 'atom' && right.operation === 'free')
    return { axis: right.parameter, coordinate: left.parameter, values: [1, low] };
  return null;
}

/** Number of sorted entries below x. */
function countBelow(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The places of jumps along coordinate k, sorted, each once. */
function placesOn(k: number, steps: readonly StepFactor[], { count, dim, points }: WeightedAtoms): Float64Array {
  const found = new Set<number>();
  for (const { axis, coordinate } of steps)
    if (axis === k) for (let j = 0; j < count; j++) found.add(points[j * dim + coordinate] + 0);
  return Float64Array.from(found).sort();
}

/** `w_j y_s(y_j)` for every atom and step factor: the moments of one atom alone. */
function weightsOf(program: PotentialProgram, steps: readonly { term: number }[], atoms: WeightedAtoms): StepSums {
  const { count, dim, points } = atoms;
  const lower = new Float64Array(count * steps.length);
  const upper = new Float64Array(count * steps.length);
  for (let j = 0; j < count; j++) {
    program.prepare({
      count: 1,
      dim,
      points: points.subarray(j * dim, (j + 1) * dim),
      lower: atoms.lower.subarray(j, j + 1),
      upper: atoms.upper.subarray(j, j + 1),
    });
    steps.forEach(({ term }, s) => {
      lower[j * steps.length + s] = program.moments.lower[term];
      upper[j * steps.length + s] = program.moments.upper[term];
    });
  }
  return { lower, upper };
}

interface Weighed {
  readonly atoms: WeightedAtoms;
  readonly weights: StepSums;
  readonly s: number;
  readonly count: number;
}

/** `F = values[0] sum_{b > u} W + values[1] sum_{b < u} W` on every piece, rounded outward. */
function stepSums({ coordinate, values }: StepFactor, places: Float64Array, weighed: Weighed): StepSums {
  const { atoms, weights, s, count } = weighed;
  const m = places.length;
  const [low, high] = [new Float64Array(m), new Float64Array(m)];
  for (let j = 0; j < atoms.count; j++) {
    const i = countBelow(places, atoms.points[j * atoms.dim + coordinate]);
    low[i] = addDown(low[i], weights.lower[j * count + s]);
    high[i] = addUp(high[i], weights.upper[j * count + s]);
  }
  // Sums of all weights before jump i, and from jump i on.
  const before = { lower: new Float64Array(m + 1), upper: new Float64Array(m + 1) };
  const from = { lower: new Float64Array(m + 1), upper: new Float64Array(m + 1) };
  for (let i = 0; i < m; i++) {
    before.lower[i + 1] = addDown(before.lower[i], low[i]);
    before.upper[i + 1] = addUp(before.upper[i], high[i]);
    from.lower[m - 1 - i] = addDown(from.lower[m - i], low[m - 1 - i]);
    from.upper[m - 1 - i] = addUp(from.upper[m - i], high[m - 1 - i]);
  }
  const sums = { lower: new Float64Array(2 * m + 1), upper: new Float64Array(2 * m + 1) };
  const add = (e: number, value: number, least: number, most: number): void => {
    sums.lower[e] = addDown(sums.lower[e], value > 0 ? least : -most);
    sums.upper[e] = addUp(sums.upper[e], value > 0 ? most : -least);
  };
  for (let e = 0; e <= 2 * m; e++) {
    const [i, after] = [e >> 1, (e + 1) >> 1];
    // Values are -1, 0 or 1, so that these products are exact; at the jump itself the value is 0.
    if (values[1] !== 0) add(e, values[1], before.lower[i], before.upper[i]);
    if (values[0] !== 0) add(e, values[0], from.lower[after], from.upper[after]);
  }
  return sums;
}
