import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithinFactor,
  type Figure,
  type Frame,
  logLogFit,
  type Table,
} from '@muflow/core';
import type { DualityGap } from '../certificate/dualityGap.js';

/** What one start came to. */
export interface Outcome {
  readonly label: string;
  readonly dynamics: 'W2' | 'conic';
  readonly separating: boolean;
  readonly frames: readonly Frame[];
  /** Of conic runs, which have a penalty. */
  readonly certificate: DualityGap | null;
}

const start = ({ frames }: Outcome): number => frames[0].values.energy;
const end = ({ frames }: Outcome): number => frames[frames.length - 1].values.energy;
const last = ({ frames }: Outcome, column: string): number => frames[frames.length - 1].values[column];

/** Least energy proven: the dual value of a certified conic run; 0 without a penalty. */
const leastEnergy = (outcomes: readonly Outcome[]): number =>
  Math.max(...outcomes.map(({ certificate }) => (certificate?.status === 'certified' ? certificate.dual : 0)));

/** Excess energy at the records after the start, as far as it is above the width of the certificate. */
function excessOf(outcome: Outcome, least: number): { readonly times: number[]; readonly excess: number[] } {
  const shown = outcome.frames.filter(({ step, values }) => step > 0 && values.energy - least > 1e-7);
  return { times: shown.map(({ time }) => time), excess: shown.map(({ values }) => values.energy - least) };
}

export function convergenceClaims(outcomes: readonly Outcome[], weights: readonly number[]): Claim[] {
  const transport = outcomes.filter(({ dynamics }) => dynamics === 'W2');
  return [
    ...transport.flatMap((outcome): Claim[] => (outcome.separating ? reaching(outcome) : stopping(outcome, weights))),
    ...outcomes.filter(({ dynamics }) => dynamics === 'conic').flatMap((outcome) => conicClaims(outcome, outcomes)),
  ];
}

function reaching(outcome: Outcome): Claim[] {
  return [
    claimAtMost({
      statement: `W2 from ${outcome.label}, which separates: energy at the end over the start`,
      bound: 1e-3,
      measured: end(outcome) / start(outcome),
    }),
    claimAtMost({
      statement: `W2 from ${outcome.label}: share of places with a way down at the end`,
      bound: 0,
      measured: last(outcome, 'sublevel'),
    }),
  ];
}

function stopping(outcome: Outcome, weights: readonly number[]): Claim[] {
  // Starts at random places may fail to separate; only of the arcs is it known which spike they miss.
  if (!outcome.label.includes('arc')) return [];
  return [
    claimWithinFactor({
      statement: `W2 from ${outcome.label}, which does not separate: ends at the energy of the spike out of reach, m^2/2`,
      predicted: weights[weights.length - 1] ** 2 / 2,
      measured: end(outcome),
      factor: 1.01,
    }),
    claimAtLeast({
      statement: `W2 from ${outcome.label}: share of places with a way down at the end`,
      bound: 0.05,
      measured: last(outcome, 'sublevel'),
    }),
    claimAtMost({
      statement: `W2 from ${outcome.label}: mass at these places at the end`,
      bound: 1e-12,
      measured: last(outcome, 'escapePlus') + last(outcome, 'escapeMinus'),
    }),
  ];
}

function conicClaims(outcome: Outcome, outcomes: readonly Outcome[]): Claim[] {
  const { label, certificate, frames, separating } = outcome;
  const gap = certificate?.status === 'certified' ? certificate.gap : Number.NaN;
  const belowBound = claimAtMost({
    statement: `Conic from ${label}: energy over its 1/t bound, greatest of all records`,
    bound: 1,
    measured: Math.max(...frames.slice(1).map(({ values }) => values.energy / values.energyBound)),
  });
  if (!separating) {
    const missed = claimAtLeast({
      statement: `Conic from ${label}, without full support: certified gap at the end`,
      bound: 1e-2,
      measured: gap,
    });
    return [missed, belowBound];
  }
  const { times, excess } = excessOf(outcome, leastEnergy(outcomes));
  const window = times.map((time, k) => ({ time, excess: excess[k] })).filter(({ time }) => time >= 1 && time <= 20);
  const slope =
    window.length < 2
      ? Number.NaN
      : logLogFit(
          window.map(({ time }) => time),
          window.map((one) => one.excess),
        ).slope;
  return [
    claimAtMost({
      statement: `Conic from ${label}, of full support: certified gap at the end`,
      bound: 1e-5,
      measured: gap,
    }),
    belowBound,
    claimAtMost({
      statement: `Conic from ${label}: slope of log(F - F*) in log t for t from 1 to 20, no slower than 1/t`,
      bound: -1,
      measured: slope,
    }),
  ];
}

export function convergenceTables(outcomes: readonly Outcome[]): Table[] {
  return [
    {
      title: 'Starts and ends',
      columns: [
        { name: 'flow' },
        { name: 'start' },
        { name: 'separates' },
        { name: 'energy at the start' },
        { name: 'energy at the end' },
        { name: 'places with a way down' },
        { name: 'mass there' },
        { name: 'certified gap' },
      ],
      rows: outcomes.map((outcome) => [
        outcome.dynamics,
        outcome.label,
        outcome.separating,
        start(outcome),
        end(outcome),
        last(outcome, 'sublevel'),
        last(outcome, 'escapePlus') + last(outcome, 'escapeMinus'),
        outcome.certificate?.gap ?? null,
      ]),
    },
  ];
}

export function convergenceFigures(outcomes: readonly Outcome[]): Figure[] {
  const least = leastEnergy(outcomes);
  const transport = outcomes.filter(({ dynamics }) => dynamics === 'W2');
  const conic = outcomes.filter(({ dynamics }) => dynamics === 'conic');
  return [
    {
      id: 'energy',
      title: 'Energy of the Wasserstein flow from six starts',
      caption: 'Starts whose support separates reach the least value, 0; those on an arc keep the energy of one spike.',
      x: { label: 'time' },
      y: { label: 'energy', scale: 'log' },
      marks: transport.map(({ label, frames }) => ({
        type: 'line' as const,
        label,
        x: frames.map(({ time }) => time),
        y: frames.map(({ values }) => values.energy),
      })),
    },
    {
      id: 'escape',
      title: 'Mass at places with a way down',
      caption: 'It grows as long as the flow escapes. On the arc it is gone while the way down is still there.',
      x: { label: 'time' },
      y: { label: 'mass in K+ and K-' },
      marks: transport.map(({ label, frames }) => ({
        type: 'line' as const,
        label,
        x: frames.map(({ time }) => time),
        y: frames.map(({ values }) => values.escapePlus + values.escapeMinus),
      })),
    },
    {
      id: 'rate',
      title: 'Excess energy of the conic flow and its 1/t bound',
      caption: 'Both above the certified least value; the run is far below the bound once it has found the spikes.',
      x: { label: 'time', scale: 'log' },
      y: { label: 'F - F*', scale: 'log' },
      marks: conic.flatMap((outcome) => {
        const { times, excess } = excessOf(outcome, least);
        const bounded = outcome.frames.filter(({ step, values }) => step > 0 && values.energyBound > least);
        return [
          { type: 'line' as const, label: outcome.label, x: times, y: excess },
          {
            type: 'line' as const,
            label: `${outcome.label}, bound`,
            x: bounded.map(({ time }) => time),
            y: bounded.map(({ values }) => values.energyBound - least),
          },
        ];
      }),
    },
  ];
}
