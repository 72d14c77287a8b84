import type { Backend } from './backend.js';
import { type FastSumOptions, type FastSumReport, fastSum } from './chebyshev.js';

export interface ApproximateOptions {
  /** Largest absolute error of a sum per unit of mass, in values and gradients; see {@link fastSum}. */
  readonly tolerance: number;
  /** Told after every sum how it was evaluated, with the proved bound of its error. */
  readonly onReport?: (report: FastSumReport) => void;
}

/** A backend whose sums go through {@link fastSum}, weighted by the column variable `weight`. */
export function approximateBackend(
  backend: Backend,
  { tolerance, onReport, weight }: ApproximateOptions & Required<Pick<FastSumOptions, 'weight'>>,
): Backend {
  return {
    name: `${backend.name}, sums to ${tolerance}`,
    matmulInto: backend.matmulInto,
    compile(reduction) {
      const kernel = fastSum(reduction, { tolerance, weight, backend });
      return {
        reduction,
        run(call) {
          const report = kernel.run(call);
          onReport?.(report);
        },
      };
    },
  };
}
