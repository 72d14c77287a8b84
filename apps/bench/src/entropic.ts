import { sinkhornDistance, unbalancedTransport } from '@muflow/core';
import { clouds } from './distances.js';
import type { Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

const tolerance = 1e-9;

/**
 * Entropic transport between two clouds, with its bounds; what is compared is the cost `<P, C>` of the plan. Unbalanced
 * problems have marginals of weight 1.
 */
export function entropicOf({ by, n, d, epsilon: given }: Params): Prepared | string {
  const [mu, nu] = clouds(Number(n), Number(d));
  const epsilon = Number(given);
  const solve = () =>
    by === 'unbalanced'
      ? unbalancedTransport(mu, nu, { epsilon, tolerance, rho: 1 })
      : sinkhornDistance(mu, nu, { epsilon, tolerance });
  let last = solve();
  if (last.status === 'maxIterations') return 'did not end';
  return {
    run() {
      last = solve();
    },
    check: () => [last.transportCost],
  };
}

const titles: Readonly<Record<string, string>> = {
  plain: 'Sinkhorn to 1e-9',
  log: 'Sinkhorn to 1e-9, peers in the logarithmic domain',
  unbalanced: 'unbalanced Sinkhorn to 1e-9, rho 1',
};

/** A row of the table: clouds of n atoms in d dimensions. */
export function entropicRow(by: 'plain' | 'log' | 'unbalanced', d: number, n: number, epsilon: number): Workload {
  return {
    name: `${titles[by]}, epsilon ${epsilon}, d ${d}, n ${n}`,
    kind: 'entropic',
    params: { by, d, n, epsilon },
    // Peers stop where the Euclidean norm of the marginal error is 1e-9, which leaves the cost less exact than that.
    tolerance: 1e-6,
    work: n * n,
  };
}
