import {
  addInto,
  divideInto,
  domainCode,
  type IntervalSlots,
  intervalSlots,
  maxInto,
  minInto,
  multiplyInto,
  setInterval,
  subtractInto,
} from '../formula/intervalArithmetic.js';
import { powerInto, unaryIntervals } from '../formula/intervalElementary.js';
import {
  above,
  addProduct,
  addSquareProduct,
  below,
  type DerivativeSlots,
  derivativeCount,
} from './derivativeSlots.js';
import { powerRule, type RuleSlots, smoothness, unaryRules } from './jetRules.js';
import { depends, type ScalarNode } from './scalarGraph.js';

/** Values and derivatives of scalar nodes over a box: slot k of `values`, numbers `k T …` of `derivatives`, T by dimension. */
export interface JetSlots {
  readonly dim: number;
  /** Derivatives per node. */
  readonly size: number;
  readonly values: IntervalSlots;
  readonly derivatives: DerivativeSlots;
  /** A code of {@link smoothness} per node. */
  readonly kinds: Uint8Array;
}

/** Slots for `count` jets in `dim` coordinates, with room for the rules at the end. */
export function jetSlots(count: number, dim: number): JetSlots {
  const size = derivativeCount(dim);
  return {
    dim,
    size,
    values: intervalSlots(count + 4),
    derivatives: { lower: new Float64Array(count * size), upper: new Float64Array(count * size) },
    kinds: new Uint8Array(count),
  };
}

/** Recomputes the value of one node, or its value and the derivatives up to `order`. */
export type JetAction = (order: number) => void;

/** The action that computes node k from its arguments; null for inputs and constants, which others write. */
export function jetAction(slots: JetSlots, nodes: readonly ScalarNode[], k: number): JetAction | null {
  const node = nodes[k];
  const { values } = slots;
  const value = valueAction(values, node, k);
  if (value === null) return null;
  if ((node.depends & depends.free) === 0) return value;
  const derive = derivativeAction(slots, nodes, k);
  return (order) => {
    value();
    if (order > 0) derive(order);
  };
}

function valueAction(values: IntervalSlots, node: ScalarNode, k: number): (() => void) | null {
  const { operation, a, b, parameter } = node;
  switch (operation) {
    case 'constant':
      setInterval(values, k, parameter, parameter);
      return null;
    case 'free':
    case 'atom':
      return null;
    case 'add':
      return () => addInto(values, k, a, b);
    case 'subtract':
      return () => subtractInto(values, k, a, b);
    case 'multiply':
      return () => multiplyInto(values, k, a, b);
    case 'divide':
      return () => divideInto(values, k, a, b);
    case 'min':
      return () => minInto(values, k, a, b);
    case 'max':
      return () => maxInto(values, k, a, b);
    case 'power':
      return () => powerInto(values, k, a, parameter);
    default: {
      const apply = unaryIntervals[operation];
      return () => apply(values, k, a);
    }
  }
}

function derivativeAction(slots: JetSlots, nodes: readonly ScalarNode[], k: number): (order: number) => void {
  const { operation, a, b } = nodes[k];
  const plain = (arg: number): boolean => (nodes[arg].depends & depends.free) === 0;
  switch (operation) {
    case 'add':
    case 'subtract':
      return (order) => addJets(slots, k, plain(a) ? -1 : a, plain(b) ? -1 : b, operation === 'add' ? 1 : -1, order);
    case 'multiply':
      if (plain(a)) return (order) => scaleJet(slots, k, b, a, order);
      if (plain(b)) return (order) => scaleJet(slots, k, a, b, order);
      return (order) => multiplyJets(slots, k, a, b, order);
    case 'divide':
      return (order) => divideJets(slots, k, plain(a) ? -1 : a, plain(b) ? -1 : b, b, order);
    case 'min':
    case 'max':
      return (order) => chooseJet(slots, k, [a, b], [plain(a), plain(b)], operation === 'min', order);
    default:
      return chainAction(slots, nodes, k);
  }
}

/** Entries of derivatives of order up to `order`. */
const entries = (slots: JetSlots, order: number): number => (order > 1 ? slots.size : slots.dim);

