import { afterAll, describe, expect, test } from 'vitest';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import type { Reduction } from '../backend.js';
import { makeArena } from './arena.js';
import { type PairsJob, startTeam } from './team.js';
import { wasmBackend } from './wasmBackend.js';
import { control } from './workerSource.js';

const backends = [1, 2, 3, 7].map((threads) => wasmBackend({ threads }));
afterAll(() => {
  for (const backend of backends) backend.dispose?.();
});

const variables = { x: { role: 'row', size: 3 }, y: { role: 'column', size: 3 }, m: { role: 'column' } } as const;
const parse = (text: string) => parseFormula(text, { variables });
const reduction: Reduction = {
  outputs: [
    { name: 'sum', expression: parse('m*exp(-norm2(x - y))'), reduce: 'sum' },
    { name: 'gradient', expression: parse('m*exp(-norm2(x - y))*(y - x)'), reduce: 'sum' },
    { name: 'soft', expression: parse('m - norm2(x - y)'), reduce: 'logSumExp' },
    { name: 'best', expression: parse('m - norm2(x - y)'), reduce: 'argmax' },
  ],
};

function normal(name: string, length: number): Float64Array {
  const values = new Float64Array(length);
  fillNormal(values, randomKey(name));
  return values;
}

describe('threads', () => {
  // Sizes around one chunk, one block of rows and one block of columns, and one that is too small to share.
  test.each([
    [100, 70],
    [1003, 701],
    [8195, 257],
    [77, 20_011],
  ])('one, two, three or seven give the same bits, call after call: %d x %d', (rows, columns) => {
    const inputs = { x: normal('x', 3 * rows), y: normal('y', 3 * columns), m: normal('m', columns) };
    const results = backends.flatMap((backend) => {
      const kernel = backend.compile(reduction);
      return [0, 1, 2].map(() => {
        const out = {
          sum: new Float64Array(rows),
          gradient: new Float64Array(3 * rows),
          soft: new Float64Array(rows),
          best: new Float64Array(rows),
        };
        kernel.run({ rows, columns, inputs, out });
        return out;
      });
    });
    expect(results[0].sum.every((value) => value !== 0)).toBe(true);
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('several kernels take turns in one team', () => {
    const [, backend] = backends;
    const inputs = { x: normal('x', 3 * 600), y: normal('y', 3 * 600), m: normal('m', 600) };
    const texts = ['m*sin(dot(x, y))', 'm*cos(dot(x, y))', 'm*tanh(dot(x, y))'];
    const values = (from: (typeof backends)[number]): number[] =>
      [0, 1, 2, 0, 1, 2].map((k) => {
        const out = new Float64Array(600);
        const outputs = [{ name: 'out', expression: parse(texts[k]), reduce: 'sum' as const }];
        from.compile({ outputs }).run({ rows: 600, columns: 600, inputs, out: { out } });
        return out.reduce((a, b) => a + b);
      });
    expect(values(backend)).toEqual(values(backends[0]));
  });

  test.each([0, -1, 1.5, Number.NaN, 1000])('%d threads are refused', (threads) => {
    expect(() => wasmBackend({ threads })).toThrow(/\[wasmBackend\] the number of threads is not usable/);
  });

  test('a disposed team leaves a backend that works on one thread', () => {
    const backend = wasmBackend({ threads: 2 });
    const inputs = { x: normal('x', 3 * 600), y: normal('y', 3 * 600), m: normal('m', 600) };
    const outputs = [{ name: 'out', expression: parse('m*dot(x, y)'), reduce: 'sum' as const }];
    const run = (): Float64Array => {
      const out = new Float64Array(600);
      backend.compile({ outputs }).run({ rows: 600, columns: 600, inputs, out: { out } });
      return out;
    };
    const before = run();
    backend.dispose?.();
    expect(run()).toEqual(before);
  });
});

describe('a worker that fails', () => {
  const job: PairsJob = {
    kernel: 1,
    moduleAddress: 64,
    moduleBytes: 8,
    panels: 200,
    panelsPerChunk: 1,
    row: 0,
    rowPanel: 0,
    state: 0,
    statePanel: 0,
    column: 0,
    columnEnd: 0,
    rest: 0,
    fixed: 0,
    firstColumn: 0,
  };
  /** Work that lasts, so that the worker gets its share of the chunks. */
  const slowly = (): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  };

  test('is an error with its cause, not a hang: bytes that are no module', () => {
    const team = startTeam(1, makeArena(true).memory, { patience: 2000 });
    expect(() => team?.run(job, slowly)).toThrow(/\[wasm threads\] a worker has died, got an error in a worker/);
    team?.dispose();
  });

  test('is an error when a chunk is never done', () => {
    const team = startTeam(0, makeArena(true).memory, { patience: 50 });
    const words = team?.words as Int32Array;
    // A worker that took the second chunk and died.
    const work = (first: number): void => {
      if (first === 0) Atomics.add(words, control.next, 1);
    };
    expect(() => team?.run({ ...job, panels: 5 }, work)).toThrow(/1 chunks not done after 0.05 s/);
    team?.dispose();
  });
});
