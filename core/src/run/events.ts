import type { RunView, StopReason, StopRule, Watch } from './problem.js';

export interface EventOptions {
  /** Names the columns `<name>Count` and `<name>Time`. */
  readonly name: string;
  /** The event is a zero of this function along the run. */
  readonly when: (view: RunView) => number;
  /** Which crossings count; default `both`. */
  readonly direction?: 'up' | 'down' | 'both';
  /** Default `record`. */
  readonly action?: 'stop' | 'record';
}

/**
 * An event: a sign change of a function along the accepted steps of a run, located in time by the secant
 * through both ends of the step, with error O(dt^2). A value of exactly 0 counts as reached at that time.
 *
 * The run is never moved back: with `stop` it ends with the first step past the event, whose located time the
 * reason gives. Columns `<name>Count` and `<name>Time` hold the crossings so far and the time of the latest (NaN
 * before the first).
 *
 * @example
 * const half = event({ name: 'half', when: ({ profile }) => profile[0].masses[0] - 0.5, action: 'stop' });
 * simulate(problem, { ...plan, stop: half });
 */
export function event({ name, when, direction = 'both', action = 'record' }: EventOptions): StopRule {
  return {
    name,
    columns: [`${name}Count`, `${name}Time`],
    start: (memory) => {
      let [count, located, lastTime, lastValue] = memory ?? [0, Number.NaN, Number.NaN, Number.NaN];
      const watch = (view: RunView): StopReason | null => {
        const value = when(view);
        const crossed = crosses(lastValue, value, direction);
        if (crossed) {
          count++;
          located = lastTime + ((view.time - lastTime) * lastValue) / (lastValue - value);
        }
        lastTime = view.time;
        lastValue = value;
        if (!crossed || action === 'record') return null;
        return {
          status: 'converged',
          reason: `the event ${name} happened at time ${located}, before step ${view.step}`,
        };
      };
      const extras: Pick<Watch, 'values' | 'memory'> = {
        values: () => [count, located],
        memory: () => [count, located, lastTime, lastValue],
      };
      return Object.assign(watch, extras);
    },
  };
}

/** A zero counts for the step that reaches it, never again for the step that leaves it. */
function crosses(before: number, after: number, direction: 'up' | 'down' | 'both'): boolean {
  const up = before < 0 && after >= 0;
  const down = before > 0 && after <= 0;
  return (up && direction !== 'down') || (down && direction !== 'up');
}
