import type { Energy } from '../energy/energy.js';
import { fail } from '../errors.js';
import { firstVariationBuffers } from '../flow/tangents.js';
import type { Measure } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { effectiveSampleSize } from '../measure/statistics.js';
import { support } from '../measure/support.js';
import { meanPotential } from '../metric/descentMetric.js';
import type { Recorder, RunView } from './problem.js';
import { speedReader } from './speed.js';

/** A recorder of one column from a function of the view. It must not write to what it sees. */
export function customRecorder(name: string, value: (view: RunView) => number): Recorder {
  return { name, columns: [name], start: () => (view) => [value(view)] };
}

/** Column `energy`: F of player 0's measure; by default F is the energy of the flow. */
export function energyRecorder(energy?: Energy): Recorder {
  return customRecorder('energy', (view) => (energy ?? energyOf(view, 'energyRecorder')).value(view.profile[0]));
}

/** Which players a recorder reads: one column for one player, `name0`, `name1`, ... for several. */
export interface PlayersOptions {
  /** Number of players; default 1. */
  readonly players?: number;
}

/** Column `mass`: total mass of each player. */
export function massRecorder(options: PlayersOptions = {}): Recorder {
  return perPlayer('mass', options, totalMass);
}

/** Column `massDrift`: the largest relative change `|m_k / m_k(0) - 1|` of a player's total mass since the start. */
export function massDriftRecorder(): Recorder {
  return customRecorder('massDrift', ({ profile, initialMasses }) =>
    Math.max(...profile.map((mu, player) => Math.abs(totalMass(mu) / initialMasses[player] - 1))),
  );
}

/** Column `effectiveSampleSize`: `(sum m)^2 / sum m^2` of each player, between 1 and the number of atoms. */
export function effectiveSampleSizeRecorder(options: PlayersOptions = {}): Recorder {
  return perPlayer('effectiveSampleSize', options, effectiveSampleSize);
}

/** Column `supportSize`: number of atoms of each player after merging those within `mergeRadius` (default 0: as stored). */
export function supportSizeRecorder(options: PlayersOptions & { readonly mergeRadius?: number } = {}): Recorder {
  const { mergeRadius = 0 } = options;
  return perPlayer('supportSize', options, (mu) => (mergeRadius > 0 ? support(mu, { mergeRadius }).length : mu.count));
}

/** Columns `births` and `deaths`: atoms born and gone since the start. */
export function birthsAndDeathsRecorder(): Recorder {
  return {
    name: 'birthsAndDeaths',
    columns: ['births', 'deaths'],
    start:
      () =>
      ({ births, deaths }) => [births, deaths],
  };
}

/** Column `speed`: the metric speed `sqrt(sum_k norm2_k(T_k))` of the flow. Costs one evaluation of the tangent. */
export function speedRecorder(): Recorder {
  return {
    name: 'speed',
    columns: ['speed'],
    start: () => {
      const read = speedReader();
      return (view) => [Math.sqrt(read(view))];
    },
  };
}

/**
 * The energy balance of a gradient flow, `F(t) - F(s) = -int_s^t norm2(T)`, with the integral by the trapezoidal
 * rule over the recorded steps: record often where the flow is fast. Columns
 * - `energyRate`: measured `(F(t) - F(s)) / (t - s)` since the recorded time s before (NaN in the first frame),
 * - `dissipation`: predicted `-norm2`, the mean over both ends,
 * - `dissipationImbalance`: `(F(t) - F(0) + int_0^t norm2) / |F(t) - F(0)|`, 0 where they agree.
 */
export function dissipationRecorder(energy?: Energy): Recorder {
  return {
    name: 'dissipation',
    columns: ['energyRate', 'dissipation', 'dissipationImbalance'],
    start: (memory) => {
      const read = speedReader();
      let balance = memory === undefined ? undefined : balanceFrom(memory);
      const record = (view: RunView): readonly number[] => {
        const value = (energy ?? energyOf(view, 'dissipationRecorder')).value(view.profile[0]);
        const rate = -read(view);
        const {
          time,
          value: before,
          rate: rateBefore,
          first,
          predicted,
        } = balance ?? firstBalance(view.time, value, rate);
        const mean = (rate + rateBefore) / 2;
        balance = { time: view.time, value, rate, first, predicted: predicted + (view.time - time) * mean };
        return [(value - before) / (view.time - time), mean, imbalance(value - first, balance.predicted)];
      };
      return Object.assign(record, { memory: () => (balance === undefined ? [] : Object.values(balance)) });
    },
  };
}

/** What the balance has seen: the latest time, energy and rate, the first energy, and the predicted fall since. */
interface Balance {
  readonly time: number;
  readonly value: number;
  readonly rate: number;
  readonly first: number;
  readonly predicted: number;
}

const firstBalance = (time: number, value: number, rate: number): Balance => ({
  time,
  value,
  rate,
  first: value,
  predicted: 0,
});

function balanceFrom([time, value, rate, first, predicted]: readonly number[]): Balance | undefined {
  return time === undefined ? undefined : { time, value, rate, first, predicted };
}

function imbalance(measured: number, predicted: number): number {
  const difference = measured - predicted;
  return difference === 0 ? 0 : difference / Math.abs(measured);
}

/**
 * Column `potentialGap`: `Vbar - min_i V(x_i)` of each player, the lead of its best atom over its mean potential.
 * It is 0 where all atoms are equally good, and a lower bound of the optimality gap `Vbar - inf V`.
 */
export function potentialGapRecorder({ players = 1 }: PlayersOptions = {}): Recorder {
  const columns = columnsOf('potentialGap', players);
  return {
    name: 'potentialGap',
    columns,
    start: () => {
      const buffers = firstVariationBuffers();
      return ({ flow, profile, time, step, key }) => {
        checkPlayers('potentialGapRecorder', players, profile.length);
        const field = flow.field ?? missing('potentialGapRecorder', 'field');
        const out = buffers.at(profile);
        field.evaluateInto(out, profile, { time, step, key });
        return profile.map((mu, player) => gapOf(out[player].potential, mu));
      };
    },
  };
}

function gapOf(potential: Float64Array, mu: Measure): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < mu.count; i++) least = Math.min(least, potential[i]);
  return meanPotential(potential, mu) - least;
}

function perPlayer(name: string, { players = 1 }: PlayersOptions, value: (mu: Measure) => number): Recorder {
  return {
    name,
    columns: columnsOf(name, players),
    start:
      () =>
      ({ profile }) => {
        checkPlayers(`${name}Recorder`, players, profile.length);
        return profile.map(value);
      },
  };
}

function columnsOf(name: string, players: number): readonly string[] {
  return players === 1 ? [name] : Array.from({ length: players }, (_, player) => `${name}${player}`);
}

function checkPlayers(where: string, stated: number, present: number): void {
  if (stated === present) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the recorder is stated for another number of players',
    got: `players: ${stated}`,
    expected: `${present}, as in the run`,
    fix: `pass { players: ${present} }`,
  });
}

function energyOf({ flow }: RunView, where: string): Energy {
  return flow.energy ?? missing(where, 'energy');
}

function missing(where: string, what: string): never {
  return fail({
    code: 'missing-requirement',
    where,
    problem: `the flow has no ${what} to record`,
    got: 'none',
    expected: `a flow made by gradientFlow or fieldFlow`,
    fix: what === 'energy' ? 'pass the energy to the recorder' : 'leave the recorder out',
  });
}
