import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A time that a person waits for once, in milliseconds, over fresh processes. */
export interface Start {
  readonly what: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const repeats = 7;

/** Start-up of Node, of core, of the command line, and the first result of a formula; each in processes of its own. */
export async function measureStart(): Promise<Start[]> {
  const wall = async (args: readonly string[]): Promise<number[]> => {
    const start = performance.now();
    await run(process.execPath, args);
    return [performance.now() - start];
  };
  const inside = async (): Promise<number[]> => {
    const { stdout } = await run(process.execPath, [here('programs/firstResult.js')]);
    return JSON.parse(stdout) as number[];
  };
  const measures: readonly (readonly [readonly string[], () => Promise<number[]>])[] = [
    [['`node` with an empty program'], () => wall(['--input-type=module', '-e', ''])],
    [["`import '@muflow/core'`, Node included"], () => wall([here('programs/importOnly.js')])],
    [['`muflow list`, Node included'], () => wall([here('../../cli/bin/muflow.js'), 'list'])],
    [['a formula of 30 nodes: parse and compile', 'the same, with gradient, up to its first result'], inside],
  ];
  const times = new Map<string, number[]>();
  for (let round = -1; round < repeats; round++) {
    for (const [names, measure] of measures) {
      const answer = await measure();
      if (round < 0) continue;
      for (const [k, name] of names.entries()) times.set(name, [...(times.get(name) ?? []), answer[k]]);
    }
  }
  return [...times].map(([what, list]) => {
    const sorted = [...list].sort((a, b) => a - b);
    return { what, median: sorted[sorted.length >> 1], low: sorted[0], high: sorted[sorted.length - 1] };
  });
}
