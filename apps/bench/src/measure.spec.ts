import { describe, expect, test } from 'vitest';
import { makeMeasurer } from './measure.js';
import type { Program } from './program.js';
import { markdownOf, type Report, textOf } from './report.js';
import type { Workload } from './workload.js';

/** A program that takes as long as told and answers the numbers it is given. */
function fake(name: string, seconds: (n: number) => number, check: readonly number[] = [1, 2]): Program {
  let n = 0;
  return {
    name,
    version: '1',
    precision: name.includes('f32') ? 'float32' : 'float64',
    kinds: name === 'POT' ? ['sinkhorn'] : [],
    async ask<T>(line: string) {
      n = Number(/n=(\d+)/.exec(line)?.[1] ?? n);
      const answer = line === 'finish' ? { check, peak: 3072, base: 1024 } : { seconds: [seconds(n)] };
      return answer as T;
    },
    close: async () => undefined,
  };
}

const workload = (n: number): Workload => ({
  name: `pairs, N ${n}`,
  kind: 'gaussian',
  params: { n },
  tolerance: 1e-9,
  work: n * n,
});
const options = { rounds: 2, turn: 0, limit: 5, pause: 0 };

describe('the measurer', () => {
  test('a row that every program leaves out is told with the reasons', () => {
    const skipped = [{ program: 'slow', reason: 'one call would take about 9 s' }];
    expect(textOf({ workload: 'pairs', kind: 'gaussian', timings: [], skipped }, 2)).toMatch(
      /slow +left out: one call/,
    );
  });

  test('leaves out, with the reason, what a smaller row foretells to be too slow', async () => {
    const measure = makeMeasurer([fake('quick', () => 1e-3), fake('slow', (n) => (n / 1000) ** 2)], options);
    expect((await measure(workload(1000))).skipped).toEqual([]);
    const row = await measure(workload(3000));
    expect(row.timings.map(({ program }) => program)).toEqual(['quick']);
    expect(row.skipped).toEqual([{ program: 'slow', reason: 'one call would take about 9 s' }]);
  });

  test('flags results that differ by more than the tolerance of their precision', async () => {
    const programs = [
      fake('ours', () => 1e-3),
      fake('near', () => 1e-3, [1, 2 + 1e-9]),
      fake('far', () => 1e-3, [1, 2 + 1e-6]),
      fake('f32', () => 1e-3, [1, 2 + 1e-6]),
      fake('broken', () => 1e-3, [1, Number.NaN]),
      fake('shorter', () => 1e-3, [1]),
    ];
    const { timings } = await makeMeasurer(programs, options)(workload(1000));
    expect(timings.map(({ agrees }) => agrees)).toEqual([true, true, false, true, false, false]);
  });

  test('goes on without a program that ended', async () => {
    const ended = { ...fake('gone', () => 1), ask: () => Promise.reject(new Error('out of memory')) };
    const row = await makeMeasurer([fake('ours', () => 1e-3), ended], options)(workload(1000));
    expect(row.timings.map(({ program }) => program)).toEqual(['ours']);
    expect(row.skipped).toEqual([{ program: 'gone', reason: 'out of memory' }]);
  });

  test('asks no peer for what only muflow has, and says why', async () => {
    const measure = makeMeasurer([fake('muflow, 1 thread', () => 1e-3), fake('NumPy', () => 1e-3)], options);
    const row = await measure({ ...workload(1000), alone: 'nothing else proves it' });
    expect(row.timings.map(({ program }) => program)).toEqual(['muflow, 1 thread']);
    expect(row.skipped).toEqual([{ program: 'every peer', reason: 'nothing else proves it' }]);
  });

  test('asks a program for the kinds that it has only, and counts the first call of slow ones', async () => {
    const { timings } = await makeMeasurer([fake('ours', () => 4), fake('POT', () => 1)], options)(workload(1000));
    expect(timings).toHaveLength(1);
    expect(timings[0]).toMatchObject({ median: 4000, samples: 1, peak: 3, added: 2 });
  });
});

const reportOf = (rows: Report['rows']): Report => ({
  host: { cpu: 'x', cores: 2, node: '20' },
  programs: [],
  missing: ['JAX: no module'],
  threads: 2,
  rows,
  overhead: [],
  scaling: [],
  start: [],
  roof: null,
});
const cellsOf = (report: Report): string[][] =>
  markdownOf(report)
    .split('\n')
    .filter((line) => line.startsWith('| pairs'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

test('a peer is compared with ours on one thread where ours has no more', async () => {
  const programs = [fake('muflow, 1 thread', () => 0.004), fake('Nashpy', () => 0.012)];
  const rows = [await makeMeasurer(programs, options)(workload(1000))];
  expect(
    cellsOf(reportOf(rows))
      .find((cells) => cells[2] === 'Nashpy')
      ?.slice(3, 5),
  ).toEqual(['12.0 (12.0-12.0)', '3.00']);
});

test('the ratio of the table is the fastest peer over ours on all threads, the share is C++ over ours', async () => {
  const programs = [
    fake('muflow, 1 thread', () => 0.004),
    fake('muflow, 2 threads', () => 0.002),
    fake('NumPy', () => 0.009),
    fake('PyTorch', () => 0.005),
    fake('C++', () => 0.001),
  ];
  const cells = cellsOf(reportOf([await makeMeasurer(programs, options)(workload(1000))]));
  expect(cells[0].slice(2, -1)).toEqual([
    '4.00 (4.00-4.00)',
    '2.00 (2.00-2.00)',
    '9.00 (9.00-9.00)',
    '5.00 (5.00-5.00)',
    '-',
    '2.50',
    '1.00 (1.00-1.00)',
    '50 %',
  ]);
});
