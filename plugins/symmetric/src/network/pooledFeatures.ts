import type { SetBatch } from '../sets/setBatch.js';
import { fusedPooling } from './fusedPooling.js';
import { momentPooling } from './momentPooling.js';
import type { PooledFeatures } from './pooling.js';
import type { SetNetwork } from './setNetwork.js';
import { tuplePooling } from './tuplePooling.js';

/**
 * The cheapest exact way: fused sums over points for order 1, moments for polynomials, sums over tuples for the rest.
 * Each set is computed on its own, in one order, so its bits do not depend on the other sets.
 */
export function pooledFeatures(network: SetNetwork, batch: SetBatch): PooledFeatures {
  const isLinear = network.pooling === 'mean' || network.pooling === 'sum';
  if (isLinear && network.order === 1) return fusedPooling(network, batch);
  return (isLinear ? momentPooling(network, batch) : null) ?? tuplePooling(network, batch);
}
