/** What the layer `formula` shows to users: named exports only. */

export type { Operand } from './build.js';
export { gradient, hessian } from './differentiate.js';
export {
  type BinaryOperation,
  binaryOperations,
  type ConstantNode,
  type Expression,
  type OperationName,
  type OperationNode,
  type Role,
  type StructuralOperation,
  structuralOperations,
  type UnaryOperation,
  unaryOperations,
  type Variable,
  type VariableNode,
} from './expression.js';
export { dependsOn, nodesOf, rebuild, substitute, variablesOf } from './inspect.js';
export {
  type Interval,
  type IntervalBox,
  type IntervalBoxes,
  type IntervalProgram,
  intervalExtension,
  rangeOf,
} from './interval.js';
export { meanValueExtension, meanValueRange } from './intervalMeanValue.js';
export { toLatex } from './latex.js';
export { parseFormula } from './parse.js';
export { toText } from './print.js';
export type { Scope } from './scope.js';
export { type SeparableTerm, separate } from './separate.js';
