import { type Claim, claimAtMost, type Figure, type Frame, type Table } from '@muflow/core';

/** The balance between two recorded times: what the energy lost, and what the metric says it had to lose. */
interface Interval {
  readonly from: Frame;
  readonly to: Frame;
  /** `F(s) - F(t)`. */
  readonly fall: number;
  /** `int_s^t gamma |grad V|^2 + alpha (V - Vbar)^2 dmu`, the squared metric speed. */
  readonly dissipated: number;
}

/**
 * The balance `F(s) - F(t) = int_s^t speed^2` over each recorded interval. The integral is the trapezoidal rule with
 * the end correction `h^2/12 (f'(s) - f'(t))`, slopes from parabolas through three frames: its error is of fourth order
 * in the distance of the frames, of third in the first and the last interval.
 * @param frames - with the columns of `energyRecorder` and `speedRecorder`.
 */
export function balanceOf(frames: readonly Frame[]): Interval[] {
  const rates = frames.map(({ values }) => values.speed ** 2);
  const times = frames.map(({ time }) => time);
  const slopes = parabolicSlopes(times, rates);
  return frames.slice(1).map((to, k) => {
    const h = to.time - times[k];
    return {
      from: frames[k],
      to,
      fall: frames[k].values.energy - to.values.energy,
      dissipated: (h / 2) * (rates[k] + rates[k + 1]) + ((h * h) / 12) * (slopes[k] - slopes[k + 1]),
    };
  });
}

/** Slopes of a sampled function at its nodes; all 0 for fewer than three, which leaves the plain trapezoidal rule. */
function parabolicSlopes(x: readonly number[], y: readonly number[]): number[] {
  const last = x.length - 1;
  if (last < 2) return y.map(() => 0);
  const secant = (k: number): number => (y[k + 1] - y[k]) / (x[k + 1] - x[k]);
  const inner = (k: number): number =>
    ((x[k + 1] - x[k]) * secant(k - 1) + (x[k] - x[k - 1]) * secant(k)) / (x[k + 1] - x[k - 1]);
  return y.map((_, k) => {
    // A parabola's slope at the end of an interval is twice the secant less the slope at the other end.
    if (k === 0) return 2 * secant(0) - inner(1);
    return k === last ? 2 * secant(last - 1) - inner(last - 1) : inner(k);
  });
}

/**
 * Share of the fall of energy that the dissipation does not account for, `sum_j |fall_j - dissipated_j| / sum_j |fall_j|`:
 * summed over the intervals in absolute value, so that errors of opposite sign do not cancel.
 */
export function unaccountedShare(intervals: readonly Interval[]): number {
  const total = intervals.reduce((sum, { fall }) => sum + Math.abs(fall), 0);
  const missed = intervals.reduce((sum, { fall, dissipated }) => sum + Math.abs(fall - dissipated), 0);
  return missed === 0 ? 0 : missed / total;
}

/** Total mass is conserved, and the energy falls by what the metric dissipates. */
export function balanceClaims(frames: readonly Frame[]): Claim[] {
  const masses = frames.map((frame) => frame.values.mass);
  return [
    claimAtMost({
      statement: 'Total mass is conserved: largest relative drift',
      bound: 1e-12,
      measured: masses.reduce((drift, mass) => Math.max(drift, Math.abs(mass / masses[0] - 1)), 0),
    }),
    claimAtMost({
      statement:
        'The energy falls by the dissipation of the metric: share of the fall not accounted for, interval by interval',
      bound: 0.01,
      measured: unaccountedShare(balanceOf(frames)),
    }),
  ];
}

/** The balance over stretches in which the energy falls tenfold. */
export function balanceTable(frames: readonly Frame[]): Table {
  const stretches = byDecade(balanceOf(frames));
  return {
    title: 'Energy balance, each time the energy has fallen tenfold',
    columns: [
      { name: 'until time' },
      { name: 'energy' },
      { name: 'fall' },
      { name: 'dissipated' },
      { name: 'not accounted for', unit: '%' },
    ],
    rows: stretches.map((stretch) => {
      const sum = (value: (interval: Interval) => number) => stretch.reduce((total, each) => total + value(each), 0);
      const { time, values } = stretch[stretch.length - 1].to;
      return [
        time,
        values.energy,
        sum(({ fall }) => fall),
        sum(({ dissipated }) => dissipated),
        100 * unaccountedShare(stretch),
      ];
    }),
  };
}

function byDecade(intervals: readonly Interval[]): Interval[][] {
  const stretches: Interval[][] = [];
  let start = Number.NaN;
  for (const interval of intervals) {
    if (!(interval.from.values.energy > start / 10)) {
      stretches.push([]);
      start = interval.from.values.energy;
    }
    stretches[stretches.length - 1].push(interval);
  }
  return stretches;
}

/** Measured rate of fall and predicted dissipation against time, at the midpoints of the recorded intervals. */
export function balanceFigure(frames: readonly Frame[]): Figure {
  const shown = thinned(balanceOf(frames)).filter(({ fall, dissipated }) => fall > 0 && dissipated > 0);
  const x = shown.map(({ from, to }) => (from.time + to.time) / 2);
  return {
    id: 'balance',
    title: 'The energy falls by what the metric dissipates',
    caption: 'Rate at which the energy falls, measured and as the flow predicts it. Both axes are logarithmic.',
    x: { label: 'time', scale: 'log' },
    y: { label: 'rate of fall', scale: 'log' },
    marks: [
      {
        type: 'line',
        label: 'dissipation of the metric',
        x,
        y: shown.map(({ from, to, dissipated }) => dissipated / (to.time - from.time)),
      },
      {
        type: 'line',
        label: 'measured fall of the energy',
        x,
        y: shown.map(({ from, to, fall }) => fall / (to.time - from.time)),
      },
    ],
  };
}

/** About 500 of many points, the first and the last among them: as many as a figure can show. */
export function thinned<Item>(items: readonly Item[]): Item[] {
  const every = Math.ceil(items.length / 500);
  return items.filter((_, k) => k % every === 0 || k === items.length - 1);
}
