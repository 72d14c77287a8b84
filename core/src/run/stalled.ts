import { packMeasure, unpackMeasure } from '../measure/packed.js';
import { snapshot } from '../measure/working.js';
import type { BestState, RunView, StopRule, Watch } from './problem.js';
import { checkBound, missingColumn } from './stop.js';

export interface StalledOptions {
  /** Keep the profile at which the column was least, as `best` of the result; default false. It is part of checkpoints. */
  readonly keepBest?: boolean;
}

/**
 * Stops as converged once a recorded column has not been below its least value for `steps` steps: early stopping, where
 * the column is a loss on rows held out. Take several times the spacing of the records. With `keepBest` the result
 * carries the profile of the least value, which costs a copy for every new least value.
 *
 * @example
 * const stop = whenStalled('validationLoss', 200, { keepBest: true });
 * const { best, profile } = simulate(problem, { ...plan, stop }); // the state to use, and the last one
 */
export function whenStalled(column: string, steps: number, options: StalledOptions = {}): StopRule {
  const { keepBest = false } = options;
  checkBound('whenStalled', steps, 1);
  return {
    name: 'whenStalled',
    start: (memory) => {
      let [least, at] = [memory?.[0] ?? Number.POSITIVE_INFINITY, memory?.[1] ?? 0];
      let pending = keepBest ? memory?.slice(2) : undefined;
      let best: BestState | undefined;
      // The spaces are not among the numbers of a memory: they are those of the profile the run goes on with.
      const bestOf = (view: RunView): BestState | undefined => {
        if (pending !== undefined && pending.length > 0)
          best = restored(pending, { column, value: least, step: at }, view);
        pending = undefined;
        return best;
      };
      const watch: Watch = (view) => {
        const { values, step, time, profile } = view;
        bestOf(view);
        const recorded = values[column] ?? missingColumn('whenStalled', column, Object.keys(values));
        if (recorded < least) {
          [least, at] = [recorded, step];
          if (keepBest) best = { profile: profile.map(snapshot), step, time, column, value: recorded };
        }
        return step - at < steps
          ? null
          : { status: 'converged', reason: `${column} has not been below ${least} of step ${at} for ${steps} steps` };
      };
      return Object.assign(watch, {
        memory: () => [least, at, ...(pending ?? (best === undefined ? [] : packed(best)))],
        best: bestOf,
      });
    },
  };
}

/** The time, then the measures of the players. */
function packed({ time, profile }: BestState): readonly number[] {
  return [time, ...profile.flatMap(packMeasure)];
}

function restored(
  [time, ...numbers]: readonly number[],
  known: Pick<BestState, 'column' | 'value' | 'step'>,
  { profile }: RunView,
): BestState {
  let rest: readonly number[] = numbers;
  const kept = profile.map((mu) => {
    const { measure, after } = unpackMeasure(rest, mu);
    rest = after;
    return measure;
  });
  return { ...known, time, profile: kept };
}
