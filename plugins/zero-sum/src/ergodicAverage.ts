import type { Measure, Recorder } from '@muflow/core';

/** A running time average of the masses of a measure whose atoms stay in place. */
export interface ErgodicAverage {
  /** Takes in masses with a weight (a time step). */
  add(mu: Measure, weight?: number): void;
  /** The average so far; zeros before the first `add`. */
  masses(): Float64Array;
  readonly totalWeight: number;
}

/** Streaming average, one buffer per player: memory does not grow with time. */
export function ergodicAverage(count: number): ErgodicAverage {
  const sums = new Float64Array(count);
  let total = 0;
  return {
    add(mu, weight = 1) {
      for (let i = 0; i < count; i++) sums[i] += weight * mu.masses[i];
      total += weight;
    },
    masses: () => sums.map((value) => (total > 0 ? value / total : 0)),
    get totalWeight() {
      return total;
    },
  };
}

/** Records the averaged masses of the first `atoms` atoms of each player over the recorded steps, weighted by time. */
export function ergodicRecorder(atoms: readonly number[]): Recorder {
  const columns = atoms.flatMap((count, player) => Array.from({ length: count }, (_, i) => `average${player}_${i}`));
  return {
    name: 'ergodicAverage',
    columns,
    start: () => {
      const averages = atoms.map((count) => ergodicAverage(count));
      let last: number | undefined;
      return (view) => {
        const weight = last === undefined ? 0 : view.time - last;
        last = view.time;
        averages.forEach((average, player) => {
          average.add(view.profile[player], weight);
        });
        return averages.flatMap((average) =>
          Array.from(average.totalWeight > 0 ? average.masses() : new Float64Array(atoms[averages.indexOf(average)])),
        );
      };
    },
  };
}
