import {
  type Claim,
  claimAtMost,
  claimWithinFactor,
  deriveKey,
  euclidean,
  type Figure,
  gradientFlow,
  heun,
  type Measure,
  measure,
  networkUnit,
  type RandomKey,
  randomKey,
  randomStream,
  risk,
  type StudyContext,
  type Table,
  wasserstein,
} from '@muflow/core';
import { fluctuations } from '../theory/fluctuations.js';

/** The part of the study in which the limiting covariance is integrated and not only measured. */
export interface ClosedPart {
  readonly claims: readonly Claim[];
  readonly table: Table;
  readonly figure: Figure;
}

const rows = 8;
const inputs = Float64Array.from({ length: rows }, (_, l) => -1 + (2 * l + 1) / rows);
const targets = inputs.map((x) => Math.sin(3 * x));
const unit = networkUnit({ activation: 'tanh', inputs: 1 });
const dt = 0.5;
const every = 10;
const records = 5;
/** The radius of the circle, and nodes on it: 96 and 128 give variances within 4 %. */
const radius = 2;
const nodes = 128;
/** Estimates from 200 networks spread by 10 % at most: three deviations. */
const spread = 1.35;

const at = (angle: number): readonly number[] => [1, radius * Math.cos(angle), radius * Math.sin(angle)];

/** `(1, w, b)` with (w, b) uniform on a circle, by the trapezoidal rule. */
export function circleStart(nodes: number): Measure {
  const positions = Array.from({ length: nodes }, (_, i) => at((2 * Math.PI * i) / nodes)).flat();
  return measure({ space: euclidean(3), positions });
}

function drawStart(width: number, key: RandomKey): Measure {
  const random = randomStream(key);
  const positions = Array.from({ length: width }, () => at(2 * Math.PI * random.uniform())).flat();
  return measure({ space: euclidean(3), positions });
}

/** `n (1/L) sum_l Var f(x_l)` at the records, from networks that are drawn. */
async function measured(width: number, networks: number, context: StudyContext): Promise<number[]> {
  const energy = risk({ unit, inputs, targets });
  const flow = gradientFlow(energy, wasserstein());
  const sums = Array.from({ length: records }, () => new Float64Array(rows));
  const squares = Array.from({ length: records }, () => new Float64Array(rows));
  const seen = new Float64Array(rows);
  for (let run = 0; run < networks; run++) {
    const initial = drawStart(width, deriveKey(randomKey(context.seed), 'clt closed', run));
    const plan = { stepper: heun(), dt, maxSteps: every * (records - 1), record: { every } };
    const label = `closed equation, network ${run + 1} of ${networks}`;
    const { frames } = await context.simulate(label, { flow, initial }, plan);
    for (const [k, { profile }] of frames.entries()) {
      energy.predictInto(seen, inputs, rows, profile[0]);
      for (let l = 0; l < rows; l++) {
        sums[k][l] += seen[l];
        squares[k][l] += seen[l] ** 2;
      }
    }
  }
  return sums.map((sum, k) => {
    let variance = 0;
    for (let l = 0; l < rows; l++) variance += (squares[k][l] - sum[l] ** 2 / networks) / (networks - 1);
    return (width * variance) / rows;
  });
}

/** Integrates the limiting covariance on a small problem and compares it with networks drawn at random. */
export async function closedPart(width: number, networks: number, context: StudyContext): Promise<ClosedPart> {
  const closed = fluctuations({ unit, inputs, targets, initial: circleStart(nodes), dt });
  const [times, predicted, levels]: [number[], number[], number[]] = [[], [], []];
  for (let k = 0; k < records; k++) {
    for (let step = 0; k > 0 && step < every; step++) {
      closed.advance(1);
      await context.pause({ label: 'closed equation of the covariance', step: (k - 1) * every + step });
    }
    times.push(closed.time());
    predicted.push(closed.variance());
    levels.push(closed.resampling());
  }
  const observed = await measured(width, networks, context);
  const last = records - 1;
  return {
    claims: [
      ...times.map((time, k) =>
        claimWithinFactor({
          statement: `Closed equation at time ${Number(time.toPrecision(6))}: n var of ${networks} networks of ${width} units`,
          predicted: predicted[k],
          measured: observed[k],
          factor: spread,
        }),
      ),
      claimAtMost({
        statement: 'Closed equation: n var at the end over the long-time bound, int K(u, u) dmu - |f|^2',
        bound: 1,
        measured: predicted[last] / levels[last],
      }),
    ],
    table: {
      title: `Closed equation of the covariance beside ${networks} networks of ${width} tanh units`,
      columns: ['time', 'n var, closed equation', 'n var, measured', 'level of units drawn anew'].map((name) => ({
        name,
      })),
      rows: times.map((time, k) => [time, predicted[k], observed[k], levels[k]]),
    },
    figure: {
      id: 'closed',
      title: 'Limiting variance integrated beside the simulation',
      caption:
        'Line: the closed linear equation. Dots: n times the variance of networks, and the level of units drawn anew.',
      x: { label: 'time' },
      y: { label: 'n var', scale: 'log' },
      marks: [
        { type: 'line', label: 'closed equation', x: times, y: predicted },
        { type: 'dot', label: 'measured', x: times, y: observed },
        { type: 'dot', label: 'Monte-Carlo level', x: times, y: levels },
      ],
    },
  };
}
