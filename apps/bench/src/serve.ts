import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Params } from './workload.js';

/** One workload, ready to run again and again; `check` gives a few numbers to compare with other programs. */
export interface Prepared {
  run(): void;
  check(): readonly number[];
  dispose?(): void;
}

/** First, last, mean and a weighted mean: what two programs compare. */
export function checksum(values: ArrayLike<number>): readonly number[] {
  let sum = 0;
  let weighted = 0;
  for (let k = 0; k < values.length; k++) {
    sum += values[k];
    weighted += values[k] * Math.cos(k);
  }
  return [values[0], values[values.length - 1], sum / values.length, weighted / values.length];
}

/** Kilobytes of the resident set, now or at its peak; null where the host does not tell. */
function memory(field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    return Number(new RegExp(`${field}:\\s*(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return null;
  }
}

function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Hosts without it report the peak of the whole process.
  }
}

/** Runs again and again for that many seconds, at least once and at most 50 times. */
export function takeTurn(run: () => void, limit: number): readonly number[] {
  const seconds: number[] = [];
  for (let sum = 0; seconds.length === 0 || (seconds.length < 50 && sum < limit); sum += seconds[seconds.length - 1]) {
    const start = performance.now();
    run();
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds;
}

/** Answers requests as peers/common.py does; `prepare` gives a workload, or a text that says why not. */
export async function serve(
  hello: { readonly library: string; readonly version: string },
  prepare: (kind: string, params: Params) => Prepared | string,
): Promise<void> {
  const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  const { gc } = globalThis as { readonly gc?: () => void };
  let work: Prepared | undefined;
  let base: number | null = null;
  say(hello);
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, ...rest] = line.split(' ');
    if (verb === 'prepare') {
      work?.dispose?.();
      work = undefined;
      gc?.();
      forgetPeak();
      base = memory('VmRSS');
      const made = prepare(rest[0], paramsOf(rest.slice(1)));
      if (typeof made === 'string') say({ skip: made });
      else {
        work = made;
        say({ seconds: takeTurn(made.run, 0) });
      }
    } else if (work !== undefined) {
      if (verb === 'turn') say({ seconds: takeTurn(work.run, Number(rest[0])) });
      else say({ check: work.check(), peak: memory('VmHWM'), base });
    }
  }
}

function paramsOf(words: readonly string[]): Params {
  return Object.fromEntries(
    words.map((word) => {
      const [name, text] = word.split('=');
      return [name, /^\d+$/.test(text) ? Number(text) : text];
    }),
  );
}
