import {
  type Backend,
  birthDeath,
  euclidean,
  euler,
  type Flow,
  gradientFlow,
  type Measure,
  measure,
  networkUnit,
  risk,
  simulate,
  systematicResampling,
  wasmBackend,
  wasserstein,
  wassersteinFisherRao,
  withJumps,
} from '@muflow/core';
import { numbers } from './data.js';
import { checksum, type Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

const dt = 0.1;

/** The risk of a relu network on random rows, and its neurons at the start. */
function network(d: number, n: number, rows: number, backend: Backend) {
  const unit = networkUnit({ activation: 'relu', inputs: d });
  const energy = risk({ unit, inputs: numbers(rows * d, 1), targets: numbers(rows, 2), backend });
  return { energy, mu: measure({ space: euclidean(d + 2), positions: numbers(n * (d + 2), 3) }) };
}

const train = (flow: Flow, initial: Measure, steps: number): Measure =>
  simulate({ flow, initial }, { stepper: euler(), dt, maxSteps: steps, record: { every: steps } }).profile[0];

/** A network trained by Euler steps on all rows; checked by its last loss, neurons and masses. */
export function training({ d, n, rows, steps, metric }: Params, backend: Backend): Prepared {
  const { energy, mu } = network(Number(d), Number(n), Number(rows), backend);
  const flow = gradientFlow(energy, metric === 'w2' ? wasserstein() : wassersteinFisherRao({ alpha: 1 }));
  let last = mu;
  return {
    run() {
      last = train(flow, mu, Number(steps));
    },
    check: () => [
      ...checksum(Float64Array.of(energy.value(last))),
      ...checksum(last.positions),
      ...checksum(last.masses),
    ],
  };
}

export function trainingRow(metric: 'w2' | 'wfr', d: number, n: number, rows = 500, steps = 300): Workload {
  const flow = metric === 'w2' ? 'Wasserstein' : 'WFR';
  return {
    name: `whole ${flow} training, ${steps} steps of Euler, relu network, d ${d}, n ${n}, L ${rows}`,
    kind: 'training',
    params: { metric, d, n, rows, steps },
    tolerance: 1e-9,
    work: n * rows * steps * (d + 5),
  };
}

/** What jumps add to an Euler step of the Wasserstein flow: microseconds without, and shares of that. */
export interface Overhead {
  readonly what: string;
  readonly step: number;
  readonly added: Readonly<Record<string, number>>;
}

const sizes = [
  [2, 100, 500],
  [2, 1000, 500],
  [10, 100, 1000],
  [10, 1000, 1000],
] as const;

/** Steps with and without birth and death, taken in turns by one process; the least processor time of many short runs counts. */
export function measureOverhead(): Overhead[] {
  const backend = wasmBackend({ threads: 1 });
  return sizes.map(([d, n, rows]) => {
    const { energy, mu } = network(d, n, rows, backend);
    const plain = gradientFlow(energy, wasserstein());
    const flows: Readonly<Record<string, Flow>> = {
      plain,
      'birth-death': withJumps(plain, birthDeath({ rate: 1 })),
      'systematic resampling': withJumps(plain, systematicResampling({ rate: 1 })),
      'birth-death, fresh potential': withJumps(plain, birthDeath({ rate: 1, potential: 'fresh' })),
    };
    const steps = Math.max(10, Math.round(8e6 / (n * rows * (d + 5))));
    const least = new Map<string, number>();
    for (let round = 0; round < Math.max(50, 2000 / steps); round++) {
      for (const [name, flow] of Object.entries(flows)) {
        const before = process.cpuUsage();
        train(flow, mu, steps);
        const { user, system } = process.cpuUsage(before);
        least.set(name, Math.min(least.get(name) ?? Infinity, (user + system) / steps));
      }
    }
    const step = least.get('plain') ?? Number.NaN;
    const added = [...least]
      .filter(([name]) => name !== 'plain')
      .map(([name, time]) => [name, time / step - 1] as const);
    return { what: `d ${d}, n ${n}, L ${rows}`, step, added: Object.fromEntries(added) };
  });
}
