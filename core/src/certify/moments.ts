import {
  addInto,
  domainCode,
  type IntervalSlots,
  intervalSlots,
  multiplyInto,
  setInterval,
} from '../formula/intervalArithmetic.js';
import { depends, type ScalarGraph } from './scalarGraph.js';

/** A node of the atoms as `sum_b factor_b basis_b`: indices into the list of basis nodes, factors that are constants. */
export interface LinearForm {
  readonly basis: Int32Array;
  readonly factors: readonly number[];
}

/** Nodes whose weighted sums over the atoms give those of all forms. */
export interface LinearForms {
  readonly basis: readonly number[];
  readonly forms: readonly LinearForm[];
}

/**
 * Writes nodes as linear forms of few others, through sums and constant factors: a payoff `sum_kl c_kl u_k(x) v_l(y)`
 * needs one moment for each v_l, not one sum of all of them for each u_k and atom.
 */
export function linearForms(graph: ScalarGraph, nodes: readonly number[]): LinearForms {
  const places = new Map<number, number>();
  const basis: number[] = [];
  const placeOf = (node: number): number => {
    const found = places.get(node);
    if (found !== undefined) return found;
    places.set(node, basis.length);
    basis.push(node);
    return basis.length - 1;
  };
  const isConstant = (node: number): boolean => graph.nodes[node].depends === depends.none;
  const one = graph.constant(1);
  const formOf = (root: number): LinearForm => {
    const factors = new Map<number, number>();
    const open: [number, number][] = [[root, one]];
    for (let top = open.pop(); top !== undefined; top = open.pop()) {
      const [node, factor] = top;
      const { operation, a, b } = graph.nodes[node];
      const times = (other: number): number => graph.binary('multiply', factor, other);
      if (operation === 'add') open.push([b, factor], [a, factor]);
      else if (operation === 'subtract') open.push([b, graph.unary('negate', factor)], [a, factor]);
      else if (operation === 'negate') open.push([a, graph.unary('negate', factor)]);
      else if (operation === 'multiply' && isConstant(a) && !isConstant(node)) open.push([b, times(a)]);
      else if (operation === 'multiply' && isConstant(b) && !isConstant(node)) open.push([a, times(b)]);
      else if (isConstant(node) && node !== one) open.push([one, times(node)]);
      else {
        const place = placeOf(node);
        const known = factors.get(place);
        factors.set(place, known === undefined ? factor : graph.binary('add', known, factor));
      }
    }
    return { basis: Int32Array.from(factors.keys()), factors: [...factors.values()] };
  };
  return { forms: nodes.map(formOf), basis };
}

/** Weighted sums over atoms, in intervals: `add` one atom's values after another, then `finish`. */
export interface MomentSums {
  /** The sum of every form, after `finish`. */
  readonly moments: IntervalSlots;
  clear(): void;
  /** Adds `[low, high]` times the basis values that stand in `values`. */
  add(values: IntervalSlots, low: number, high: number): void;
  /** Combines the sums of the basis; the factors stand in `values`. */
  finish(values: IntervalSlots): void;
}

export function momentSums({ basis, forms }: LinearForms): MomentSums {
  const moments = intervalSlots(forms.length);
  // Sums of the basis, then room for a factor, a product and a sum.
  const sums = intervalSlots(basis.length + 4);
  const [work, factor, product] = [basis.length, basis.length + 1, basis.length + 2];
  const total = basis.length + 3;
  return {
    moments,
    clear() {
      sums.lower.fill(0);
      sums.upper.fill(0);
      sums.domain.fill(domainCode.inside);
    },
    add(values, low, high) {
      setInterval(sums, factor, low, high);
      sums.domain[factor] = domainCode.inside;
      for (let k = 0; k < basis.length; k++) {
        copySlot(sums, work, values, basis[k]);
        multiplyInto(sums, product, work, factor);
        addInto(sums, k, k, product);
      }
    },
    finish(values) {
      for (let t = 0; t < forms.length; t++) {
        const { basis: places, factors } = forms[t];
        setInterval(sums, total, 0, 0);
        sums.domain[total] = domainCode.inside;
        for (let k = 0; k < places.length; k++) {
          copySlot(sums, factor, values, factors[k]);
          multiplyInto(sums, product, places[k], factor);
          addInto(sums, total, total, product);
        }
        copySlot(moments, t, sums, total);
      }
    },
  };
}

/** Copies one interval with its domain. */
export function copySlot(to: IntervalSlots, k: number, from: IntervalSlots, l: number): void {
  to.lower[k] = from.lower[l];
  to.upper[k] = from.upper[l];
  to.domain[k] = from.domain[l];
}
