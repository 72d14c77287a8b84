import type { BinaryOperation, UnaryOperation } from '../formula/expression.js';
import { unaryFunctions } from '../formula/operations.js';
import { binaryLanes, multiplyAddLanes, powerLanes, scaleAddLanes, unaryLanes } from './lanes.js';

/** A resolved operand: where its first component lies, how far apart components are, and whether it has lanes. */
export interface Operand {
  memory: Float64Array;
  offset: number;
  /** Distance between components. */
  stride: number;
  size: number;
  /** False for one number that stands for every lane. */
  lanes: boolean;
}

/** An instruction ready to run: operands resolved to memory. */
export interface Step {
  readonly operation: UnaryOperation | BinaryOperation | 'power' | 'dot' | 'sum' | 'norm2' | 'component' | 'broadcast' | 'scatter' | 'pack';
  readonly parameter: number;
  readonly out: Operand;
  readonly args: readonly Operand[];
}

/** Component k of an operand, or its only component if it is a scalar that meets vectors. */
const at = (operand: Operand, k: number): number => operand.offset + (operand.size === 1 ? 0 : k * operand.stride);

/** Runs one step over the first `lanes` lanes of the block. */
export function executeStep(step: Step, lanes: number): void {
  const { operation, out } = step;
  const memory = out.memory;
  const [a, b] = step.args;
  switch (operation) {
    case 'power':
      for (let k = 0; k < out.size; k++) powerLanes(step.parameter, a.memory, at(a, k), memory, at(out, k), lanes);
      return;
    case 'dot':
      dot(a, b, out, lanes);
      return;
    case 'norm2':
      memory.fill(0, out.offset, out.offset + lanes);
      for (let k = 0; k < a.size; k++) multiplyAddLanes(a.memory, at(a, k), a.memory, at(a, k), memory, out.offset, lanes);
      return;
    case 'sum':
      memory.fill(0, out.offset, out.offset + lanes);
      for (let k = 0; k < a.size; k++) scaleAddLanes(1, a.memory, at(a, k), memory, out.offset, lanes);
      return;
    case 'component':
      copy(a, at(a, step.parameter), out, 0, lanes);
      return;
    case 'broadcast':
      for (let k = 0; k < out.size; k++) copy(a, a.offset, out, k, lanes);
      return;
    case 'scatter':
      for (let k = 0; k < out.size; k++) {
        if (k === step.parameter) copy(a, a.offset, out, k, lanes);
        else memory.fill(0, at(out, k), at(out, k) + lanes);
      }
      return;
    case 'pack':
      for (let k = 0; k < out.size; k++) copy(step.args[k], step.args[k].offset, out, k, lanes);
      return;
    default:
      if (operation in unaryFunctions) {
        for (let k = 0; k < out.size; k++) unaryLanes(operation as UnaryOperation, a.memory, at(a, k), memory, at(out, k), lanes);
      } else {
        for (let k = 0; k < out.size; k++) {
          binaryLanes(operation as BinaryOperation, a.memory, at(a, k), b.memory, at(b, k), memory, at(out, k), lanes);
        }
      }
  }
}

function copy(from: Operand, offset: number, out: Operand, k: number, lanes: number): void {
  const target = at(out, k);
  for (let l = 0; l < lanes; l++) out.memory[target + l] = from.memory[offset + l];
}

/** A dot product whose arguments may be single numbers for all lanes: row vectors are not repeated over the block. */
function dot(a: Operand, b: Operand, out: Operand, lanes: number): void {
  out.memory.fill(0, out.offset, out.offset + lanes);
  const many = a.lanes ? a : b;
  const other = a.lanes ? b : a;
  for (let k = 0; k < a.size; k++) {
    if (other.lanes || !many.lanes) multiplyAddLanes(many.memory, at(many, k), other.memory, at(other, k), out.memory, out.offset, lanes);
    else scaleAddLanes(other.memory[at(other, k)], many.memory, at(many, k), out.memory, out.offset, lanes);
  }
}
