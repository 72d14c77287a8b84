import type { Energy, Field, FirstVariation } from '../energy/energy.js';
import { fail, show } from '../errors.js';
import { deriveKey, type RandomKey, type RandomStream, randomStream } from '../math/random.js';
import { permutation } from '../math/sampling.js';
import type { Measure } from '../measure/measure.js';

/** An energy that is a mean over data rows, and can be differentiated on some of them. */
export interface RowEnergy extends Energy {
  readonly rowCount: number;
  /** First variation of the mean over the given rows (indices, repeats allowed) plus the penalty. */
  firstVariationOnRowsInto(out: FirstVariation, mu: Measure, rows: Uint32Array): void;
}

/** Larger tables, such as those computed row by row, are not permuted. */
const mostPermuted = 2 ** 24;

export interface MinibatchOptions {
  /** Rows per batch, from 1; at most the number of rows without replacement. */
  readonly size: number;
  /** Default false: distinct rows. */
  readonly withReplacement?: boolean;
}

/**
 * The unbiased estimate of a gradient field from random rows: each step draws a batch of its own, the same for all
 * stages of the step and for every repetition of it. `potentialAt` uses all rows.
 *
 * Batches depend on `context.key` and `context.step` alone. Cost per step: O(rows) to draw without replacement (O(size)
 * beyond 2^24 rows), O(size) with; then that of the energy on `size` rows.
 *
 * @throws `invalid-argument` if the size does not fit the rows.
 */
export function minibatch(risk: RowEnergy, { size, withReplacement = false }: MinibatchOptions): Field {
  const most = withReplacement ? Number.POSITIVE_INFINITY : risk.rowCount;
  if (!(Number.isInteger(size) && size >= 1 && size <= most)) {
    fail({
      code: 'invalid-argument',
      where: 'minibatch',
      problem: 'the batch size does not fit',
      got: `${show(size)} of ${risk.rowCount} rows`,
      expected: withReplacement ? 'an integer from 1' : `an integer from 1 to ${risk.rowCount}`,
      fix: 'pass a smaller size',
    });
  }
  const rows = new Uint32Array(size);
  let drawnFor: { readonly key: RandomKey; readonly step: number } | null = null;
  const draw = (key: RandomKey, step: number): void => {
    const same =
      drawnFor !== null && drawnFor.step === step && drawnFor.key.high === key.high && drawnFor.key.low === key.low;
    if (same) return;
    const random = randomStream(deriveKey(key, 'minibatch', step));
    if (withReplacement) for (let b = 0; b < size; b++) rows[b] = random.integer(risk.rowCount);
    else if (risk.rowCount > mostPermuted && 2 * size <= risk.rowCount) distinctInto(rows, risk.rowCount, random);
    // In increasing order, so that a batch of all rows sums as the full risk does.
    else rows.set(permutation(risk.rowCount, random).subarray(0, size).sort());
    drawnFor = { key, step };
  };
  return {
    name: `${risk.name} on ${size} of ${risk.rowCount} rows`,
    dims: [risk.dim],
    smooth: risk.smooth,
    evaluateInto: (out, profile, { key, step }) => {
      draw(key, step);
      risk.firstVariationOnRowsInto(out[0], profile[0], rows);
    },
    potentialAt: (_player, out, points, count, profile) => risk.potentialAt(out, points, count, profile[0]),
  };
}

/** Distinct indices below n, in increasing order: draws that are there already are drawn again. */
function distinctInto(rows: Uint32Array, n: number, random: RandomStream): void {
  const drawn = new Set<number>();
  while (drawn.size < rows.length) drawn.add(random.integer(n));
  rows.set([...drawn]);
  rows.sort();
}
