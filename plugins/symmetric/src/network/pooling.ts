import type { SetBatch } from '../sets/setBatch.js';
import type { SetNetwork } from './setNetwork.js';

/** The inner layer of a network on a batch: from test functions to their pooled values, set by set. */
export interface PooledFeatures {
  /**
   * Fills `features` (S*m1) with `Phi_i(mu_s)` and, unless it is null, `jacobian` (S*m1*(k d + 1)) with `dPhi_i(mu_s)/dw_i`,
   * for rows `w_i` (m1*(k d + 1)).
   */
  run(rows: Float64Array, features: Float64Array, jacobian: Float64Array | null): void;
}

/** What the mean over the tuples of set s is multiplied by. */
export const poolingScale = ({ pooling, order }: SetNetwork, { totals }: SetBatch, s: number): number =>
  pooling === 'sum' ? totals[s] ** order : 1;
