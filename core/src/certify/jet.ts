import { domainCode } from '../formula/intervalArithmetic.js';
import { addDown, addUp, multiplyDown, multiplyUp } from '../formula/intervalRounding.js';
import { addProduct, type DerivativeSlots, derivativeCount } from './derivativeSlots.js';
import type { JetSlots } from './jetProgram.js';
import { smoothness } from './jetRules.js';

/** Bounds of a function and its derivatives over a box. */
export interface Jet {
  lower: number;
  upper: number;
  /** A code of `domainCode`: defined on the whole box, possibly on a part of it, or nowhere. */
  domain: number;
  /** A code of `smoothness`. */
  kind: number;
  /** First derivatives, then the upper triangle of the second ones, row by row. */
  readonly derivatives: DerivativeSlots;
}

/** Room for the bounds of a function of d coordinates. */
export function emptyJet(dim: number): Jet {
  const count = derivativeCount(dim);
  return {
    lower: 0,
    upper: 0,
    domain: domainCode.inside,
    kind: smoothness.smooth,
    derivatives: { lower: new Float64Array(count), upper: new Float64Array(count) },
  };
}

/** Makes a jet that of the constant 0. */
export function clearJet(jet: Jet): void {
  jet.lower = 0;
  jet.upper = 0;
  jet.domain = domainCode.inside;
  jet.kind = smoothness.smooth;
  jet.derivatives.lower.fill(0);
  jet.derivatives.upper.fill(0);
}

/** A node of a program, `plain` where it does not depend on the free point. */
export interface JetNode {
  readonly slots: JetSlots;
  readonly node: number;
  readonly plain: boolean;
}

/** `out += w u` for a weight `[p, q]` and the jet u of a node. */
export function addScaledNode(out: Jet, { slots, node, plain }: JetNode, p: number, q: number, order: number): void {
  const { values, derivatives, kinds, size, dim } = slots;
  addValueProduct(out, p, q, values.lower[node], values.upper[node]);
  out.domain = Math.max(out.domain, values.domain[node]);
  if (plain || order === 0) return;
  out.kind = Math.max(out.kind, kinds[node]);
  const count = order > 1 ? size : dim;
  const start = node * size;
  for (let i = 0; i < count; i++) {
    addProduct(out.derivatives, i, p, q, derivatives.lower[start + i], derivatives.upper[start + i]);
  }
}

/** `out += u v` for the jet u of a node and a jet v. */
export function addNodeTimesJet(out: Jet, { slots, node, plain }: JetNode, v: Jet, order: number): void {
  const { values, derivatives: u, kinds, size, dim } = slots;
  const [p, q] = [values.lower[node], values.upper[node]];
  addValueProduct(out, p, q, v.lower, v.upper);
  out.domain = Math.max(out.domain, v.domain, values.domain[node]);
  if (order === 0) return;
  out.kind = Math.max(out.kind, v.kind, plain ? smoothness.smooth : kinds[node]);
  const count = order > 1 ? size : dim;
  const start = node * size;
  for (let i = 0; i < count; i++) {
    addProduct(out.derivatives, i, p, q, v.derivatives.lower[i], v.derivatives.upper[i]);
    if (!plain) addProduct(out.derivatives, i, v.lower, v.upper, u.lower[start + i], u.upper[start + i]);
  }
  if (plain || order < 2) return;
  let at = dim;
  for (let i = 0; i < dim; i++) {
    for (let j = i; j < dim; j++, at++) {
      addCross(out.derivatives, at, u, start + i, v.derivatives, j);
      addCross(out.derivatives, at, u, start + j, v.derivatives, i);
    }
  }
}

function addCross(
  out: DerivativeSlots,
  at: number,
  u: DerivativeSlots,
  i: number,
  v: DerivativeSlots,
  j: number,
): void {
  addProduct(out, at, u.lower[i], u.upper[i], v.lower[j], v.upper[j]);
}

function addValueProduct(out: Jet, p: number, q: number, r: number, s: number): void {
  const low = Math.min(multiplyDown(p, r), multiplyDown(p, s), multiplyDown(q, r), multiplyDown(q, s));
  const high = Math.max(multiplyUp(p, r), multiplyUp(p, s), multiplyUp(q, r), multiplyUp(q, s));
  out.lower = addDown(out.lower, low);
  out.upper = addUp(out.upper, high);
  if (!(out.lower <= out.upper)) {
    out.lower = -Infinity;
    out.upper = Infinity;
  }
}
