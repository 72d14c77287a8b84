import { add, broadcast, component, constant, cos, divide, exp, multiply, negate, scatter, sin } from './build.js';
import type { Expression, OperationNode, Role } from './expression.js';
import { nodesOf } from './inspect.js';

/** `left * right`, elementwise with broadcasting: `left` has no columns in it, `right` no rows. */
export interface SeparableTerm {
  readonly left: Expression;
  readonly right: Expression;
}

export interface SeparateOptions {
  /**
   * Write `exp(r(x) + c(y))` as `exp(r(x)) exp(c(y))`. Default false: each factor may overflow or underflow where the
   * sum of the exponents does not.
   */
  readonly exponentials?: boolean;
}

/** More terms than this cost as much as the pairs that they replace. */
const mostTerms = 32;

/**
 * Writes an expression as `sum_k left_k(x) right_k(y)`: sums and products as they stand, inner products component by
 * component, sine and cosine of sums by the addition theorems. A sum over columns is then
 * `sum_k left_k(x) (sum_j right_k(y_j))`, in O(K (n + m)). Powers of differences are not multiplied out: where x and y
 * are close that would lose digits which the difference keeps; `fastSum` sums them fast, to a proved tolerance.
 *
 * @returns null where it cannot be written so with at most 32 terms.
 *
 * @example
 * separate(parseFormula('cos(x - y)', { variables: { x: { role: 'row' }, y: { role: 'column' } } }));
 * // cos x cos y + sin x sin y
 */
export function separate(expression: Expression, options: SeparateOptions = {}): readonly SeparableTerm[] | null {
  const known = new Map<Expression, readonly SeparableTerm[] | null>();
  const roles = rolesOf(expression);
  const has = (node: Expression, role: Role): boolean =>
    (roles.get(node) ?? rolesOf(node).get(node))?.has(role) ?? false;
  const find = (node: Expression): readonly SeparableTerm[] | null => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const terms = merge(split(node));
    const made = terms !== null && terms.length <= mostTerms ? terms : null;
    known.set(node, made);
    return made;
  };
  const split = (node: Expression): readonly SeparableTerm[] | null => {
    if (!has(node, 'column')) return [{ left: node, right: constant(1) }];
    if (!has(node, 'row')) return [{ left: constant(1), right: node }];
    return splitMixed(node as OperationNode);
  };
  const splitMixed = (node: OperationNode): readonly SeparableTerm[] | null => {
    const [a, b] = node.args;
    switch (node.operation) {
      case 'add':
        return join(find(a), find(b));
      case 'subtract':
        return join(find(a), scale(find(b), constant(-1)));
      case 'negate':
        return scale(find(a), constant(-1));
      case 'multiply':
        return product(find(a), find(b));
      case 'divide':
        if (!has(b, 'column')) return scale(find(a), divide(1, b));
        return has(b, 'row') ? null : product(find(a), [{ left: constant(1), right: divide(1, b) }]);
      case 'broadcast':
        return find(a);
      case 'scatter':
        return (
          find(a)?.map(({ left, right }) => ({ left: scatter(left, node.parameter as number, node.size), right })) ??
          null
        );
      case 'pack':
        return total(node.args.map((part, k) => find(scatter(part, k, node.size))));
      case 'component':
        return within(a) ? find(part(a, node.parameter as number)) : null;
      case 'dot':
        return total(range(a.size).map((k) => product(find(part(a, k)), find(part(b, k)))));
      case 'sum':
        return total(range(a.size).map((k) => find(part(a, k))));
      case 'sin':
      case 'cos':
        return angle(node.operation, find(a));
      case 'exp':
        return options.exponentials === true ? angle('exp', find(a)) : null;
      default:
        return null;
    }
  };
  /** Splits `r(x) + c(y)`; null where a term mixes both. */
  const angle = (
    operation: 'sin' | 'cos' | 'exp',
    terms: readonly SeparableTerm[] | null,
  ): readonly SeparableTerm[] | null => {
    if (terms === null || terms.some(({ left, right }) => has(left, 'row') && has(right, 'column'))) return null;
    const sumOf = (chosen: readonly SeparableTerm[]): Expression =>
      chosen.map(({ left, right }) => multiply(left, right)).reduce((sum, term) => add(sum, term), constant(0));
    const r = sumOf(terms.filter(({ right }) => !has(right, 'column')));
    const c = sumOf(terms.filter(({ right }) => has(right, 'column')));
    if (operation === 'exp') return [{ left: exp(r), right: exp(c) }];
    return operation === 'cos'
      ? [
          { left: cos(r), right: cos(c) },
          { left: negate(sin(r)), right: sin(c) },
        ]
      : [
          { left: sin(r), right: cos(c) },
          { left: cos(r), right: sin(c) },
        ];
  };
  return find(expression);
}

