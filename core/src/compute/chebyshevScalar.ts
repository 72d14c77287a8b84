import { add, constant, multiply, power } from '../formula/build.js';
import {
  type BinaryOperation,
  binaryOperations,
  type Expression,
  type OperationNode,
  type UnaryOperation,
  type Variable,
} from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import { variableNode } from '../formula/intern.js';
import { makeBinary, makeUnary } from '../formula/simplify.js';

/** The scalar variable that stands for component k of a variable; a scalar variable stands for itself. */
export function scalarVariable({ name, role, size }: Variable, k: number): Expression {
  // Brackets cannot occur in a name, so no other variable is called so.
  return variableNode(size === 1 ? { name, role, size } : { name: `${name}[${k}]`, role, size: 1 });
}

/**
 * The components of an expression as scalar graphs in the components of its variables, see {@link scalarVariable}:
 * inner products, norms and sums of vectors are written out. Cost: the number of nodes times their sizes.
 */
export function scalarComponents(expression: Expression): readonly Expression[] {
  const known = new Map<Expression, readonly Expression[]>();
  for (const node of nodesOf(expression)) {
    if (node.kind === 'constant') known.set(node, [node]);
    else if (node.kind === 'variable')
      known.set(
        node,
        range(node.size).map((k) => scalarVariable(node.variable, k)),
      );
    else
      known.set(
        node,
        split(
          node,
          node.args.map((arg) => known.get(arg) as readonly Expression[]),
        ),
      );
  }
  return known.get(expression) as readonly Expression[];
}

const range = (size: number): number[] => Array.from({ length: size }, (_, k) => k);

function split(node: OperationNode, args: readonly (readonly Expression[])[]): readonly Expression[] {
  const [a, b = a] = args;
  const { operation, size } = node;
  const parameter = node.parameter as number;
  const at = (list: readonly Expression[], k: number): Expression => (list.length === 1 ? list[0] : list[k]);
  const total = (terms: readonly Expression[]): Expression[] => [terms.reduce((sum, term) => add(sum, term))];
  switch (operation) {
    case 'norm2':
      return total(a.map((part) => power(part, 2)));
    case 'dot':
      return total(a.map((part, k) => multiply(part, at(b, k))));
    case 'sum':
      return total(a);
    case 'component':
      return [at(a, parameter)];
    case 'broadcast':
      return range(size).map(() => a[0]);
    case 'scatter':
      return range(size).map((k) => (k === parameter ? a[0] : constant(0)));
    case 'pack':
      return args.map(([part]) => part);
    case 'power':
      return range(size).map((k) => power(at(a, k), parameter));
    default:
      return range(size).map((k) =>
        isBinary(operation)
          ? makeBinary(operation, at(a, k), at(b, k))
          : makeUnary(operation as UnaryOperation, at(a, k)),
      );
  }
}

const isBinary = (operation: string): operation is BinaryOperation =>
  (binaryOperations as readonly string[]).includes(operation);

/**
 * True where `e(w) = w e(1)` for the scalar variable `w`, seen from the graph: sums of terms that all have the factor
 * once, products with one such factor, quotients by what is free of it, and what moves components.
 */
export function isProportionalTo(expression: Expression, weight: Expression): boolean {
  /** The degree in w; 'zero' fits every degree, null is none. */
  const degrees = new Map<Expression, 0 | 1 | 'zero' | null>();
  for (const node of nodesOf(expression)) {
    if (node.kind !== 'operation') {
      degrees.set(node, node === weight ? 1 : node.kind === 'constant' && node.value === 0 ? 'zero' : 0);
      continue;
    }
    const [a, b = 0] = node.args.map((arg) => degrees.get(arg) as 0 | 1 | 'zero' | null);
    const all = node.args.map((arg) => degrees.get(arg)).filter((degree) => degree !== 'zero');
    const common = all.length === 0 ? 'zero' : all.every((degree) => degree === all[0]) ? (all[0] ?? null) : null;
    switch (node.operation) {
      case 'add':
      case 'subtract':
      case 'pack':
      case 'negate':
      case 'sum':
      case 'component':
      case 'broadcast':
        degrees.set(node, common);
        break;
      case 'scatter':
        degrees.set(node, a);
        break;
      case 'multiply':
      case 'dot':
        degrees.set(
          node,
          a === null || b === null || (a === 1 && b === 1)
            ? null
            : a === 'zero' || b === 'zero'
              ? 'zero'
              : a === 1 || b === 1
                ? 1
                : 0,
        );
        break;
      case 'divide':
        degrees.set(node, b === 0 ? a : null);
        break;
      default:
        degrees.set(node, all.every((degree) => degree === 0) ? 0 : null);
    }
  }
  const degree = degrees.get(expression);
  return degree === 1 || degree === 'zero';
}
