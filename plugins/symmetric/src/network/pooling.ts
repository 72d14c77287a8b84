import type { SetBatch } from '../sets/setBatch.js';
import type { SetNetwork } from './setNetwork.js';

/** The inner layer of a network on a batch: from test functions to their pooled values, set by set. */
export interface PooledFeatures {
  /** Fills `features` (S*m1) with `Phi_i(mu_s)` for rows `w_i` (m1*(k d + 1)). */
  run(rows: Float64Array, features: Float64Array): void;
  /** Fills `out` (m1*(k d + 1)) with `sum_s g_si dPhi_i(mu_s)/dw_i` for cotangents g (S*m1). The points are gone over again. */
  gradientInto(out: Float64Array, rows: Float64Array, cotangents: Float64Array): void;
}

/** What the mean over the tuples of set s is multiplied by. */
export const poolingScale = ({ pooling, order }: SetNetwork, { totals }: SetBatch, s: number): number =>
  pooling === 'sum' ? totals[s] ** order : 1;
