import { type MeasureOptions, makeMeasurer } from './measure.js';
import type { Program } from './program.js';
import { scaling } from './workloads.js';

/** How times grow along one size: a median in milliseconds for each, and the slope of a straight line in logarithms. */
export interface Growth {
  readonly program: string;
  readonly along: string;
  readonly sizes: readonly number[];
  readonly median: readonly number[];
  readonly slope: number;
}

/** Ours on one thread and on several, one size at a time, the rest fixed. */
export async function measureScaling(programs: readonly Program[], options: MeasureOptions): Promise<Growth[]> {
  const ours = programs.filter(({ name }) => /^muflow, /.test(name) && !name.includes('plain'));
  const measure = makeMeasurer(ours, { ...options, rounds: 2 });
  const growths: Growth[] = [];
  for (const { along, sizes, rows } of scaling) {
    const measured = [];
    for (const row of rows) measured.push(await measure(row));
    for (const [k, { name }] of ours.entries()) {
      const median = measured.map(({ timings }) => timings[k].median);
      growths.push({ program: name, along, sizes, median, slope: slopeOf(sizes, median) });
    }
  }
  return growths;
}

/** Least squares of log(time) on log(size). */
function slopeOf(sizes: readonly number[], times: readonly number[]): number {
  const [x, y] = [sizes.map(Math.log), times.map(Math.log)];
  const mean = (list: readonly number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  const [mx, my] = [mean(x), mean(y)];
  const top = x.reduce((sum, one, k) => sum + (one - mx) * (y[k] - my), 0);
  return top / x.reduce((sum, one) => sum + (one - mx) ** 2, 0);
}