/** Which roles every node depends on. */
function rolesOf(expression: Expression): ReadonlyMap<Expression, ReadonlySet<Role>> {
  const roles = new Map<Expression, ReadonlySet<Role>>();
  for (const node of nodesOf(expression)) {
    if (node.kind === 'constant') roles.set(node, new Set());
    else if (node.kind === 'variable') roles.set(node, new Set([node.variable.role]));
    else roles.set(node, new Set(node.args.flatMap((arg) => [...(roles.get(arg) as ReadonlySet<Role>)])));
  }
  return roles;
}

const range = (size: number): number[] => Array.from({ length: size }, (_, k) => k);

const elementwise = new Set(['add', 'subtract', 'multiply', 'divide', 'negate', 'sin', 'cos']);

/** True where `part` reaches into a vector. */
const within = (node: Expression): boolean => node.kind === 'operation' && elementwise.has(node.operation);

/** Component k, taken of the arguments where the operation works on each component alone. */
function part(node: Expression, k: number): Expression {
  if (node.size === 1) return node;
  if (node.kind !== 'operation' || !elementwise.has(node.operation)) return component(node, k);
  const args = node.args.map((arg) => part(arg, k));
  switch (node.operation) {
    case 'add':
      return add(args[0], args[1]);
    case 'subtract':
      return add(args[0], negate(args[1]));
    case 'multiply':
      return multiply(args[0], args[1]);
    case 'divide':
      return divide(args[0], args[1]);
    case 'negate':
      return negate(args[0]);
    case 'sin':
      return sin(args[0]);
    default:
      return cos(args[0]);
  }
}

type Terms = readonly SeparableTerm[] | null;

const join = (a: Terms, b: Terms): Terms => (a === null || b === null ? null : [...a, ...b]);

function total(parts: readonly Terms[]): Terms {
  return parts.length > mostTerms ? null : parts.reduce(join, []);
}

const scale = (terms: Terms, factor: Expression): Terms =>
  terms?.map(({ left, right }) => ({ left: multiply(factor, left), right })) ?? null;

function product(a: Terms, b: Terms): Terms {
  if (a === null || b === null || a.length * b.length > mostTerms) return null;
  return a.flatMap((x) => b.map((y) => ({ left: multiply(x.left, y.left), right: multiply(x.right, y.right) })));
}

/** Terms with one right factor become one, and then those with one left factor. */
function merge(terms: Terms): Terms {
  if (terms === null) return null;
  const byRight = group(terms, ({ right }) => right).map(
    ([right, members]): SeparableTerm => ({
      left: sum(members.map(({ left }) => left)),
      right,
    }),
  );
  return group(byRight, ({ left }) => left).map(([left, members]) => ({
    left,
    right: sum(members.map(({ right }) => right)),
  }));
}

function group(
  terms: readonly SeparableTerm[],
  by: (term: SeparableTerm) => Expression,
): [Expression, SeparableTerm[]][] {
  const groups = new Map<Expression, SeparableTerm[]>();
  for (const term of terms) groups.set(by(term), [...(groups.get(by(term)) ?? []), term]);
  return [...groups];
}

function sum(parts: readonly Expression[]): Expression {
  const size = Math.max(...parts.map((one) => one.size));
  return parts.map((one) => broadcast(one, size)).reduce((a, b) => add(a, b));
}
