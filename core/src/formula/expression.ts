/**
 * The expression graph: immutable, hash-consed nodes. Two structurally equal expressions are the
 * same object, so work that is written twice is done once by every reading of the graph.
 */

/** Where a variable varies: over rows i, over reduced columns j, or not at all. */
export type Role = 'row' | 'column' | 'uniform';

/** A named input; `size` 1 is a scalar, `size` d > 1 a d-vector. */
export interface Variable {
  readonly name: string;
  readonly role: Role;
  readonly size: number;
}

/** Elementwise functions of one argument. `step(0) = sign(0) = 0`, so relu has derivative 0 at 0. */
export const unaryOperations = [
  'negate',
  'exp',
  'log',
  'sqrt',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'softplus',
  'relu',
  'abs',
  'erf',
  'sign',
  'step',
] as const;

/** Elementwise functions of two arguments; a scalar meets a vector by broadcasting. */
export const binaryOperations = ['add', 'subtract', 'multiply', 'divide', 'min', 'max'] as const;

/**
 * Operations between scalars and vectors:
 * `dot(a, b)`, `sum(a)`, `norm2(a) = |a|^2` (squared Euclidean norm) give scalars;
 * `component(a)` picks entry `parameter`; `broadcast(s)` repeats a scalar to `size`;
 * `scatter(s)` is zero but for `s` at entry `parameter`; `pack(s_1, …, s_k)` makes a k-vector.
 */
export const structuralOperations = ['dot', 'sum', 'norm2', 'component', 'broadcast', 'scatter', 'pack'] as const;

export type UnaryOperation = (typeof unaryOperations)[number];
export type BinaryOperation = (typeof binaryOperations)[number];
export type StructuralOperation = (typeof structuralOperations)[number];
/** `power` raises elementwise to the constant exponent `parameter`. */
export type OperationName = UnaryOperation | BinaryOperation | StructuralOperation | 'power';

export interface ConstantNode {
  readonly kind: 'constant';
  readonly value: number;
  readonly size: 1;
  /** Structural key: equal keys, equal expressions; independent of the order of creation. */
  readonly key: string;
}

export interface VariableNode {
  readonly kind: 'variable';
  readonly variable: Variable;
  readonly size: number;
  readonly key: string;
}

export interface OperationNode {
  readonly kind: 'operation';
  readonly operation: OperationName;
  readonly args: readonly Expression[];
  /** Exponent of `power`, index of `component` and `scatter`; absent otherwise. */
  readonly parameter: number | undefined;
  readonly size: number;
  readonly key: string;
}

export type Expression = ConstantNode | VariableNode | OperationNode;
