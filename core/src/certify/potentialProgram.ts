import { type IntervalSlots, intervalSlots, multiplyInto, setInterval } from '../formula/intervalArithmetic.js';
import { addNodeTimesJet, addScaledNode, clearJet, emptyJet, type Jet, type JetNode } from './jet.js';
import { type JetAction, type JetSlots, jetAction, jetSlots } from './jetProgram.js';
import { copySlot, linearForms, momentSums } from './moments.js';
import { depends, type ScalarGraph } from './scalarGraph.js';
import type { Term } from './separateTerms.js';

/** The points and weights of a sum `sum_j w_j l(x, y_j)`. */
export interface WeightedAtoms {
  readonly count: number;
  readonly dim: number;
  /** count*dim, row-major. */
  readonly points: Float64Array;
  /** Bounds of the weights (count each). */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** A potential `V(x) = sum_j w_j l(x, y_j)` that bounds itself over boxes; it works in its own buffers. */
export interface PotentialProgram {
  readonly dim: number;
  /** `sum_j w_j y_t(y_j)` of the terms without a mixed factor, in their order. */
  readonly moments: IntervalSlots;
  /** True if the cost of a run grows with the number of atoms. */
  readonly perAtom: boolean;
  /** Takes the atoms: moments and all that depends on atoms alone. Cost O(n). */
  prepare(atoms: WeightedAtoms): void;
  /**
   * Bounds over the box `lower[start …], upper[start …]`, with derivatives up to `order` (0, 1 or 2), into `out`.
   * Cost O(1) where l is a sum of products, O(n) otherwise.
   */
  run(out: Jet, lower: Float64Array, upper: Float64Array, start: number, order: number): void;
}

/** Compiles `sum_t x_t(x) y_t(y) m_t(x, y)`, the terms being those of `separateTerms`. */
export function potentialProgram(graph: ScalarGraph, terms: readonly Term[], dim: number): PotentialProgram {
  const { nodes } = graph;
  const plain = terms.filter(({ mixed }) => mixed < 0);
  const mixed = terms.filter((term) => term.mixed >= 0);
  const forms = linearForms(
    graph,
    plain.map(({ y }) => y),
  );
  const slots = jetSlots(nodes.length, dim);
  const { values } = slots;
  const asNode = (node: number): JetNode => ({ slots, node, plain: (nodes[node].depends & depends.free) === 0 });
  const plainNodes = plain.map(({ x }) => asNode(x));
  const outer = mixed.map(({ x }) => asNode(x));
  const inner = mixed.map((term) => asNode(term.mixed));
  const sums = mixed.map(() => emptyJet(dim));
  const stages = stagesOf(graph, slots, [
    ...plain.map(({ x }) => x),
    ...forms.basis,
    ...forms.forms.flatMap(({ factors }) => factors),
    ...mixed.flatMap((term) => [term.x, term.y, term.mixed]),
  ]);
  const sumsOverAtoms = momentSums(forms);
  const { moments } = sumsOverAtoms;
  const perAtom = atomMemory(stages.frontier.length, mixed.length);
  let count = 0;

  const prepare = (atoms: WeightedAtoms): void => {
    count = atoms.count;
    perAtom.reserve(count);
    sumsOverAtoms.clear();
    const work = intervalSlots(3);
    const weigh = (node: number, j: number): void => {
      copySlot(work, 0, values, node);
      setInterval(work, 1, atoms.lower[j], atoms.upper[j]);
      multiplyInto(work, 2, 0, 1);
    };
    for (let j = 0; j < count; j++) {
      for (const { node, coordinate } of stages.atomInputs) {
        const at = atoms.points[j * atoms.dim + coordinate];
        setInterval(values, node, at, at);
      }
      for (const action of stages.atoms) action(0);
      sumsOverAtoms.add(values, atoms.lower[j], atoms.upper[j]);
      for (let t = 0; t < mixed.length; t++) {
        weigh(mixed[t].y, j);
        copySlot(perAtom.weights, j * mixed.length + t, work, 2);
      }
      stages.frontier.forEach((node, f) => {
        copySlot(perAtom.stored, j * stages.frontier.length + f, values, node);
      });
    }
    sumsOverAtoms.finish(values);
  };

  const run: PotentialProgram['run'] = (out, lower, upper, start, order) => {
    for (let i = 0; i < stages.freeInputs.length; i++) {
      const { node, coordinate } = stages.freeInputs[i];
      setInterval(values, node, lower[start + coordinate], upper[start + coordinate]);
    }
    for (let i = 0; i < stages.free.length; i++) stages.free[i](order);
    clearJet(out);
    for (let t = 0; t < plain.length; t++) {
      out.domain = Math.max(out.domain, moments.domain[t]);
      addScaledNode(out, plainNodes[t], moments.lower[t], moments.upper[t], order);
    }
    if (mixed.length === 0) return;
    for (let t = 0; t < mixed.length; t++) clearJet(sums[t]);
    const { stored, weights } = perAtom;
    const { frontier, both } = stages;
    for (let j = 0; j < count; j++) {
      for (let f = 0; f < frontier.length; f++) copySlot(values, frontier[f], stored, j * frontier.length + f);
      for (let i = 0; i < both.length; i++) both[i](order);
      for (let t = 0; t < mixed.length; t++) {
        const k = j * mixed.length + t;
        sums[t].domain = Math.max(sums[t].domain, weights.domain[k]);
        addScaledNode(sums[t], inner[t], weights.lower[k], weights.upper[k], order);
      }
    }
    for (let t = 0; t < mixed.length; t++) addNodeTimesJet(out, outer[t], sums[t], order);
  };
  return { dim, moments, perAtom: mixed.length > 0, prepare, run };
}

interface Input {
  readonly node: number;
  readonly coordinate: number;
}

/** The needed nodes by what they depend on, arguments first; what depends on nothing is computed here. */
interface Stages {
  readonly atoms: readonly JetAction[];
  readonly free: readonly JetAction[];
  readonly both: readonly JetAction[];
  readonly freeInputs: readonly Input[];
  readonly atomInputs: readonly Input[];
  /** Nodes of the atoms alone that nodes of both read. */
  readonly frontier: readonly number[];
}

function stagesOf(graph: ScalarGraph, slots: JetSlots, roots: readonly number[]): Stages {
  const { nodes } = graph;
  const { derivatives, size } = slots;
  const needed = new Set<number>();
  const open = [...roots];
  for (let k = open.pop(); k !== undefined; k = open.pop()) {
    if (k < 0 || needed.has(k)) continue;
    needed.add(k);
    open.push(nodes[k].a, nodes[k].b);
  }
  const stages = { atoms: [] as JetAction[], free: [] as JetAction[], both: [] as JetAction[] };
  const freeInputs: Input[] = [];
  const atomInputs: Input[] = [];
  const frontier = new Set<number>();
  for (const k of [...needed].sort((p, q) => p - q)) {
    const node = nodes[k];
    const action = jetAction(slots, nodes, k);
    if (node.operation === 'free') {
      freeInputs.push({ node: k, coordinate: node.parameter });
      derivatives.lower[k * size + node.parameter] = 1;
      derivatives.upper[k * size + node.parameter] = 1;
    } else if (node.operation === 'atom') atomInputs.push({ node: k, coordinate: node.parameter });
    if (action === null) continue;
    if (node.depends === depends.none) action(0);
    else if (node.depends === depends.atoms) stages.atoms.push(action);
    else if (node.depends === depends.free) stages.free.push(action);
    else {
      stages.both.push(action);
      for (const arg of [node.a, node.b]) if (arg >= 0 && nodes[arg].depends === depends.atoms) frontier.add(arg);
    }
  }
  return { ...stages, freeInputs, atomInputs, frontier: [...frontier] };
}

/** What is kept of every atom: values that mixed nodes read, and the weights of mixed terms. */
function atomMemory(frontier: number, mixed: number) {
  const memory = {
    stored: intervalSlots(0),
    weights: intervalSlots(0),
    reserve(count: number): void {
      if (memory.stored.lower.length < count * frontier) memory.stored = intervalSlots(count * frontier);
      if (memory.weights.lower.length < count * mixed) memory.weights = intervalSlots(count * mixed);
    },
  };
  return memory;
}