function addJets(slots: JetSlots, k: number, a: number, b: number, sign: number, order: number): void {
  const { lower, upper } = slots.derivatives;
  const { size, kinds } = slots;
  const count = entries(slots, order);
  kinds[k] = Math.max(a < 0 ? 0 : kinds[a], b < 0 ? 0 : kinds[b]);
  for (let i = 0; i < count; i++) {
    const p = a < 0 ? 0 : lower[a * size + i];
    const q = a < 0 ? 0 : upper[a * size + i];
    const r = b < 0 ? 0 : sign > 0 ? lower[b * size + i] : -upper[b * size + i];
    const s = b < 0 ? 0 : sign > 0 ? upper[b * size + i] : -lower[b * size + i];
    lower[k * size + i] = a < 0 ? r : b < 0 ? p : below(p + r);
    upper[k * size + i] = a < 0 ? s : b < 0 ? q : above(q + s);
  }
}

/** Derivatives of a multiple: the factor is slot `by`, constant over the box. */
function scaleJet(slots: JetSlots, k: number, a: number, by: number, order: number): void {
  const { values, derivatives, size, kinds } = slots;
  const count = entries(slots, order);
  kinds[k] = kinds[a];
  const p = values.lower[by];
  const q = values.upper[by];
  clear(slots, k, count);
  for (let i = 0; i < count; i++)
    addProduct(derivatives, k * size + i, p, q, derivatives.lower[a * size + i], derivatives.upper[a * size + i]);
}

function clear(slots: JetSlots, k: number, count: number): void {
  const { lower, upper } = slots.derivatives;
  const start = k * slots.size;
  for (let i = start; i < start + count; i++) {
    lower[i] = 0;
    upper[i] = 0;
  }
}

/** `(a b)_i = a b_i + b a_i`, `(a b)_ij = a b_ij + b a_ij + a_i b_j + a_j b_i`. */
function multiplyJets(slots: JetSlots, k: number, a: number, b: number, order: number): void {
  const { values, derivatives, size, kinds, dim } = slots;
  const { lower, upper } = derivatives;
  const count = entries(slots, order);
  kinds[k] = Math.max(kinds[a], kinds[b]);
  const [p, q, r, s] = [values.lower[a], values.upper[a], values.lower[b], values.upper[b]];
  clear(slots, k, count);
  for (let i = 0; i < count; i++) {
    addProduct(derivatives, k * size + i, p, q, lower[b * size + i], upper[b * size + i]);
    addProduct(derivatives, k * size + i, r, s, lower[a * size + i], upper[a * size + i]);
  }
  if (order < 2) return;
  let at = k * size + dim;
  for (let i = 0; i < dim; i++) {
    for (let j = i; j < dim; j++, at++) {
      addCross(derivatives, at, a * size + i, b * size + j);
      addCross(derivatives, at, a * size + j, b * size + i);
    }
  }
}

function addCross(slots: DerivativeSlots, at: number, i: number, j: number): void {
  addProduct(slots, at, slots.lower[i], slots.upper[i], slots.lower[j], slots.upper[j]);
}

/** With q = a / b: `q_i = (a_i - q b_i) / b`, `q_ij = (a_ij - q_i b_j - q_j b_i - q b_ij) / b`. */
function divideJets(slots: JetSlots, k: number, a: number, b: number, divisor: number, order: number): void {
  const { values, derivatives, size, kinds, dim } = slots;
  const { lower, upper } = derivatives;
  const count = entries(slots, order);
  kinds[k] = Math.max(a < 0 ? 0 : kinds[a], b < 0 ? 0 : kinds[b]);
  if (values.domain[k] !== domainCode.inside) {
    kinds[k] = smoothness.jump;
    return;
  }
  const [p, q] = [values.lower[k], values.upper[k]];
  const inverse = [values.lower[divisor], values.upper[divisor]];
  const low = below(1 / inverse[1]);
  const high = above(1 / inverse[0]);
  for (let i = 0; i < count; i++) {
    lower[k * size + i] = a < 0 ? 0 : lower[a * size + i];
    upper[k * size + i] = a < 0 ? 0 : upper[a * size + i];
    if (b >= 0) addProduct(derivatives, k * size + i, -q, -p, lower[b * size + i], upper[b * size + i]);
    if (i < dim) rescale(derivatives, k * size + i, low, high);
  }
  if (order < 2) return;
  let at = k * size + dim;
  for (let i = 0; i < dim; i++) {
    for (let j = i; j < dim; j++, at++) {
      if (b >= 0) {
        subtractCross(derivatives, at, k * size + i, b * size + j);
        subtractCross(derivatives, at, k * size + j, b * size + i);
      }
      rescale(derivatives, at, low, high);
    }
  }
}

