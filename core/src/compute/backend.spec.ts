import { describe, expect, test } from 'vitest';
import { isMuflowError } from '../errors.js';
import * as f from '../formula/build.js';
import type { Reducer, Reduction } from './backend.js';
import { referenceBackend } from './reference.js';

const refusal = (action: () => unknown): { code: string; message: string } => {
  try {
    action();
  } catch (error) {
    if (isMuflowError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'none', message: 'no error' };
};

const sumOf = (expression: ReturnType<typeof f.row>, reduce: Reducer = 'sum'): Reduction => ({
  outputs: [{ name: 'f', expression, reduce }],
});

describe('a reduction is refused when', () => {
  const compile = (reduction: Reduction) => refusal(() => referenceBackend().compile(reduction));

  test('a name has two roles or two sizes', () => {
    const clash = compile(sumOf(f.add(f.row('x'), f.column('x'))));
    expect(clash.code).toBe('invalid-argument');
    expect(clash.message).toMatch(
      /"x" stands for two things, got (row of size 1 and column|column of size 1 and row) of size 1/,
    );
    expect(compile(sumOf(f.add(f.row('x'), f.sum(f.row('x', 3))))).message).toContain('size 3');
  });

  test('it has no output, one name twice, a vector argmax or an unknown reducer', () => {
    const output = { name: 'f', expression: f.row('x'), reduce: 'sum' as const };
    expect(compile({ outputs: [] }).message).toContain('there is no output, got 0 outputs');
    expect(compile({ outputs: [output, output] }).message).toContain('an output name is used twice, got "f"');
    expect(compile(sumOf(f.row('x', 3), 'argmax')).message).toContain('argmax of the vector output "f", got size 3');
    expect(compile(sumOf(f.row('x'), 'mean' as Reducer)).message).toContain(
      'got "mean", expected sum, logSumExp, max, argmax',
    );
  });
});

describe('a call is refused when', () => {
  const kernel = referenceBackend().compile(
    sumOf(f.multiply(f.uniform('t'), f.dot(f.row('weights', 2), f.column('y', 2)))),
  );
  const good = {
    rows: 3,
    columns: 4,
    inputs: { weights: new Float64Array(6), y: new Float64Array(8), t: new Float64Array(1) },
    out: { f: new Float64Array(3) },
  };
  const call = (change: object) => refusal(() => kernel.run({ ...good, ...change }));

  test('an input is missing, saying which names are there', () => {
    const { code, message } = call({ inputs: { weight: new Float64Array(6), y: good.inputs.y, t: good.inputs.t } });
    expect(code).toBe('shape-mismatch');
    expect(message).toContain(
      'the input "weights" (row) is missing, got weight, expected a Float64Array of at least 6 = 3 x 2',
    );
  });

  test('an input or an output is too short or of another kind', () => {
    expect(call({ inputs: { ...good.inputs, y: new Float64Array(7) } }).message).toContain(
      'the input "y" (column) is too short, got length 7, expected a Float64Array of at least 8 = 4 x 2',
    );
    expect(call({ inputs: { ...good.inputs, t: new Float64Array(0) } }).message).toContain('at least 1 = 1 x 1');
    expect(call({ inputs: { ...good.inputs, t: [1] } }).message).toContain('is not a Float64Array, got array(1) [1]');
    expect(call({ out: { f: new Float64Array(2) } }).message).toContain('the output "f" is too short, got length 2');
    expect(call({ out: {} }).message).toContain('the output "f" is missing, got no buffers');
  });

  test.each([-1, 1.5, Number.NaN])('a count is %d', (rows) => {
    expect(call({ rows }).message).toContain(`got ${rows} and 4, expected integers >= 0`);
  });

  test('only then: what fits runs, with inputs that no formula mentions', () => {
    expect(call({ inputs: { ...good.inputs, extra: new Float64Array(0) } }).code).toBe('none');
  });
});
