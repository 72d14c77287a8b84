import { fail, type Measure, type Recorder } from '@muflow/core';

/** A running time average of the masses of a measure whose atoms stay in place. */
export interface ErgodicAverage {
  /** Takes in masses with a weight (a time step). */
  add(masses: ArrayLike<number>, weight?: number): void;
  /** The average so far; zeros before anything of positive weight came in. */
  masses(): Float64Array;
  readonly totalWeight: number;
  /** Numbers from which `ergodicAverage` goes on, bit for bit. */
  memory(): readonly number[];
}

/**
 * Streaming average of `count` masses: its size does not grow with time.
 * @param memory - what another average's `memory` gave, to go on from there.
 */
export function ergodicAverage(count: number, memory: readonly number[] = []): ErgodicAverage {
  const sums = Float64Array.from({ length: count }, (_, i) => memory[i + 1] ?? 0);
  let total = memory[0] ?? 0;
  return {
    add(masses, weight = 1) {
      for (let i = 0; i < count; i++) sums[i] += weight * masses[i];
      total += weight;
    },
    masses: () => sums.map((value) => (total > 0 ? value / total : 0)),
    get totalWeight() {
      return total;
    },
    memory: () => [total, ...sums],
  };
}

/**
 * Records the time average of the masses of the first `atoms` atoms of each player, in the columns
 * `average<player>_<atom>`: the masses found at a recorded step count for the time until the next one, so that a
 * record of every step averages the strategies that were played, which is what regret bounds speak of. At the start
 * it is the masses themselves.
 */
export function ergodicRecorder(atoms: readonly number[]): Recorder {
  const columns = atoms.flatMap((count, player) => Array.from({ length: count }, (_, i) => `average${player}_${i}`));
  return {
    name: 'ergodicAverage',
    columns,
    start: (memory = []) => {
      const size = columns.length;
      // Memory: time and masses of the last record, then that of the average.
      const average = ergodicAverage(size, memory.slice(size + 1));
      let last = memory.length > 0 ? { time: memory[0], masses: memory.slice(1, size + 1) } : undefined;
      const record: ReturnType<Recorder['start']> = ({ time, profile }) => {
        if (last !== undefined) average.add(last.masses, time - last.time);
        last = { time, masses: atoms.flatMap((count, player) => firstMasses(profile[player], count)) };
        return average.totalWeight > 0 ? Array.from(average.masses()) : last.masses;
      };
      return Object.assign(record, {
        memory: () => (last === undefined ? [] : [last.time, ...last.masses, ...average.memory()]),
      });
    },
  };
}

function firstMasses({ masses }: Measure, count: number): number[] {
  if (masses.length < count) {
    fail({
      code: 'shape-mismatch',
      where: 'ergodicRecorder',
      problem: 'a player has fewer atoms than are averaged',
      got: `${masses.length} atoms`,
      expected: `at least ${count}`,
      fix: 'average flows whose atoms stay in place, and no more atoms than there are',
    });
  }
  return Array.from(masses.subarray(0, count));
}
