import { describe, expect, test } from 'vitest';
import * as f from '../formula/build.js';
import { gradient } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import { compileProgram, type Program } from './program.js';

const programOf = (...expressions: Expression[]): Program =>
  compileProgram({ outputs: expressions.map((expression, k) => ({ name: `o${k}`, expression, reduce: 'sum' })) });

const operations = (program: Program, stage: keyof Program['code']): string[] =>
  program.code[stage].map((instruction) => instruction.operation);

describe('a compiled program', () => {
  const x = f.row('x', 2);
  const y = f.column('y', 2);

  test('computes each value in the earliest stage that knows its variables', () => {
    const perRow = f.exp(f.norm2(x));
    const perColumn = f.sin(f.norm2(y));
    const once = f.sqrt(f.uniform('t'));
    const program = programOf(f.multiply(once, f.dot(f.multiply(perRow, x), f.multiply(perColumn, y))));
    expect(operations(program, 'fixed')).toEqual(['sqrt']);
    expect(operations(program, 'row').sort()).toEqual(['exp', 'multiply', 'norm2']);
    expect(operations(program, 'column').sort()).toEqual(['multiply', 'norm2', 'sin']);
    expect(operations(program, 'pair').sort()).toEqual(['dot', 'multiply']);
  });

  test('evaluates work that outputs share once', () => {
    const kernel = f.exp(f.negate(f.norm2(f.subtract(x, y))));
    const program = programOf(kernel, gradient(kernel, x));
    expect(operations(program, 'pair').filter((operation) => operation === 'exp')).toHaveLength(1);
    expect(operations(program, 'pair').filter((operation) => operation === 'subtract')).toHaveLength(1);
  });

  test('reads components and repetitions where they lie, without instructions', () => {
    const program = programOf(f.add(f.component(x, 1), f.component(y, 0)), f.broadcast(f.component(y, 1), 3));
    expect(operations(program, 'row')).toEqual([]);
    expect(operations(program, 'column')).toEqual([]);
    expect(operations(program, 'pair')).toEqual(['add']);
  });

  test('reuses registers: a chain of 100 operations needs two', () => {
    let chain: Expression = f.multiply(f.row('u'), f.column('v'));
    for (let k = 0; k < 100; k++) chain = f.sin(f.tanh(chain));
    expect(programOf(chain).registers).toEqual({ fixed: 0, row: 1, column: 1, pair: 2 });
  });

  test('never gives a register to a new value while an old one is still to be read', () => {
    let left: Expression = f.multiply(f.row('u'), f.column('v'));
    const parts = [left];
    for (let k = 0; k < 12; k++) {
      left = f.sin(f.add(left, parts[k >> 1]));
      parts.push(left);
    }
    const program = programOf(parts.reduce((a, b) => f.subtract(f.tanh(a), b)));
    // Replays the code on symbols: every argument register must hold the value that the formula asks for.
    const symbols = new Map<string, string>();
    const slotName = (slot: { stage: string; register: number }): string => `${slot.stage}${slot.register}`;
    for (const { node, slot } of program.leaves) symbols.set(slotName(slot), node.key);
    const keyed = new Map(
      nodesOf(
        ...parts,
        parts.reduce((a, b) => f.subtract(f.tanh(a), b)),
      ).flatMap((node) =>
        node.kind === 'operation' ? [[`${node.operation}(${node.args.map((arg) => arg.key).join()})`, node.key]] : [],
      ),
    );
    for (const { operation, out, args } of program.code.pair) {
      const key = keyed.get(`${operation}(${args.map((arg) => symbols.get(slotName(arg))).join()})`);
      expect(key, operation).toBeDefined();
      symbols.set(slotName(out), key as string);
    }
  });
});