function subtractCross(slots: DerivativeSlots, at: number, i: number, j: number): void {
  addProduct(slots, at, -slots.upper[i], -slots.lower[i], slots.lower[j], slots.upper[j]);
}

function rescale(slots: DerivativeSlots, at: number, low: number, high: number): void {
  const p = slots.lower[at];
  const q = slots.upper[at];
  slots.lower[at] = 0;
  slots.upper[at] = 0;
  addProduct(slots, at, p, q, low, high);
}

/** The jet of the argument that is chosen on the whole box, else the hull of both. */
function chooseJet(
  slots: JetSlots,
  k: number,
  [a, b]: readonly [number, number],
  plain: readonly [boolean, boolean],
  least: boolean,
  order: number,
): void {
  const { values, derivatives, size, kinds } = slots;
  const { lower, upper } = derivatives;
  const aBelow = values.upper[a] < values.lower[b];
  const bBelow = values.upper[b] < values.lower[a];
  const useA = least ? !bBelow : !aBelow;
  const useB = least ? !aBelow : !bBelow;
  const count = entries(slots, order);
  const both = useA && useB;
  kinds[k] = Math.max(
    useA && !plain[0] ? kinds[a] : 0,
    useB && !plain[1] ? kinds[b] : 0,
    both ? smoothness.kink : smoothness.smooth,
  );
  for (let i = 0; i < count; i++) {
    const fromA = plain[0] ? 0 : lower[a * size + i];
    const toA = plain[0] ? 0 : upper[a * size + i];
    const fromB = plain[1] ? 0 : lower[b * size + i];
    const toB = plain[1] ? 0 : upper[b * size + i];
    lower[k * size + i] = both ? Math.min(fromA, fromB) : useA ? fromA : fromB;
    upper[k * size + i] = both ? Math.max(toA, toB) : useA ? toA : toB;
  }
}

/** The chain rule: `f(u)_i = f' u_i`, `f(u)_ij = f' u_ij + f'' u_i u_j`. */
function chainAction(slots: JetSlots, nodes: readonly ScalarNode[], k: number): (order: number) => void {
  const { values, derivatives, size, kinds, dim } = slots;
  const { lower, upper } = derivatives;
  const { operation, a, parameter } = nodes[k];
  const [first, second, work, spare] = [nodes.length, nodes.length + 1, nodes.length + 2, nodes.length + 3];
  const at: RuleSlots = { at: a, value: k, first, second, work, spare };
  const rule =
    operation === 'power'
      ? () => powerRule(values, at, parameter)
      : (
          (chosen) => () =>
            chosen(values, at)
        )(unaryRules[operation as keyof typeof unaryRules]);
  return (order) => {
    if (values.domain[k] !== domainCode.inside) {
      kinds[k] = smoothness.jump;
      return;
    }
    let kind = rule();
    if (values.domain[second] !== domainCode.inside) kind = Math.max(kind, smoothness.kink);
    if (values.domain[first] !== domainCode.inside) kind = smoothness.jump;
    kinds[k] = Math.max(kinds[a], kind);
    const count = entries(slots, order);
    const [p, q] = [values.lower[first], values.upper[first]];
    clear(slots, k, count);
    for (let i = 0; i < count; i++)
      addProduct(derivatives, k * size + i, p, q, lower[a * size + i], upper[a * size + i]);
    if (order < 2) return;
    const [r, s] = [values.lower[second], values.upper[second]];
    let entry = k * size + dim;
    for (let i = 0; i < dim; i++) {
      addSquareProduct(derivatives, entry++, r, s, lower[a * size + i], upper[a * size + i]);
      for (let j = i + 1; j < dim; j++, entry++) addTriple(derivatives, entry, [r, s], a * size + i, a * size + j);
    }
  };
}

/** Adds `[r, s] u_i u_j`. */
function addTriple(slots: DerivativeSlots, at: number, [r, s]: readonly [number, number], i: number, j: number): void {
  const { lower, upper } = slots;
  const a = lower[i] * lower[j];
  const b = lower[i] * upper[j];
  const c = upper[i] * lower[j];
  const d = upper[i] * upper[j];
  addProduct(slots, at, r, s, below(Math.min(a, b, c, d)), above(Math.max(a, b, c, d)));
}
