import type { StopRule, Watch } from './problem.js';
import { checkBound, missingColumn } from './stop.js';

/**
 * Stops as converged once a recorded column has not been below its least value for `steps` steps: early stopping, where
 * the column is a loss on rows held out. Take several times the spacing of the records.
 */
export function whenStalled(column: string, steps: number): StopRule {
  checkBound('whenStalled', steps, 1);
  return {
    name: 'whenStalled',
    start: (memory) => {
      let [least, at] = [memory?.[0] ?? Number.POSITIVE_INFINITY, memory?.[1] ?? 0];
      const watch: Watch = ({ values, step }) => {
        const recorded = values[column] ?? missingColumn('whenStalled', column, Object.keys(values));
        if (recorded < least) [least, at] = [recorded, step];
        return step - at < steps
          ? null
          : { status: 'converged', reason: `${column} has not been below ${least} of step ${at} for ${steps} steps` };
      };
      return Object.assign(watch, { memory: () => [least, at] });
    },
  };
}
