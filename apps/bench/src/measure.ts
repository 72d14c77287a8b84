import type { Program } from './program.js';
import type { Workload } from './workload.js';

/** Times of one program on one workload, in milliseconds. */
export interface Timing {
  readonly program: string;
  readonly median: number;
  /** Quartiles: half of the times lie between them. */
  readonly lower: number;
  readonly upper: number;
  readonly samples: number;
  /** Largest relative difference of its numbers from ours on one thread in float64. */
  readonly difference: number;
  readonly agrees: boolean;
  /** Peak of the resident set, and how much of it came with this row; megabytes, null where the host does not tell. */
  readonly peak: number | null;
  readonly added: number | null;
}

export interface Row {
  readonly workload: string;
  readonly kind: string;
  readonly timings: readonly Timing[];
  /** Programs that were left out, with the reason. */
  readonly skipped: readonly { readonly program: string; readonly reason: string }[];
}

export interface MeasureOptions {
  readonly rounds: number;
  /** Seconds that a program works in one turn. */
  readonly turn: number;
  /** Seconds; a program that would take longer for one call is left out. */
  readonly limit: number;
  /** Milliseconds between programs: pools of some libraries spin for a while after their work. Default 50. */
  readonly pause?: number;
}

/** Seconds: a program that takes longer is asked once or twice, not in every round. */
const slow = 1;
/** Single precision errs by roundings of 6e-8, summed; over a run they grow. */
const toleranceOf = ({ precision }: Program, { kind, tolerance }: Workload): number =>
  precision === 'float64' ? tolerance : kind === 'run' ? 1e-2 : 1e-4;

/** Seconds for each unit of work, as seen on smaller rows of the same kind. */
type Rates = Map<string, number>;

/** A measurer that remembers how fast programs were, so that it can leave out what would take too long. */
export function makeMeasurer(programs: readonly Program[], { rounds, turn, limit, pause = 50 }: MeasureOptions) {
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pause));
  const rates: Rates = new Map();
  return async (workload: Workload): Promise<Row> => {
    const skipped = workload.alone === undefined ? [] : [{ program: 'every peer', reason: workload.alone }];
    const working: Worker[] = [];
    for (const program of programs.filter((one) => isAsked(one, workload))) {
      const foreseen = (rates.get(rateKey(program, workload)) ?? 0) * workload.work;
      const worker = foreseen > limit ? tooSlow(foreseen) : await prepare(program, workload);
      if (typeof worker === 'string') skipped.push({ program: program.name, reason: worker });
      else {
        working.push(worker);
        await settle();
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const { program, first, seconds } of working) {
        // The first call of a slow program counts: compiling is done by then, and waking caches weighs little.
        if (first > 3 * slow || (first > slow && round > 0)) continue;
        seconds.push(...(await program.ask<Seconds>(`turn ${turn}`)).seconds);
        await settle();
      }
    }
    return { workload: workload.name, kind: workload.kind, timings: await finish(working, workload, rates), skipped };
  };
}

interface Seconds {
  readonly seconds: readonly number[];
}

interface Worker {
  readonly program: Program;
  /** Seconds of the first call. */
  readonly first: number;
  readonly seconds: number[];
}

const isAsked = ({ name, kinds }: Program, { kind, alone }: Workload): boolean =>
  (kinds.length === 0 || kinds.includes(kind)) && (alone === undefined || name.startsWith('muflow'));
const tooSlow = (foreseen: number): string => `one call would take about ${foreseen.toFixed(0)} s`;
const rateKey = ({ name }: Program, { kind, params }: Workload): string =>
  [name, kind, params.activation, params.d, params.by].join();

async function prepare(program: Program, { kind, params }: Workload): Promise<Worker | string> {
  const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  // A peer that runs out of memory ends: the rest of the table goes on without it.
  const answer = await program
    .ask<Seconds | { readonly skip: string }>(`prepare ${kind} ${words.join(' ')}`)
    .catch((error: Error) => ({ skip: error.message }));
  if ('skip' in answer) return answer.skip;
  const [first] = answer.seconds;
  return { program, first, seconds: first > slow ? [first] : [] };
}

async function finish(working: readonly Worker[], workload: Workload, rates: Rates): Promise<Timing[]> {
  const timings: Timing[] = [];
  let reference: readonly number[] | undefined;
  for (const { program, seconds } of working) {
    const answer = await program.ask<{ check: number[]; peak: number | null; base: number | null }>('finish');
    reference ??= answer.check;
    const expected = reference;
    const scale = Math.max(...expected.map(Math.abs));
    const difference = Math.max(
      ...expected.map((value, k) => Math.abs((answer.check[k] ?? Number.NaN) - value) / scale),
    );
    const sorted = seconds.map((one) => 1000 * one).sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
    rates.set(rateKey(program, workload), at(0.5) / 1000 / workload.work);
    timings.push({
      program: program.name,
      median: at(0.5),
      lower: at(0.25),
      upper: at(0.75),
      samples: sorted.length,
      difference,
      agrees: difference <= toleranceOf(program, workload),
      peak: answer.peak === null ? null : answer.peak / 1024,
      added: answer.peak === null || answer.base === null ? null : Math.max(0, answer.peak - answer.base) / 1024,
    });
  }
  return timings;
}
