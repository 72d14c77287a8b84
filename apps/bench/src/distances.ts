import {
  type CertifiedDistance,
  euclidean,
  type Measure,
  measure,
  slicedWasserstein,
  wassersteinDistance,
  wassersteinOnLine,
  wfrDistance,
} from '@muflow/core';
import { numbers } from './data.js';
import type { Prepared } from './serve.js';
import type { Params, Workload } from './workload.js';

/**
 * Two clouds of equal masses 1/n: one in the cube [-1, 1]^d, the other at twice the size about another place, so that atoms
 * have a long way to go, or (`near`) in the same cube.
 */
export function clouds(n: number, d: number, near = false): readonly [Measure, Measure] {
  const positions = [numbers(n * d, 40), numbers(n * d, 41).map((u) => (near ? u : 2 * u + 0.5))];
  const [mu, nu] = positions.map((points) => measure({ space: euclidean(d), positions: points }));
  return [mu, nu];
}

const solvers: Readonly<Record<string, (ends: readonly [Measure, Measure], params: Params) => CertifiedDistance>> = {
  exact: ([mu, nu]) => wassersteinDistance(mu, nu),
  near: ([mu, nu]) => wassersteinDistance(mu, nu),
  line: ([mu, nu]) => wassersteinOnLine(mu, nu, { plan: false }),
  // The same directions as peers take: numbers(k d, 42), each made a unit vector.
  sliced: ([mu, nu], { k }) => slicedWasserstein(mu, nu, { directions: numbers(Number(k) * mu.dim, 42) }),
  wfr: ([mu, nu]) => wfrDistance(mu, nu, { alpha: 1 }),
};

/** One distance between two clouds, with its bounds; what is compared is its square. */
export function distanceOf(params: Params): Prepared | string {
  const ends = clouds(Number(params.n), Number(params.d), params.by === 'near');
  const solve = solvers[params.by];
  let last = solve(ends, params);
  if (last.status === 'maxIterations') return 'did not end';
  return {
    run() {
      last = solve(ends, params);
    },
    check: () => [last.squared],
  };
}

const titles: Readonly<Record<string, string>> = {
  exact: 'exact W2',
  near: 'exact W2 of near clouds',
  line: 'W2 on the line',
  sliced: 'sliced W2, 100 directions',
  wfr: 'certified WFR, alpha 1',
};

/** A row of the table: clouds of n atoms in d dimensions. */
export function distanceRow(what: string, d: number, n: number): Workload {
  return {
    name: `${titles[what]}, d ${d}, n ${n}`,
    kind: 'distance',
    params: { by: what, d, n, k: 100 },
    tolerance: 1e-9,
    work: n * n,
    ...(what === 'wfr' && { alone: 'no other library has this distance' }),
  };
}
