import {
  type Claim,
  claimAtMost,
  claimWithin,
  type Figure,
  logLogSlope,
  quantiles,
  type StudyResult,
  type Table,
} from '@muflow/core';
import { exactKind, type Losses, type ThreeSpinParams } from './threeSpinRuns.js';

/** The band of the slope, [-1.3, -0.8]. */
const band = { center: -1.05, half: 0.25 };

/** Mean over the records k with `from <= time <= to` of one run. */
function window(series: readonly number[], times: readonly number[], from: number, to: number): number {
  const kept = series.filter((_, k) => times[k] >= from && times[k] <= to);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

/** Slopes of log loss in log n, one for each repeat: their mean and its standard error. */
export interface SlopeEstimate {
  readonly slope: number;
  readonly error: number;
  /** Mean loss over d, by width. */
  readonly losses: readonly number[];
}

/** The slope of the losses averaged over the times from `from` to `to`. */
export function slopeBetween({ widths, times, values }: Losses, from: number, to: number): SlopeEstimate {
  const losses = values.map((ofRepeat) => ofRepeat.map((series) => window(series, times, from, to)));
  const slopes = losses.map((ofWidth) => logLogSlope(widths, ofWidth));
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const slope = mean(slopes);
  const variance = slopes.reduce((sum, value) => sum + (value - slope) ** 2, 0) / (slopes.length - 1);
  return {
    slope,
    error: Math.sqrt(variance / slopes.length),
    losses: widths.map((_, w) => mean(losses.map((ofWidth) => ofWidth[w]))),
  };
}

/** Windows of the tables: noisy losses are averaged over halves of the time so far, exact ones are taken as they are. */
const windows = ({ kind, times }: Losses): readonly { readonly from: number; readonly to: number }[] =>
  [1 / 8, 1 / 4, 1 / 2, 1].map((share) => {
    const last = Math.round(share * (times.length - 1));
    return { from: times[kind === exactKind ? last : Math.ceil(last / 2)], to: times[last] };
  });

const slopesOf = (losses: Losses): readonly SlopeEstimate[] =>
  windows(losses).map(({ from, to }) => slopeBetween(losses, from, to));

/** Whether the band was stated for this: d = 5, widths from 32 to 512. */
const ofBand = ({ inputs, widths }: Losses): boolean =>
  inputs === 5 && Math.min(...widths) === 32 && Math.max(...widths) === 512;

/** The largest ratio of one value to the one before. */
const largestRise = (series: readonly number[]): number =>
  Math.max(...series.slice(1).map((value, k) => value / series[k]));

function claimsOf(all: readonly Losses[]): Claim[] {
  const claims: Claim[] = [];
  for (const losses of all) {
    const where = `${losses.kind}, d = ${losses.inputs}`;
    const [, , before, last] = slopesOf(losses);
    if (ofBand(losses)) {
      claims.push(
        claimWithin({
          statement: `Slope of log test loss in log n at the end of the training, ${where}`,
          predicted: band.center,
          tolerance: band.half,
          measured: last.slope,
        }),
      );
    }
    if (losses.kind === exactKind) {
      claims.push(
        claimAtMost({
          statement: `The exact flow has no floor of order 1/n, ${where}: slope at the end less slope at half the time`,
          bound: 0,
          measured: last.slope - before.slope,
        }),
        claimAtMost({
          statement: `The exact flow is resolved, ${where}: largest loss over that of the record before`,
          bound: 1,
          measured: Math.max(...losses.values.flat().map(largestRise)),
        }),
      );
    }
    const wide = losses.values.map((ofRepeat) => ofRepeat[ofRepeat.length - 1]);
    claims.push(
      claimAtMost({
        statement: `The widest network learns, ${where}: median loss at the end over that at the start`,
        bound: 0.5,
        measured: quantiles(wide.map((series) => series[series.length - 1] / series[0])).median,
      }),
    );
  }
  return claims;
}

function tableOf(losses: Losses): Table {
  const { kind, inputs, widths, values } = losses;
  return {
    title: `Loss over d, ${kind}, d = ${inputs}, mean of ${values.length} starts`,
    columns: [
      { name: 'from time' },
      { name: 'to time' },
      ...widths.map((width) => ({ name: `n = ${width}` })),
      { name: 'slope' },
      { name: 'standard error' },
    ],
    rows: slopesOf(losses).map(({ slope, error, losses: means }, k) => {
      const { from, to } = windows(losses)[k];
      return [from, to, ...means, slope, error];
    }),
  };
}

function figuresOf(all: readonly Losses[]): Figure[] {
  return [
    {
      id: 'loss-against-width',
      title: 'Test loss over d against width at the end',
      caption:
        'Noise of the samples keeps a floor that falls like 1/n. Without it nothing holds the loss at 1/n, and the curve steepens as long as the flow goes on.',
      x: { label: 'width n', scale: 'log' },
      y: { label: 'loss / d', scale: 'log' },
      marks: all.map((losses) => ({
        type: 'line' as const,
        label: `${losses.kind}, d = ${losses.inputs}`,
        x: [...losses.widths],
        y: [...slopesOf(losses)[3].losses],
      })),
    },
    {
      id: 'loss-against-time',
      title: 'Test loss over d against time, widest networks',
      caption: 'Means over the starts; time in units of the mean-field flow.',
      x: { label: 'time' },
      y: { label: 'loss / d', scale: 'log' },
      marks: all.map(({ kind, inputs, times, values }) => ({
        type: 'line' as const,
        label: `${kind}, d = ${inputs}`,
        x: [...times],
        y: times.map((_, k) => values.reduce((sum, run) => sum + run[run.length - 1][k], 0) / values.length),
      })),
    },
  ];
}

/** Slopes, losses and what they depend on. */
export function threeSpinReport(all: readonly Losses[], given: ThreeSpinParams): StudyResult {
  return {
    claims: claimsOf(all),
    notes: [
      `f(x) = (1/d) sum a_pqr x_p x_q x_r, a independent N(0, 1), on the sphere of radius sqrt(d); one draw of a for each d. Losses are mean squares over d. Slopes are means over ${given.repeats} starts with their standard error.`,
      'Sigmoid networks (1/n) sum a_i sigma(<w_i, x> + b_i), all parameters from N(0, 1), are trained by stochastic gradient descent in steps of 0.5 of mean-field time, every step on fresh samples; step, batch and duration are the same for all widths. Losses are means over 4000 test inputs.',
      'Gaussian units exp(-(5/2d) |x - z|^2), scaled to mean square 1, start on the sphere and follow the gradient flow of the population loss in closed form, where no sample is drawn; with gaussianBatches they are trained on fresh samples beside it. Their centers move at 0.01 d of the rate of the output weights.',
      'The slope is no constant of the problem. The noise of a fixed step and batch leaves a floor, and it is this floor that falls like 1/n, once training has reached it at every width; before, the slope is flatter, since all widths have the loss of the limit in common. A larger batch lowers the floor and steepens it.',
      'Measured at d = 5, seed 1, widths 32 to 512: batch 20 to time 3200, two starts, slope -0.887 over the last half; batch 50 to time 6400, three starts, -1.15; Gaussian units at batch 20, two starts, -0.51 to time 1000, -0.87 to 2000, -1.23 to 4000 and -1.31 to 8000, each over the last half; their exact flow, two starts, -0.62 at time 1000 and -1.002 at 2000, where it does not stop: from 32 to 128 units, near the 35 coefficients of the target, it is -1.8 there. The band holds for Gaussian units around that time only, with samples or without. At batch 20 and time 4800 the slope is -0.55 at d = 10 and -0.05 at d = 25, where training has hardly begun (loss 0.73 at 512 units).',
    ],
    tables: all.map(tableOf),
    figures: figuresOf(all),
  };
}
