import { deriveKey } from '../math/random.js';
import type { Expression, OperationName, Variable } from './expression.js';

/**
 * The table of live nodes. Keys are 128-bit content hashes, so equal structure is the same object, keys
 * stay short for deeply shared graphs, and their order does not depend on the order of creation.
 * Nodes are held weakly: a graph that nobody uses any more leaves the table.
 */
const table = new Map<string, WeakRef<Expression>>();
const leavings = new FinalizationRegistry<string>((key) => {
  if (table.get(key)?.deref() === undefined) table.delete(key);
});

function contentKey(...parts: readonly (string | number)[]): string {
  const a = deriveKey({ high: 1, low: 0 }, ...parts);
  const b = deriveKey({ high: 2, low: 0 }, ...parts);
  return [a.high, a.low, b.high, b.low].map((word) => word.toString(16).padStart(8, '0')).join('');
}

function intern(key: string, make: () => Expression): Expression {
  const known = table.get(key)?.deref();
  if (known) return known;
  const made = Object.freeze(make());
  table.set(key, new WeakRef(made));
  leavings.register(made, key);
  return made;
}

/** The node of a constant; minus zero counts as zero. */
export function constantNode(value: number): Expression {
  const plain = value === 0 ? 0 : value;
  const key = contentKey('constant', String(plain));
  return intern(key, () => ({ kind: 'constant', value: plain, size: 1, key }));
}

export function variableNode(variable: Variable): Expression {
  const { name, role, size } = variable;
  const key = contentKey('variable', name, role, size);
  return intern(key, () => ({ kind: 'variable', variable: Object.freeze({ name, role, size }), size, key }));
}

/** The node of an operation as it stands; `build.ts` checks shapes, `simplify.ts` applies identities. */
export function operationNode(
  operation: OperationName,
  args: readonly Expression[],
  size: number,
  parameter?: number,
): Expression {
  const key = contentKey(
    operation,
    size,
    parameter === undefined ? '' : String(parameter),
    ...args.map((arg) => arg.key),
  );
  return intern(key, () => ({ kind: 'operation', operation, args: Object.freeze([...args]), parameter, size, key }));
}
