import type { BinaryOperation, UnaryOperation } from '../formula/expression.js';
import { unaryFunctions } from '../formula/operations.js';
import { dotLanes } from './dot.js';
import {
  type BinaryLoop,
  binaryLoops,
  powerLoop,
  scalarLeftLoops,
  scalarRightLoops,
  type UnaryLoop,
  unaryLoops,
} from './lanes.js';
import type { Operand } from './operand.js';
import type { Instruction } from './program.js';

/** An instruction bound to its operands; runs over the first `lanes` lanes. */
export type Step = (lanes: number) => void;

/** Binds an instruction to memory, choosing its loop once. */
export function bindStep(instruction: Instruction, out: Operand, args: readonly Operand[]): Step {
  const { operation, parameter } = instruction;
  const [a, b] = args;
  switch (operation) {
    case 'power':
      return bindUnary(powerLoop(parameter), a, out);
    case 'dot':
      return a.varies ? (lanes) => dotLanes(a, b, out, lanes) : (lanes) => dotLanes(b, a, out, lanes);
    case 'norm2':
      return (lanes) => dotLanes(a, a, out, lanes);
    case 'sum':
      return bindSum(a, out);
    case 'scatter':
      return (lanes) => {
        for (let k = 0; k < out.size; k++) {
          if (k === parameter) copyLanes(a, out, k, lanes);
          else fillLanes(0, out, k, lanes);
        }
      };
    case 'pack':
      return (lanes) => {
        for (let k = 0; k < out.size; k++) copyLanes(args[k], out, k, lanes);
      };
    case 'component':
    case 'broadcast':
      // Views of other registers; compileProgram makes no instruction of them.
      return () => undefined;
    default:
      if (operation in unaryFunctions) return bindUnary(unaryLoops[operation as UnaryOperation], a, out);
      return bindBinary(chooseLoop(operation as BinaryOperation, a, b), a, b, out);
  }
}

function chooseLoop(operation: BinaryOperation, a: Operand, b: Operand): BinaryLoop {
  if (a.varies && b.varies) return binaryLoops[operation];
  return a.varies ? scalarRightLoops[operation] : scalarLeftLoops[operation];
}

function bindUnary(loop: UnaryLoop, a: Operand, out: Operand): Step {
  return (lanes) => {
    for (let k = 0; k < out.size; k++) {
      loop(a.memory, a.offset + k * a.stride, out.memory, out.offset + k * out.stride, lanes);
    }
  };
}

function bindBinary(loop: BinaryLoop, a: Operand, b: Operand, out: Operand): Step {
  return (lanes) => {
    for (let k = 0; k < out.size; k++) {
      loop(
        a.memory,
        a.offset + k * a.stride,
        b.memory,
        b.offset + k * b.stride,
        out.memory,
        out.offset + k * out.stride,
        lanes,
      );
    }
  };
}

function bindSum(a: Operand, out: Operand): Step {
  return (lanes) => {
    copyLanes(a, out, 0, lanes);
    for (let k = 1; k < a.size; k++) {
      binaryLoops.add(out.memory, out.offset, a.memory, a.offset + k * a.stride, out.memory, out.offset, lanes);
    }
  };
}

function fillLanes(value: number, out: Operand, k: number, lanes: number): void {
  const start = out.offset + k * out.stride;
  out.memory.fill(value, start, start + lanes);
}

/** Component 0 of `from` to component k of `out`. */
function copyLanes(from: Operand, out: Operand, k: number, lanes: number): void {
  if (!from.varies) {
    fillLanes(from.memory[from.offset], out, k, lanes);
    return;
  }
  const start = out.offset + k * out.stride;
  for (let l = 0; l < lanes; l++) out.memory[start + l] = from.memory[from.offset + l];
}
