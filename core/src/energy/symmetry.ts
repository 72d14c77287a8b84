import * as f from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { nodesOf, rebuild, substitute } from '../formula/inspect.js';

const even: ReadonlySet<string> = new Set(['norm2', 'abs', 'cos']);
const odd: ReadonlySet<string> = new Set(['sin', 'tanh', 'erf']);

/**
 * The kernel `(K(x, y) + K(y, x)) / 2` of a formula in `x` (row) and `y` (column) of one size. Where K
 * is seen to be symmetric, as `exp(-norm2(x - y))` or `cos(2*pi*(x - y))` are, it is K itself: the
 * graphs of K(x, y) and K(y, x) are compared after even functions have forgotten the sign of a difference
 * and sums and products the order of their terms.
 */
export function symmetrized(kernel: Expression, dim: number): Expression {
  const [x, y] = [f.row('x', dim), f.column('y', dim)];
  const swapped = substitute(
    kernel,
    new Map([
      [x, y],
      [y, x],
    ]),
  );
  return canonical(swapped) === canonical(kernel) ? kernel : f.divide(f.add(kernel, swapped), 2);
}

function canonical(expression: Expression): Expression {
  return mapGraph(expression, (node) => {
    if (node.kind !== 'operation') return node;
    if (node.operation === 'add' || node.operation === 'multiply') return reordered(node, node.operation);
    const isEven = even.has(node.operation) || (node.operation === 'power' && (node.parameter as number) % 2 === 0);
    const flipped = isEven ? opposite(node.args[0]) : null;
    return flipped !== null && flipped.key < node.args[0].key ? rebuild(node, [flipped]) : node;
  });
}

/** A chain of sums (or products) as one, its terms in the order of their keys. */
function reordered(node: Expression, operation: 'add' | 'multiply'): Expression {
  const termsOf = (inner: Expression): Expression[] =>
    inner.kind === 'operation' && inner.operation === operation ? inner.args.flatMap(termsOf) : [inner];
  const terms = termsOf(node).sort((a, b) => (a.key < b.key ? -1 : 1));
  return terms.slice(1).reduce(operation === 'add' ? f.add : f.multiply, terms[0]);
}

/** The expression of `-e` written without a minus sign, or null where there is none. */
function opposite(node: Expression): Expression | null {
  if (node.kind !== 'operation') return null;
  const [a, b] = node.args;
  if (node.operation === 'subtract') return f.subtract(b, a);
  if (node.operation === 'multiply') {
    const [left, right] = [opposite(a), opposite(b)];
    return left !== null ? f.multiply(left, b) : right !== null ? f.multiply(a, right) : null;
  }
  const inner = node.operation === 'divide' || odd.has(node.operation) ? opposite(a) : null;
  return inner === null ? null : rebuild(node, node.operation === 'divide' ? [inner, b] : [inner]);
}

/** Rebuilds a graph from its leaves, passing every node through `map`. */
function mapGraph(expression: Expression, map: (node: Expression) => Expression): Expression {
  const done = new Map<Expression, Expression>();
  for (const node of nodesOf(expression)) {
    const same =
      node.kind === 'operation'
        ? rebuild(
            node,
            node.args.map((arg) => done.get(arg) as Expression),
          )
        : node;
    done.set(node, map(same));
  }
  return done.get(expression) as Expression;
}
