import { cpus } from 'node:os';
import { type Backend, referenceBackend, wasmBackend } from '@muflow/core';
import { type Peer, startPeer } from './peer.js';
import { type Prepared, type Workload, workloads } from './workloads.js';

/** Times of one program on one workload, in milliseconds. */
interface Timing {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Largest relative difference of its numbers from ours. */
  readonly difference: number;
}

interface Row {
  readonly workload: string;
  readonly timings: readonly Timing[];
}

/** Milliseconds between programs. */
const settling = 300;
/** Seconds that a program works in one turn. */
const turn = 0.2;

const { values } = await import('node:util').then(({ parseArgs }) =>
  parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      filter: { type: 'string', default: '' },
      rounds: { type: 'string', default: '7' },
      threads: { type: 'string', default: '2' },
      reference: { type: 'boolean', default: false },
    },
  }),
);
const rounds = Number(values.rounds);
const threads = Number(values.threads);

const backends: readonly (readonly [string, Backend])[] = [
  ['muflow, 1 thread', wasmBackend()],
  [`muflow, ${threads} threads`, wasmBackend({ threads })],
  ...(values.reference ? [['muflow, plain JavaScript', referenceBackend()] as const] : []),
];
const peers = (await Promise.all((['numpy', 'torch'] as const).map((name) => startPeer(name, threads)))).filter(
  (peer): peer is Peer => peer !== null,
);

/** Seconds of one turn, as in peers.py: a flow takes its steps one after the other. */
function takeTurn(prepared: Prepared): readonly number[] {
  const seconds: number[] = [];
  for (let sum = 0; seconds.length === 0 || (seconds.length < 20 && sum < turn); sum += seconds[seconds.length - 1]) {
    const start = performance.now();
    prepared.run();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds;
}

/** Pools of some libraries spin for a while after their work; whoever is next should have the machine. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, settling));

/** Programs take turns, so that a busy moment of the machine meets all of them. */
async function measureRow(workload: Workload): Promise<Row> {
  const ours = backends.map(([name, backend]) => ({ name, prepared: workload.prepare(backend) }));
  const isCosine = workload.params.kernel === 'cosine';
  const asks = peers.flatMap((peer) => [
    { name: isCosine ? `${peer.name}, brute force` : peer.name, peer, more: {} },
    ...(isCosine ? [{ name: `${peer.name}, features by hand`, peer, more: { features: 1 } }] : []),
  ]);
  const times = new Map<string, number[]>();
  const checks = new Map<string, readonly number[]>();
  const note = (name: string, seconds: readonly number[], check: readonly number[]): void => {
    times.set(name, [...(times.get(name) ?? []), ...seconds.map((one) => 1000 * one)]);
    checks.set(name, check);
  };
  const slowest = new Map<string, number>();
  for (let round = -1; round < rounds; round++) {
    for (const { name, prepared } of ours) {
      const seconds = takeTurn(prepared);
      if (round >= 0) note(name, seconds, prepared.check());
      await settle();
    }
    for (const { name, peer, more } of asks) {
      // A program that takes many seconds is asked three times only.
      if ((slowest.get(name) ?? 0) > 5 && round > 2) continue;
      const { seconds, check } = await peer.ask(workload, more);
      slowest.set(name, Math.max(...seconds));
      await settle();
      if (round >= 0) note(name, seconds, check);
    }
  }
  const reference = checks.get(ours[0].name) as readonly number[];
  const scale = Math.max(...reference.map(Math.abs));
  const timings = [...times].map(([name, list]): Timing => {
    const sorted = [...list].sort((a, b) => a - b);
    const difference = Math.max(...(checks.get(name) ?? []).map((value, k) => Math.abs(value - reference[k]) / scale));
    if (!(difference <= workload.tolerance))
      process.stderr.write(`${workload.name}: ${name} differs by ${difference}\n`);
    return { name, median: sorted[sorted.length >> 1], low: sorted[0], high: sorted[sorted.length - 1], difference };
  });
  return { workload: workload.name, timings };
}

function textOf({ workload, timings }: Row): string {
  const ours = timings[1].median;
  const lines = timings.map(({ name, median, low, high, difference }) => {
    const ratio = `${(median / ours).toFixed(2)} x`;
    const spread = `${low.toFixed(2)} .. ${high.toFixed(2)}`;
    return `  ${name.padEnd(34)} ${median.toFixed(2).padStart(10)} ms  ${spread.padEnd(22)} ${ratio.padStart(9)}  ${difference.toExponential(0)}`;
  });
  return `${workload}\n${lines.join('\n')}\n`;
}

const rows: Row[] = [];
for (const workload of workloads.filter(({ name }) => name.includes(values.filter))) {
  const row = await measureRow(workload);
  rows.push(row);
  if (!values.json) process.stdout.write(textOf(row));
}
if (values.json)
  process.stdout.write(
    `${JSON.stringify({ cpu: cpus()[0]?.model, node: process.versions.node, threads, rows }, null, 2)}\n`,
  );
for (const peer of peers) peer.close();
for (const [, backend] of backends) backend.dispose?.();
