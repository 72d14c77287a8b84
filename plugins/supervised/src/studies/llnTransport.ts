import {
  boundedLipschitzDistance,
  type Claim,
  claimWithin,
  logLogFit,
  type Measure,
  type Table,
  wassersteinDistance,
} from '@muflow/core';
import { aroundAxis } from '../population/axisymmetric.js';
import { refinedLaw } from '../population/refinedLaw.js';

/** Atoms of the reference for each sign: its own quantization is far below the distance of any network here. */
const finer = 96;

/** Squares of transport distances from networks to the limit, at the first and the last record. */
export interface TransportSums {
  /** Adds a network of the width with this index at record 0 (the start) or 1 (the end). */
  add(width: number, record: 0 | 1, network: Measure): void;
  /** Root mean squares: [record][width], and how many networks each is of. */
  readonly boundedLipschitz: () => readonly (readonly number[])[];
  readonly wasserstein: () => readonly (readonly number[])[];
}

/**
 * Root mean square distances of networks to the limit law in the coordinates (a, w_1, |w - w_1 e_1|), in which the limit
 * moves: distances of the orbits of rotations around the axis, at most those in all coordinates.
 *
 * @param limits - the limit at the start and at the end, of few nodes.
 */
export function transportSums(limits: readonly [Measure, Measure], inputs: number, widths: number): TransportSums {
  const laws = limits.map((mu) => refinedLaw(mu, inputs, finer));
  const zeros = (): number[][] => [0, 1].map(() => new Array<number>(widths).fill(0));
  const [flat, plain, counts] = [zeros(), zeros(), zeros()];
  const roots = (sums: number[][]) => () => sums.map((row, k) => row.map((sum, w) => Math.sqrt(sum / counts[k][w])));
  return {
    add(width, record, network) {
      const reduced = aroundAxis(network);
      counts[record][width]++;
      flat[record][width] += boundedLipschitzDistance(reduced, laws[record]).squared;
      plain[record][width] += wassersteinDistance(reduced, laws[record]).squared;
    },
    boundedLipschitz: roots(flat),
    wasserstein: roots(plain),
  };
}

/** What the table and the claims say of each distance. */
const kinds = [
  { name: 'bounded Lipschitz', of: 'boundedLipschitz', slope: -1 / 2, band: 0.15 },
  { name: 'W2', of: 'wasserstein', slope: -1 / 4, band: 0.1 },
] as const;

export function transportTable(sums: TransportSums, steps: readonly number[], widths: readonly number[]): Table {
  return {
    title: 'Root mean square transport distance to the limit, in (a, w_1, |w - w_1 e_1|)',
    columns: [{ name: 'distance' }, { name: 'step' }, ...widths.map((n) => ({ name: `n = ${n}` })), { name: 'slope' }],
    rows: kinds.flatMap(({ name, of }) =>
      sums[of]().map((row, k) => [name, steps[k], ...row, logLogFit(widths, row).slope]),
    ),
  };
}

export function transportClaims(sums: TransportSums, steps: readonly number[], widths: readonly number[]): Claim[] {
  return kinds.flatMap(({ name, of, slope, band }) =>
    sums[of]().map((row, k) =>
      claimWithin({
        statement: `Slope of log ${name} distance to the limit in log n at step ${steps[k]}`,
        predicted: slope,
        tolerance: band,
        measured: logLogFit(widths, row).slope,
      }),
    ),
  );
}

export const transportNote =
  'In (a, w_1, |w - w_1 e_1|) the limit fills a curve for each sign, so that sampling costs n^(-1/2) in the bounded-Lipschitz distance. Signs are drawn, so the shares of the two curves differ by n^(-1/2), and this mass crosses a gap: W2 squared is of that order, and W2 falls like n^(-1/4) only. At 16 runs of each width and more the slopes spread by about 0.05 with the seed.';
