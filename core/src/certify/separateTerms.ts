import { depends, type ScalarGraph, sumOf } from './scalarGraph.js';

/** `x(free) y(atom) mixed(free, atom)`; `mixed` is -1 where that factor is 1. */
export interface Term {
  readonly x: number;
  readonly y: number;
  readonly mixed: number;
}

/** More terms than this are not worth a moment each. */
const mostTerms = 4000;
/** Products of sums with more terms than this stay products. */
const mostProducts = 400;
/** Higher powers of mixed sums stay as they are: multiplied out they lose digits. */
const mostPower = 4;

/**
 * Writes a node as a sum of terms whose factors depend on the free point alone or on the atom alone, as far as that
 * goes: sums and products are distributed, powers up to 4 multiplied out, sine, cosine and the exponential of
 * `r(x) + c(y)` split by their addition theorems. What resists is one mixed factor. All identities are exact.
 */
export function separateTerms(graph: ScalarGraph, root: number): readonly Term[] {
  const one = graph.constant(1);
  const known = new Map<number, readonly Term[]>();
  const uses = (node: number): number => graph.nodes[node].depends;
  const asMixed = (node: number): readonly Term[] => [{ x: one, y: one, mixed: node }];
  const isPlain = (terms: readonly Term[]): boolean => terms.every(({ mixed }) => mixed < 0);

  const expand = (node: number): readonly Term[] => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const made = split(node);
    const merged = made === null ? asMixed(node) : mergeTerms(graph, made);
    const kept = merged.length <= mostTerms ? merged : asMixed(node);
    known.set(node, kept);
    return kept;
  };
  const split = (node: number): readonly Term[] | null => {
    if ((uses(node) & depends.atoms) === 0) return [{ x: node, y: one, mixed: -1 }];
    if ((uses(node) & depends.free) === 0) return [{ x: one, y: node, mixed: -1 }];
    const { operation, a, b, parameter } = graph.nodes[node];
    switch (operation) {
      case 'add':
      case 'subtract':
      case 'negate':
        return expandSum(node);
      case 'multiply':
        return multiplied(expand(a), expand(b));
      case 'divide':
        if (uses(b) === depends.both) return null;
        return expand(a).map((term) =>
          (uses(b) & depends.free) === 0
            ? { ...term, y: graph.binary('divide', term.y, b) }
            : { ...term, x: graph.binary('divide', term.x, b) },
        );
      case 'power':
        return raised(expand(a), parameter);
      case 'sin':
      case 'cos':
      case 'exp':
        return addition(operation, expand(a));
      default:
        return null;
    }
  };
  /** The terms of all summands of a sum of sums, however deep: long sums are lists, not trees. */
  const expandSum = (node: number): readonly Term[] => {
    const terms: Term[] = [];
    const open: [number, boolean][] = [[node, false]];
    for (let top = open.pop(); top !== undefined; top = open.pop()) {
      const [at, negative] = top;
      const { operation, a, b } = graph.nodes[at];
      if (uses(at) !== depends.both || !['add', 'subtract', 'negate'].includes(operation)) {
        const found = expand(at);
        terms.push(...(negative ? negated(found) : found));
      } else {
        if (b >= 0) open.push([b, operation === 'subtract' ? !negative : negative]);
        open.push([a, operation === 'negate' ? !negative : negative]);
      }
    }
    return terms;
  };
  const negated = (terms: readonly Term[]): readonly Term[] =>
    terms.map((term) => ({ ...term, y: graph.unary('negate', term.y) }));
  const multiplied = (p: readonly Term[], q: readonly Term[]): readonly Term[] | null => {
    if (p.length * q.length > mostProducts || !(isPlain(p) || isPlain(q))) return null;
    return p.flatMap((s) =>
      q.map((t) => ({
        x: graph.binary('multiply', s.x, t.x),
        y: graph.binary('multiply', s.y, t.y),
        mixed: Math.max(s.mixed, t.mixed),
      })),
    );
  };
  const raised = (terms: readonly Term[], exponent: number): readonly Term[] | null => {
    if (!isPlain(terms) || !Number.isInteger(exponent)) return null;
    if (terms.length === 1)
      return [{ x: graph.power(terms[0].x, exponent), y: graph.power(terms[0].y, exponent), mixed: -1 }];
    if (exponent < 2 || exponent > mostPower) return null;
    let product: readonly Term[] | null = terms;
    for (let k = 1; k < exponent && product !== null; k++) {
      const next = multiplied(product, terms);
      product = next && mergeTerms(graph, next);
    }
    return product;
  };
  /** Splits a function of `r(x) + c(y)`; null where a term mixes both. */
  const addition = (operation: 'sin' | 'cos' | 'exp', terms: readonly Term[]): readonly Term[] | null => {
    const rows: number[] = [];
    const columns: number[] = [];
    for (const { x, y, mixed } of terms) {
      const product = graph.binary('multiply', x, y);
      if (mixed >= 0 || uses(product) === depends.both) return null;
      (uses(product) === depends.atoms ? columns : rows).push(product);
    }
    const r = sumOf(graph, rows);
    const c = sumOf(graph, columns);
    const term = (x: number, y: number): Term => ({ x, y, mixed: -1 });
    if (operation === 'exp') return [term(graph.unary('exp', r), graph.unary('exp', c))];
    const [sinR, cosR, sinC, cosC] = [
      graph.unary('sin', r),
      graph.unary('cos', r),
      graph.unary('sin', c),
      graph.unary('cos', c),
    ];
    return operation === 'cos'
      ? [term(cosR, cosC), term(sinR, graph.unary('negate', sinC))]
      : [term(sinR, cosC), term(cosR, sinC)];
  };
  return expand(root);
}

/** Terms with one free factor (and one mixed factor) become one, then those with one atom factor. */
function mergeTerms(graph: ScalarGraph, terms: readonly Term[]): readonly Term[] {
  const byFree = grouped(terms, ({ x, mixed }) => `${x} ${mixed}`).map((members) => ({
    ...members[0],
    y: sumOf(
      graph,
      members.map(({ y }) => y),
    ),
  }));
  const merged = grouped(byFree, ({ y, mixed }) => `${y} ${mixed}`).map((members) => ({
    ...members[0],
    x: sumOf(
      graph,
      members.map(({ x }) => x),
    ),
  }));
  const zero = graph.constant(0);
  return merged.filter(({ x, y }) => x !== zero && y !== zero);
}

function grouped(terms: readonly Term[], key: (term: Term) => string): Term[][] {
  const groups = new Map<string, Term[]>();
  for (const term of terms) {
    const members = groups.get(key(term));
    if (members === undefined) groups.set(key(term), [term]);
    else members.push(term);
  }
  return [...groups.values()];
}
